"""A dataset's spans: offsets that lie in the text and say what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goldwire.checks.dataset.table import Dataset, Limits

if TYPE_CHECKING:
    import polars as pl

__all__ = ["one_a_row", "predicates", "span_fault"]


def one_a_row(dataset: Dataset) -> pl.LazyFrame | None:
    """A row for each span: file, row, id, whole (the text), size (its code points), start, end, surface, kind.

    None where the dataset has no spans.
    """
    import polars as pl

    text = pl.col("text")
    here = [pl.col(name) for name in ("file", "row", *(("id",) if dataset.columns.id else ()))]
    here += [text.alias("whole"), text.str.len_chars().alias("size"), text.str.len_bytes().alias("bytes")]
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
        pl.col("start").is_not_null() & pl.col("end").is_not_null()
    )


def predicates(dataset: Dataset, limits: Limits) -> dict[str, pl.Expr]:
    """By code, an expression that is true of the spans with that fault."""
    import polars as pl

    start, end, size = pl.col("start"), pl.col("end"), pl.col("size").cast(pl.Int64)
    outside = ((start < 0) | (end > size)).fill_null(True)
    empty = ~outside & (start >= end)
    # Where every character is one byte the surface is cut from the bytes at once, without walking through the text.
    whole = pl.col("whole")
    cut = (
        pl.when(pl.col("bytes") == pl.col("size"))
        .then(whole.cast(pl.Binary).bin.slice(start, end - start))
        .otherwise(whole.str.slice(start, end - start).cast(pl.Binary))
    )
    found = {
        "span-out-of-bounds": outside,
        "span-empty": empty,
        "span-text-mismatch": ~outside & ~empty & (cut != pl.col("surface").cast(pl.Binary)).fill_null(False),
    }
    labels = limits.span_labels or dataset.span_labels
    if labels:
        found["label-unknown"] = ~pl.col("kind").is_in(list(labels)).fill_null(True)
    return {code: predicate for code, predicate in found.items() if limits.wants(code)}


def span_fault(code: str, row: dict[str, Any]) -> str:
    """Say what is wrong with a span that `predicates` picked under `code`."""
    at = f"[{row['start']}, {row['end']})"
    if code == "span-out-of-bounds":
        return f"{at} in a text of {row['size']} code points"
    if code == "span-empty":
        return f"{at} holds nothing"
    if code == "label-unknown":
        return f"{row['kind']!r} of {row['surface']!r} {at} is not a label"
    return f"stored {row['surface']!r}, text has {row['whole'][row['start'] : row['end']]!r} at {at}"
