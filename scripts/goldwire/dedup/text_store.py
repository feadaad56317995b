"""Texts on disk while they are compared: an unnamed file, read one batch at a time, so that memory holds no texts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from goldwire.text.ngrams import Bytes, Offsets
from goldwire.workspace.atomic import name_disk_errors
from goldwire.workspace.positional_read import read_at

__all__ = ["OnDiskTexts", "temporary_texts"]

Ints = NDArray[np.int64]


class OnDiskTexts:
    """A `goldwire.text.batches.TextStore` in a file of concatenated UTF-8. Several threads may read it at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._ends: list[Ints] = [np.zeros(1, np.int64)]
        self._start = self._size = np.zeros(0, np.int64)

    def add(self, data: bytes | memoryview, sizes: Ints) -> None:
        """Append texts with `sizes` bytes each."""
        self._file.write(data)
        self._ends.append(self._ends[-1][-1] + np.cumsum(sizes))

    def finish(self, order: Ints) -> None:
        """End adding, and number the texts: text 0 is the one that was added as number `order[0]`, and so on."""
        self._file.flush()
        ends = np.concatenate(self._ends)
        self._start, self._size = ends[:-1][order], np.diff(ends)[order]

    def lengths(self) -> Ints:
        """Return the length of each text in bytes."""
        return self._size

    def take(self, numbers: Ints) -> tuple[Bytes, Offsets]:
        """Return the texts `numbers` in that order: their UTF-8 bytes concatenated, and the n + 1 bounds."""
        start, size = self._start[numbers], self._size[numbers]
        offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(size)))
        return self._read(start, size), offsets

    def slice(self, first: int, last: int) -> tuple[Bytes, Offsets]:
        """Return the texts from `first` to before `last`, in the same form."""
        return self.take(np.arange(first, last))

    def _read(self, start: Ints, size: Ints) -> Bytes:
        """Read texts by their first byte and size; adjacent ones in one system call."""
        gaps = np.flatnonzero(start[1:] != start[:-1] + size[:-1]) + 1
        first = np.concatenate((np.zeros(min(len(start), 1), np.int64), gaps))
        run_sizes = np.add.reduceat(size, first) if len(first) else size
        # Reading, not mapping: pages of a mapped file count as this process's memory.
        blocks = map(read_at, repeat(self._file.fileno()), run_sizes.tolist(), start[first].tolist())
        return np.frombuffer(b"".join(blocks), np.uint8)


@contextmanager
def temporary_texts(folder: Path | None = None) -> Iterator[OnDiskTexts]:
    """Open an empty store on the disk of `folder` (default: that of temporary files).

    The file has no name: the system frees its space even if the process is killed.
    """
    with name_disk_errors(folder or Path(tempfile.gettempdir())), tempfile.TemporaryFile(dir=folder) as file:
        yield OnDiskTexts(file)
