"""Who sketches and compares texts: this machine's threads, Daft on this machine, or Daft on a Ray cluster.

All run the same pure functions of `sketches` and `likeness`, and what they find is the same. Threads are the default:
on one machine Daft takes twice the time for the same work, moving the texts between its own columns and Python's.
"""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from goldwire.dedup.jaccard import Likeness, likeness
from goldwire.dedup.near_duplicates import Threads, Work, compare_batch
from goldwire.dedup.sketches import Sketches, joined, sketch
from goldwire.errors import ConfigError, ServerError
from goldwire.text.batches import TextStore, batch_ranges

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ENGINES", "compare_pairs", "engine", "sketch_texts"]

Ints = NDArray[np.int64]

ENGINES = ("local", "daft", "ray")

_WAVE = 1 << 28  # bytes of text that are on their way at once
_PART = 1 << 24  # bytes that one worker is given at a time
_PAIRS = 64  # batches of pairs that are on their way at once
_PATIENCE = 10  # seconds
_STILL: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
_QUIET = {"DAFT_ANALYTICS_ENABLED": "0", "DO_NOT_TRACK": "1", "RAY_USAGE_STATS_ENABLED": "0", "DAFT_PROGRESS_BAR": "0"}


def engine(name: str, address: str | None = None) -> Work:
    """Give the engine of that name; `address` is the Ray cluster's, without one is started on this machine.

    Raises GoldwireError where there is no such engine or cluster, ModuleNotFoundError without the extra `scale`.
    """
    if name not in ENGINES:
        raise ConfigError(f"no engine {name!r}", hint=f"there are {', '.join(ENGINES)}")
    if address is not None and name != "ray":
        raise ConfigError(f"engine {name} has no address", hint="add --engine ray")
    if name == "local":
        return Threads()
    for key, value in _QUIET.items():  # both report their use to their makers unless told not to
        os.environ.setdefault(key, value)
    import daft

    if name == "daft":
        daft.set_runner_native()
    else:
        _join(address)
        daft.set_runner_ray(noop_if_initialized=True)
    return Frames()


def _join(address: str | None) -> None:
    if address is not None:
        _reach(address)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a release that the extra's bounds keep away
        import ray
    try:
        if not ray.is_initialized():
            ray.init(address=address or "local", include_dashboard=None if address else False, **_STILL)
    except Exception as error:
        # Ray raises `Exception` itself where a node does not start in 30 s, RuntimeError where versions differ.
        if type(error) not in (Exception, RuntimeError, ConnectionError):
            raise
        said = " ".join(str(error).split()) or type(error).__name__
        raise ServerError(f"Ray said: {said}", location=address, hint="see `ray status`, then try again") from None


def _reach(address: str) -> None:
    """Find out in seconds what Ray takes minutes to say, and then ends the process over."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()
    except (OSError, ValueError, OverflowError) as error:
        hint = "give HOST:PORT as `ray start --head` says it, or leave out --ray-address"
        raise ServerError(f"no Ray cluster there ({error})", location=address, hint=hint) from None


class Frames:
    """Work done on Daft's data frames, in waves that fit in memory, by whichever runner Daft was given."""

    def sketches(self, bodies: TextStore, batches: Iterator[tuple[int, int]]) -> Iterator[Sketches]:
        """Sketch ranges of texts."""
        del batches  # of a size for one core's cache: Daft is given larger ones, which `sketch_texts` parts again
        lengths = bodies.lengths()
        for first, last in batch_ranges(lengths, _WAVE):
            parts = [bodies.slice(first + a, first + b) for a, b in batch_ranges(lengths[first:last], _PART)]
            columns = _run([{"texts": _arrow(*part)} for part in parts], _sketched, _sketch_type())
            yield joined([_to_sketches(column) for column in columns])

    def likenesses(self, bodies: TextStore, batches: Iterator[tuple[Ints, Ints]]) -> Iterator[Likeness]:
        """Compare pairs of texts."""
        while wave := list(islice(batches, _PAIRS)):
            rows = [_row(*compare_batch(bodies, *batch)) for batch in wave]
            for column in _run(rows, _compared, _likeness_type()):
                yield from _to_likenesses(column)


