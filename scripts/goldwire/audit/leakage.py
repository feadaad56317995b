"""Repetition in a dataset: the same text, group or id within a split or across splits; balance of classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from goldwire.audit.splits import NO_SPLIT, split_pairs
from goldwire.audit.table import AuditOptions, Dataset, Leak, row_position
from goldwire.quantities import quantity
from goldwire.records import Finding

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "RepeatCounts",
    "are_row_ids",
    "are_several_answers",
    "class_counts",
    "count_repeats",
    "key_columns",
    "labelled_splits",
    "leaked_keys",
    "repeated_rows",
    "row_key",
    "unbalanced_classes",
    "without_secret_labels",
]

_MAX_CLASS_SHARE = 0.95  # above it, a constant prediction beats most trained models
_MIN_ROWS = 200  # of a dataset: in a smaller one every class is small
_MAX_REPEATED_IDS = 0.05  # of all rows: with more repeats the column numbers something else
_MAX_CLASSES_PER_ROW = 0.1
_NO_LABELS = ("-1", "-1.0", "?", "-", "unknown", "UNKNOWN")  # as published test sets have them
_MIN_REPEATED, _MIN_REPEATED_SHARE, _MIN_MIXED = 20, 0.5, 0.3  # texts; of rows; of these texts
_MIN_CLASS_ROWS = 10  # a score on fewer rows is meaningless


def key_columns(dataset: Dataset, limits: AuditOptions) -> pl.LazyFrame | None:
    """Return 8-byte digests of what may repeat (text, row, group, id), and of the split and label.

    Only columns that the selected checks need; None if they need none.
    """
    import polars as pl

    digests = {}
    if limits.wants("text-across-splits", "row-repeated", "text-two-labels", "id-repeated"):
        digests["text"] = pl.col("text").hash()
    if "text" in digests and dataset.columns.about:
        digests["row"] = row_key(dataset)
    for name, code in (("group", "group-across-splits"), ("id", "id-repeated"), ("label", "text-two-labels")):
        if getattr(dataset.columns, name) is not None and limits.wants(code):
            # A missing value repeats nothing.
            digests[name] = pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash())
    if not digests.keys() - {"label"}:
        return None
    return dataset.frame.select(pl.col("split").hash().alias("split"), **digests)


class RepeatCounts(msgspec.Struct, frozen=True):
    """Of one kind of key: those in two splits, those with two labels, rows that repeat one in a split, and all rows.

    `repeated` is the number of keys that occur more than once.
    """

    in_two_splits: int = 0
    with_two_labels: int = 0
    in_one_split: int = 0
    total: int = 0
    repeated: int = 0


def count_repeats(keyed: pl.DataFrame) -> dict[str, RepeatCounts]:
    """Return the repeats by kind (`text`, `row`, `group`, `id`).

    Most keys occur once: they are removed first, and only the others are grouped. Ids often restart in each split.
    """
    import polars as pl

    label = pl.col("label") if "label" in keyed.columns else pl.lit(0)
    counts: dict[str, RepeatCounts] = {}
    for kind in ("text", "row", "group", "id"):
        if kind not in keyed.columns:
            continue
        present = keyed.drop_nulls(kind)
        # Sorting a million digests takes 10 ms, polars takes 60 to find the repeated ones.
        ordered = np.sort(present[kind].to_numpy())
        if not (ordered[1:] == ordered[:-1]).any():
            counts[kind] = RepeatCounts(total=present.height)
            continue
        repeated = present.filter(pl.col(kind).is_duplicated())
        grouped = repeated.group_by(kind).agg(
            (pl.col("split").min() != pl.col("split").max()).alias("in_two_splits"),
            (label.min() != label.max()).fill_null(False).alias("with_two_labels"),
        )
        in_two_splits, with_two_labels = (int(grouped[name].sum()) for name in ("in_two_splits", "with_two_labels"))
        is_repeat = _is_repeated_id("row" if "row" in keyed.columns else "text") if kind == "id" else pl.len() > 1
        in_split = repeated.group_by(kind, "split").agg(pl.len(), is_repeat.alias("bad")).filter("bad")
        counts[kind] = RepeatCounts(
            in_two_splits, with_two_labels, int(in_split["len"].sum()), present.height, grouped.height
        )
    return {"row": counts["text"]} | counts if "text" in counts else counts


def _is_repeated_id(row: str) -> pl.Expr:
    """Whether rows with one id are not all about one text: several questions about it may share its id."""
    import polars as pl

    return (pl.len() > 1) & ((pl.col("text").n_unique() > 1) | (pl.col(row).n_unique() < pl.len()))


def are_row_ids(counts: RepeatCounts) -> bool:
    """Whether a column identifies rows, so that its repeats are errors and not numbers that restart per document."""
    return counts.in_one_split <= max(_MAX_REPEATED_IDS * counts.total, 2)


def are_several_answers(counts: RepeatCounts) -> bool:
    """Whether rows are answers of several people, or several labels, about a text: most texts have two labels."""
    many = counts.repeated >= _MIN_REPEATED and counts.in_one_split >= _MIN_REPEATED_SHARE * counts.total
    return many and counts.with_two_labels > _MIN_MIXED * counts.repeated


def leaked_keys(dataset: Dataset, kind: str) -> Iterator[tuple[Finding, Leak]]:
    """Yield a finding per pair of splits that share texts or groups, at the first shared row of the later split."""
    import polars as pl

    key = pl.col(kind).hash()
    in_split = pl.col(kind).is_not_null() & (pl.col("split") != NO_SPLIT)
    keyed = dataset.frame.filter(in_split).select("split", row_position().alias("at"), key.alias("key"))
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
            finding = dataset.finding_at(f"{kind}-across-splits", row["at"], message, f"{first_split} {second_split}")
            yield finding, Leak(first_split, second_split, noun, both.height, size[second_split])


def row_key(dataset: Dataset) -> pl.Expr:
    """Return a digest of the row's text and of its question about the text: equal for equal rows."""
    import polars as pl

    return pl.struct("text", "about").hash() if dataset.columns.about else pl.col("text").hash()


