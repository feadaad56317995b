"""Writing that is whole or not at all: a temporary neighbour, flushed to disk, then one rename."""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["build_folder", "sweep", "write_bytes", "write_chunks", "write_text"]


def write_bytes(path: Path, data: bytes, *, mode: int = 0o644) -> bool:
    """Write `data` to `path` atomically; return False, touching nothing, where the file holds just that already."""
    try:
        if path.read_bytes() == data:
            return False
    except OSError:
        pass
    with _beside(path) as temporary:
        _fill(temporary, (data,))
        temporary.chmod(mode)
        temporary.replace(path)
    return True


def write_chunks(path: Path, chunks: Iterable[bytes]) -> bool:
    """Write what does not fit in memory, atomically; return False where the file holds just that already."""
    with _beside(path) as temporary:
        _fill(temporary, chunks)
        if path.is_file() and filecmp.cmp(path, temporary, shallow=False):
            temporary.unlink()
            return False
        temporary.chmod(0o644)
        temporary.replace(path)
    return True


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give an empty file beside `path`, which is gone where what is done with it fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
    except BaseException:  # an interrupt, too, leaves nothing half-written
        Path(name).unlink(missing_ok=True)
        raise


def _fill(path: Path, chunks: Iterable[bytes]) -> None:
    """Write `chunks`, and see to it that they are on the disk."""
    with path.open("wb") as file:
        file.writelines(chunks)
        file.flush()
        os.fsync(file.fileno())


def write_text(path: Path, text: str, *, mode: int = 0o644) -> bool:
    """Write `text` in UTF-8 with its line ends as they are."""
    return write_bytes(path, text.encode("utf-8"), mode=mode)


def sweep(folder: Path) -> None:
    """Remove what writes that were killed left in `folder`: only where nobody else writes there meanwhile."""
    for path in folder.glob(".*.tmp"):
        if path.is_file():
            path.unlink(missing_ok=True)


@contextmanager
def build_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder beside `path` to fill; it becomes `path` at the end, or vanishes where filling it failed.

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
