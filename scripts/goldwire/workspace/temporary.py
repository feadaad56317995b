"""Temporary folders that do not pile up when the process that uses one is killed.

Beside the folder `goldwire-x1y2` is the file `goldwire-x1y2.lock`. It is there before the folder and locked as long as
the folder is used; the kernel releases the lock when the process ends, however it ends. What nobody has locked is left
from a killed process.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from goldwire.workspace.atomic import name_disk_errors

__all__ = ["temporary_folder"]

_PREFIX, _LOCK = "goldwire-", ".lock"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield an empty folder that is removed afterwards, and first remove those that killed processes have left."""
    try:
        import fcntl  # noqa: F401 - not on Windows, where nothing can be locked
    except ImportError:
        with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
            yield Path(name)
        return
    _remove_leftovers(Path(tempfile.gettempdir()))
    lock, handle = _hold_new_lock()
    folder = lock.with_suffix("")
    try:
        with name_disk_errors(folder):
            folder.mkdir(mode=0o700)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.unlink(missing_ok=True)
        os.close(handle)


def _hold_new_lock() -> tuple[Path, int]:
    """Create a file for a lock and hold it; another process may take a file that is not locked yet for a leftover."""
    import fcntl

    while True:
        handle, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_LOCK)
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), os.lstat(name)):
                return Path(name), handle
        os.close(handle)


def _remove_leftovers(parent: Path) -> None:
    """Remove the folders of this user whose lock nobody holds."""
    import fcntl

    for lock in parent.glob(f"{_PREFIX}*{_LOCK}"):
        with suppress(OSError):  # in use, or another user's
            handle = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
            try:
                if os.fstat(handle).st_uid == os.getuid():
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                    lock.unlink(missing_ok=True)
            finally:
                os.close(handle)
