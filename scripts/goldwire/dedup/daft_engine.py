"""Sketch and compare texts in Daft data frames, on this machine or on a Ray cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from goldwire.dedup.jaccard import PairSimilarity, gather_pairs, pair_similarity
from goldwire.dedup.sketches import Sketches, concatenate, sketch
from goldwire.parallel.ray_cluster import connect_ray, ray_errors
from goldwire.parallel.threads import map_in_threads
from goldwire.text.batches import TextStore, batch_ranges

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DaftExecutor", "compare_pairs", "sketch_texts"]

T = TypeVar("T")
R = TypeVar("R")
Ints = NDArray[np.int64]

_WAVE_BYTES = 1 << 28  # of text in flight at once
_PART_BYTES = 1 << 24  # of text that a worker receives at a time
_WAVE_PAIRS = 64  # batches of pairs in flight at once
_NO_TELEMETRY = {"DAFT_ANALYTICS_ENABLED": "0", "DO_NOT_TRACK": "1", "DAFT_PROGRESS_BAR": "0"}


class DaftExecutor:
    """Runs the work in Daft data frames, in waves that fit in memory, with Daft's own runner or on Ray."""

    def __init__(self, *, on_ray: bool = False, ray_address: str | None = None) -> None:
        for key, value in _NO_TELEMETRY.items():  # it reports its use to its makers by default
            os.environ.setdefault(key, value)
        import daft

        if on_ray:
            connect_ray(ray_address)
            daft.set_runner_ray(noop_if_initialized=True)
        else:
            daft.set_runner_native()
        self._on_ray = on_ray

    def sketch(self, texts: TextStore, ranges: Iterable[tuple[int, int]]) -> Iterator[Sketches]:
        """Yield the sketches of ranges of texts, all texts in order."""
        del ranges  # of a size for one core's cache: Daft receives larger ones, which `sketch_texts` splits again
        lengths = texts.lengths()
        for first, last in batch_ranges(lengths, _WAVE_BYTES):
            parts = [
                texts.slice(first + start, first + end) for start, end in batch_ranges(lengths[first:last], _PART_BYTES)
            ]
            with self._errors():
                columns = _run([{"texts": _text_array(*part)} for part in parts], _sketch_batch, _sketch_type())
            yield concatenate([_to_sketches(column) for column in columns])

    def compare(self, texts: TextStore, pairs: Iterable[tuple[Ints, Ints]]) -> Iterator[PairSimilarity]:
        """Yield the similarity of each batch of pairs of texts."""
        batches = iter(pairs)
        while wave := list(islice(batches, _WAVE_PAIRS)):
            rows = [_pair_row(*gather_pairs(texts, *batch)) for batch in wave]
            with self._errors():
                columns = _run(rows, _compare_batch, _similarity_type())
            for column in columns:
                yield from _to_similarities(column)

    def _errors(self) -> AbstractContextManager[None]:
        """Return the context in which an error of Ray, such as a lost node, becomes a line for the user."""
        return ray_errors("see `ray status`, then run the same command again") if self._on_ray else nullcontext()

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield `function(item)` for items in this process's memory, in threads."""
        return map_in_threads(function, items)


def _run(
    parts: list[dict[str, pa.Array]], function: Callable[..., pa.Array], result_type: pa.DataType
) -> list[pa.StructArray]:
    """Return the chunks of `function`'s results for the columns of all parts, in the order of their rows."""
    import daft
    import pyarrow as pa

    n_rows, tables = 0, []
    for part in parts:
        count = len(next(iter(part.values())))
        tables.append(pa.table({"row": np.arange(n_rows, n_rows + count), **part}))
        n_rows += count
    batch_function = daft.func.batch(return_dtype=daft.DataType.from_arrow_type(result_type))(function)
    frame = daft.from_arrow(tables)
    result = batch_function(*(frame[name] for name in parts[0])).alias("result")
    table = frame.select(frame["row"], result).to_arrow()
    rows = table["row"].to_numpy()
    if (np.diff(rows) < 0).any():  # an engine does not promise an order
        table = table.take(np.argsort(rows))
    column: list[pa.StructArray] = table["result"].chunks
    return column


