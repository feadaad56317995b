"""Connected components of near-duplicates, in one task or, above a stated number of pairs, in rounds of small tasks.

The rounds are the algorithm of large and small stars [1]_: each task sees the neighbours of some texts only.

References
----------
.. [1] R. Kiveris et al. Connected Components in MapReduce and Beyond. SoCC 2014.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import polars as pl

from goldwire.bulk.comparison import SIMILAR
from goldwire.bulk.runner import Finished, Result, Task, key_of, run_step, total
from goldwire.bulk.segments import SEGMENTS, Segments, columns, read_segments, segment_ranges, write_segments
from goldwire.bulk.store import Store, open_store
from goldwire.dedup.clustering import connected_components
from goldwire.errors import GoldwireError
from goldwire.parallel.tasks import TaskPool
from goldwire.quantities import quantity

__all__ = ["COMPONENT", "MAX_PAIRS", "components"]

MAX_PAIRS = 20_000_000
"""Pairs whose components one task finds, in 3 GB of memory: 7.9 million took 1.2 GB."""

COMPONENT = columns(digest="<u8", component="<u8")
"""A text, and the smallest digest of the texts that pairs connect it with."""

_EDGE = columns(node="<u8", neighbour="<u8")
_PAIRS_PER_TASK = 1_000_000
_MAX_ROUNDS = 60  # the algorithm takes O(log^2 n) rounds, in practice fewer than 10
_MIX = np.uint64(0x9E3779B97F4A7C15)


class ComponentTask(msgspec.Struct, frozen=True):
    """The argument of the tasks: files, and the segments of them to read."""

    out: str
    key: str
    files: tuple[str, ...]
    segments: Segments
    earlier: tuple[str, ...] = ()


def components(
    store: Store,
    new: tuple[str, ...],
    earlier: tuple[str, ...],
    n_pairs: int,
    pool: TaskPool,
    *,
    max_pairs: int = MAX_PAIRS,
) -> tuple[tuple[str, ...], int]:
    """Find the connected components of pairs: those with a new pair, or above `max_pairs` all.

    Parameters
    ----------
    store : Store
        The corpus.
    new, earlier : tuple of str
        Files of `SIMILAR` rows, of this run and of those before it.
    n_pairs : int
        Number of rows in them.
    pool : TaskPool
        Runs the tasks.
    max_pairs : int
        Number of pairs up to which one task finds the components.

    Returns
    -------
    tuple of str
        Files of `COMPONENT` rows, in segments by digest.
    int
        Number of rows in them.
    """
    if n_pairs <= max_pairs:
        labels = _run(store, "components", find_components, new, [(0, SEGMENTS)], pool, earlier)
        return _files(labels), total(labels, "rows")
    ranges = list(segment_ranges(max(n_pairs // _PAIRS_PER_TASK, 2)))
    edges = _files(_run(store, "component edges", to_edges, (*new, *earlier), ranges, pool))
    before = None
    for _ in range(_MAX_ROUNDS):
        large = _run(store, "large stars", large_stars, edges, ranges, pool)
        state = [entry.counts for entry in large]
        if state == before:
            labels = _run(store, "component labels", label_texts, edges, ranges, pool)
            return _files(labels), total(labels, "rows")
        before = state
        edges = _files(_run(store, "small stars", small_stars, _files(large), ranges, pool))
    raise GoldwireError(f"the components of {quantity(n_pairs, 'pair')} are not found after {_MAX_ROUNDS} rounds")


def _run(
    store: Store,
    step: str,
    function: Callable[[ComponentTask], Result],
    files: tuple[str, ...],
    ranges: Sequence[Segments],
    pool: TaskPool,
    earlier: tuple[str, ...] = (),
) -> list[Finished]:
    keys = [key_of(step, files, segments, earlier) for segments in ranges]
    tasks = [
        Task(key, ComponentTask(store.url, key, files, segments, earlier))
        for key, segments in zip(keys, ranges, strict=True)
    ]
    return run_step(store, "components", tasks, function, pool)[0]


def _files(entries: list[Finished]) -> tuple[str, ...]:
    return tuple(name for entry in entries for name in entry.files)


def find_components(task: ComponentTask) -> Result:
    """Find the components of all pairs, and write those with a new pair."""
    store = open_store(task.out)
    new, earlier = (
        read_segments(store, files, task.segments, SIMILAR).select("left", "right")
        for files in (task.files, task.earlier)
    )
    pairs = pl.concat([new, earlier])
    ends = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    digests, numbers = np.unique(np.concatenate(ends), return_inverse=True)
    labels = connected_components(numbers[: len(pairs)], numbers[len(pairs) :], len(digests))
    _, first = np.unique(labels, return_index=True)
    is_touched = np.zeros(len(first), np.bool_)
    is_touched[labels[numbers[: len(new)]]] = True
    found = pl.DataFrame({"digest": digests, "component": digests[first][labels]})
    return _write(store, task, "labels", found.filter(pl.Series(is_touched[labels])))


def to_edges(task: ComponentTask) -> Result:
    """Write each pair as two edges, one in the segment of each text."""
    store = open_store(task.out)
    pairs = read_segments(store, task.files, task.segments, SIMILAR)
    return _write(store, task, "edges", _both_ways(pairs.select(node="right", neighbour="left")))


def large_stars(task: ComponentTask) -> Result:
    """Connect the larger neighbours of each text with the smallest text of its star.

    The counts describe the edges that were read: they do not change when every component is one star.
    """
    store = open_store(task.out)
    edges = read_segments(store, task.files, task.segments, _EDGE).unique()
    down = edges.filter(pl.col("neighbour") < pl.col("node"))
    mixed = (down["node"].to_numpy() * _MIX) ^ down["neighbour"].to_numpy()
    least = pl.min_horizontal("node", pl.col("neighbour").min().over("node"))
    moved = edges.with_columns(least=least).filter(pl.col("neighbour") > pl.col("node"))
    found = moved.select(node="neighbour", neighbour="least").unique().sort("node", "neighbour")
    result = _write(store, task, "edges", found)
    digest = hashlib.sha256(np.sort(mixed).tobytes()).digest()
    return Result(result.files, {"edges": len(down), "digest": int.from_bytes(digest[:6])})


def small_stars(task: ComponentTask) -> Result:
    """Connect each text and its smaller neighbours with the smallest of these."""
    store = open_store(task.out)
    edges = read_segments(store, task.files, task.segments, _EDGE).unique()
    edges = edges.with_columns(least=pl.col("neighbour").min().over("node"))
    found = pl.concat([
        edges.select(node="neighbour", neighbour="least"), edges.select("node", neighbour="least")
    ]).filter(pl.col("node") != pl.col("neighbour"))  # fmt: skip
    return _write(store, task, "edges", _both_ways(found))


def label_texts(task: ComponentTask) -> Result:
    """Write the component of each text, once every component is one star."""
    store = open_store(task.out)
    edges = read_segments(store, task.files, task.segments, _EDGE)
    labels = edges.group_by("node").agg(pl.col("neighbour").min())
    labels = labels.select(digest="node", component=pl.min_horizontal("node", "neighbour")).sort("digest")
    return _write(store, task, "labels", labels)


def _both_ways(edges: pl.DataFrame) -> pl.DataFrame:
    swapped = edges.select(node="neighbour", neighbour="node")
    return pl.concat([edges, swapped]).unique().sort("node", "neighbour")


def _write(store: Store, task: ComponentTask, kind: str, frame: pl.DataFrame) -> Result:
    name = f"dedup/temporary/components/{kind}-{task.key}.bin"
    by, dtype = ("node", _EDGE) if kind == "edges" else ("digest", COMPONENT)
    write_segments(store, name, frame, by, dtype)
    return Result((name,), {"rows": len(frame)})
