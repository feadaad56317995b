"""Near-duplicates of a corpus in Parquet, in steps of small tasks; a run with new parts compares these with all.

A run is recorded when it is complete. The next one sketches the new parts, pairs them with each other and with the
texts of earlier runs, compares the pairs, and clusters the components that have a new near-duplicate pair again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from goldwire.bulk.articles import ARTICLES
from goldwire.bulk.clusters import (
    ClusterTask,
    JoinTask,
    MemberTask,
    cluster_components,
    join_components,
    select_members,
)
from goldwire.bulk.comparison import (
    CompareTask,
    GatherTask,
    LocateTask,
    compare_pairs,
    gather_texts,
    locate_texts,
)
from goldwire.bulk.components import MAX_PAIRS, components
from goldwire.bulk.parts import part_files, part_key
from goldwire.bulk.placement import CLUSTERS, PlaceTask, WriteTask, place_labels, write_clusters
from goldwire.bulk.postings import (
    NeighbourTask,
    SelectionTask,
    SketchTask,
    pair_neighbours,
    part_number,
    select_candidates,
    sketch_part,
)
from goldwire.bulk.runner import Result, make_task, run_step, total
from goldwire.bulk.segments import SEGMENTS, Segments, segment_ranges
from goldwire.bulk.store import Store
from goldwire.dedup.jaccard import Thresholds
from goldwire.errors import DECODE_ERRORS, MissingFileError
from goldwire.parallel.tasks import TaskPool

__all__ = ["Deduplication", "deduplicate"]

_STATE = "dedup/state.json"
_LAYOUT = 2  # of the files of rows: those of another layout are not read
_ARTICLES_PER_TASK = 65_536  # whose grams are divided among the tasks: 2 million grams per task, in 0.4 GB
_PAIRS_PER_TASK = 2_000_000  # that share grams, 0.3 GB
_TEXTS_PER_TASK = 20_000  # in memory together, or as many pairs of them: 0.1 GB
_PLACES_PER_TASK = 524_288  # articles whose clusters are looked up, 0.2 GB
_PARTS_PER_TASK = 64  # whose clusters are written, in 4 ms each: to start a process for them takes 2 s
_MAX_RUNS = 16  # then all are paired from the beginning, with the sketches that are there


class _Run(msgspec.Struct, frozen=True):
    """A complete run: the parts that were new, and its files of grams, near-duplicate pairs and labels."""

    parts: tuple[str, ...]
    n_articles: int
    grams: tuple[str, ...]
    pairs: tuple[str, ...]
    n_pairs: int
    labels: tuple[str, ...]


class _State(msgspec.Struct, frozen=True):
    """The runs so far, their result, and a digest of the clusters that are written of each part."""

    thresholds: tuple[float, float]
    runs: tuple[_Run, ...]
    counts: dict[str, int]
    layout: int = 0
    written: dict[str, int] = {}


class Deduplication(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a run: numbers of articles, clusters, articles in clusters and repeated ids, and of new parts."""

    articles: int
    clusters: int
    clustered: int
    repeats: int
    new_parts: int


def deduplicate(store: Store, thresholds: Thresholds, pool: TaskPool, *, max_pairs: int = MAX_PAIRS) -> Deduplication:
    """Find the near-duplicates in a corpus and write the cluster of each article.

    Parameters
    ----------
    store : Store
        The corpus.
    thresholds : Thresholds
        From which similarity two texts are near-duplicates.
    pool : TaskPool
        Runs the tasks.
    max_pairs : int
        Number of near-duplicate pairs up to which one task finds their components.
    """
    sizes = {file.path: file.size for file in store.files(f"{ARTICLES}/") if file.path.endswith(".parquet")}
    parts = list(sizes)
    if not parts:
        raise MissingFileError("no articles", location=f"{store.url}/{ARTICLES}", hint="run `goldwire ingest` first")
    state = _read_state(store, thresholds, parts)
    known = {part for run in state.runs for part in run.parts}
    new = tuple(part for part in parts if part not in known)
    if not new and {part_key(name) for name in part_files(store, CLUSTERS)} >= set(map(part_key, parts)):
        return Deduplication(new_parts=0, **state.counts)
    steps = _Steps(store, pool, sum(sizes[part] for part in new) if new else None)
    if new:
        run = _new_run(steps, state, new, thresholds, max_pairs)
        state = msgspec.structs.replace(state, runs=(*state.runs, run))
    counts, written = _write_clusters(steps, state, parts)
    state = msgspec.structs.replace(state, counts=counts, written=written)
    store.put(_STATE, msgspec.json.encode(state, order="deterministic"))
    current = set(map(part_key, parts))
    store.delete([name for name in part_files(store, CLUSTERS) if part_key(name) not in current])
    store.delete([file.path for file in store.files("dedup/temporary/")])
    return Deduplication(new_parts=len(new), **state.counts)


