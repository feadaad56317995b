"""Progress bars for work that takes over a second, on a terminal only."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["QUIET", "activity", "track"]

T = TypeVar("T")
_SHOW_AFTER = 1.0  # seconds: a bar that flashes by is noise
QUIET = "GOLDWIRE_QUIET"
"""The environment variable that, when set, hides every bar (`--quiet` and `--json` set it)."""


def track(items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
    """Yield `items`, with a bar on standard error once they have taken more than a second."""
    if QUIET in os.environ or not sys.stderr.isatty():
        yield from items
        return
    started, bar, done = time.monotonic(), None, 0
    try:
        for item in items:
            yield item
            done += 1
            if bar is None and time.monotonic() - started > _SHOW_AFTER:
                bar = _bar(label, total)
            if bar is not None:
                bar[0].update(bar[1], completed=done)
    finally:
        if bar is not None:
            bar[0].stop()


@contextmanager
def activity(label: str) -> Iterator[None]:
    """Show a bar without a length while the block runs, once it has taken more than a second.

    For one long step, such as an installation. The block shows no other bar.
    """
    if QUIET in os.environ or not sys.stderr.isatty():
        yield
        return
    is_over = threading.Event()

    def show() -> None:
        if not is_over.wait(_SHOW_AFTER):
            bar = _bar(label, None)
            is_over.wait()
            bar[0].stop()

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _bar(label: str, total: int | None) -> tuple[Progress, TaskID]:
    # rich costs 0.1 s to import: only where a bar shows.
    from rich.console import Console
    from rich.progress import Progress

    progress = Progress(console=Console(stderr=True), transient=True)
    task = progress.add_task(label, total=total)
    progress.start()
    return progress, task
