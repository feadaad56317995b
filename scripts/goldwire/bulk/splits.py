"""Split of each article of a corpus in Parquet: by its cluster, append-only.

1. `scan_splits`: the splits that each cluster has already, in segments by cluster.
2. `resolve_clusters`: the clusters whose articles are in another split than the one that their name gives.
3. `replaced_splits`: the splits in parts that were replaced, in segments by id.
4. `carry_splits`: which articles of other parts these are, in segments by part.
5. `assign_part`: the split of each article of a part.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import polars as pl

from goldwire.bulk.parts import part_key, read_table
from goldwire.bulk.placement import CLUSTERS
from goldwire.bulk.postings import ID_PLACE, id_hashes, part_number
from goldwire.bulk.runner import Result, key_of
from goldwire.bulk.segments import SEGMENTS, Segments, columns, read_segments, write_segments
from goldwire.bulk.store import Store, open_store
from goldwire.records import HELD_OUT
from goldwire.splitting.assignment import SPLITS

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "ASSIGNED",
    "PLACED",
    "SPLIT_NAMES",
    "AssignTask",
    "CarryTask",
    "ReplacedTask",
    "ResolveTask",
    "ScanTask",
    "SplitRule",
    "assign_part",
    "carry_splits",
    "replaced_splits",
    "resolve_clusters",
    "scan_splits",
]

ASSIGNED = "assigned"
"""Folder of the corpus: a part per part of articles, with the columns `id`, `cluster` and `split`."""

SPLIT_NAMES = (*SPLITS, HELD_OUT)

PLACED = columns(cluster="<u8", split="<u1")
"""A cluster, and the number in `SPLIT_NAMES` of a split of one of its articles."""

_REPLACED = columns(id="<u8", split="<u1")
_CARRIED = columns(part="<u8", row="<u4", split="<u1")


class SplitRule(msgspec.Struct, frozen=True):
    """Shares of train, validation and test, of any sum, and the seed of the draw."""

    shares: tuple[float, float, float] = (0.8, 0.1, 0.1)
    seed: int = 0

    def split_of(self, name: str) -> str:
        """Return the split of a cluster, or of an article without one, by its name alone."""
        draw = int.from_bytes(hashlib.sha256(f"{self.seed} {name}".encode()).digest()[:8]) / 2**64
        bounds = np.cumsum(self.shares) / sum(self.shares)
        return SPLITS[min(int(np.searchsorted(bounds, draw, "right")), len(SPLITS) - 1)]


class ScanTask(msgspec.Struct, frozen=True):
    """The argument of `scan_splits`: a part of articles that has splits."""

    out: str
    part: str


class ResolveTask(msgspec.Struct, frozen=True):
    """The argument of `resolve_clusters`: segments of clusters, of the scans of all parts."""

    out: str
    key: str
    segments: Segments
    scans: tuple[str, ...]
    rule: SplitRule


class ReplacedTask(msgspec.Struct, frozen=True):
    """The argument of `replaced_splits`: the splits of a part that is gone."""

    out: str
    path: str


class CarryTask(msgspec.Struct, frozen=True):
    """The argument of `carry_splits`: segments of ids, the splits of replaced parts, and the ids of all others."""

    out: str
    key: str
    segments: Segments
    replaced: tuple[str, ...]
    ids: tuple[str, ...]


class AssignTask(msgspec.Struct, frozen=True):
    """The argument of `assign_part`: a part, the resolved clusters, and splits that articles had in replaced parts."""

    out: str
    part: str
    resolved: tuple[str, ...]
    carried: tuple[str, ...]
    rule: SplitRule


def scan_splits(task: ScanTask) -> Result:
    """Write which cluster has articles in which split, as clusters are now."""
    store = open_store(task.out)
    clusters = read_table(store, f"{CLUSTERS}/{part_key(task.part)}.parquet")
    known = _splits_by_id(store, f"{ASSIGNED}/{part_key(task.part)}.parquet")
    rows = [
        (int(cluster, 16), SPLIT_NAMES.index(split))
        for name, cluster in zip(clusters["id"].to_pylist(), clusters["cluster"].to_pylist(), strict=True)
        if cluster is not None and (split := known.get(name)) is not None
    ]
    frame = pl.DataFrame(sorted(set(rows)), schema={"cluster": pl.UInt64, "split": pl.UInt8}, orient="row")
    path = f"splits/scans/{key_of(task.part, frame.rows())}.bin"
    write_segments(store, path, frame, "cluster", PLACED)
    return Result((path,), {"clusters": len(frame)})


def resolve_clusters(task: ResolveTask) -> Result:
    """Write the split of each cluster that is in another one than its name gives: the name of a cluster may change.

    A cluster with articles in two splits has been joined by a new article, which is held out.
    """
    store = open_store(task.out)
    scans = read_segments(store, task.scans, task.segments, PLACED).unique()
    scans = scans.filter(pl.col("split") < len(SPLITS))
    found = scans.group_by("cluster").agg(pl.col("split").min(), n=pl.len()).sort("cluster")
    resolved = [
        (cluster, split if n == 1 else SPLIT_NAMES.index(HELD_OUT))
        for cluster, split, n in found.iter_rows()
        if n > 1 or SPLIT_NAMES[split] != task.rule.split_of(f"{cluster:016x}")
    ]
    frame = pl.DataFrame(resolved, schema={"cluster": pl.UInt64, "split": pl.UInt8}, orient="row")
    path = f"splits/resolved/{task.key}.bin"
    write_segments(store, path, frame, "cluster", PLACED)
    return Result((path,), {"clusters": len(frame)})


def replaced_splits(task: ReplacedTask) -> Result:
    """Write the splits of the articles of a part that is gone, in segments by id."""
    store = open_store(task.out)
    known = _splits_by_id(store, task.path)
    numbers = [SPLIT_NAMES.index(split) for split in known.values()]
    frame = pl.DataFrame({"id": id_hashes(list(known)), "split": np.array(numbers, np.uint8)})
    path = f"splits/replaced/{part_key(task.path)}.bin"
    write_segments(store, path, frame, "id", _REPLACED)
    return Result((path,), {"articles": len(frame)})


def carry_splits(task: CarryTask) -> Result:
    """Write which articles of other parts were in parts that are gone, and their splits, in segments by part."""
    store = open_store(task.out)
    replaced = read_segments(store, task.replaced, task.segments, _REPLACED).unique("id", keep="last")
    places = read_segments(store, task.ids, task.segments, ID_PLACE)
    carried = places.join(replaced, on="id", how="inner", maintain_order="left")
    path = f"splits/carried/{task.key}.bin"
    write_segments(store, path, carried, "part", _CARRIED)
    return Result((path,), {"articles": len(carried)})


def assign_part(task: AssignTask) -> Result:
    """Write the split of each article of a part. An article that has one keeps it."""
    store = open_store(task.out)
    path = f"{ASSIGNED}/{part_key(task.part)}.parquet"
    clusters = read_table(store, f"{CLUSTERS}/{part_key(task.part)}.parquet")
    exists = store.exists(path)
    known = _splits_by_id(store, path) if exists else {}
    carried = _carried_splits(store, task)
    resolved = dict(read_segments(store, task.resolved, (0, SEGMENTS), PLACED).iter_rows())
    splits: list[str | None] = []
    for row, (name, cluster, is_repeat) in enumerate(
        zip(*(clusters[key].to_pylist() for key in clusters.column_names), strict=True)
    ):
        number = None if cluster is None else resolved.get(int(cluster, 16))
        drawn = task.rule.split_of(cluster or name) if number is None else SPLIT_NAMES[number]
        splits.append(None if is_repeat else known.get(name, carried.get(row, drawn)))
    data = _assignment_file(clusters, splits)
    if not exists or store.read(path) != data:
        store.put(path, data)
    return Result((path,), {split: splits.count(split) for split in SPLIT_NAMES if split in splits})


def _splits_by_id(store: Store, path: str) -> dict[str, str]:
    """Return the split of each article of a part that has one."""
    table = read_table(store, path, ("id", "split"))
    rows = zip(table["id"].to_pylist(), table["split"].to_pylist(), strict=True)
    return {name: split for name, split in rows if split is not None}


def _carried_splits(store: Store, task: AssignTask) -> dict[int, str]:
    """Return the split of each row of a part whose article was in a part that is gone."""
    number = part_number(task.part)
    segment = number % SEGMENTS
    rows = read_segments(store, task.carried, (segment, segment + 1), _CARRIED).filter(pl.col("part") == number)
    return {row: SPLIT_NAMES[split] for row, split in rows.select("row", "split").iter_rows()}


def _assignment_file(clusters: pa.Table, splits: list[str | None]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = clusters.select(["id", "cluster"]).append_column("split", pa.array(splits, pa.string()))
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
