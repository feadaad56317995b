"""Repetition in a dataset: the same text, group or id within a split or across splits; balance of classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from goldwire.audit.table import AuditOptions, Dataset, row_position
from goldwire.records import Finding

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "class_counts",
    "count_repeats",
    "key_columns",
    "leaked_keys",
    "repeated_rows",
    "row_key",
    "split_pairs",
    "unbalanced_classes",
]

_MAX_CLASS_SHARE = 0.95  # above it, a constant prediction beats most trained models
_MIN_ROWS = 200  # of a dataset: in a smaller one every class is small
_MIN_CLASS_ROWS = 10  # a score on fewer rows is meaningless


def key_columns(dataset: Dataset, limits: AuditOptions) -> pl.LazyFrame | None:
    """Return 8-byte digests of what may repeat (text, row, group, id), and of the split and label.

    Only columns that the selected checks need; None if they need none.
    """
    import polars as pl

    digests = {}
    if limits.wants("text-across-splits", "row-repeated", "text-two-labels"):
        digests["text"] = pl.col("text").hash()
    if "text" in digests and dataset.columns.about:
        digests["row"] = row_key(dataset)
    for name, code in (("group", "group-across-splits"), ("id", "id-repeated")):
        if getattr(dataset.columns, name) is not None and limits.wants(code):
            digests[name] = pl.col(name).hash()
    if dataset.columns.label is not None and limits.wants("text-two-labels"):
        digests["label"] = pl.col("label").hash()
    if not digests.keys() - {"label"}:
        return None
    return dataset.frame.select(pl.col("split").hash().alias("split"), **digests)


def count_repeats(keyed: pl.DataFrame) -> dict[str, tuple[int, int, int]]:
    """Return, by kind (`text`, `row`, `group`, `id`), the keys in two splits, with two labels, and repeated in a split.

    Most keys occur once: they are removed first, and only the others are grouped. Ids often restart in each split.
    """
    import polars as pl

    label = pl.col("label") if "label" in keyed.columns else pl.lit(0)
    counts: dict[str, tuple[int, int, int]] = {}
    for kind in ("text", "row", "group", "id"):
        if kind in keyed.columns:
            # Sorting a million digests takes 10 ms, polars takes 60 to find the repeated ones.
            ordered = np.sort(keyed[kind].to_numpy())
            if not (ordered[1:] == ordered[:-1]).any():
                counts[kind] = (0, 0, 0)
                continue
            repeated = keyed.filter(pl.col(kind).is_duplicated())
            grouped = repeated.group_by(kind).agg(
                (pl.col("split").min() != pl.col("split").max()).alias("in_two_splits"),
                (label.min() != label.max()).alias("with_two_labels"),
            )
            in_two_splits, with_two_labels = (int(grouped[name].sum()) for name in ("in_two_splits", "with_two_labels"))
            in_one_split = int(repeated.select(pl.struct(kind, "split").is_duplicated().sum()).item())
            counts[kind] = (in_two_splits, with_two_labels, in_one_split)
    return {"row": counts["text"]} | counts if "text" in counts else counts


def leaked_keys(dataset: Dataset, kind: str) -> Iterator[Finding]:
    """Yield a finding per pair of splits that share texts or groups, at the first shared row of the later split."""
    import polars as pl

    key = pl.col(kind).hash()
    keyed = dataset.frame.filter(pl.col(kind).is_not_null()).select(
        "split", row_position().alias("at"), key.alias("key")
    )
    leaked = keyed.group_by("key").agg(pl.col("split").n_unique().alias("splits")).filter(pl.col("splits") > 1)
    first = keyed.group_by("key", "split").agg(pl.col("at").min())
    rows, totals = pl.collect_all(
        [leaked.join(first, on="key").select("key", "split", "at"), first.group_by("split").len()], engine="streaming"
    )
    size = dict(totals.iter_rows())
    name = getattr(dataset.columns, kind)
    for first_split, second_split in split_pairs(rows["split"].unique().to_list()):
        second_rows, first_rows = (
            rows.filter(pl.col("split") == second_split),
            rows.filter(pl.col("split") == first_split),
        )
        both = second_rows.join(first_rows, on="key", suffix="_there").sort("at")
        if both.height:
            row = both.row(0, named=True)
            noun = "texts" if kind == "text" else f"values of {name!r}"
            message = (
                f"{both.height:,} of its {size[second_split]:,} {noun} are in {first_split} too; this one at "
                f"{dataset.location_of(row['at_there'])}"
            )
            yield dataset.finding_at(f"{kind}-across-splits", row["at"], message, f"{first_split} {second_split}")


def row_key(dataset: Dataset) -> pl.Expr:
    """Return a digest of the row's text and of its question about the text: equal for equal rows."""
    import polars as pl

    return pl.struct("text", "about").hash() if dataset.columns.about else pl.col("text").hash()