def _sketch_batch(texts: Any) -> pa.Array:
    """Sketch a Daft series of texts."""
    return sketch_texts(texts.to_arrow())


def sketch_texts(texts: pa.LargeBinaryArray) -> pa.StructArray:
    """Return `digest`, `size` and `hashes` of each text in UTF-8."""
    import pyarrow as pa

    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    whole = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    sketches = concatenate([
        sketch(whole[bounds[first] : bounds[last]], bounds[first : last + 1] - bounds[first])
        for first, last in batch_ranges(np.diff(bounds))
    ])  # fmt: skip
    list_bounds = np.concatenate(([0], np.cumsum(sketches.counts)))
    hashes = pa.LargeListArray.from_arrays(list_bounds, pa.array(sketches.hashes))
    columns = [pa.array(sketches.digests), pa.array(sketches.sizes), hashes]
    return pa.StructArray.from_arrays(columns, fields=[*_sketch_type()])


def _sketch_type() -> pa.StructType:
    """Return the Arrow type of a sketch."""
    import pyarrow as pa

    return pa.struct({"digest": pa.uint64(), "size": pa.int64(), "hashes": pa.large_list(pa.uint64())})


def _to_sketches(column: pa.StructArray) -> Sketches:
    """Convert an Arrow column of sketches."""
    digests, sizes, hashes = column.flatten()
    counts = np.diff(hashes.offsets.to_numpy().astype(np.int64))
    return Sketches(digests.to_numpy(), sizes.to_numpy(), counts, hashes.flatten().to_numpy())


def _compare_batch(data: Any, offsets: Any, left: Any, right: Any) -> pa.Array:
    """Compare the pairs in Daft series."""
    return compare_pairs(data.to_arrow(), offsets.to_arrow(), left.to_arrow(), right.to_arrow())


def compare_pairs(data: pa.Array, offsets: pa.Array, left: pa.Array, right: pa.Array) -> pa.StructArray:
    """Compare pairs of texts. Each row has texts in UTF-8, their bounds, and the numbers of the texts of each pair."""
    import pyarrow as pa

    rows = []
    for texts, *arrays in zip(data, offsets, left, right, strict=True):
        bounds, left_numbers, right_numbers = (array.values.to_numpy() for array in arrays)
        rows.append(pair_similarity(np.frombuffer(texts.as_buffer(), np.uint8), bounds, left_numbers, right_numbers))
    lists = [[getattr(row, name) for row in rows] for name in PairSimilarity.__struct_fields__]
    types = [field.type for field in _similarity_type()]
    columns = [pa.array(values, type) for values, type in zip(lists, types, strict=True)]
    return pa.StructArray.from_arrays(columns, fields=[*_similarity_type()])


def _similarity_type() -> pa.StructType:
    """Return the Arrow type of the similarity of a batch of pairs."""
    import pyarrow as pa

    share, number = pa.large_list(pa.float64()), pa.large_list(pa.int64())
    return pa.struct({"jaccard": share, "containment": share, "smaller": number})


def _to_similarities(column: pa.StructArray) -> Iterator[PairSimilarity]:
    """Convert an Arrow column of the similarities of batches of pairs."""
    for row in zip(*column.flatten(), strict=True):
        yield PairSimilarity(*(values.values.to_numpy() for values in row))


def _text_array(data: NDArray[np.uint8], offsets: Ints) -> pa.LargeBinaryArray:
    """Return texts as an Arrow array without copying them."""
    import pyarrow as pa

    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(offsets) - 1, buffers)


def _pair_row(data: NDArray[np.uint8], *numbers: Ints) -> dict[str, pa.Array]:
    """Return a row of `compare_pairs`: texts, their bounds, and the numbers of each pair."""
    import pyarrow as pa

    names = "offsets", "left", "right"
    list_type = pa.large_list(pa.int64())
    lists = {name: pa.array([values], list_type) for name, values in zip(names, numbers, strict=True)}
    return {"data": _text_array(data, np.array([0, len(data)])), **lists}
