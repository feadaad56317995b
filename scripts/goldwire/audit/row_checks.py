"""A dataset's rows one by one: texts, encodings, labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from goldwire.audit.table import Dataset, Limits
from goldwire.checks.rules.content import content_problems
from goldwire.checks.rules.text import character_problems

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SUSPECT_CODES", "means_otherwise", "predicates", "row_fault", "suspect_faults", "suspects"]

# Whatever a text should not have is found in Rust over the whole column, broadly, in two steps of which the second sees
# only what the first let through (a million texts: 0.5 s; one regular expression for all of it: 5 s). What it is,
# Python then says of the few that are left.
_FIRST = r"[\x00-\x09\x0b-\x1f\x7f@&<+]|[0-9]{3}[-)]"
_RAW = (
    r"[\x00-\x09\x0b-\x1f\x7f]|[\w.+-]@[\w-]+\.\w|&#?\w{2,7};|</?[a-zA-Z][a-zA-Z1-6]*[\s/>]"
    r"|\+\d{1,3}[ .(-]|\(\d{3}\) ?\d|\d{3}-\d{3}-\d{4}"
)
_UNICODE = (
    r"[\x{80}-\x{9f}\x{ad}\x{61c}\x{180e}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{feff}"
    r"\x{fff9}-\x{fffd}\x{300}-\x{36f}\x{1100}-\x{11ff}\x{212a}\x{212b}\x{f900}-\x{faff}]"
    r"|[\x{c2}-\x{f4}][\x{a0}-\x{bf}\x{152}-\x{178}\x{2c6}\x{2dc}\x{2013}-\x{2122}]|\p{Mn}"
)


_BEGUN = "begun"  # rows in which a tag begins with B-

SUSPECT_CODES = (
    *(
        "text-carriage-return",
        "text-control-character",
        "text-bidi-control",
        "text-invisible-character",
        "text-not-nfc",
    ),
    *("text-email", "text-phone", "text-markup", "text-replacement-character", "text-mojibake"),
)
"""What a text may have that it should not."""


def suspects(dataset: Dataset) -> pl.LazyFrame:
    """The rows whose text may have what it should not: file, row, id, text."""
    import polars as pl

    text = pl.col("text")
    wide = text.str.len_bytes() != text.str.len_chars()
    names = ["file", "row", *(("id",) if dataset.columns.id else ()), "text"]
    some = dataset.frame.select(names).filter(wide | text.str.contains(_FIRST))
    closer = text.str.contains(_RAW) | (wide & text.str.contains(_UNICODE))
    # As a plain filter it would be joined with the first, and run over every text again.
    return some.map_batches(lambda batch: batch.filter(closer), streamable=True)


def suspect_faults(text: str) -> Iterator[tuple[str, str]]:
    """Yield a code and a message for each thing that a text should not have."""
    for rule, message in (*character_problems("text", text), *content_problems(text)):
        yield rule.code, message


def predicates(dataset: Dataset, limits: Limits) -> dict[str, pl.Expr]:
    """By code, an expression that is true of the rows with that fault."""
    import polars as pl

    text = pl.col("text")
    found = {"text-empty": text.is_null() | (text.str.strip_chars().str.len_bytes() == 0)}
    if dataset.columns.label is not None:
        missing = pl.col("label").is_null() | (pl.col("label") == "")
        found["label-missing"] = missing
        if limits.labels:
            found["label-unknown"] = ~pl.col("label").is_in(list(limits.labels)) & ~missing
    if dataset.columns.tags is not None:
        found["tags-misaligned"] = pl.col("tags").list.len() != pl.col("tokens")
        found["tag-dangling"] = pl.col("tags").list.eval(_dangling()).list.any().fill_null(False)
    wanted = {code: predicate for code, predicate in found.items() if limits.wants(code)}
    if "tag-dangling" in wanted:
        wanted[_BEGUN] = pl.col("tags").list.eval(pl.element().str.starts_with("B-")).list.any().fill_null(False)
    return wanted


def _dangling() -> pl.Expr:
    """True of a tag that goes on with what the tag before it is not of."""
    import polars as pl

    tag = pl.element()
    return tag.str.starts_with("I-") & (tag.str.slice(2) != tag.shift(1).fill_null("O").str.slice(2))


def means_otherwise(code: str, counts: dict[str, int]) -> bool:
    """Whether so many rows are no fault: in tags of the older form (IOB1) nearly every name begins with I-."""
    return code == _BEGUN or (code == "tag-dangling" and counts[code] > counts[_BEGUN])


def row_fault(code: str, row: dict[str, Any], limits: Limits) -> str:
    """Say what is wrong with a row that `predicates` picked under `code`."""
    if code == "tags-misaligned":
        return f"{len(row['tags'] or ())} tags for {row['tokens']} words"
    if code == "tag-dangling":
        at, tag, before = next(_danglers(row["tags"]))
        return f"{tag} of word {at + 1} follows {before}"
    if code == "label-unknown":
        return f"{row['label']!r} is not one of {', '.join(limits.labels)}"
    return "no label" if code == "label-missing" else "no text"


def _danglers(tags: list[str]) -> Iterator[tuple[int, str, str]]:
    for at, (before, tag) in enumerate(zip(["O", *tags], tags, strict=False)):
        if tag is not None and tag.startswith("I-") and tag[2:] != (before or "O")[2:]:
            yield at, tag, "nothing" if at == 0 else str(before)
