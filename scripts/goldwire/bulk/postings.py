"""Candidate pairs of near-duplicates in steps whose tasks need no common memory.

1. `sketch_part`: the sampled grams of each text, in segments by gram.
2. `pair_neighbours`: texts that share a gram, in segments by pair.
3. `select_candidates`: how many grams each pair shares, and whether these are enough.

The rules are those of `goldwire.dedup.candidates`.
"""

from __future__ import annotations

import hashlib

import msgspec
import numpy as np
import polars as pl

from goldwire.bulk.parts import part_key, row_groups
from goldwire.bulk.runner import Result
from goldwire.bulk.segments import Segments, columns, read_segments, write_segments
from goldwire.bulk.store import open_store
from goldwire.dedup.candidates import NEIGHBOURS, sampled_grams, shares_enough
from goldwire.dedup.sketches import Sketches, concatenate, sketch
from goldwire.text.batches import InMemoryTexts, batch_ranges

__all__ = [
    "CANDIDATE",
    "DIGEST_PLACE",
    "ID_PLACE",
    "POSTING",
    "NeighbourTask",
    "SelectionTask",
    "SketchTask",
    "body_of",
    "pair_neighbours",
    "part_number",
    "select_candidates",
    "sketch_part",
]

POSTING = columns(gram="<u8", digest="<u8", part="<u8", row="<u4", size="<u4", sampled="<u4")
"""A sampled gram of a text. `digest` is that of its wording, `part` and `row` are where one of its copies is."""

DIGEST_PLACE = columns(digest="<u8", part="<u8", row="<u4")
ID_PLACE = columns(id="<u8", part="<u8", row="<u4")

_SIDE = {"part": "<u8", "row": "<u4", "size": "<u4", "sampled": "<u4"}
_PAIR = columns(
    pair="<u8", left="<u8", right="<u8", shared="<u4",
    **{f"left_{name}": kind for name, kind in _SIDE.items()}, **{f"right_{name}": kind for name, kind in _SIDE.items()},
)  # fmt: skip
_PLACES = {"left_part": "<u8", "left_row": "<u4", "right_part": "<u8", "right_row": "<u4"}
CANDIDATE = columns(left="<u8", right="<u8", containment="<f8", **_PLACES)
"""A pair of texts worth comparing: their digests and places, and the estimate of their containment."""

_MIX = np.uint64(0x9E3779B97F4A7C15)


class SketchTask(msgspec.Struct, frozen=True):
    """The argument of `sketch_part`: a part of articles."""

    out: str
    part: str


class NeighbourTask(msgspec.Struct, frozen=True):
    """The argument of `pair_neighbours`: segments of grams, of new texts and of those of earlier runs."""

    out: str
    key: str
    segments: Segments
    new: tuple[str, ...]
    earlier: tuple[str, ...]


class SelectionTask(msgspec.Struct, frozen=True):
    """The argument of `select_candidates`: segments of pairs."""

    out: str
    key: str
    segments: Segments
    pairs: tuple[str, ...]
    min_containment: float


def part_number(path: str) -> int:
    """Return the number of a part in rows: the first 64 bits of its name, which is a digest."""
    return int(part_key(path)[:16], 16)


def body_of(title: str, text: str) -> str:
    """Return an article's text without its headline: two outlets have different headlines for one wire story."""
    return text.removeprefix(title).lstrip("\n")


def sketch_part(task: SketchTask) -> Result:
    """Sketch the articles of a part."""
    store = open_store(task.out)
    sketches: list[Sketches] = []
    ids: list[str] = []
    for table in row_groups(store, task.part, ("id", "title", "text")):
        ids += table["id"].to_pylist()
        texts = InMemoryTexts(list(map(body_of, table["title"].to_pylist(), table["text"].to_pylist())))
        sketches += [sketch(*texts.slice(*bounds)) for bounds in batch_ranges(texts.lengths())]
    whole = concatenate(sketches)
    rows = np.arange(len(ids), dtype=np.uint32)
    owner = rows.repeat(whole.counts)
    number = part_number(task.part)
    postings = pl.DataFrame({
        "gram": whole.hashes, "digest": whole.digests[owner], "row": owner,
        "size": whole.sizes[owner].astype(np.uint32),
    }).unique(("gram", "row"), maintain_order=True)  # fmt: skip
    postings = postings.with_columns(part=pl.lit(number, pl.UInt64), sampled=pl.len().over("row").cast(pl.UInt32))
    id_hashes = np.array([int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) for name in ids], np.uint64)
    places = pl.DataFrame({"digest": whole.digests, "id": id_hashes, "row": rows}).with_columns(
        part=pl.lit(number, pl.UInt64)
    )
    key = part_key(task.part)
    names = tuple(f"dedup/{folder}/{key}.bin" for folder in ("postings", "digests", "ids"))
    write_segments(store, names[2], places, "id", ID_PLACE)
    write_segments(store, names[1], places, "digest", DIGEST_PLACE)
    write_segments(store, names[0], postings, "gram", POSTING)
    return Result(names, {"articles": len(ids)})


