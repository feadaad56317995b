"""Datasets in archives: unpacked into a temporary folder, within limits."""

from __future__ import annotations

import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from goldwire.errors import DataError
from goldwire.quantities import quantity
from goldwire.workspace.temporary import temporary_folder

__all__ = ["archive_folder", "unread_archives"]

_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
# Files beside an archive that are about the data, as on the Hub: its card, its script, descriptions.
_ABOUT = re.compile(
    r"(readme|licen[cs]e|copying|citation|changelog|dataset_infos?).*|.*\.(md|rst|pdf|py|cff|ya?ml)", re.I
)
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
    with temporary_folder() as unpacked:
        for archive in archives:
            # The name of an archive may be that of a split: train.zip, test.zip.
            folder = unpacked if len(archives) == 1 else unpacked / archive.name
            folder.mkdir(exist_ok=True)
            _unpack(archive, folder)
        yield unpacked


def unread_archives(path: Path) -> list[Path]:
    """Return the archives in a folder that are not read, because it has data files, too."""
    return [] if _archives(path) or not path.is_dir() else [file for file in _visible(path) if _is_archive(file)]


def _archives(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if _is_archive(path) else []
    files = _visible(path) if path.is_dir() else []
    archives = [file for file in files if _is_archive(file)]
    return archives if all(file in archives or _ABOUT.fullmatch(file.name) for file in files) else []


def _visible(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if not file.name.startswith((".", "_")))


def _is_archive(file: Path) -> bool:
    return file.name.lower().endswith(_SUFFIXES) and file.is_file()


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
        problem = f"{sum(sizes) / 1e9:.1f} GB in {quantity(len(sizes), 'file')} when unpacked"
        raise DataError(problem, location=archive, hint="unpack it yourself, and audit the folder")
