"""Clusters of near-duplicates: each component of candidate pairs is compared exactly, with its texts in one task.

1. `join_components`: the component of each pair and the places of their texts, in segments by component.
2. `select_members`: the components with a new pair, and the places of their texts, in segments by part.
3. `gather_texts`: the texts of these, in row groups by component.
4. `cluster_components`: the clusters, by the rules of `goldwire.dedup.clustering`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import polars as pl

from goldwire.bulk.components import COMPONENT
from goldwire.bulk.parts import read_counts, read_groups, read_rows, write_part
from goldwire.bulk.postings import CANDIDATE, DIGEST_PLACE, body_of, part_number
from goldwire.bulk.runner import Result
from goldwire.bulk.segments import SEGMENTS, Segments, columns, read_segments, write_segments
from goldwire.bulk.store import Store, open_store
from goldwire.dedup.candidates import CandidatePairs
from goldwire.dedup.engines import ThreadExecutor
from goldwire.dedup.jaccard import Thresholds
from goldwire.dedup.near_duplicates import cluster_candidates
from goldwire.text.batches import InMemoryTexts

__all__ = [
    "LABEL",
    "ClusterTask",
    "GatherTask",
    "JoinTask",
    "MemberTask",
    "cluster_components",
    "gather_texts",
    "join_components",
    "select_members",
]

LABEL = columns(digest="<u8", label="<u8", size="<u4")
"""A text, the smallest digest of its cluster, and the number of texts in it, copies of a text counted once."""

_EDGE = np.dtype([*CANDIDATE.descr, ("component", "<u8"), ("is_new", "<u1")])
_MEMBER = columns(part="<u8", row="<u4", digest="<u8", component="<u8")


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


class GatherTask(msgspec.Struct, frozen=True):
    """The argument of `gather_texts`: segments of parts, and the parts that are in them."""

    out: str
    key: str
    segments: Segments
    members: tuple[str, ...]
    parts: tuple[str, ...]


class ClusterTask(msgspec.Struct, frozen=True):
    """The argument of `cluster_components`: segments of components, their pairs and their texts."""

    out: str
    key: str
    segments: Segments
    edges: tuple[str, ...]
    texts: tuple[str, ...]
    thresholds: Thresholds


def join_components(task: JoinTask) -> Result:
    """Write the pairs and the texts with their component, in segments by component.

    Of the copies of a text, the place is that of the first one: in the earliest run, then in the first part and row.
    """
    store = open_store(task.out)
    pairs = pl.concat([
        read_segments(store, files, task.segments, CANDIDATE).with_columns(is_new=pl.lit(is_new, pl.UInt8))
        for files, is_new in ((task.new, 1), (task.earlier, 0))
    ])  # fmt: skip
    labels = read_segments(store, task.components, task.segments, COMPONENT)
    edges = pairs.join(labels, left_on="left", right_on="digest", how="left").sort("left", "right")
    places = read_segments(store, task.digests, task.segments, DIGEST_PLACE)
    places = places.join(labels, on="digest", how="inner", maintain_order="left")
    places = places.unique("digest", keep="first", maintain_order=True)
    names = f"dedup/temporary/edges/{task.key}.bin", f"dedup/temporary/members/{task.key}.bin"
    write_segments(store, names[0], edges, "component", _EDGE)
    write_segments(store, names[1], places, "component", _MEMBER)
    return Result(names)


def select_members(task: MemberTask) -> Result:
    """Write the pairs of components that have a new pair, and the places of their texts, in segments by part."""
    store = open_store(task.out)
    edges = read_segments(store, task.edges, task.segments, _EDGE)
    edges = edges.filter(pl.col("is_new").max().over("component") == 1).sort("component", "left", "right")
    members = read_segments(store, task.places, task.segments, _MEMBER)
    members = members.join(edges.select("component").unique(), on="component", how="semi", maintain_order="left")
    names = f"dedup/temporary/touched/{task.key}.bin", f"dedup/temporary/chosen/{task.key}.bin"
    write_segments(store, names[0], edges, "component", _EDGE)
    write_segments(store, names[1], members, "part", _MEMBER)
    return Result(names, {"members": len(members)})


def gather_texts(task: GatherTask) -> Result:
    """Write the texts of members from some parts, one row group per segment of components."""
    store = open_store(task.out)
    members = read_segments(store, task.members, task.segments, _MEMBER)
    texts: dict[int, list[dict[str, Any]]] = defaultdict(list)
    paths = {part_number(path): path for path in task.parts}
    for (part,), rows in members.sort("part", "row").group_by("part", maintain_order=True):
        by_row = dict(zip(rows["row"].to_list(), rows.select("digest", "component").iter_rows(), strict=True))
        for row, article in read_rows(store, paths[int(part)], sorted(by_row), ("title", "text")):
            digest, component = by_row[row]
            body = body_of(str(article["title"]), str(article["text"])).encode("utf-8", "surrogatepass")
            texts[component % SEGMENTS].append({"digest": digest, "text": body})
    name = f"dedup/temporary/texts/{task.key}.parquet"
    groups = {str(segment): number for number, segment in enumerate(sorted(texts))}
    write_part(store, name, _text_schema(), _text_tables(texts), groups)
    return Result((name,), {"texts": sum(map(len, texts.values()))})


def _text_schema() -> Any:
    import pyarrow as pa

    return pa.schema({"digest": pa.uint64(), "text": pa.binary()})


def _text_tables(texts: dict[int, list[dict[str, Any]]]) -> Iterator[Any]:
    import pyarrow as pa

    for segment in sorted(texts):
        yield pa.Table.from_pylist(texts[segment], schema=_text_schema())


def cluster_components(task: ClusterTask) -> Result:
    """Compare the pairs of some components exactly, and write the cluster of each text and the near-duplicate pairs."""
    import pyarrow as pa

    store = open_store(task.out)
    edges = read_segments(store, task.edges, task.segments, _EDGE).sort("left", "right")
    bodies = dict(_read_texts(store, task.texts, task.segments))
    digests = np.array(sorted(bodies), np.uint64)
    texts = InMemoryTexts([bodies[digest] for digest in digests.tolist()])
    candidates = CandidatePairs(
        np.searchsorted(digests, edges["left"].to_numpy()),
        np.searchsorted(digests, edges["right"].to_numpy()),
        edges["containment"].to_numpy(),
    )
    scored, labels = cluster_candidates(texts, np.arange(len(digests)), candidates, task.thresholds, ThreadExecutor())
    is_near = task.thresholds.is_near_duplicate(scored.similarity)
    pairs = pa.table({
        "left": digests[scored.left[is_near]], "right": digests[scored.right[is_near]],
        "jaccard": scored.similarity.jaccard[is_near], "containment": scored.similarity.containment[is_near],
    })  # fmt: skip
    _, first, inverse, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    names = f"dedup/pairs/{task.key}.parquet", f"dedup/labels/{task.key}.bin"
    write_part(store, names[0], pairs.schema, [pairs])
    frame = pl.DataFrame(
        {"digest": digests, "label": digests[first][inverse], "size": sizes[inverse].astype(np.uint32)}
    )
    write_segments(store, names[1], frame, "digest", LABEL)
    return Result(names, {"pairs": int(is_near.sum())})


def _read_texts(store: Store, paths: tuple[str, ...], segments: Segments) -> Iterator[tuple[int, str]]:
    for path in paths:
        groups = read_counts(store, path)
        chosen = [group for segment, group in groups.items() if segments[0] <= int(segment) < segments[1]]
        for table in read_groups(store, path, chosen):
            texts = (text.decode("utf-8", "surrogatepass") for text in table["text"].to_pylist())
            yield from zip(table["digest"].to_pylist(), texts, strict=True)
