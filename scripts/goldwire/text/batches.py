"""Texts to compare, given out a batch at a time in UTF-8, and the work on batches shared among threads."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from operator import itemgetter
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from goldwire.text.ngrams import Bytes, Offsets

__all__ = ["InMemoryTexts", "TextStore", "batch_ranges", "map_in_threads"]

Ints = NDArray[np.int64]
T = TypeVar("T")
R = TypeVar("R")

# Bytes. An array operation then takes 40 us. Of 1 << 17 it takes 5, less than it takes to hand Python's lock to another
# thread: 50,000 texts took one thread .83 s, two of them 1.19 s, and take two .66 s in batches of this size.
_BATCH = 1 << 20
_AHEAD = 8  # batches in flight for each thread
# glibc gives what is freed back to the system at once, and each array of a batch costs page faults again, a third of
# the time in all, until it has seen a block as large as this freed.
_LARGE = 30 << 20
_THREADS = 4  # at most: numpy lets go of Python's lock, but the work between two array operations holds it


class TextStore(Protocol):
    """Texts by number, wherever they are kept."""

    def lengths(self) -> Ints:
        """Give how long each is, about in bytes."""

    def take(self, numbers: Ints) -> tuple[Bytes, Offsets]:
        """Give those texts, in that order: their UTF-8 one after another, and the n + 1 offsets that part them."""

    def slice(self, first: int, last: int) -> tuple[Bytes, Offsets]:
        """Give the texts from `first` to before `last`."""


class InMemoryTexts:
    """Texts in memory. Encodes those that are asked for and no others: a copy of all would be as big as they are."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._lengths = np.fromiter(map(len, texts), np.int64, len(texts))

    def lengths(self) -> Ints:
        """Give how long each is, in code points."""
        return self._lengths

    def take(self, numbers: Ints) -> tuple[Bytes, Offsets]:
        """Give those texts."""
        chosen = itemgetter(*numbers.tolist())(self.texts) if len(numbers) else ()
        return _encoded((chosen,) if isinstance(chosen, str) else chosen)

    def slice(self, first: int, last: int) -> tuple[Bytes, Offsets]:
        """Give the texts from `first` to before `last`."""
        return _encoded(self.texts[first:last])


def _encoded(texts: Sequence[str]) -> tuple[Bytes, Offsets]:
    # One encoding of all: encoding each keeps its bytes in the string object, which doubles the memory of the texts.
    data = np.frombuffer("\0".join((*texts, "")).encode("utf-8", "surrogatepass"), np.uint8)
    ends = np.flatnonzero(data == 0) + 1
    if len(ends) != len(texts):
        return _encoded([text.replace("\0", " ") for text in texts])
    return data, np.concatenate(([0], ends))


def batch_ranges(lengths: Ints, size: int = _BATCH) -> Iterator[tuple[int, int]]:
    """Part texts into ranges of about `size` bytes, at least one text each."""
    ends = np.cumsum(lengths)
    first, done = 0, 0
    while first < len(lengths):
        last = max(int(np.searchsorted(ends, done + size, "right")), first + 1)
        yield first, last
        first, done = last, int(ends[last - 1])


def map_in_threads(work: Callable[[T], R], batches: Iterable[T]) -> Iterator[R]:
    """Give what `work` makes of each batch, in order, a few batches in memory at a time."""
    np.empty(_LARGE, np.uint8)
    threads = min(_cores(), _THREADS)
    with ThreadPoolExecutor(threads) as pool:
        flying: deque[Future[R]] = deque()
        for batch in batches:
            flying.append(pool.submit(work, batch))
            if len(flying) >= _AHEAD * threads:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
