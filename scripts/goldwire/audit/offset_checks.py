"""Checks of a dataset's spans: offsets within the text, surfaces equal to the text, known labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goldwire.audit.table import AuditOptions, Dataset

if TYPE_CHECKING:
    import polars as pl

__all__ = ["needs_check", "predicates", "span_problem", "span_rows"]


def span_rows(dataset: Dataset) -> pl.LazyFrame | None:
    """Return one row per span, or None if the dataset has no spans.

    Columns: file, row, id, whole (the text), start, end, surface, kind (the label).
    """
    import polars as pl

    row_columns = [pl.col(name) for name in ("file", "row", *(("id",) if dataset.columns.id else ()))]
    row_columns.append(pl.col("text").alias("whole"))
    if dataset.columns.spans is not None:
        spans = dataset.frame.select(*row_columns, "spans").filter(pl.col("spans").list.len() > 0).explode("spans")
        part = pl.col("spans").struct
        return spans.select(
            pl.exclude("spans"),
            start=part.field("start"),
            end=part.field("end"),
            surface=part.field("text"),
            kind=part.field("label"),
        )
    if dataset.columns.start is None:
        return None
    surface = pl.col("surface") if dataset.columns.surface else pl.lit(None, pl.String)
    return dataset.frame.select(*row_columns, "start", "end", surface=surface, kind=pl.lit(None, pl.String)).filter(
        pl.col("start").is_not_null() | pl.col("end").is_not_null()
    )


def needs_check(dataset: Dataset, limits: AuditOptions) -> pl.Expr:
    """Return an expression that is true for spans that may have one of the selected problems.

    A span whose surface has its length and occurs at its start is valid, and the length of the text is not needed:
    counting the code points of a million texts takes half as long as everything else.
    """
    import polars as pl

    expressions = predicates(dataset, limits)
    start, length = pl.col("start"), (pl.col("end") - pl.col("start")).clip(0)
    surface, suspect = pl.col("surface"), pl.lit(False)
    if expressions.keys() - {"label-unknown"}:
        is_valid = (start >= 0) & (length > 0) & (surface.str.len_chars() == length)
        suspect = ~(is_valid & (pl.col("whole").str.slice(start, length) == surface)).fill_null(False)
    return suspect | expressions["label-unknown"] if "label-unknown" in expressions else suspect


def predicates(dataset: Dataset, limits: AuditOptions) -> dict[str, pl.Expr]:
    """Return, by code, an expression that is true for spans with that problem."""
    import polars as pl

    start, end, text = pl.col("start"), pl.col("end"), pl.col("whole")
    outside = ((start < 0) | (end > text.str.len_chars().cast(pl.Int64))).fill_null(True)
    empty = ~outside & (start >= end)
    surface = text.str.slice(start, (end - start).clip(0))
    expressions = {
        "span-out-of-bounds": outside,
        "span-empty": empty,
        "span-text-mismatch": ~outside & ~empty & (surface != pl.col("surface")).fill_null(False),
    }
    labels = limits.span_labels or dataset.span_labels
    if labels:
        expressions["label-unknown"] = ~pl.col("kind").is_in(list(labels)).fill_null(True)
    return {code: predicate for code, predicate in expressions.items() if limits.wants(code)}


def span_problem(code: str, row: dict[str, Any]) -> str:
    """Return the message for a span that `predicates` selected under `code`."""
    extent = f"[{row['start']}, {row['end']})"
    if code == "span-out-of-bounds":
        return f"{extent} in a text of {len(row['whole'] or '')} code points"
    if code == "span-empty":
        return f"{extent} is empty"
    if code == "label-unknown":
        return f"{row['kind']!r} of {row['surface']!r} {extent} is not a label"
    return f"stored {row['surface']!r}, text has {row['whole'][row['start'] : row['end']]!r} at {extent}"
