"""Candidate pairs of near-duplicates in steps whose tasks need no common memory.

1. `sketch_part`: the sampled grams of each text, in segments by gram.
2. `pair_neighbours`: texts that share a gram, in segments by the first of the two.
3. `select_candidates`: the pairs that share enough grams, and which texts are needed to compare them.

The rules are those of `goldwire.dedup.candidates`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec
import numpy as np
import polars as pl

from goldwire.bulk.parts import part_key, row_groups
from goldwire.bulk.runner import Result
from goldwire.bulk.segments import Segments, columns, read_matching, read_segments, write_segments
from goldwire.bulk.store import open_store
from goldwire.dedup.candidates import NEIGHBOURS, least_shared, sampled_grams
from goldwire.dedup.jaccard import Thresholds
from goldwire.dedup.sketches import Sketches, concatenate, sketch
from goldwire.text.batches import InMemoryTexts, batch_ranges
from goldwire.text.ngrams import Hashes

__all__ = [
    "CANDIDATE",
    "DIGEST_PLACE",
    "ID_PLACE",
    "PAIR",
    "POSTING",
    "WANTED",
    "NeighbourTask",
    "SelectionTask",
    "SketchTask",
    "body_of",
    "id_hashes",
    "pair_neighbours",
    "part_number",
    "select_candidates",
    "sketch_part",
]

POSTING = columns(gram="<u8", digest="<u8", size="<u4", sampled="<u4")
"""A sampled gram of a text, by the digest of its wording, with the numbers of its grams and of its sampled ones."""

DIGEST_PLACE = columns(digest="<u8", part="<u8", row="<u4")
ID_PLACE = columns(id="<u8", part="<u8", row="<u4")

PAIR = columns(left="<u8", right="<u8", shared="<u4", least="<u4", smaller="<f4")
"""Texts that share grams, how many they must share, and how many of the smaller one are sampled at the lower rate.

Most pairs share one common gram: there are many more of them than candidates, and such a row must be small.
"""

CANDIDATE = columns(left="<u8", right="<u8", containment="<f8")
"""A pair of texts worth comparing, by their digests, and the estimate of their containment."""

WANTED = columns(digest="<u8", segment="<u1")
"""A text that is needed to compare the candidates in a segment."""


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
    thresholds: Thresholds


class SelectionTask(msgspec.Struct, frozen=True):
    """The argument of `select_candidates`: segments of pairs."""

    out: str
    key: str
    segments: Segments
    pairs: tuple[str, ...]


def part_number(path: str) -> int:
    """Return the number of a part in rows: the first 64 bits of its name, which is a digest."""
    return int(part_key(path)[:16], 16)


def body_of(title: str, text: str) -> str:
    """Return an article's text without its headline: two outlets have different headlines for one wire story."""
    return text.removeprefix(title).lstrip("\n")


def id_hashes(ids: Sequence[str]) -> Hashes:
    """Return 64 bits of the digest of each id."""
    return np.array([int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) for name in ids], np.uint64)


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
        "gram": whole.hashes, "digest": whole.digests[owner], "size": whole.sizes[owner].astype(np.uint32),
    }).unique(("gram", "digest"), maintain_order=True)  # fmt: skip
    postings = postings.with_columns(sampled=pl.len().over("digest").cast(pl.UInt32))
    places = pl.DataFrame({"digest": whole.digests, "id": id_hashes(ids), "row": rows}).with_columns(
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
    new = read_segments(store, task.new, task.segments, POSTING).unique(("gram", "digest"))
    earlier = read_matching(store, task.earlier, task.segments, POSTING, "gram", new["gram"].to_numpy())
    new = new.join(earlier, on=("gram", "digest"), how="anti")
    touched = earlier.join(new.select("gram").unique(), on="gram", how="semi")
    postings = pl.concat([
        new.with_columns(is_new=pl.lit(value=True)), touched.with_columns(is_new=pl.lit(value=False))
    ]).sort("gram", "digest")  # fmt: skip
    steps = range(1, NEIGHBOURS + 1)
    pairs = _sum_pairs(pl.concat([_neighbours(postings, step, task.thresholds) for step in steps]))
    names = f"dedup/temporary/pairs/{task.key}.bin", f"dedup/merged/{task.key}.bin"
    write_segments(store, names[0], pairs, "left", PAIR)
    write_segments(store, names[1], new.sort("gram", "digest"), "gram", POSTING)
    return Result(names, {"pairs": len(pairs)})


def _neighbours(postings: pl.DataFrame, step: int, thresholds: Thresholds) -> pl.DataFrame:
    """Return the pairs of texts that are `step` apart among those with the same gram."""
    left, right = postings.head(-step), postings.tail(-step)
    both = pl.concat([left, right.select(pl.all().name.prefix("right_"))], how="horizontal")
    both = both.filter((pl.col("gram") == pl.col("right_gram")) & (pl.col("is_new") | pl.col("right_is_new")))
    size, sampled = (
        np.concatenate([both[name].to_numpy(), both[f"right_{name}"].to_numpy()]).astype(np.int64)
        for name in ("size", "sampled")
    )
    row = np.arange(len(both))
    texts = size, sampled, row, row + len(both)
    return both.select(
        left="digest", right="right_digest", shared=pl.lit(1, pl.UInt32),
        least=pl.Series(np.maximum(least_shared(*texts, thresholds), 0).astype(np.uint32)),
        smaller=pl.Series(sampled_grams(*texts).astype(np.float32)),
    )  # fmt: skip


def _sum_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return each pair once, with the number of grams that it shares."""
    first = pl.col("least", "smaller").first()
    return pairs.group_by("left", "right").agg(pl.col("shared").sum(), first).sort("left", "right")


def select_candidates(task: SelectionTask) -> Result:
    """Write the pairs that share enough of their sampled grams, and the texts that are needed to compare them."""
    store = open_store(task.out)
    pairs = _sum_pairs(read_segments(store, task.pairs, task.segments, PAIR))
    chosen = pairs.filter(pl.col("shared") >= pl.col("least"))
    chosen = chosen.with_columns(containment=pl.col("shared") / pl.max_horizontal("smaller", 1e-9))
    segment = pl.Series(chosen["left"].to_numpy().astype(np.uint8))
    wanted = [chosen.select(digest=side, segment=segment) for side in ("left", "right")]
    names = tuple(f"dedup/temporary/{kind}/{task.key}.bin" for kind in ("candidates", "wanted"))
    write_segments(store, names[0], chosen, "left", CANDIDATE)
    write_segments(store, names[1], pl.concat(wanted).unique().sort("digest", "segment"), "digest", WANTED)
    return Result(names, {"candidates": len(chosen)})
