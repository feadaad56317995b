"""A dataset's spans: offsets that lie in the text and say what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goldwire.audit.table import Dataset, Limits

if TYPE_CHECKING:
    import polars as pl

__all__ = ["one_a_row", "predicates", "span_fault", "suspect"]


def one_a_row(dataset: Dataset) -> pl.LazyFrame | None:
    """A row for each span: file, row, id, whole (the text), start, end, surface, kind; None where there are none."""
    import polars as pl

    here = [pl.col(name) for name in ("file", "row", *(("id",) if dataset.columns.id else ()))]
    here.append(pl.col("text").alias("whole"))
    if dataset.columns.spans is not None:
        spans = dataset.frame.select(*here, "spans").filter(pl.col("spans").list.len() > 0).explode("spans")
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
    return dataset.frame.select(*here, "start", "end", surface=surface, kind=pl.lit(None, pl.String)).filter(
        pl.col("start").is_not_null() | pl.col("end").is_not_null()
    )


def suspect(dataset: Dataset, limits: Limits) -> pl.Expr:
    """True of each span that may have a fault that is wanted.

    A span whose surface is as long as it says and stands where it says is sound, and the length of the text need not
    be known: counting the code points of a million texts takes half as long as all the rest.
    """
    import polars as pl

    wanted = predicates(dataset, limits)
    start, length = pl.col("start"), (pl.col("end") - pl.col("start")).clip(0)
    surface, found = pl.col("surface"), pl.lit(False)
    if wanted.keys() - {"label-unknown"}:
        sound = (start >= 0) & (length > 0) & (surface.str.len_chars() == length)
        found = ~(sound & (pl.col("whole").str.slice(start, length) == surface)).fill_null(False)
    return found | wanted["label-unknown"] if "label-unknown" in wanted else found


def predicates(dataset: Dataset, limits: Limits) -> dict[str, pl.Expr]:
    """By code, an expression that is true of the spans with that fault."""
    import polars as pl

    start, end, whole = pl.col("start"), pl.col("end"), pl.col("whole")
    outside = ((start < 0) | (end > whole.str.len_chars().cast(pl.Int64))).fill_null(True)
    empty = ~outside & (start >= end)
    cut = whole.str.slice(start, (end - start).clip(0))
    found = {
        "span-out-of-bounds": outside,
        "span-empty": empty,
        "span-text-mismatch": ~outside & ~empty & (cut != pl.col("surface")).fill_null(False),
    }
    labels = limits.span_labels or dataset.span_labels
    if labels:
        found["label-unknown"] = ~pl.col("kind").is_in(list(labels)).fill_null(True)
    return {code: predicate for code, predicate in found.items() if limits.wants(code)}


def span_fault(code: str, row: dict[str, Any]) -> str:
    """Say what is wrong with a span that `predicates` picked under `code`."""
    at = f"[{row['start']}, {row['end']})"
    if code == "span-out-of-bounds":
        return f"{at} in a text of {len(row['whole'] or '')} code points"
    if code == "span-empty":
        return f"{at} holds nothing"
    if code == "label-unknown":
        return f"{row['kind']!r} of {row['surface']!r} {at} is not a label"
    return f"stored {row['surface']!r}, text has {row['whole'][row['start'] : row['end']]!r} at {at}"
