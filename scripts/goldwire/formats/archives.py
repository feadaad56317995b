"""Archives of annotation files (.zip, .tar, .gz): unpacked into a temporary folder, within limits."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from goldwire.errors import DataError, GoldwireError
from goldwire.quantities import quantity
from goldwire.workspace.tar_archives import extract_members
from goldwire.workspace.temporary import temporary_folder

__all__ = ["is_archive", "unpack_archive", "unpacked"]

_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_COMPRESSED = ".gz"
_MAX_BYTES, _MAX_FILES = 8 << 30, 1_000_000  # unpacked: more is a bomb, or should be unpacked by hand
_CHUNK_BYTES = 1 << 20
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    gzip.BadGzipFile,
    EOFError,
    RuntimeError,
    NotImplementedError,
)


def is_archive(path: Path) -> bool:
    """Whether a file holds files, by its name."""
    return path.name.lower().endswith(_SUFFIXES) and path.is_file()


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Yield what a path holds: the folder of an archive's files, or the file that is compressed.

    A folder with archives, such as INCEpTION's export with one per annotator, is yielded with their files in their
    place; a file that is alone in its archive has the archive's name. Any other path is yielded as it is.

    Raises
    ------
    DataError
        An archive is damaged or too large.
    GoldwireError
        What the block raises, with the place in the archive as its location.
    """
    if not (_is_packed(path) or (path.is_dir() and any(_is_packed(file) for file in path.rglob("*")))):
        yield path
        return
    with temporary_folder() as scratch:
        root = scratch / _bare_name(path)
        if path.is_dir():
            _link_files(path, root)
        else:
            _unpack_into(path, root)
        try:
            _unpack_members(root)
            yield _only_folder(root)
        except GoldwireError as error:
            if error.location is not None:
                error.location = error.location.replace(str(root), str(path))
            raise


def unpack_archive(archive: Path, folder: Path) -> None:
    """Unpack an archive into an existing folder. Raises DataError if it is damaged or too large."""
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
                extract_members(tar, folder)
    except _BROKEN as error:
        raise DataError(f"the archive cannot be read ({error})", location=archive, hint="unpack it yourself") from None


def _check_size(archive: Path, sizes: Sequence[int]) -> None:
    if sum(sizes) > _MAX_BYTES or len(sizes) > _MAX_FILES:
        problem = f"{sum(sizes) / 1e9:.1f} GB in {quantity(len(sizes), 'file')} when unpacked"
        raise DataError(problem, location=archive, hint="unpack it yourself, and name the folder")


def _is_packed(path: Path) -> bool:
    return is_archive(path) or (path.suffix.lower() == _COMPRESSED and path.is_file())


def _bare_name(path: Path) -> str:
    """Return the name without the ending of an archive: `ada` of `ada.tar.gz`, `ada.jsonl` of `ada.jsonl.gz`."""
    suffixes = (*_SUFFIXES, _COMPRESSED)
    ending = max((own for own in suffixes if path.name.lower().endswith(own)), key=len, default="")
    return path.name[: len(path.name) - len(ending)] if path.is_file() else path.resolve().name


def _unpack_into(packed: Path, target: Path) -> None:
    """Unpack an archive to the folder `target`, or a compressed file to the file `target`."""
    if is_archive(packed):
        target.mkdir(parents=True, exist_ok=True)
        unpack_archive(packed, target)
        for file in [file for file in target.rglob("*") if file.is_file() and _is_system_file(file)]:
            file.unlink()
        return
    try:
        with gzip.open(packed) as source, target.open("wb") as copy:
            for _ in range(0, _MAX_BYTES, _CHUNK_BYTES):
                chunk = source.read(_CHUNK_BYTES)
                if not chunk:
                    return
                copy.write(chunk)
    except _BROKEN as error:
        raise DataError(f"it cannot be decompressed ({error})", location=packed) from None
    _check_size(packed, [_MAX_BYTES + 1])


def _link_files(folder: Path, root: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            link = root / file.relative_to(folder)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.resolve())


def _unpack_members(root: Path) -> None:
    """Put the files of archives below `root` in the archives' place, once: an archive in these stays as it is."""
    for packed in sorted(file for file in root.rglob("*") if _is_packed(file)) if root.is_dir() else ():
        folder = packed.with_name(f"{packed.name}.unpacked")
        target = folder if is_archive(packed) else packed.with_name(_bare_name(packed))
        _unpack_into(packed, target)
        if target == folder:
            _move_members(folder, _bare_name(packed))
        packed.unlink()


def _move_members(folder: Path, name: str) -> None:
    """Move the unpacked files to the folder above; a file whose name is taken goes to a folder of its archive."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    for file in files:
        target = folder.parent / (f"{name}{file.suffix}" if len(files) == 1 else file.relative_to(folder))
        if target.exists() and target.read_bytes() != file.read_bytes():
            target = folder.parent / name / file.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)
    shutil.rmtree(folder)


def _is_system_file(file: Path) -> bool:
    """Whether macOS or Windows added a file to an archive."""
    return "__MACOSX" in file.parts or file.name.startswith("._") or file.name in {".DS_Store", "Thumbs.db"}


def _only_folder(root: Path) -> Path:
    """Return the folder that holds the files: archives often have one folder with all others."""
    while root.is_dir():
        entries = [entry for entry in root.iterdir() if entry.name != "__MACOSX"]
        if len(entries) != 1 or not entries[0].is_dir():
            break
        root = entries[0]
    return root
