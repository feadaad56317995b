"""What a dataset has twice: the same text, group or id, in one split or across splits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from goldwire.checks.dataset.table import Dataset, place
from goldwire.records import Finding

if TYPE_CHECKING:
    import polars as pl

__all__ = ["across", "alike", "classes", "repeats", "row_key", "split_pairs", "uneven"]

_MOST = 0.95  # of the rows in one class: a model that always says it beats most that learn
_LARGE = 200  # rows: in a smaller dataset every class is small
_FEWEST = 10  # rows of a class: fewer have no score worth a figure


def repeats(dataset: Dataset) -> dict[str, pl.LazyFrame]:
    """By kind (`text`, `row`, `group`, `id`), a row of counts: how many keys are in two splits, have two labels, are twice."""
    import polars as pl

    split = pl.col("split").hash()
    found = {}
    for kind, key, labelled in _kinds(dataset):
        values = [split.alias("split"), *((pl.col("label").hash().alias("label"),) if labelled else ())]
        there = pl.col("text" if kind == "row" else kind).is_not_null()
        keyed = dataset.frame.filter(there).select(key.alias("key"), *values)
        grouped = keyed.group_by("key").agg(
            torn=pl.col("split").min() != pl.col("split").max(),
            mixed=pl.col("label").min() != pl.col("label").max() if labelled else pl.lit(False),
            size=pl.len(),
        )
        found[kind] = grouped.select(pl.col("torn").sum(), pl.col("mixed").sum(), (pl.col("size") > 1).sum().alias("twice"))
    return found


def _kinds(dataset: Dataset) -> Iterator[tuple[str, pl.Expr, bool]]:
    import polars as pl

    yield "text", pl.col("text").hash(), False
    yield "row", row_key(dataset), dataset.columns.label is not None
    if dataset.columns.group is not None:
        yield "group", pl.col("group").hash(), False
    if dataset.columns.id is not None:
        yield "id", pl.col("id").hash(), False


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
    """The rows whose key is there twice (`twice`) or with two labels (`mixed`).

    Columns: file, row, at, id, label, key, first (the place of the first row with that key).
    """
    import polars as pl

    names = [name for name in ("id", "label") if getattr(dataset.columns, name) is not None]
    key = row_key(dataset) if kind == "row" else pl.col(kind).hash()
    there = pl.col("text" if kind == "row" else kind).is_not_null()
    rows = dataset.frame.filter(there).select("file", "row", place().alias("at"), *names, key.alias("key"))
    bad = pl.col("label").n_unique() > 1 if what == "mixed" else pl.len() > 1
    grouped = rows.group_by("key").agg(bad.alias("bad"), pl.col("at").min().alias("first")).filter("bad")
    return rows.join(grouped.select("key", "first"), on="key").sort("at")


def classes(dataset: Dataset) -> pl.LazyFrame:
    """How many rows each split has of each label."""
    return dataset.frame.group_by("split", "label").len()


def uneven(dataset: Dataset, counts: pl.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Yield a code, a place and a message for each class that is hardly there, nearly all, or missing from a split."""
    import polars as pl

    total = counts["len"].sum()
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
