"""Exact comparison of candidate pairs, each task with the texts of its own pairs alone.

1. `locate_texts`: the places of the texts that are needed, in segments by part.
2. `gather_texts`: these texts, in row groups by the segment that needs them.
3. `compare_pairs`: the near-duplicates among the candidates, in segments by the first of the two texts.

Pairs are compared before they are joined to components: candidates that are not near-duplicates would connect half of
the texts of 10 million articles to one component, whose texts one task would have to hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from goldwire.bulk.parts import read_counts, read_groups, read_rows, write_part
from goldwire.bulk.postings import CANDIDATE, DIGEST_PLACE, WANTED, body_of, part_number
from goldwire.bulk.runner import Result
from goldwire.bulk.segments import SEGMENTS, Segments, columns, read_segments, write_segments
from goldwire.bulk.store import Store, each_file, open_store
from goldwire.dedup.candidates import CandidatePairs
from goldwire.dedup.engines import ThreadExecutor
from goldwire.dedup.jaccard import Thresholds
from goldwire.dedup.near_duplicates import compare_candidates
from goldwire.text.batches import InMemoryTexts

__all__ = [
    "MEMBER",
    "SIMILAR",
    "CompareTask",
    "GatherTask",
    "LocateTask",
    "compare_pairs",
    "first_places",
    "gather_texts",
    "locate_texts",
    "read_texts",
]

SIMILAR = columns(left="<u8", right="<u8", jaccard="<f8", containment="<f8", smaller="<u4")
"""A pair of near-duplicates, by their digests, and their exact similarity."""

MEMBER = columns(part="<u8", row="<u4", digest="<u8", group="<u8")
"""The place of a text, and the group of texts, by its last byte, that it is needed in."""


class LocateTask(msgspec.Struct, frozen=True):
    """The argument of `locate_texts`: segments of texts, which of them are needed, and the places of all.

    `digests` has the files of places, those of the earliest run first. `width` is the number of segments of candidates
    that one task compares: it reads each text once.
    """

    out: str
    key: str
    segments: Segments
    wanted: tuple[str, ...]
    digests: tuple[str, ...]
    width: int


class GatherTask(msgspec.Struct, frozen=True):
    """The argument of `gather_texts`: segments of parts, and the parts that are in them."""

    out: str
    key: str
    segments: Segments
    members: tuple[str, ...]
    parts: tuple[str, ...]


class CompareTask(msgspec.Struct, frozen=True):
    """The argument of `compare_pairs`: segments of candidates, and the texts that they need."""

    out: str
    key: str
    segments: Segments
    candidates: tuple[str, ...]
    texts: tuple[str, ...]
    thresholds: Thresholds


def locate_texts(task: LocateTask) -> Result:
    """Write the places of the texts that are needed, with the segment that needs them, in segments by part."""
    store = open_store(task.out)
    wanted = read_segments(store, task.wanted, task.segments, WANTED)
    group = pl.col("segment").cast(pl.UInt64) // task.width * task.width
    groups = wanted.select("digest", group=group).unique()
    places = first_places(store, task.digests, task.segments, groups.select("digest").unique())
    members = places.join(groups, on="digest", how="inner").sort("part", "row", "group")
    name = f"dedup/temporary/located/{task.key}.bin"
    write_segments(store, name, members, "part", MEMBER)
    return Result((name,))


def first_places(store: Store, files: tuple[str, ...], segments: Segments, texts: pl.DataFrame) -> pl.DataFrame:
    """Return the place of each text, of its copies the first one: in the earliest run, then in the first part and row.

    The files of places are read in the order of their runs; columns of `texts` beside `digest` are joined.
    """
    places = read_segments(store, files, segments, DIGEST_PLACE)
    places = places.join(texts, on="digest", how="inner", maintain_order="left")
    return places.unique("digest", keep="first", maintain_order=True)


def gather_texts(task: GatherTask) -> Result:
    """Write the texts of members from some parts, one row group per segment of groups."""
    store = open_store(task.out)
    members = read_segments(store, task.members, task.segments, MEMBER).sort("part", "row", "group")
    texts: dict[int, list[dict[str, Any]]] = defaultdict(list)
    paths = {part_number(path): path for path in task.parts}
    for (part,), rows in members.group_by("part", maintain_order=True):
        groups: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for row, digest, group in rows.select("row", "digest", "group").iter_rows():
            groups[row].append((digest, group))
        for row, article in read_rows(store, paths[int(part)], sorted(groups), ("title", "text")):
            body = body_of(str(article["title"]), str(article["text"])).encode("utf-8", "surrogatepass")
            for digest, group in groups[row]:
                texts[group % SEGMENTS].append({"digest": digest, "text": body})
    name = f"dedup/temporary/texts/{task.key}.parquet"
    numbers = {str(segment): number for number, segment in enumerate(sorted(texts))}
    write_part(store, name, _text_schema(), _text_tables(texts), numbers)
    return Result((name,), {"texts": sum(map(len, texts.values()))})


def _text_schema() -> Any:
    import pyarrow as pa

    return pa.schema({"digest": pa.uint64(), "text": pa.binary()})


def _text_tables(texts: dict[int, list[dict[str, Any]]]) -> Iterator[Any]:
    import pyarrow as pa

    for segment in sorted(texts):
        yield pa.Table.from_pylist(texts[segment], schema=_text_schema())


def read_texts(store: Store, paths: tuple[str, ...], segments: Segments) -> tuple[NDArray[np.uint64], InMemoryTexts]:
    """Return the digests of the texts that some segments need, sorted, and the texts in that order."""
    bodies = dict(
        body for part in each_file(store, lambda path: _bodies(store, path, segments), paths) for body in part
    )
    digests = np.array(sorted(bodies), np.uint64)
    return digests, InMemoryTexts([bodies[digest] for digest in digests.tolist()])


def _bodies(store: Store, path: str, segments: Segments) -> list[tuple[int, str]]:
    groups = read_counts(store, path)
    chosen = [group for segment, group in groups.items() if segments[0] <= int(segment) < segments[1]]
    bodies: list[tuple[int, str]] = []
    for table in read_groups(store, path, chosen):
        texts = (text.decode("utf-8", "surrogatepass") for text in table["text"].to_pylist())
        bodies += zip(table["digest"].to_pylist(), texts, strict=True)
    return bodies


def compare_pairs(task: CompareTask) -> Result:
    """Compare candidates exactly, and write the near-duplicates."""
    store = open_store(task.out)
    pairs = read_segments(store, task.candidates, task.segments, CANDIDATE).sort("left", "right")
    digests, texts = read_texts(store, task.texts, task.segments)
    sides = [np.searchsorted(digests, pairs[side].to_numpy()) for side in ("left", "right")]
    candidates = CandidatePairs(sides[0], sides[1], pairs["containment"].to_numpy())
    similarity = compare_candidates(
        texts, np.arange(len(digests)), candidates, task.thresholds, ThreadExecutor()
    ).similarity
    found = pairs.select(
        "left", "right", jaccard=pl.Series(similarity.jaccard), containment=pl.Series(similarity.containment),
        smaller=pl.Series(similarity.smaller.astype(np.uint32)),
    ).filter(pl.Series(task.thresholds.is_near_duplicate(similarity)))  # fmt: skip
    name = f"dedup/pairs/{task.key}.bin"
    write_segments(store, name, found, "left", SIMILAR)
    return Result((name,), {"pairs": len(found)})
