"""The roles of a dataset's columns: as given, or guessed from names that published datasets use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from goldwire.audit import Columns
from goldwire.audit.span_formats import holds_spans, holds_tokens
from goldwire.errors import ConfigError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["guess_columns"]

# Names in published datasets, in order of preference.
_GUESSES: dict[str, tuple[str, ...]] = {
    "text": (
        *("text", "sentence", "content", "body", "document", "article", "headline", "tweet", "comment", "post"),
        *("review", "passage", "utterance", "question", "premise", "sentence1", "title", "abstract", "tokens", "words"),
    ),
    "label": ("label", "labels", "stance", "polarity", "sentiment", "class", "category", "target_label", "y"),
    "spans": ("spans", "entities", "mentions", "ents", "annotations", "labels", "label"),
    "tags": ("ner_tags", "tags", "ner", "bio_tags", "labels", "label"),
    "start": ("start", "start_offset", "begin", "from", "span_start", "start_char"),
    "end": ("end", "end_offset", "to", "span_end", "end_char"),
    "surface": ("surface", "mention", "target", "span_text", "entity", "span"),
    "group": ("group", "article_id", "doc_id", "document_id", "story_id", "thread_id", "conversation_id", "url"),
    "id": ("id", "item_id", "uid", "guid", "row_id", "example_id", "idx"),
    "split": ("split", "fold", "subset", "partition"),
}
# Columns of the question about the text: rows with the same text are equal only if these are equal too.
_QUESTION_COLUMNS = frozenset(
    (
        *("target", "target_start", "target_end", "holder", "holder_start", "holder_end", "aspect", "topic", "entity"),
        *("claim", "question", "premise", "hypothesis", "sentence2", "context", "start", "end", "annotator", "worker"),
    )
)
_MIN_SPACES = 3.0  # per value, on average: names and titles have fewer than sentences
_NO_OFFSETS = {"start": None, "end": None, "surface": None}


def guess_columns(sample: pl.DataFrame, given: Columns, location: object) -> Columns:
    """Return the columns by role: those of `given`, or else guessed from names if the values fit the role."""
    import polars as pl

    for role, name in msgspec.structs.asdict(given).items():
        if isinstance(name, str) and name not in sample.columns:
            columns = ", ".join(column for column in sample.columns if column != "row")
            raise ConfigError(f"no column {name!r} for {role}", location=location, hint=f"columns: {columns}")
    if (
        given.spans is not None
        and isinstance(sample[given.spans].dtype, pl.List)
        and _fits("tags", sample[given.spans])
    ):
        given = msgspec.structs.replace(given, tags=given.spans, spans=None)
    names_by_role: dict[str, str | None] = {}
    by_name = {name.strip().lower(): name for name in reversed(sample.columns)}
    for role, guesses in _GUESSES.items():
        used_names = {name for other, name in names_by_role.items() if other in ("text", "label", "start", "end")}
        guessed = [by_name[guess] for guess in guesses if guess in by_name]
        fits = (name for name in guessed if name not in used_names and _fits(role, sample[name]))
        names_by_role[role] = getattr(given, role) or next(fits, None) or _unnamed(role, sample, used_names)
    if (
        (names_by_role["spans"] is not None and given.start is None)
        or names_by_role["start"] is None
        or names_by_role["end"] is None
    ):
        names_by_role |= _NO_OFFSETS
    if names_by_role["spans"] is not None and not _fits("spans", sample[names_by_role["spans"]]):
        hint = "a span has a start and an end, in code points of the text"
        raise ConfigError(
            f"column {names_by_role['spans']!r} does not hold lists of spans", location=location, hint=hint
        )
    if given.text is None and _is_surface(names_by_role, sample):
        names_by_role["text"] = None
    if names_by_role["text"] is None or not holds_tokens(sample[names_by_role["text"]]):
        names_by_role["tags"] = None
    offsets = (names_by_role["start"], names_by_role["end"], names_by_role["surface"])
    about = (
        name
        for name in sample.columns
        if name != names_by_role["text"] and (name in _QUESTION_COLUMNS or name in offsets)
    )
    return Columns(**names_by_role, about=tuple(about))


def _is_surface(found: Mapping[str, str | None], sample: pl.DataFrame) -> bool:
    """Whether the text column only holds the ranges between the offsets: a table of spans without their texts."""
    import polars as pl

    text, start, end = (found[role] for role in ("text", "start", "end"))
    if text is None or start is None or end is None or sample[text].dtype != pl.String:
        return False
    length = sample[end] - sample[start]
    return bool((sample[text].str.len_chars() == length).all() and (sample[start] >= length).any())


def _unnamed(role: str, sample: pl.DataFrame, taken: set[str | None]) -> str | None:
    """Return the only column of sentences as text; in a table without header, the only other column as label."""
    import polars as pl

    if role == "text":
        words = [column for column in sample.iter_columns() if column.dtype == pl.String and column.null_count() == 0]
        texts = [column.name for column in words if column.str.count_matches(" ").sum() >= _MIN_SPACES * column.len()]
        return texts[0] if len(texts) == 1 else None
    candidates = [name for name in sample.columns if name not in taken and name != "row"]
    is_only_column = role == "label" and len(candidates) == 1 and candidates[0].startswith("column_")
    return candidates[0] if is_only_column and _fits(role, sample[candidates[0]]) else None


def _fits(role: str, values: pl.Series) -> bool:
    import polars as pl

    kind = values.dtype
    if role == "spans":
        return holds_spans(values)
    if role == "tags":
        return isinstance(kind, pl.List) and (kind.inner == pl.String or kind.inner.is_integer())
    if role in ("start", "end"):
        return kind.is_integer()
    if role == "text":
        return kind == pl.String or holds_tokens(values)
    if role == "surface":
        return kind == pl.String
    return kind.is_integer() or kind in (pl.String, pl.Boolean) or isinstance(kind, pl.Categorical | pl.Enum)