def _run(parts: list[dict[str, pa.Array]], work: Callable[..., pa.Array], kind: pa.DataType) -> list[pa.StructArray]:
    """Have `work` done on each part's columns, and give what it makes of all rows, in their order."""
    import daft
    import pyarrow as pa

    rows, tables = 0, []
    for part in parts:
        count = len(next(iter(part.values())))
        tables.append(pa.table({"at": np.arange(rows, rows + count), **part}))
        rows += count
    make = daft.func.batch(return_dtype=daft.DataType.from_arrow_type(kind))(work)
    frame = daft.from_arrow(tables)
    made = make(*(frame[name] for name in parts[0])).alias("made")
    table = frame.select(frame["at"], made).to_arrow()
    at = table["at"].to_numpy()
    if (np.diff(at) < 0).any():  # an engine owes nobody an order
        table = table.take(np.argsort(at))
    column: list[pa.StructArray] = table["made"].chunks
    return column


def _sketched(texts: Any) -> pa.Array:
    return sketch_texts(texts.to_arrow())


def sketch_texts(texts: pa.LargeBinaryArray) -> pa.StructArray:
    """Sketch texts in UTF-8: `digest`, `size` and `kept` of each."""
    import pyarrow as pa

    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    whole = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    made = joined([
        sketch(whole[bounds[first] : bounds[last]], bounds[first : last + 1] - bounds[first])
        for first, last in batch_ranges(np.diff(bounds))
    ])  # fmt: skip
    kept = pa.LargeListArray.from_arrays(np.concatenate(([0], np.cumsum(made.counts))), pa.array(made.kept))
    return pa.StructArray.from_arrays([pa.array(made.digests), pa.array(made.sizes), kept], fields=[*_sketch_type()])


def _sketch_type() -> pa.StructType:
    import pyarrow as pa

    return pa.struct({"digest": pa.uint64(), "size": pa.int64(), "kept": pa.large_list(pa.uint64())})


def _to_sketches(column: pa.StructArray) -> Sketches:
    digests, sizes, kept = column.flatten()
    counts = np.diff(kept.offsets.to_numpy().astype(np.int64))
    return Sketches(digests.to_numpy(), sizes.to_numpy(), counts, kept.flatten().to_numpy())


def _compared(data: Any, offsets: Any, left: Any, right: Any) -> pa.Array:
    return compare_pairs(data.to_arrow(), offsets.to_arrow(), left.to_arrow(), right.to_arrow())


def compare_pairs(data: pa.Array, offsets: pa.Array, left: pa.Array, right: pa.Array) -> pa.StructArray:
    """Compare pairs of texts. A row has texts in UTF-8, the offsets that part them, and the pairs of their numbers."""
    import pyarrow as pa

    rows = []
    for texts, *numbers in zip(data, offsets, left, right, strict=True):
        bounds, one, other = (number.values.to_numpy() for number in numbers)
        rows.append(likeness(np.frombuffer(texts.as_buffer(), np.uint8), bounds, one, other))
    lists = [[getattr(row, name) for row in rows] for name in Likeness.__struct_fields__]
    kinds = [field.type for field in _likeness_type()]
    columns = [pa.array(values, kind) for values, kind in zip(lists, kinds, strict=True)]
    return pa.StructArray.from_arrays(columns, fields=[*_likeness_type()])


def _likeness_type() -> pa.StructType:
    import pyarrow as pa

    share, number = pa.large_list(pa.float64()), pa.large_list(pa.int64())
    return pa.struct({"jaccard": share, "containment": share, "smaller": number})


def _to_likenesses(column: pa.StructArray) -> Iterator[Likeness]:
    for row in zip(*column.flatten(), strict=True):
        yield Likeness(*(values.values.to_numpy() for values in row))


def _arrow(data: NDArray[np.uint8], offsets: Ints) -> pa.LargeBinaryArray:
    import pyarrow as pa

    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(offsets) - 1, buffers)


def _row(data: NDArray[np.uint8], *numbers: Ints) -> dict[str, pa.Array]:
    import pyarrow as pa

    names = "offsets", "left", "right"
    kind = pa.large_list(pa.int64())
    lists = {name: pa.array([values], kind) for name, values in zip(names, numbers, strict=True)}
    return {"data": _arrow(data, np.array([0, len(data)])), **lists}
