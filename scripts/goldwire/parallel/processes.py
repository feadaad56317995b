"""Map a function over batches in processes, with the results in order and a bounded number of batches in memory."""

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
from goldwire.parallel.threads import available_cores

__all__ = ["ProcessPool", "start_worker"]

T = TypeVar("T")
R = TypeVar("R")
_AHEAD = 4  # batches in flight per worker


class ProcessPool:
    """One worker process per core, started for more than `n_local` batches and kept for later calls of `map`.

    The first `n_local` batches are processed in the caller's process: a few are done before workers have started.
    """

    def __init__(self, n_local: int = 0) -> None:
        self._n_local = n_local
        self._cores = available_cores()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> ProcessPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[[T], R], batches: Iterable[T]) -> Iterator[R]:
        """Yield `function(batch)` for each batch, in order.

        `function`, its argument and its result must pickle. Raises GoldwireError if a worker dies.
        """
        remaining = iter(batches)
        for _, batch in zip(range(0 if self._pool else self._n_local), remaining, strict=False):
            yield function(batch)
        try:
            yield from self._map_in_workers(function, remaining) if self._cores > 1 else map(function, remaining)
        except BrokenProcessPool:
            raise GoldwireError(
                "a worker process was ended (out of memory?)", hint="run the same command again"
            ) from None

    def _map_in_workers(self, function: Callable[[T], R], batches: Iterator[T]) -> Iterator[R]:
        """Yield the results of worker processes, in order."""
        pending: deque[Future[R]] = deque()
        for batch in batches:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(self._cores, _context(), initializer=start_worker)
            pending.append(self._pool.submit(function, batch))
            if len(pending) >= _AHEAD * self._cores:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _context() -> multiprocessing.context.BaseContext:
    """Return how workers are started."""
    # Forked workers share what is loaded already, and need no guard in the caller's script, as spawned ones do.
    return multiprocessing.get_context("fork" if sys.platform == "linux" else None)


def start_worker() -> None:
    """Leave Ctrl-C to the parent, and end with it even if it is killed: a worker would wait for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()  # everything loaded stays: to look through it again and again takes 3% of the work
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when its parent ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