def _read_state(store: Store, thresholds: Thresholds, parts: Sequence[str]) -> _State:
    """Return the complete runs; none if the thresholds differ, a part or a file is gone, or there are too many runs."""
    wanted = thresholds.jaccard, thresholds.containment
    nothing = _State(wanted, (), {}, _LAYOUT)
    try:
        state = msgspec.json.decode(store.read(_STATE), type=_State)
    except (MissingFileError, *DECODE_ERRORS):
        return nothing
    known = {part for run in state.runs for part in run.parts}
    needed = {name for run in state.runs for name in (*run.grams, *run.pairs, *run.labels)}
    needed.update(_part_files("digests", [*known]), _part_files("ids", [*known]))
    has_files = needed.issubset(file.path for file in store.files("dedup/"))
    has_all = has_files and known.issubset(parts) and (len(state.runs) < _MAX_RUNS or known.issuperset(parts))
    return state if (state.thresholds, state.layout) == (wanted, _LAYOUT) and has_all else nothing


class _Steps:
    """Runs the steps of a deduplication: the same tasks have the same keys, in whatever run.

    `size` is the number of bytes of the new parts, on which the time of each step depends.
    """

    def __init__(self, store: Store, pool: TaskPool, size: int | None) -> None:
        self.store = store
        self._pool = pool
        self._size = size
        self.counts: dict[str, dict[str, int]] = {}

    def run(
        self, step: str, function: Callable[[Any], Result], arguments: Sequence[Any], *, repeat: bool = False
    ) -> list[tuple[str, ...]]:
        """Run a step, and return the files of each kind that its tasks wrote.

        A step whose files do not have the digest of their content in their names is always to be repeated.
        """
        size = None if self._size is None else self._size // max(len(arguments), 1)
        tasks = [make_task(f"{step} {_LAYOUT}", argument, size) for argument in arguments]
        finished, _ = run_step(self.store, f"dedup/{step}", tasks, function, self._pool, repeat=repeat)
        names = {name for entry in finished for name in entry.counts}
        self.counts[step] = {name: total(finished, name) for name in names}
        return [*zip(*(entry.files for entry in finished), strict=True)]

    def components(
        self, new: tuple[str, ...], earlier: tuple[str, ...], n_pairs: int, max_pairs: int
    ) -> tuple[tuple[str, ...], int]:
        """Return the files with the component of each text in pairs, and the number of these texts."""
        return components(self.store, new, earlier, n_pairs, self._pool, max_pairs=max_pairs)


