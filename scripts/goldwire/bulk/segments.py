"""Files of fixed-width rows in 256 segments by the last byte of a column: how rows go from a step's tasks to the next.

A task of the next step reads the same segments of all files, each with two requests. There is no server between them:
a worker that dies loses its own task, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from goldwire.bulk.store import Store, each_file
from goldwire.errors import DataError

__all__ = ["SEGMENTS", "Segments", "columns", "empty_frame", "read_matching", "read_segments", "segment_ranges"]
__all__ += ["write_segments"]

SEGMENTS = 256
_HEADER = 8 * (SEGMENTS + 1)  # bytes: at which row each segment begins
_MAX_ROWS = 1 << 40  # of a file: more is not an offset, but a damaged one

Segments = tuple[int, int]
"""The first segment, and the one after the last."""

Columns = dict[str, str]
"""Names of columns, and their numpy types."""


def columns(**types: str) -> np.dtype[np.void]:
    """Return the type of rows with these columns."""
    return np.dtype(list(types.items()))


def segment_ranges(n_tasks: int) -> Iterator[Segments]:
    """Yield the segments of each of `n_tasks` tasks; their number is rounded up to a power of two, at most 256."""
    count = min(1 << max(n_tasks - 1, 0).bit_length(), SEGMENTS)
    for start in range(0, SEGMENTS, SEGMENTS // count):
        yield start, start + SEGMENTS // count


def write_segments(store: Store, path: str, frame: pl.DataFrame, by: str, dtype: np.dtype[np.void]) -> None:
    """Write rows in segments by the last byte of the column `by`; the order within a segment is kept."""
    segment = frame[by].to_numpy().astype(np.uint8)
    order = np.argsort(segment, kind="stable")
    rows = np.empty(len(frame), dtype)
    for name in dtype.names or ():
        rows[name] = frame[name].to_numpy()[order]
    starts = np.concatenate(([0], np.cumsum(np.bincount(segment, minlength=SEGMENTS)))).astype("<u8")
    store.put(path, starts.tobytes() + rows.tobytes())


def read_segments(store: Store, paths: Sequence[str], segments: Segments, dtype: np.dtype[np.void]) -> pl.DataFrame:
    """Return the rows of some segments of all files, file by file."""
    parts = each_file(store, lambda path: _to_frame(_read_rows(store, path, segments, dtype)[0]), paths)
    return pl.concat([empty_frame(dtype), *parts])


def read_matching(
    store: Store,
    paths: Sequence[str],
    segments: Segments,
    dtype: np.dtype[np.void],
    by: str,
    values: NDArray[np.uint64],
) -> pl.DataFrame:
    """Return those rows of some segments of all files that have one of `values` in the column `by`.

    The rows of each segment must be sorted by that column, and `by` be the column of the segments. What few values
    match is then found in a fraction of the time that a join takes.
    """
    wanted = np.unique(values)
    by_segment = [wanted[wanted.astype(np.uint8) == segment] for segment in range(*segments)]

    def read(path: str) -> pl.DataFrame:
        rows, starts = _read_rows(store, path, segments, dtype)
        column = np.ascontiguousarray(rows[by])
        matching = [np.zeros(0, np.int64)]
        for start, end, of_segment in zip(starts, starts[1:], by_segment, strict=False):
            first, last = (start + np.searchsorted(column[start:end], of_segment, side) for side in ("left", "right"))
            counts = last - first
            within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            matching.append(np.repeat(first, counts) + within)
        return _to_frame(rows[np.concatenate(matching)])

    return pl.concat([empty_frame(dtype), *each_file(store, read, paths)])


def _read_rows(
    store: Store, path: str, segments: Segments, dtype: np.dtype[np.void]
) -> tuple[NDArray[np.void], list[int]]:
    """Return the rows of some segments of a file, and where each segment begins in them, and the last one ends."""
    starts = np.frombuffer(store.read_ranges(path, [(0, _HEADER)])[0], "<u8")[segments[0] : segments[1] + 1]
    first, last, size = int(starts[0]), int(starts[-1]), dtype.itemsize
    if not first <= last <= _MAX_ROWS:
        hint = "delete it, then run the same command again"
        raise DataError("the file is damaged", location=f"{store.url}/{path}", hint=hint)
    data = store.read_ranges(path, [(_HEADER + first * size, _HEADER + last * size)])[0]
    return np.frombuffer(data, dtype), [int(start) - first for start in starts]


def empty_frame(dtype: np.dtype[np.void]) -> pl.DataFrame:
    """Return a frame without rows."""
    return _to_frame(np.zeros(0, dtype))


def _to_frame(rows: NDArray[np.void]) -> pl.DataFrame:
    return pl.DataFrame({name: np.ascontiguousarray(rows[name]) for name in rows.dtype.names or ()})