def split_pairs(splits: list[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of splits, the training split first."""
    ordered = sorted(splits, key=lambda split: (_rank(split), split))
    for number, first in enumerate(ordered):
        for second in ordered[number + 1 :]:
            yield first, second


def _rank(split: str) -> int:
    starts = ("train", "dev", "val", "test")
    return next((rank for rank, start in enumerate(starts) if split.lower().startswith(start)), len(starts))


def repeated_rows(dataset: Dataset, kind: str, what: str) -> pl.LazyFrame:
    """Return the rows whose key has two labels (`mixed`) or repeats in a split with one label (`twice`).

    Columns: file, row, at, id, label, key, first (the position of the first row with that key).
    """
    import polars as pl

    names = [name for name in ("id", "label") if getattr(dataset.columns, name) is not None]
    key = row_key(dataset) if kind == "row" else pl.col(kind).hash()
    is_present = pl.col("text" if kind == "row" else kind).is_not_null()
    rows = dataset.frame.filter(is_present).select(
        "file", "row", "split", row_position().alias("at"), *names, key.alias("key")
    )
    by = ["key"] if what == "mixed" else ["key", "split"]
    bad = pl.len() > 1
    if "label" in names and kind == "row":
        mixed = pl.col("label").n_unique() > 1
        bad = mixed if what == "mixed" else bad & ~mixed
    grouped = rows.group_by(by).agg(bad.alias("bad"), pl.col("at").min().alias("first")).filter("bad")
    return rows.join(grouped.select(*by, "first"), on=by).sort("at")


def class_counts(dataset: Dataset) -> pl.LazyFrame:
    """Return the number of rows per split and label."""
    return dataset.frame.group_by("split", "label").len()


def unbalanced_classes(counts: pl.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Yield a code, an item and a message for each class that is rare, dominant, or missing from a split."""
    import polars as pl

    total = int(counts["len"].sum())
    by_label = dict(counts.drop_nulls("label").group_by("label").agg(pl.col("len").sum()).sort("label").iter_rows())
    for label, count in by_label.items():
        if count > _MAX_CLASS_SHARE * total and total >= _MIN_ROWS:
            yield "class-imbalance", label, f"{count:,} of {total:,} rows are {label!r}"
        elif count < _MIN_CLASS_ROWS and total >= _MIN_ROWS:
            yield "class-imbalance", label, f"only {count} of {total:,} rows are {label!r}"
    sizes: dict[str, Any] = dict(counts.group_by("split").agg(pl.col("len").sum()).iter_rows())
    have = {(split, label) for split, label, _ in counts.iter_rows()}
    for split in sorted(sizes):
        for label, count in by_label.items():
            # A rare class is expected to be missing from a small split.
            if (split, label) not in have and count * sizes[split] >= _MIN_CLASS_ROWS * total:
                yield "split-lacks-label", f"{split} {label}", f"no {label!r} in {split}, {count:,} rows elsewhere"
