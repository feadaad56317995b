"""Functions for worker processes, which cannot import test files."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from goldwire.errors import DataError


def square(number: int) -> int:
    return number * number


def process_id(_: int) -> int:
    return os.getpid()


def die_once(path: Path) -> str:
    """End this process the first time that it is called for a path."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return path.name
    time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def die(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail(number: int) -> int:
    raise DataError("a broken file", location=f"part {number}", hint="delete it")
