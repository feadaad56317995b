"""A disk that is full for this process: the kernel lets none of its files grow."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

__all__ = ["no_file_beyond"]


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Let writes beyond this number of bytes fail with EFBIG, where the system has such a limit."""
    resource = pytest.importorskip("resource", reason="no limits on processes here")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
