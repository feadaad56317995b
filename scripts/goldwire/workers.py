"""Work for every core: batches in, answers out in the order of the batches, a few at a time in memory."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TypeVar

from goldwire.errors import GoldwireError

__all__ = ["in_order"]

T = TypeVar("T")
R = TypeVar("R")
_AHEAD = 4  # batches in flight for each worker


def in_order(work: Callable[[T], R], batches: Iterable[T], *, alone: int = 0) -> Iterator[R]:
    """Give what `work` makes of each batch, in order; the first `alone` batches are done right here.

    `work` and what goes in and out of it must pickle. Raises GoldwireError where a worker dies.
    """
    left = iter(batches)
    for _, batch in zip(range(alone), left, strict=False):
        yield work(batch)
    cores = _cores()
    first = next(left, None) if cores > 1 else None
    if first is None:
        yield from map(work, left)
        return
    try:
        with ProcessPoolExecutor(cores, _context(), initializer=_begin) as pool:
            flying: deque[Future[R]] = deque((pool.submit(work, first),))
            try:
                for batch in left:
                    flying.append(pool.submit(work, batch))
                    if len(flying) >= _AHEAD * cores:
                        yield flying.popleft().result()
                while flying:
                    yield flying.popleft().result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
    except BrokenProcessPool:
        raise GoldwireError(
            "a worker process was ended (out of memory?)", way_out="run the same command again"
        ) from None


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _context() -> multiprocessing.context.BaseContext:
    # Forked workers share what is loaded already, and need no guard in the caller's script, as spawned ones do.
    return multiprocessing.get_context("fork" if sys.platform == "linux" else None)


def _begin() -> None:
    """Leave Ctrl-C to the parent, and end with it even where it is killed: a worker would wait for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
