"""JSON files that only their owner may read: changed under a lock, written whole or not at all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from goldwire.errors import DataError
from goldwire.workspace import atomic

__all__ = ["file_lock", "private_dir", "read", "update"]

T = TypeVar("T", bound=msgspec.Struct)


def private_dir(path: Path) -> Path:
    """Make `path`, and what it is missing of its parents, open to nobody but its owner."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold `path` as a lock file: whoever else asks for it waits."""
    private_dir(path.parent)
    # Not inherited by the servers that are started meanwhile, which would hold it for as long as they run.
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def read(path: Path, kind: type[T]) -> T:
    """Read a private file; one that is absent gives the defaults of `kind`."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return kind()
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        # The file holds secrets: the error is told without the value.
        what = f"not what goldwire wrote ({type(error).__name__})"
        raise DataError(what, location=path, hint="remove it") from None


def update(path: Path, kind: type[T], change: Callable[[T], T]) -> T:
    """Read, change and write a private file as one step, and return what it then holds."""
    with file_lock(path.with_name(f".{path.name}.lock")):
        changed = change(read(path, kind))
        atomic.write_bytes(path, msgspec.json.encode(changed) + b"\n", mode=0o600)
        path.chmod(0o600)  # also where nothing changed but the mode
        return changed
