"""Atomic writes: a temporary file in the same folder, flushed to disk, then one rename.

The temporary file of `a.jsonl` is always `.a.jsonl.tmp`: the next write takes over what a killed one left. A lock tells
a killed writer from a running one, whose rival uses a random name.
"""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "DISK_FULL",
    "build_folder",
    "name_disk_errors",
    "new_file",
    "remove_leftover",
    "remove_temporary_files",
    "scratch_folder",
    "write_bytes",
    "write_chunks",
    "write_text",
]

_WAITS = (0.01, 0.05, 0.2, 0.7) if os.name == "nt" else ()
"""Seconds before each repetition of a rename: on Windows a virus scanner or an editor may have the file open."""

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors of a write that lacks space: on the disk, in the user's quota, or within the limit of a file's size."""


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
        _replace(temporary, path)
    return True


def write_chunks(path: Path, chunks: Iterable[bytes]) -> bool:
    """Write chunks to `path` atomically, for data larger than memory. Return False if the file is unchanged."""
    with _temporary_file(path) as temporary:
        _write_and_sync(temporary, chunks)
        if path.is_file() and filecmp.cmp(path, temporary, shallow=False):
            temporary.unlink()
            return False
        temporary.chmod(0o644)
        _replace(temporary, path)
    return True


@contextmanager
def _temporary_file(path: Path) -> Iterator[Path]:
    """Create an empty file in the folder of `path`, and remove it if the caller fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _usual_name(path)
    handle = _lock(temporary, os.O_RDWR | os.O_CREAT)
    if handle is None:
        with name_disk_errors(path):
            other, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        os.close(other)
        temporary = Path(name)
    else:
        os.ftruncate(handle, 0)
    try:
        with name_disk_errors(path):
            yield temporary
    except BaseException:  # an interrupt, too, must leave no incomplete file
        temporary.unlink(missing_ok=True)
        raise
    finally:
        if handle is not None:
            os.close(handle)


@contextmanager
def name_disk_errors(path: Path) -> Iterator[None]:
    """Let the error of a full disk name `path`; that of a write names no file, or the temporary one."""
    try:
        yield
    except OSError as error:
        of_temporary = str(error.filename).startswith(str(path.with_name(f".{path.name}.")))
        if error.errno in DISK_FULL and (error.filename is None or of_temporary):
            error.filename = str(path)
        raise


def _usual_name(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp")


def _lock(temporary: Path, flags: int) -> int | None:
    """Open and lock a temporary file or folder; None where another process writes it, or where nothing can be locked.

    The lock ends with the process, however it ends.
    """
    try:
        import fcntl
    except ImportError:  # Windows, which cannot rename an open file either
        return None
    try:
        handle = os.open(temporary, flags | os.O_NOFOLLOW, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The writer that had the lock may have renamed the file meanwhile.
        if os.path.samestat(os.fstat(handle), temporary.lstat()):
            return handle
    except OSError:
        pass
    os.close(handle)
    return None


def _write_and_sync(path: Path, chunks: Iterable[bytes]) -> None:
    """Write `chunks` and wait until they are on the disk."""
    with path.open("wb") as file:
        file.writelines(chunks)
        file.flush()
        os.fsync(file.fileno())


def _replace(temporary: Path, path: Path) -> None:
    for wait in _WAITS:
        try:
            temporary.replace(path)
        except PermissionError:
            time.sleep(wait)
        else:
            return
    temporary.replace(path)


def write_text(path: Path, text: str, *, mode: int = 0o644) -> bool:
    """Write `text` to `path` atomically, in UTF-8 with its line ends unchanged."""
    return write_bytes(path, text.encode("utf-8"), mode=mode)


@contextmanager
def new_file(path: Path, *, mode: int = 0o644) -> Iterator[Path]:
    """Create an empty file for the caller to fill; it becomes `path` at the end, or is removed if the caller fails.

    Raises
    ------
    FileExistsError
        There is a file at `path`, which is not replaced.
    """
    with _temporary_file(path) as temporary:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.chmod(mode)
        try:
            os.link(temporary, path)  # unlike a rename, it never replaces a file
        except FileExistsError:
            raise
        except OSError:  # memory sticks have no links
            if path.exists():
                raise FileExistsError(path) from None
            temporary.rename(path)
        temporary.unlink(missing_ok=True)


def remove_leftover(path: Path) -> None:
    """Remove the temporary file or folder that a killed write of `path` has left, unless it is in use."""
    temporary = _usual_name(path)
    handle = _lock(temporary, os.O_RDONLY)
    if handle is not None:
        if temporary.is_dir():
            shutil.rmtree(temporary)
        else:
            temporary.unlink()
        os.close(handle)


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
    with _temporary_folder(path) as temporary:
        yield temporary
        temporary.chmod(0o755)
        temporary.rename(path)


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """Create an empty folder that only its owner may read, near `path`; it is removed at the end."""
    with _temporary_folder(path) as temporary:
        yield temporary
        shutil.rmtree(temporary)


@contextmanager
def _temporary_folder(path: Path) -> Iterator[Path]:
    """Create an empty folder beside `path`, and remove it if the caller fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _usual_name(path)
    try:
        temporary.mkdir(mode=0o700)
        is_new = True
    except FileExistsError:
        is_new = False
    handle = _lock(temporary, os.O_RDONLY)
    if handle is None or not temporary.is_dir():
        if is_new:
            temporary.rmdir()
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent))
    try:
        with name_disk_errors(path):
            _empty(temporary)
            yield temporary
    except BaseException:  # as above
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    finally:
        if handle is not None:
            os.close(handle)


def _empty(folder: Path) -> None:
    for child in folder.iterdir():
        if child.is_dir() and not child.is_symlink():
            shutil.rmtree(child)
        else:
            child.unlink()
