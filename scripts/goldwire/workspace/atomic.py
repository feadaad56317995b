"""Atomic writes: a temporary file in the same folder, flushed to disk, then one rename."""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["build_folder", "remove_temporary_files", "write_bytes", "write_chunks", "write_text"]


def write_bytes(path: Path, data: bytes, *, mode: int = 0o644) -> bool:
    """Write `data` to `path` atomically. Return False without writing if the file has these bytes already."""
    try:
        if path.read_bytes() == data:
            return False
    except OSError:
        pass
    with _temporary_file(path) as temporary:
        _write_and_sync(temporary, (data,))
        temporary.chmod(mode)
        temporary.replace(path)
    return True


def write_chunks(path: Path, chunks: Iterable[bytes]) -> bool:
    """Write chunks to `path` atomically, for data larger than memory. Return False if the file is unchanged."""
    with _temporary_file(path) as temporary:
        _write_and_sync(temporary, chunks)
        if path.is_file() and filecmp.cmp(path, temporary, shallow=False):
            temporary.unlink()
            return False
        temporary.chmod(0o644)
        temporary.replace(path)
    return True


@contextmanager
def _temporary_file(path: Path) -> Iterator[Path]:
    """Create an empty file in the folder of `path`, and remove it if the caller fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
    except BaseException:  # an interrupt, too, must leave no incomplete file
        Path(name).unlink(missing_ok=True)
        raise


def _write_and_sync(path: Path, chunks: Iterable[bytes]) -> None:
    """Write `chunks` and wait until they are on the disk."""
    with path.open("wb") as file:
        file.writelines(chunks)
        file.flush()
        os.fsync(file.fileno())


def write_text(path: Path, text: str, *, mode: int = 0o644) -> bool:
    """Write `text` to `path` atomically, in UTF-8 with its line ends unchanged."""
    return write_bytes(path, text.encode("utf-8"), mode=mode)


def remove_temporary_files(folder: Path) -> None:
    """Remove the temporary files of killed writes from `folder`. No other process may write there meanwhile."""
    for path in folder.glob(".*.tmp"):
        if path.is_file():
            path.unlink(missing_ok=True)


@contextmanager
def build_folder(path: Path) -> Iterator[Path]:
    """Create an empty folder for the caller to fill; it becomes `path` at the end, or is removed if the caller fails.

    `path` must not exist: a finished folder is never written to again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent))
    try:
        yield temporary
        temporary.chmod(0o755)
        temporary.rename(path)
    except BaseException:  # as above
        shutil.rmtree(temporary, ignore_errors=True)
        raise
