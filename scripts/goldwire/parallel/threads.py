"""Map a function over items in threads, with the results in order and a bounded number of items in memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import msgspec

from goldwire.progress import track

__all__ = ["available_cores", "map_concurrently", "map_in_threads", "thread_pool"]

T = TypeVar("T")
R = TypeVar("R")
_AHEAD = 8  # items in flight per thread
_CONCURRENT = 2
"""Tasks run at once by `map_concurrently`. The server has two processes, and each import or export occupies one. Of
four, SQLite makes two wait for a third, and 12,000 tasks take 1.5 times as long as one annotator after another; of two,
1.1 times."""


def thread_pool(n_threads: int, label: str = "") -> ThreadPoolExecutor:
    """Return a pool of threads that may decode records.

    msgspec reads the fields of a type when it is first decoded. Two threads that do so at once end the process
    (version 0.22 follows a null pointer, as a `pull` in our tests showed), so this reads those of all types beforehand.
    """
    kinds = msgspec.Struct.__subclasses__()
    for kind in kinds:
        kinds += kind.__subclasses__()
        with suppress(TypeError, NameError):  # of types that are never decoded
            msgspec.json.Decoder(kind)
    return ThreadPoolExecutor(n_threads, thread_name_prefix=label)


def map_in_threads(
    function: Callable[[T], R], items: Iterable[T], *, max_threads: int | None = None, ahead: int = _AHEAD
) -> Iterator[R]:
    """Yield `function(item)` for each item, in order.

    Parameters
    ----------
    function : callable
        Work that releases Python's lock, as array operations and parsers in C do.
    items : iterable
        Consumed as threads become free: `ahead` items per thread are in flight at most.
    max_threads : int, optional
        Default: one thread per core.
    ahead : int, default: 8
        Items in flight per thread.
    """
    n_threads = available_cores() if max_threads is None else min(available_cores(), max_threads)
    with thread_pool(n_threads) as pool:
        pending: deque[Future[R]] = deque()
        for item in items:
            pending.append(pool.submit(function, item))
            if len(pending) >= ahead * n_threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def map_concurrently(names: Sequence[str], function: Callable[[str], T], label: str) -> list[T]:
    """Return `function(name)` for each annotator in `names`, in order, for work that mostly waits for the server.

    The first error is raised after the tasks that have started end. `label` is shown in the progress bar.
    """
    pool = thread_pool(_CONCURRENT, label)
    try:
        return list(track(pool.map(function, names), label, len(names)))
    finally:
        pool.shutdown(cancel_futures=True)


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
