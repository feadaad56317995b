"""Texts, near-duplicates and groups that two splits of a dataset share, and texts and ids that repeat in one.

1. `write_keys`: the digest of each row's text, cluster, group and id, in segments by digest.
2. `find_overlaps`: what two splits share; `find_repeats`: what repeats; both in segments of digests.
"""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec
import numpy as np
import polars as pl

from goldwire.audit.leakage import RepeatCounts, count_repeats
from goldwire.audit.splits import NO_SPLIT, split_pairs
from goldwire.bulk.parts import part_key, read_table
from goldwire.bulk.placement import CLUSTERS
from goldwire.bulk.runner import Result
from goldwire.bulk.segments import Segments, columns, read_segments, write_segments
from goldwire.bulk.store import Store, each_file, open_store

__all__ = [
    "KINDS",
    "REPEATED",
    "KeyTask",
    "Kind",
    "Overlap",
    "OverlapTask",
    "Overlaps",
    "Place",
    "RepeatTask",
    "Repeats",
    "find_overlaps",
    "find_repeats",
    "text_digest",
    "write_keys",
]

Kind = Literal["text", "near-text", "group"]
KINDS: tuple[Kind, ...] = ("text", "near-text", "group")
"""What two splits may share, as in the codes of findings."""

REPEATED = ("row", "id")
"""What a split may have twice: a text with the same question about it, and an id."""

Place = tuple[int, int]
"""The number of a file, and a row of it."""

# Without the number of the file, which changes when files are added.
_SHARED = columns(key="<u8", unit="<u8", row="<u4", split="<u1")
_REPEATABLE = columns(key="<u8", text="<u8", whole="<u8", label="<u8", row="<u4", split="<u1")
_MAX_LISTED = 100  # repeats listed per task; all are counted


class KeyTask(msgspec.Struct, frozen=True):
    """The argument of `write_keys`: a part of texts, and the names of all splits."""

    out: str
    key: str
    part: str
    splits: tuple[str, ...]
    version: str  # of the clusters of the part


class OverlapTask(msgspec.Struct, frozen=True):
    """The argument of `find_overlaps`: segments of digests of one of `KINDS`, and the numbers of their files."""

    out: str
    key: str
    kind: Kind
    segments: Segments
    keys: tuple[str, ...]
    numbers: tuple[int, ...]
    splits: tuple[str, ...]


class RepeatTask(msgspec.Struct, frozen=True):
    """The argument of `find_repeats`: segments of digests of one of `REPEATED`, and the numbers of their files."""

    out: str
    key: str
    kind: Literal["row", "id"]
    segments: Segments
    keys: tuple[str, ...]
    numbers: tuple[int, ...]


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """Texts or groups of the split `later` that are in `earlier`, too: their number, and where the first is."""

    earlier: str
    later: str
    count: int
    at: Place
    origin: Place


class Overlaps(msgspec.Struct, frozen=True, kw_only=True):
    """The overlaps in some segments, and the number of distinct texts or groups by split."""

    overlaps: tuple[Overlap, ...] = ()
    sizes: dict[str, int] = {}


