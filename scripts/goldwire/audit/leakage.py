"""What a dataset has twice: the same text, group or id, in one split or across splits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from goldwire.audit.table import Dataset, Limits, place
from goldwire.records import Finding

if TYPE_CHECKING:
    import polars as pl

__all__ = ["across", "alike", "classes", "keys", "repeats", "row_key", "split_pairs", "uneven"]

_MOST = 0.95  # of the rows in one class: a model that always says it beats most that learn
_LARGE = 200  # rows: in a smaller dataset every class is small
_FEWEST = 10  # rows of a class: fewer have no score worth a figure


def keys(dataset: Dataset, limits: Limits) -> pl.LazyFrame | None:
    """Digests, 8 bytes each, of what may be there twice: text, row, group and id; and of the split and label.

    Only those that are wanted; None where none is.
    """
    import polars as pl

    found = {}
    if limits.wants("text-across-splits", "row-repeated", "text-two-labels"):
        found["text"] = pl.col("text").hash()
    if "text" in found and dataset.columns.about:
        found["row"] = row_key(dataset)
    for name, code in (("group", "group-across-splits"), ("id", "id-repeated")):
        if getattr(dataset.columns, name) is not None and limits.wants(code):
            found[name] = pl.col(name).hash()
    if dataset.columns.label is not None and limits.wants("text-two-labels"):
        found["label"] = pl.col("label").hash()
    if not found.keys() - {"label"}:
        return None
    return dataset.frame.select(pl.col("split").hash().alias("split"), **found)


def repeats(keyed: pl.DataFrame) -> dict[str, tuple[int, int, int]]:
    """By kind (`text`, `row`, `group`, `id`), how many keys are in two splits, have two labels, are twice in a split.

    Nearly every key is there once: those go first, and only the rest is grouped. Ids often start anew in each split.
    """
    import polars as pl

    label = pl.col("label") if "label" in keyed.columns else pl.lit(0)
    found: dict[str, tuple[int, int, int]] = {}
    for kind in ("text", "row", "group", "id"):
        if kind in keyed.columns:
            # Sorting a million digests takes 10 ms, asking polars which are there twice 60.
            ordered = np.sort(keyed[kind].to_numpy())
            if not (ordered[1:] == ordered[:-1]).any():
                found[kind] = (0, 0, 0)
                continue
            many = keyed.filter(pl.col(kind).is_duplicated())
            grouped = many.group_by(kind).agg(
                (pl.col("split").min() != pl.col("split").max()).alias("torn"),
                (label.min() != label.max()).alias("mixed"),
            )
            torn, mixed = int(grouped["torn"].sum()), int(grouped["mixed"].sum())
            found[kind] = (torn, mixed, int(many.select(pl.struct(kind, "split").is_duplicated().sum()).item()))
    return {"row": found["text"]} | found if "text" in found else found


def across(dataset: Dataset, kind: str) -> Iterator[Finding]:
    """Yield a finding for each two splits that share texts or groups, at the first row of the later one that leaks."""
    import polars as pl

    key = pl.col(kind).hash()
    keyed = dataset.frame.filter(pl.col(kind).is_not_null()).select("split", place().alias("at"), key.alias("key"))
    torn = keyed.group_by("key").agg(pl.col("split").n_unique().alias("splits")).filter(pl.col("splits") > 1)
    first = keyed.group_by("key", "split").agg(pl.col("at").min())
    rows, totals = pl.collect_all(
        [torn.join(first, on="key").select("key", "split", "at"), first.group_by("split").len()], engine="streaming"
    )
    size = dict(totals.iter_rows())
    name = getattr(dataset.columns, kind)
    for one, other in split_pairs(rows["split"].unique().to_list()):
        here, there = rows.filter(pl.col("split") == other), rows.filter(pl.col("split") == one)
        both = here.join(there, on="key", suffix="_there").sort("at")
        if both.height:
            row = both.row(0, named=True)
            what = "texts" if kind == "text" else f"values of {name!r}"
            message = (
                f"{both.height:,} of its {size[other]:,} {what} are in {one} too; this one is at "
                f"{dataset.say(row['at_there'])}"
            )
            yield dataset.finding_at(f"{kind}-across-splits", row["at"], message, f"{one} {other}")


def row_key(dataset: Dataset) -> pl.Expr:
    """What makes two rows the same: the text and what is asked about it."""
    import polars as pl

    return pl.struct("text", "about").hash() if dataset.columns.about else pl.col("text").hash()


def split_pairs(splits: list[str]) -> Iterator[tuple[str, str]]:
    """Two splits at a time, first the one that is trained on."""
    ordered = sorted(splits, key=lambda split: (_rank(split), split))
    for number, one in enumerate(ordered):
        for other in ordered[number + 1 :]:
            yield one, other


def _rank(split: str) -> int:
    starts = ("train", "dev", "val", "test")
    return next((rank for rank, start in enumerate(starts) if split.lower().startswith(start)), len(starts))


def alike(dataset: Dataset, kind: str, what: str) -> pl.LazyFrame:
    """The rows whose key is `mixed` (has two labels) or `twice` in a split (with one label).

    Columns: file, row, at, id, label, key, first (the place of the first row with that key).
    """
    import polars as pl

    names = [name for name in ("id", "label") if getattr(dataset.columns, name) is not None]
    key = row_key(dataset) if kind == "row" else pl.col(kind).hash()
    there = pl.col("text" if kind == "row" else kind).is_not_null()
    rows = dataset.frame.filter(there).select("file", "row", "split", place().alias("at"), *names, key.alias("key"))
    by = ["key"] if what == "mixed" else ["key", "split"]
    bad = pl.len() > 1
    if "label" in names and kind == "row":
        mixed = pl.col("label").n_unique() > 1
        bad = mixed if what == "mixed" else bad & ~mixed
    grouped = rows.group_by(by).agg(bad.alias("bad"), pl.col("at").min().alias("first")).filter("bad")
    return rows.join(grouped.select(*by, "first"), on=by).sort("at")


def classes(dataset: Dataset) -> pl.LazyFrame:
    """How many rows each split has of each label."""
    return dataset.frame.group_by("split", "label").len()


def uneven(counts: pl.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Yield a code, a place and a message for each class that is hardly there, nearly all, or missing from a split."""
    import polars as pl

    total = int(counts["len"].sum())
    by_label = dict(counts.drop_nulls("label").group_by("label").agg(pl.col("len").sum()).sort("label").iter_rows())
    for label, count in by_label.items():
        if count > _MOST * total and total >= _LARGE:
            yield "class-imbalance", label, f"{count:,} of {total:,} rows are {label!r}"
        elif count < _FEWEST and total >= _LARGE:
            yield "class-imbalance", label, f"only {count} of {total:,} rows are {label!r}"
    sizes: dict[str, Any] = dict(counts.group_by("split").agg(pl.col("len").sum()).iter_rows())
    have = {(split, label) for split, label, _ in counts.iter_rows()}
    for split in sorted(sizes):
        for label, count in by_label.items():
            # A class of so few rows that a split of this size would have hardly one is no surprise.
            if (split, label) not in have and count * sizes[split] >= _FEWEST * total:
                yield "split-lacks-label", f"{split} {label}", f"no {label!r} in {split}, {count:,} rows elsewhere"