def pair_neighbours(task: NeighbourTask) -> Result:
    """Pair texts that share a gram and are neighbours among its texts, if at least one of the two is new.

    A pair of two earlier texts was counted when the later of them was new, with no more texts between the two: what a
    run from the beginning finds, runs with new parts find, too.
    """
    store = open_store(task.out)
    order = ("gram", "digest", "part", "row")
    new = read_segments(store, task.new, task.segments, POSTING).sort(order).unique(("gram", "digest"), keep="first")
    earlier = read_segments(store, task.earlier, task.segments, POSTING)
    new = new.join(earlier, on=("gram", "digest"), how="anti")
    touched = earlier.join(new.select("gram").unique(), on="gram", how="semi")
    postings = pl.concat([
        new.with_columns(is_new=pl.lit(value=True)), touched.with_columns(is_new=pl.lit(value=False))
    ]).sort("gram", "digest")  # fmt: skip
    pairs = pl.concat([_neighbours(postings, step) for step in range(1, NEIGHBOURS + 1)])
    pairs = _sum_pairs(pairs)
    names = f"dedup/temporary/pairs/{task.key}.bin", f"dedup/merged/{task.key}.bin"
    write_segments(store, names[0], pairs, "pair", _PAIR)
    write_segments(store, names[1], new.sort(order), "gram", POSTING)
    return Result(names, {"pairs": len(pairs)})


def _neighbours(postings: pl.DataFrame, step: int) -> pl.DataFrame:
    """Return the pairs of texts that are `step` apart among those with the same gram."""
    left, right = postings.head(-step), postings.tail(-step)
    sides = [
        pl.col(name).alias(f"right_{name}") for name in ("gram", "digest", "part", "row", "size", "sampled", "is_new")
    ]
    both = pl.concat([left, right.select(sides)], how="horizontal")
    both = both.filter((pl.col("gram") == pl.col("right_gram")) & (pl.col("is_new") | pl.col("right_is_new")))
    left_columns = {f"left_{name}": pl.col(name) for name in _SIDE}
    right_columns = [f"right_{name}" for name in _SIDE]
    return both.select(*right_columns, left="digest", right="right_digest", shared=pl.lit(1, pl.UInt32), **left_columns)


def _sum_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return each pair once, with the number of grams that it shares.

    All rows of a pair have the same places: of copies, `pair_neighbours` takes the first everywhere.
    """
    sides = [f"{side}_{name}" for side in ("left", "right") for name in _SIDE]
    summed = pairs.group_by("left", "right").agg(pl.col("shared").sum(), *(pl.col(name).first() for name in sides))
    mixed = summed["left"].to_numpy() ^ (summed["right"].to_numpy() * _MIX >> np.uint64(7))
    return summed.with_columns(pair=pl.Series(mixed)).sort("left", "right")


def select_candidates(task: SelectionTask) -> Result:
    """Keep the pairs that share enough of their sampled grams."""
    store = open_store(task.out)
    pairs = _sum_pairs(read_segments(store, task.pairs, task.segments, _PAIR).drop("pair"))
    size = np.concatenate([pairs[f"{side}_size"].to_numpy() for side in ("left", "right")]).astype(np.int64)
    n_sampled = np.concatenate([pairs[f"{side}_sampled"].to_numpy() for side in ("left", "right")]).astype(np.int64)
    left = np.arange(len(pairs))
    smaller = sampled_grams(size, n_sampled, left, left + len(pairs))
    n_shared = pairs["shared"].to_numpy().astype(np.int64)
    enough = shares_enough(n_shared, smaller, task.min_containment)
    chosen = pairs.with_columns(containment=pl.Series(n_shared / np.maximum(smaller, 1e-9))).filter(pl.Series(enough))
    name = f"dedup/candidates/{task.key}.bin"
    write_segments(store, name, chosen, "left", CANDIDATE)
    return Result((name,), {"candidates": len(chosen)})
