"""Work for every core: batches in, answers out in the order of the batches, a few at a time in memory."""

from __future__ import annotations

import gc
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
from types import TracebackType
from typing import TypeVar

from goldwire.errors import GoldwireError

__all__ = ["ProcessPool"]

T = TypeVar("T")
R = TypeVar("R")
_AHEAD = 4  # batches in flight for each worker


class ProcessPool:
    """A process for each core, begun when there is more to do than `alone` batches, and kept for what comes next."""

    def __init__(self, alone: int = 0) -> None:
        self._alone = alone
        self._cores = _cores()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> ProcessPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map(self, work: Callable[[T], R], batches: Iterable[T]) -> Iterator[R]:
        """Give what `work` makes of each batch, in order; before there are workers, the first few right here.

        `work` and what goes in and out of it must pickle. Raises GoldwireError where a worker dies.
        """
        left = iter(batches)
        for _, batch in zip(range(0 if self._pool else self._alone), left, strict=False):
            yield work(batch)
        try:
            yield from self._shared(work, left) if self._cores > 1 else map(work, left)
        except BrokenProcessPool:
            raise GoldwireError(
                "a worker process was ended (out of memory?)", hint="run the same command again"
            ) from None

    def _shared(self, work: Callable[[T], R], batches: Iterator[T]) -> Iterator[R]:
        flying: deque[Future[R]] = deque()
        for batch in batches:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(self._cores, _context(), initializer=_begin)
            flying.append(self._pool.submit(work, batch))
            if len(flying) >= _AHEAD * self._cores:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _context() -> multiprocessing.context.BaseContext:
    # Forked workers share what is loaded already, and need no guard in the caller's script, as spawned ones do.
    return multiprocessing.get_context("fork" if sys.platform == "linux" else None)


def _begin() -> None:
    """Leave Ctrl-C to the parent, and end with it even where it is killed: a worker would wait for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()  # all that is loaded stays: to look through it again and again takes 3% of the work
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
