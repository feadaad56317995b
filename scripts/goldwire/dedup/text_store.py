"""Texts on disk while they are compared: a file without a name, read a batch at a time, so that memory holds none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from goldwire.text.ngrams import Bytes, Offsets

__all__ = ["Spill", "spilling"]

Ints = NDArray[np.int64]


class Spill:
    """Texts in a file, one after another in UTF-8; `goldwire.text.batches.TextStore`. Threads may read it at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._ends: list[Ints] = [np.zeros(1, np.int64)]
        self._start = self._size = np.zeros(0, np.int64)

    def add(self, data: bytes | memoryview, sizes: Ints) -> None:
        """Put texts of so many bytes each after those that are there."""
        self._file.write(data)
        self._ends.append(self._ends[-1][-1] + np.cumsum(sizes))

    def close(self, order: Ints) -> None:
        """End adding. Text 0 is from now on the one that was added as number `order[0]`, and so on."""
        self._file.flush()
        ends = np.concatenate(self._ends)
        self._start, self._size = ends[:-1][order], np.diff(ends)[order]

    def lengths(self) -> Ints:
        """Give how long each is, in bytes."""
        return self._size

    def take(self, numbers: Ints) -> tuple[Bytes, Offsets]:
        """Give those texts."""
        start, size = self._start[numbers], self._size[numbers]
        offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(size)))
        return self._read(start, size), offsets

    def slice(self, first: int, last: int) -> tuple[Bytes, Offsets]:
        """Give the texts from `first` to before `last`."""
        return self.take(np.arange(first, last))

    def _read(self, start: Ints, size: Ints) -> Bytes:
        runs = np.flatnonzero(start[1:] != start[:-1] + size[:-1]) + 1  # where the next is not the file's next
        first = np.concatenate((np.zeros(min(len(start), 1), np.int64), runs))
        many = np.add.reduceat(size, first) if len(first) else size
        # Reading, not mapping: pages of a mapped file count as this process's memory.
        read = map(os.pread, repeat(self._file.fileno()), many.tolist(), start[first].tolist())
        return np.frombuffer(b"".join(read), np.uint8)


@contextmanager
def spilling(folder: Path | None = None) -> Iterator[Spill]:
    """Make room for texts on the disk of `folder` (without: of temporary files); it is given back even by a kill."""
    with tempfile.TemporaryFile(dir=folder) as file:
        yield Spill(file)