def _new_run(steps: _Steps, state: _State, new: tuple[str, ...], thresholds: Thresholds, max_pairs: int) -> _Run:
    """Pair the texts of new parts with each other and with earlier ones, and cluster those of near-duplicate pairs."""
    out = steps.store.url
    # 1. Sketch the new parts.
    sketched, *_ = steps.run("sketch", sketch_part, [SketchTask(out, part) for part in new])
    # 2. Pair texts that share grams.
    n_new = steps.counts["sketch"]["articles"]
    n_articles = sum(run.n_articles for run in state.runs) + n_new
    ranges = segment_ranges(-(-n_articles // _ARTICLES_PER_TASK))
    earlier = tuple(name for run in state.runs for name in run.grams)
    pairing = [NeighbourTask(out, "", within, sketched, earlier, thresholds) for within in ranges]
    pairs, grams = steps.run("neighbours", pair_neighbours, pairing)
    # 3. Keep the pairs that share enough.
    ranges = segment_ranges(-(-steps.counts["neighbours"]["pairs"] // _PAIRS_PER_TASK))
    selection = [SelectionTask(out, "", within, pairs) for within in ranges]
    candidates, wanted = steps.run("candidates", select_candidates, selection)
    # 4. Compare them, and cluster the near-duplicates.
    parts = (*(part for run in state.runs for part in run.parts), *new)
    similar = _compare(steps, parts, (candidates, wanted), thresholds)
    labels = _cluster(steps, state, parts, similar, thresholds, max_pairs)
    return _Run(new, n_new, grams, similar, steps.counts["pairs"]["pairs"], labels)


def _compare(
    steps: _Steps, parts: Sequence[str], selected: tuple[tuple[str, ...], tuple[str, ...]], thresholds: Thresholds
) -> tuple[str, ...]:
    """Compare candidate pairs exactly, and return the files of the near-duplicates among them."""
    out = steps.store.url
    candidates, wanted = selected
    ranges = list(segment_ranges(-(-steps.counts["candidates"]["candidates"] // _TEXTS_PER_TASK)))
    digests, width = _part_files("digests", parts), SEGMENTS // len(ranges)
    locating = [LocateTask(out, "", within, wanted, digests, width) for within in ranges]
    (located,) = steps.run("candidate places", locate_texts, locating)
    texts = _gather(steps, "candidate texts", parts, located)
    comparing = [CompareTask(out, "", within, candidates, texts, thresholds) for within in ranges]
    (similar,) = steps.run("pairs", compare_pairs, comparing)
    return similar


def _gather(steps: _Steps, step: str, parts: Sequence[str], members: tuple[str, ...]) -> tuple[str, ...]:
    """Return the files of the texts whose places are given."""
    within = _parts_by_segment(parts, len(members))
    gathering = [GatherTask(steps.store.url, "", segments, members, chosen) for segments, chosen in within]
    (texts,) = steps.run(step, gather_texts, gathering)
    return texts


def _cluster(
    steps: _Steps, state: _State, parts: Sequence[str], similar: tuple[str, ...], thresholds: Thresholds, max_pairs: int
) -> tuple[str, ...]:
    """Cluster the components that have a new near-duplicate pair, and return the files of labels."""
    out = steps.store.url
    earlier = tuple(name for run in state.runs for name in run.pairs)
    n_pairs = steps.counts["pairs"]["pairs"] + sum(run.n_pairs for run in state.runs)
    labelled, n_texts = steps.components(similar, earlier, n_pairs, max_pairs)
    ranges = list(segment_ranges(-(-n_texts // _TEXTS_PER_TASK)))
    digests = _part_files("digests", parts)
    joining = [JoinTask(out, "", within, similar, earlier, labelled, digests) for within in ranges]
    edges, places = steps.run("join", join_components, joining)
    selection = [MemberTask(out, "", within, edges, places) for within in ranges]
    touched, members, complete = steps.run("members", select_members, selection)
    texts = _gather(steps, "texts", parts, members)
    clustering = [ClusterTask(out, "", within, touched, texts, thresholds) for within in ranges]
    (labels,) = steps.run("clusters", cluster_components, clustering)
    return *complete, *labels


def _part_files(kind: str, parts: Sequence[str]) -> tuple[str, ...]:
    """Return the files of a kind that the sketches of parts consist of."""
    return tuple(f"dedup/{kind}/{part_key(part)}.bin" for part in parts)


def _parts_by_segment(parts: Sequence[str], n_tasks: int) -> list[tuple[Segments, tuple[str, ...]]]:
    """Return segments of parts, each with the parts that are in it."""
    return [
        ((first, last), tuple(part for part in parts if first <= part_number(part) % SEGMENTS < last))
        for first, last in segment_ranges(min(len(parts), n_tasks))
    ]


def _write_clusters(steps: _Steps, state: _State, parts: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Write the cluster of each article, and return the counts, and the digest of what is written of each part."""
    out = steps.store.url
    ordered = [part for run in state.runs for part in run.parts]
    digests, ids = _part_files("digests", ordered), _part_files("ids", ordered)
    labels = tuple(name for run in state.runs for name in run.labels)
    n_articles = sum(run.n_articles for run in state.runs)
    ranges = list(segment_ranges(-(-n_articles // _PLACES_PER_TASK)))
    (placed,) = steps.run("places", place_labels, [PlaceTask(out, "", part, digests, ids, labels) for part in ranges])
    counts = steps.counts["places"]
    by_segment = _parts_by_segment(parts, -(-len(parts) // _PARTS_PER_TASK))
    writing = []
    for within, chosen in by_segment:
        known = {key: state.written[key] for key in map(part_key, chosen) if key in state.written}
        writing.append(WriteTask(out, within, placed, chosen, known))
    steps.run("write", write_clusters, writing, repeat=True)
    return {"articles": n_articles, **counts}, steps.counts["write"]
