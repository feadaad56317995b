"""Read bytes at a position of an open file, from several threads, on every system."""

from __future__ import annotations

import os
import threading

__all__ = ["read_at"]

_POSITION_LOCK = threading.Lock()


def read_at(descriptor: int, size: int, offset: int) -> bytes:
    """Return up to `size` bytes of the file `descriptor` from `offset`.

    Windows has no `os.pread`: there, one thread at a time moves the position of the file and reads.
    """
    if hasattr(os, "pread"):
        return os.pread(descriptor, size, offset)
    with _POSITION_LOCK:
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, size)
