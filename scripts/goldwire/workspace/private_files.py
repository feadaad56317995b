"""JSON files that only their owner may read, changed under a lock and written atomically."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from goldwire.errors import DECODE_ERRORS, DataError
from goldwire.workspace import atomic

__all__ = ["file_lock", "private_dir", "read", "update"]

T = TypeVar("T", bound=msgspec.Struct)


def private_dir(path: Path) -> Path:
    """Create `path` and its missing parents, accessible to their owner only, and return it.

    Take the access of others away from `path` if it exists.
    """
    _create_folders(path)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def _create_folders(path: Path) -> None:
    """Create `path` and its missing parents, accessible to their owner only."""
    for folder in (*reversed(path.parents), path):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file `path`, and wait for any other holder first."""
    import filelock

    _create_folders(path.parent)
    # Servers started meanwhile do not inherit the lock, which they would hold as long as they run.
    with filelock.FileLock(path, mode=0o600):
        yield


def read(path: Path, kind: type[T]) -> T:
    """Read a private file. Returns the defaults of `kind` if there is no file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return kind()
    except DECODE_ERRORS as error:
        # The file has secrets: the message must not quote it.
        message = f"not written by goldwire ({type(error).__name__})"
        raise DataError(message, location=path, hint="remove the file") from None


def update(path: Path, kind: type[T], change: Callable[[T], T]) -> T:
    """Read, change and write a private file under its lock, and return the new content."""
    with file_lock(path.with_name(f".{path.name}.lock")):
        changed = change(read(path, kind))
        atomic.write_bytes(path, msgspec.json.encode(changed) + b"\n", mode=0o600)
        path.chmod(0o600)  # even if only the mode differs
        return changed
