"""From clusters of texts to the cluster of each article, in a part beside each part of articles.

1. `place_labels`: the cluster of each place, and which places repeat an id, in segments by part.
2. `write_clusters`: a part per part of articles, with the same rows.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import polars as pl

from goldwire.bulk.clusters import LABEL
from goldwire.bulk.parts import part_key, read_table
from goldwire.bulk.postings import DIGEST_PLACE, ID_PLACE, part_number
from goldwire.bulk.runner import Result
from goldwire.bulk.segments import Segments, columns, read_segments, write_segments
from goldwire.bulk.store import open_store

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CLUSTERS", "PlaceTask", "WriteTask", "place_labels", "write_clusters"]

CLUSTERS = "clusters"
"""Folder of the corpus: a part per part of articles, with the columns `id`, `cluster` and `is_repeat`."""

_PLACED = columns(part="<u8", row="<u4", label="<u8", is_repeat="<u1")


class PlaceTask(msgspec.Struct, frozen=True):
    """The argument of `place_labels`: segments of digests and ids, and the files of all runs, earliest first."""

    out: str
    key: str
    segments: Segments
    digests: tuple[str, ...]
    ids: tuple[str, ...]
    labels: tuple[str, ...]


class WriteTask(msgspec.Struct, frozen=True):
    """The argument of `write_clusters`: segments of parts, the parts in them, and what is written of which already.

    `written` has the digest of what `placed` had of a part when its clusters were written, by the name of the part.
    """

    out: str
    segments: Segments
    placed: tuple[str, ...]
    parts: tuple[str, ...]
    written: dict[str, int]


def place_labels(task: PlaceTask) -> Result:
    """Write the cluster of each article that is not alone, and which articles repeat an id.

    Of articles with one id, the first is the one in the earliest run, then in the first part and row.
    """
    store = open_store(task.out)
    labels = read_segments(store, task.labels, task.segments, LABEL).unique("digest", keep="last")
    places = read_segments(store, task.digests, task.segments, DIGEST_PLACE).join(labels, on="digest", how="left")
    is_alone = (pl.col("size").fill_null(1) == 1) & (pl.len().over("digest") == 1)
    clustered = places.filter(~is_alone).with_columns(pl.coalesce("label", "digest"))
    ids = read_segments(store, task.ids, task.segments, ID_PLACE)
    repeats = ids.filter(~pl.col("id").is_first_distinct())
    placed = pl.concat([
        clustered.select("part", "row", "label", is_repeat=pl.lit(0, pl.UInt8)),
        repeats.select("part", "row", label=pl.lit(0, pl.UInt64), is_repeat=pl.lit(1, pl.UInt8)),
    ])  # fmt: skip
    name = f"dedup/temporary/placed/{task.key}.bin"
    write_segments(store, name, placed, "part", _PLACED)
    n_clusters = clustered.filter(pl.col("digest") == pl.col("label"))["digest"].n_unique()
    return Result((name,), {"clusters": n_clusters, "clustered": len(clustered), "repeats": len(repeats)})


def write_clusters(task: WriteTask) -> Result:
    """Write the clusters of some parts of articles, if they are not written already; the counts are their digests."""
    store = open_store(task.out)
    placed = read_segments(store, task.placed, task.segments, _PLACED)
    by_part = {int(part): rows for (part,), rows in placed.group_by("part")}
    digests: dict[str, int] = {}
    for path in task.parts:
        rows = by_part.get(part_number(path), placed.head(0)).sort("row", "is_repeat")
        key = part_key(path)
        content = b"".join(rows[name].to_numpy().tobytes() for name in ("row", "label", "is_repeat"))
        digests[key] = int.from_bytes(hashlib.sha256(content).digest()[:6])
        name = f"{CLUSTERS}/{key}.parquet"
        if task.written.get(key) == digests[key] and store.exists(name):
            continue
        data = _cluster_part(read_table(store, path, ("id",)), rows)
        if not store.exists(name) or store.read(name) != data:
            store.put(name, data)
    return Result((), digests)


def _cluster_part(ids: pa.Table, placed: pl.DataFrame) -> bytes:
    """Return the rows of a part of articles: `id`, `cluster` in hexadecimal or null, and `is_repeat`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    clusters = np.full(len(ids), None, object)
    is_repeat = np.zeros(len(ids), np.bool_)
    for row, label, repeats in placed.select("row", "label", "is_repeat").iter_rows():
        if repeats:
            is_repeat[row] = True
        else:
            clusters[row] = f"{label:016x}"
    table = ids.append_column("cluster", pa.array(clusters, pa.string())).append_column(
        "is_repeat", pa.array(is_repeat)
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