class Repeats(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of some segments that repeat an earlier one, and those with another label than an earlier one.

    Each is listed with the place of that one, up to a limit; all are counted.
    """

    counts: RepeatCounts = RepeatCounts()
    n_repeated: int = 0
    repeated: tuple[tuple[Place, Place], ...] = ()
    n_mixed: int = 0
    mixed: tuple[tuple[Place, Place], ...] = ()


def write_keys(task: KeyTask) -> Result:
    """Write what may be in two splits or repeat: of each row the text, and if it has them its cluster, group and id."""
    store = open_store(task.out)
    part = pl.DataFrame(read_table(store, task.part))
    rows = part.select(
        "row",
        pl.col("split").replace_strict(list(task.splits), list(range(len(task.splits))), return_dtype=pl.UInt8),
        text="digest",
        unit="digest",
        whole="whole",
        label=_digests(part["label"]).fill_null(0),
    )
    clusters = f"{CLUSTERS}/{part_key(task.part)}.parquet"
    names = read_table(store, clusters, ("cluster",))["cluster"].to_pylist() if task.version else [None] * len(rows)
    near = pl.Series([None if name is None else int(name, 16) for name in names], dtype=pl.UInt64)
    group = _digests(part["group"])
    shared = {
        "text": rows.with_columns(key="text"),
        "near-text": rows.with_columns(key=near),
        "group": rows.with_columns(key=group, unit=group),
    }
    repeatable = {"row": rows.with_columns(key="whole"), "id": rows.with_columns(key=_digests(part["item"]))}
    files = []
    for frames, dtype in ((shared, _SHARED), (repeatable, _REPEATABLE)):
        for kind, frame in frames.items():
            files.append(f"audit/keys/{kind}-{task.key}.bin")
            write_segments(store, files[-1], frame.drop_nulls("key"), "key", dtype)
    return Result(tuple(files), {"rows": len(rows)})


def _digests(values: pl.Series) -> pl.Series:
    """Return a digest of each value; a missing one has none."""
    return pl.Series([None if value is None else text_digest(value) for value in values], dtype=pl.UInt64)


def text_digest(text: str) -> int:
    """Return 64 bits of a digest of an exact text."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8])


def _read_keys(store: Store, task: OverlapTask | RepeatTask, dtype: np.dtype[np.void]) -> pl.DataFrame:
    """Return the rows of some segments with the number of their file, sorted by file and row."""
    numbers = dict(zip(task.keys, task.numbers, strict=True))

    def read(path: str) -> pl.DataFrame:
        rows = read_segments(store, (path,), task.segments, dtype)
        return rows.with_columns(file=pl.lit(numbers[path], pl.UInt32))

    return pl.concat(each_file(store, read, task.keys)).sort("file", "row")


def find_overlaps(task: OverlapTask) -> Result:
    """Find what two splits share.

    Texts and groups count by themselves. Near-duplicates count by texts: those that share a cluster with texts of the
    other split, and are not there themselves.
    """
    store = open_store(task.out)
    rows = _read_keys(store, task, _SHARED)
    by_split = {
        task.splits[int(number)]: frame.unique(("key", "unit"), keep="first", maintain_order=True)
        for (number,), frame in rows.group_by("split")
    }
    found = Overlaps(
        overlaps=tuple(
            overlap
            for earlier, later in split_pairs([name for name in by_split if name != NO_SPLIT])
            if (overlap := _overlap(task.kind, (earlier, by_split[earlier]), (later, by_split[later]))) is not None
        ),
        sizes={name: frame["unit"].n_unique() for name, frame in sorted(by_split.items())},
    )
    name = f"audit/overlaps/{task.key}.json"
    store.put(name, msgspec.json.encode(found))
    return Result((name,))


def _overlap(kind: Kind, earlier: tuple[str, pl.DataFrame], later: tuple[str, pl.DataFrame]) -> Overlap | None:
    """Return what is in both splits; None if nothing is."""
    origins = earlier[1].unique("key", keep="first", maintain_order=True).select("key", origin="file", origin_row="row")
    both = later[1].join(origins, on="key", maintain_order="left")
    if kind == "near-text":
        both = both.join(earlier[1].select("unit"), on="unit", how="anti", maintain_order="left")
    if not both.height:
        return None
    first = both.row(0, named=True)
    at, origin = (first["file"], first["row"]), (first["origin"], first["origin_row"])
    return Overlap(earlier=earlier[0], later=later[0], count=both["unit"].n_unique(), at=at, origin=origin)


def find_repeats(task: RepeatTask) -> Result:
    """Find rows that repeat the text and question, or the id, of an earlier one."""
    store = open_store(task.out)
    rows = _read_keys(store, task, _REPEATABLE)
    label = pl.when(pl.col("label") != 0).then("label")
    if task.kind == "row":
        counts = count_repeats(rows.select("split", label=label, text="key"))["text"]
        n_labels = label.drop_nulls().n_unique()
        n_repeated, repeated = _repeats(rows, ("key", "split"), (pl.len() > 1) & (n_labels <= 1))
        n_mixed, mixed = _repeats(rows, ("key",), n_labels > 1)
    else:
        counts = count_repeats(rows.select("split", "text", row="whole", id="key"))["id"]
        # Several questions about one text may share its id.
        is_error = (pl.col("text").n_unique() > 1) | (pl.col("whole").n_unique() < pl.len())
        n_repeated, repeated = _repeats(rows, ("key", "split"), (pl.len() > 1) & is_error)
        n_mixed, mixed = 0, ()
    found = Repeats(counts=counts, n_repeated=n_repeated, repeated=repeated, n_mixed=n_mixed, mixed=mixed)
    name = f"audit/repeats/{task.key}.json"
    store.put(name, msgspec.json.encode(found))
    return Result((name,))


def _repeats(
    rows: pl.DataFrame, by: tuple[str, ...], condition: pl.Expr
) -> tuple[int, tuple[tuple[Place, Place], ...]]:
    """Return the rows of groups that meet a condition, but for the first of each, with the place of that one."""
    first = [pl.col(name).first().alias(f"first_{name}") for name in ("file", "row")]
    groups = rows.group_by(by).agg(condition.alias("bad"), *first).filter("bad")
    found = rows.join(groups, on=by, maintain_order="left").filter(
        (pl.col("file") != pl.col("first_file")) | (pl.col("row") != pl.col("first_row"))
    )
    places = found.head(_MAX_LISTED).select("file", "row", "first_file", "first_row").iter_rows()
    return found.height, tuple(((file, row), (in_file, in_row)) for file, row, in_file, in_row in places)
