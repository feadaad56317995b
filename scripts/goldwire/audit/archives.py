"""Datasets in archives: unpacked into a temporary folder, within limits."""

from __future__ import annotations

import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from goldwire.errors import DataError

__all__ = ["archive_folder"]

_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_MAX_BYTES, _MAX_FILES = 8 << 30, 1_000_000  # unpacked: more is a bomb, or should be unpacked by hand


@contextmanager
def archive_folder(path: Path) -> Iterator[Path]:
    """Yield the folder with the files of an archive, or of the archives in a folder without other files.

    Any other path is yielded as it is.

    Raises
    ------
    DataError
        An archive is damaged or too large.
    """
    archives = _archives(path)
    if not archives:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="goldwire-") as name:
        for archive in archives:
            # The name of an archive may be that of a split: train.zip, test.zip.
            folder = Path(name) if len(archives) == 1 else Path(name) / archive.name
            folder.mkdir(exist_ok=True)
            _unpack(archive, folder)
        yield Path(name)


def _archives(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if path.name.lower().endswith(_SUFFIXES) else []
    if not path.is_dir():
        return []
    files = sorted(file for file in path.iterdir() if not file.name.startswith((".", "_")))
    archives = [file for file in files if file.is_file() and file.name.lower().endswith(_SUFFIXES)]
    others = [file for file in files if file not in archives and not file.name.lower().startswith(("readme", "licen"))]
    return [] if others else archives


def _unpack(archive: Path, folder: Path) -> None:
    try:
        if archive.name.lower().endswith(".zip"):
            with zipfile.ZipFile(archive) as opened:
                members = opened.infolist()
                _check_size(archive, [member.file_size for member in members])
                for member in members:
                    opened.extract(member, folder)  # drops `..` from names
        else:
            with tarfile.open(archive) as tar:
                _check_size(archive, [member.size for member in tar.getmembers()])
                tar.extractall(folder, filter="data")
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise DataError(f"the archive cannot be read ({error})", location=archive, hint="unpack it yourself") from None


def _check_size(archive: Path, sizes: Sequence[int]) -> None:
    if sum(sizes) > _MAX_BYTES or len(sizes) > _MAX_FILES:
        problem = f"{sum(sizes) / 1e9:.1f} GB in {len(sizes):,} files when unpacked"
        raise DataError(problem, location=archive, hint="unpack it yourself, and audit the folder")
