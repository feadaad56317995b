"""The steps of a split, and what other stages need of it."""

from __future__ import annotations

from goldwire.bulk.articles import ARTICLES
from goldwire.bulk.parts import part_files, part_key
from goldwire.bulk.placement import CLUSTERS
from goldwire.bulk.runner import Task, key_of, make_task, run_step, total
from goldwire.bulk.segments import segment_ranges
from goldwire.bulk.splits import (
    ASSIGNED,
    SPLIT_NAMES,
    AssignTask,
    CarryTask,
    ReplacedTask,
    ResolveTask,
    ScanTask,
    SplitRule,
    assign_part,
    carry_splits,
    replaced_splits,
    resolve_clusters,
    scan_splits,
)
from goldwire.bulk.store import Store
from goldwire.errors import MissingFileError
from goldwire.parallel.tasks import TaskPool
from goldwire.quantities import quantity

__all__ = ["assign_splits", "clustered_parts", "scan_parts"]


def assign_splits(store: Store, rule: SplitRule, pool: TaskPool) -> tuple[dict[str, int], int]:
    """Assign all articles, and return the number of articles in each split and of parts that were assigned now."""
    parts = clustered_parts(store)
    scans = scan_parts(store, parts, pool)
    tasks = [
        make_task("resolve", ResolveTask(store.url, "", segments, scans, rule))
        for segments in segment_ranges(-(-len(parts) // 256))
    ]
    finished, _ = run_step(store, "split/resolve", tasks, resolve_clusters, pool)
    resolved = tuple(entry.files[0] for entry in finished if total([entry], "clusters"))
    current = {part_key(part) for part in parts}
    replaced = [path for path in part_files(store, ASSIGNED) if part_key(path) not in current]
    carried = _carry(store, replaced, parts, pool)
    files = {file.path: file for folder in (CLUSTERS, ARTICLES) for file in store.files(f"{folder}/")}
    assignment = [
        Task(
            key_of(rule, part, files[f"{CLUSTERS}/{part_key(part)}.parquet"].version),
            AssignTask(store.url, part, resolved, carried, rule),
            size=files[part].size,
        )
        for part in parts
    ]
    finished, n_run = run_step(store, "split/assign", assignment, assign_part, pool)
    return {name: total(finished, name) for name in SPLIT_NAMES}, n_run


def _carry(store: Store, replaced: list[str], parts: list[str], pool: TaskPool) -> tuple[str, ...]:
    """Return the files that say which articles had a split in parts that are gone."""
    if not replaced:
        return ()
    tasks = [make_task("replaced", ReplacedTask(store.url, path)) for path in replaced]
    finished, _ = run_step(store, "split/replaced", tasks, replaced_splits, pool)
    files = tuple(entry.files[0] for entry in finished)
    ids = tuple(f"dedup/ids/{part_key(part)}.bin" for part in parts)
    carrying = [
        make_task("carry", CarryTask(store.url, "", segments, files, ids))
        for segments in segment_ranges(-(-len(parts) // 256))
    ]
    finished, _ = run_step(store, "split/carry", carrying, carry_splits, pool)
    return tuple(entry.files[0] for entry in finished if total([entry], "articles"))


def clustered_parts(store: Store) -> list[str]:
    """Return the parts of articles. Raises MissingFileError if there are none, or some without clusters."""
    parts = part_files(store, ARTICLES)
    if not parts:
        raise MissingFileError("no articles", location=store.url, hint="run `goldwire ingest` first")
    clustered = set(map(part_key, part_files(store, CLUSTERS)))
    missing = sum(part_key(part) not in clustered for part in parts)
    if missing:
        hint = f"run `goldwire dedup --corpus {store.url}` first"
        raise MissingFileError(
            f"{missing} of {quantity(len(parts), 'part')} have no clusters", location=store.url, hint=hint
        )
    return parts


def scan_parts(store: Store, parts: list[str], pool: TaskPool) -> tuple[str, ...]:
    """Return the files that say which cluster has articles in which split."""
    files = {file.path: file for folder in (CLUSTERS, ASSIGNED, ARTICLES) for file in store.files(f"{folder}/")}
    tasks = []
    for part in parts:
        names = [f"{folder}/{part_key(part)}.parquet" for folder in (CLUSTERS, ASSIGNED)]
        if names[1] in files:
            key = key_of(part, [files[name].version for name in names])
            tasks.append(Task(key, ScanTask(store.url, part), size=files[part].size))
    finished, _ = run_step(store, "split/scan", tasks, scan_splits, pool)
    return tuple(name for entry in finished for name in entry.files)
