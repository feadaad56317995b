"""Clusters of near-duplicates: each component of near-duplicate pairs is clustered in one task.

1. `join_components`: the component of each pair and the places of their texts, in segments by component.
2. `select_members`: the clusters of components in which all texts are near-duplicates of each other, and of the others
   the places of the texts, in segments by part.
3. `gather_texts` of `comparison`: these texts, in row groups by component.
4. `cluster_components`: their clusters, by the rules of `goldwire.dedup.clustering`.

Components without a new pair have their clusters from an earlier run.
"""

from __future__ import annotations

import msgspec
import numpy as np
import polars as pl

from goldwire.bulk.comparison import MEMBER, SIMILAR, first_places, read_texts
from goldwire.bulk.components import COMPONENT
from goldwire.bulk.runner import Result
from goldwire.bulk.segments import Segments, columns, read_segments, write_segments
from goldwire.bulk.store import open_store
from goldwire.dedup.clustering import ScoredPairs
from goldwire.dedup.engines import ThreadExecutor
from goldwire.dedup.jaccard import PairSimilarity, Thresholds
from goldwire.dedup.near_duplicates import cluster_pairs

__all__ = ["LABEL", "ClusterTask", "JoinTask", "MemberTask", "cluster_components", "join_components", "select_members"]

LABEL = columns(digest="<u8", label="<u8", size="<u4")
"""A text, the smallest digest of its cluster, and the number of texts in it, copies of a text counted once."""

_EDGE = np.dtype([*SIMILAR.descr, ("component", "<u8"), ("is_new", "<u1")])


class JoinTask(msgspec.Struct, frozen=True):
    """The argument of `join_components`: segments of texts, new and earlier pairs, components and places of texts.

    `digests` has the files of places, those of the earliest run first.
    """

    out: str
    key: str
    segments: Segments
    new: tuple[str, ...]
    earlier: tuple[str, ...]
    components: tuple[str, ...]
    digests: tuple[str, ...]


class MemberTask(msgspec.Struct, frozen=True):
    """The argument of `select_members`: segments of components, their pairs and their texts."""

    out: str
    key: str
    segments: Segments
    edges: tuple[str, ...]
    places: tuple[str, ...]


class ClusterTask(msgspec.Struct, frozen=True):
    """The argument of `cluster_components`: segments of components, their pairs and their texts."""

    out: str
    key: str
    segments: Segments
    edges: tuple[str, ...]
    texts: tuple[str, ...]
    thresholds: Thresholds


def join_components(task: JoinTask) -> Result:
    """Write the pairs and the texts with their component, in segments by component."""
    store = open_store(task.out)
    labels = read_segments(store, task.components, task.segments, COMPONENT)
    pairs = pl.concat([
        read_segments(store, files, task.segments, SIMILAR).with_columns(is_new=pl.lit(is_new, pl.UInt8))
        for files, is_new in ((task.new, 1), (task.earlier, 0))
    ])  # fmt: skip
    edges = pairs.join(labels, left_on="left", right_on="digest", how="inner").sort("left", "right")
    places = first_places(store, task.digests, task.segments, labels).rename({"component": "group"})
    names = f"dedup/temporary/edges/{task.key}.bin", f"dedup/temporary/members/{task.key}.bin"
    write_segments(store, names[0], edges, "component", _EDGE)
    write_segments(store, names[1], places, "group", MEMBER)
    return Result(names)


def select_members(task: MemberTask) -> Result:
    """Write the clusters of complete components, and the pairs of others and the places of their texts."""
    store = open_store(task.out)
    edges = read_segments(store, task.edges, task.segments, _EDGE)
    edges = edges.filter(pl.col("is_new").max().over("component") == 1).sort("component", "left", "right")
    members = read_segments(store, task.places, task.segments, MEMBER)
    n_pairs = edges.group_by(group="component").agg(n_pairs=pl.len())
    members = members.join(n_pairs, on="group", how="inner", maintain_order="left")
    members = members.with_columns(size=pl.len().over("group"))
    is_complete = pl.col("n_pairs") == pl.col("size") * (pl.col("size") - 1) // 2
    complete, others = members.filter(is_complete).sort("digest"), members.filter(~is_complete)
    edges = edges.join(others.select(component="group").unique(), on="component", how="semi", maintain_order="left")
    names = tuple(f"dedup/{folder}/{task.key}.bin" for folder in ("temporary/touched", "temporary/chosen", "complete"))
    write_segments(store, names[0], edges, "component", _EDGE)
    write_segments(store, names[1], others, "part", MEMBER)
    # The component is named by the smallest digest of its texts, as a cluster.
    write_segments(store, names[2], complete.rename({"group": "label"}), "digest", LABEL)
    return Result(names, {"members": len(others)})


def cluster_components(task: ClusterTask) -> Result:
    """Write the cluster of each text of some components."""
    store = open_store(task.out)
    edges = read_segments(store, task.edges, task.segments, _EDGE).sort("left", "right")
    digests, texts = read_texts(store, task.texts, task.segments)
    left, right = (np.searchsorted(digests, edges[side].to_numpy()) for side in ("left", "right"))
    similarity = PairSimilarity(
        edges["jaccard"].to_numpy(), edges["containment"].to_numpy(), edges["smaller"].to_numpy().astype(np.int64)
    )
    pairs = ScoredPairs(left, right, similarity)
    labels = cluster_pairs(texts, np.arange(len(digests)), pairs, task.thresholds, ThreadExecutor())
    _, first, inverse, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    name = f"dedup/labels/{task.key}.bin"
    frame = pl.DataFrame(
        {"digest": digests, "label": digests[first][inverse], "size": sizes[inverse].astype(np.uint32)}
    )
    write_segments(store, name, frame, "digest", LABEL)
    return Result((name,), {"texts": len(digests)})