def repeated_rows(dataset: Dataset, kind: str, what: str) -> pl.LazyFrame:
    """Return the rows whose key has two labels (`mixed`) or repeats in a split with one label (`twice`).

    Columns: file, row, at, id, label, key, first (the position of the first row with that key).
    """
    import polars as pl

    names = [name for name in ("id", "label") if getattr(dataset.columns, name) is not None]
    key = row_key(dataset) if kind == "row" else pl.col(kind).hash()
    is_present = pl.col("text" if kind == "row" else kind).is_not_null()
    digests = {"at": row_position(), "key": key, "text": pl.col("text").hash(), "whole": row_key(dataset)}
    rows = dataset.frame.filter(is_present).select("file", "row", "split", *names, **digests)
    by = ["key"] if what == "mixed" else ["key", "split"]
    bad = pl.len() > 1 if kind == "row" else _is_repeated_id("whole")
    if "label" in names and kind == "row":
        mixed = pl.col("label").drop_nulls().n_unique() > 1
        bad = mixed if what == "mixed" else bad & ~mixed
    grouped = rows.group_by(by).agg(bad.alias("bad"), pl.col("at").min().alias("first")).filter("bad")
    return rows.drop("text", "whole").join(grouped.select(*by, "first"), on=by).sort("at")


def class_counts(dataset: Dataset) -> pl.LazyFrame:
    """Return the number of rows per split and label."""
    return dataset.frame.group_by("split", "label").len()


def without_secret_labels(dataset: Dataset) -> Dataset:
    """Return the dataset without the labels of splits that only have a placeholder, such as -1 in a test set."""
    import polars as pl

    counts = class_counts(dataset).collect(engine="streaming").drop_nulls("label")
    by_split = counts.group_by("split").agg(pl.col("label").unique())
    secret = by_split.filter((pl.col("label").list.len() == 1) & pl.col("label").list.first().is_in(_NO_LABELS))
    if secret.is_empty() or secret.height == by_split.height:
        return dataset
    known = ~pl.col("split").is_in(secret["split"].to_list())
    return msgspec.structs.replace(
        dataset, frame=dataset.frame.with_columns(pl.when(known).then("label").alias("label"))
    )


def labelled_splits(counts: pl.DataFrame) -> list[str]:
    """Return the splits in which any row has a label: the labels of test sets are often kept secret."""
    return counts.filter(_is_label()).get_column("split").unique().sort().to_list()


def _is_label() -> pl.Expr:
    import polars as pl

    return pl.col("label").is_not_null() & (pl.col("label") != "")


def unbalanced_classes(counts: pl.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Yield a code, an item and a message for each class that is rare, dominant, or missing from a split."""
    import polars as pl

    labelled = labelled_splits(counts)
    counts = counts.filter(pl.col("split").is_in(labelled) & _is_label())
    total = int(counts["len"].sum())
    by_label = dict(counts.group_by("label").agg(pl.col("len").sum()).sort("label").iter_rows())
    if len(by_label) > max(_MAX_CLASSES_PER_ROW * total, 2):
        return  # a rank, a name or a text, and no class
    for label, count in by_label.items():
        if count > _MAX_CLASS_SHARE * total and total >= _MIN_ROWS:
            yield "class-imbalance", label, f"{count:,} of {quantity(total, 'row')} are {label!r}"
        elif count < _MIN_CLASS_ROWS and total >= _MIN_ROWS:
            yield "class-imbalance", label, f"only {count} of {quantity(total, 'row')} are {label!r}"
    sizes: dict[str, Any] = dict(counts.group_by("split").agg(pl.col("len").sum()).iter_rows())
    have = {(split, label) for split, label, _ in counts.iter_rows()}
    for split in sorted(set(sizes) - {NO_SPLIT}):
        for label, count in by_label.items():
            # A rare class is expected to be missing from a small split.
            if (split, label) not in have and count * sizes[split] >= _MIN_CLASS_ROWS * total:
                yield (
                    "split-lacks-label",
                    f"{split} {label}",
                    f"no {label!r} in {split}, {quantity(count, 'row')} elsewhere",
                )
