"""Checks of a dataset's rows: texts, encodings, labels, tags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from goldwire.audit.table import AuditOptions, Dataset
from goldwire.checks.rules.content import content_problems
from goldwire.checks.rules.text import character_problems
from goldwire.quantities import quantity

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "SUSPECT_CODES",
    "is_misread",
    "label_missing",
    "predicates",
    "row_problem",
    "suspect_texts",
    "text_problems",
]

# Prefilters, run by polars over the whole column: the second sees only what passed the first (a million texts: 0.5 s;
# one regular expression for all of it: 5 s). Python classifies the few texts that remain.
_PREFILTER = r"[\x00-\x09\x0b-\x1f\x7f@&<+]|[0-9]{3}[-)]"
_RAW = (
    r"[\x00-\x09\x0b-\x1f\x7f]|[\w.+-]@[\w-]+\.\w|&#?\w{2,7};|</?[a-zA-Z][a-zA-Z1-6]*[\s/>]"
    r"|\+\d{1,3}[ .(-]|\(\d{3}\) ?\d|\d{3}-\d{3}-\d{4}"
)
_UNICODE = (
    r"[\x{80}-\x{9f}\x{ad}\x{61c}\x{180e}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{feff}"
    r"\x{fff9}-\x{fffd}\x{300}-\x{36f}\x{1100}-\x{11ff}\x{212a}\x{212b}\x{f900}-\x{faff}]"
    r"|[\x{c2}-\x{f4}][\x{a0}-\x{bf}\x{152}-\x{178}\x{2c6}\x{2dc}\x{2013}-\x{2122}]|\p{Mn}"
)

_ROWS_WITH_B_TAG = "rows-with-b-tag"

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
"""Codes of problems inside a text."""


def suspect_texts(dataset: Dataset) -> pl.LazyFrame:
    """Return the rows whose text may have such a problem: file, row, id, text."""
    import polars as pl

    text = pl.col("text")
    is_not_ascii = text.str.len_bytes() != text.str.len_chars()
    names = ["file", "row", *(("id",) if dataset.columns.id else ()), "text"]
    passed = dataset.frame.select(names).filter(is_not_ascii | text.str.contains(_PREFILTER))
    matches = text.str.contains(_RAW) | (is_not_ascii & text.str.contains(_UNICODE))
    # A plain filter would be merged with the first one and run over every text.
    return passed.map_batches(lambda batch: batch.filter(matches), streamable=True)


def text_problems(text: str) -> Iterator[tuple[str, str]]:
    """Yield a code and a message for each problem inside a text."""
    for rule, message in (*character_problems("text", text), *content_problems(text)):
        yield rule.code, message


def predicates(dataset: Dataset, limits: AuditOptions) -> dict[str, pl.Expr]:
    """Return, by code, an expression that is true for rows with that problem."""
    import polars as pl

    text = pl.col("text")
    expressions = {"text-empty": text.is_null() | (text.str.strip_chars().str.len_bytes() == 0)}
    if dataset.columns.label is not None and limits.labels:
        missing = pl.col("label").is_null() | (pl.col("label") == "")
        expressions["label-unknown"] = ~pl.col("label").is_in(list(limits.labels)) & ~missing
    if dataset.columns.tags is not None:
        expressions["tags-misaligned"] = pl.col("tags").list.len() != pl.col("tokens")
        expressions["tag-dangling"] = pl.col("tags").list.eval(_is_dangling()).list.any().fill_null(False)
    selected = {code: predicate for code, predicate in expressions.items() if limits.wants(code)}
    if "tag-dangling" in selected:
        selected[_ROWS_WITH_B_TAG] = (
            pl.col("tags").list.eval(pl.element().str.starts_with("B-")).list.any().fill_null(False)
        )
    return selected


def label_missing(splits: Sequence[str]) -> pl.Expr:
    """Return an expression that is true for rows without a label in splits that have labels."""
    import polars as pl

    missing = pl.col("label").is_null() | (pl.col("label") == "")
    return missing & pl.col("has_label") & pl.col("split").is_in(list(splits))


def _is_dangling() -> pl.Expr:
    """Return an expression that is true for an `I-` tag that does not continue the tag before it."""
    import polars as pl

    tag = pl.element()
    return tag.str.starts_with("I-") & (tag.str.slice(2) != tag.shift(1).fill_null("O").str.slice(2))


def is_misread(code: str, counts: dict[str, int]) -> bool:
    """Whether the count is not a problem: in the older IOB1 scheme nearly every name begins with I-."""
    return code == _ROWS_WITH_B_TAG or (code == "tag-dangling" and counts[code] > counts[_ROWS_WITH_B_TAG])


def row_problem(code: str, row: dict[str, Any], limits: AuditOptions) -> str:
    """Return the message for a row that `predicates` selected under `code`."""
    if code == "tags-misaligned":
        return f"{len(row['tags'] or ())} tags for {quantity(row['tokens'], 'word')}"
    if code == "tag-dangling":
        index, tag, before = next(_dangling_tags(row["tags"]))
        return f"{tag} of word {index + 1} follows {before}"
    if code == "label-unknown":
        return f"{row['label']!r} is not one of {', '.join(limits.labels)}"
    return "no label" if code == "label-missing" else "no text"


def _dangling_tags(tags: list[str]) -> Iterator[tuple[int, str, str]]:
    for index, (before, tag) in enumerate(zip(["O", *tags], tags, strict=False)):
        if tag is not None and tag.startswith("I-") and tag[2:] != (before or "O")[2:]:
            yield index, tag, "nothing" if index == 0 else str(before)
