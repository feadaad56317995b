"""Temporary folders that do not pile up when the process that uses one is killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["temporary_folder"]

_PREFIX = "goldwire-"
_LOCK, _CONTENT = "lock", "content"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield an empty folder that is removed afterwards, and first remove those that killed processes have left."""
    _remove_leftovers(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        lock = _hold_lock(Path(name))
        try:
            content = Path(name) / _CONTENT
            content.mkdir()
            yield content
        finally:
            if lock is not None:
                os.close(lock)


def _hold_lock(folder: Path) -> int | None:
    """Lock a folder as in use. The kernel releases the lock when the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows: nothing is removed there
        return None
    hidden = folder / f".{_LOCK}"
    handle = os.open(hidden, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    hidden.rename(folder / _LOCK)  # nobody can see the lock before it is held
    return handle


def _remove_leftovers(parent: Path) -> None:
    """Remove the folders of this user whose lock nobody holds."""
    try:
        import fcntl
    except ImportError:
        return
    for lock in parent.glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(OSError):  # in use, or another user's
            handle = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
            try:
                if os.fstat(handle).st_uid == os.getuid():
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(lock.parent, ignore_errors=True)
            finally:
                os.close(handle)
