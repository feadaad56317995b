"""Which column of a dataset is what: as its checker says, or by the names that published datasets use."""

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

# In order of preference: what the datasets that people publish call these.
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
# What a row asks about its text: rows of one text are the same only where these are too.
_ABOUT = frozenset(
    (
        *("target", "target_start", "target_end", "holder", "holder_start", "holder_end", "aspect", "topic", "entity"),
        *("claim", "question", "premise", "hypothesis", "sentence2", "context", "start", "end", "annotator", "worker"),
    )
)
_WORDS = 3.0  # spaces in a value, on average: names and titles have fewer than sentences
_OFFSETS = {"start": None, "end": None, "surface": None}


def guess_columns(sample: pl.DataFrame, named: Columns, place: object) -> Columns:
    """Which column is what: as `named`, or by the names that published datasets use, where the values fit."""
    import polars as pl

    for role, said in msgspec.structs.asdict(named).items():
        if isinstance(said, str) and said not in sample.columns:
            there = ", ".join(name for name in sample.columns if name != "row")
            raise ConfigError(f"no column {said!r} for {role}", location=place, hint=f"there: {there}")
    if (
        named.spans is not None
        and isinstance(sample[named.spans].dtype, pl.List)
        and _fits("tags", sample[named.spans])
    ):
        named = msgspec.structs.replace(named, tags=named.spans, spans=None)
    found: dict[str, str | None] = {}
    by_name = {name.strip().lower(): name for name in reversed(sample.columns)}
    for role, guesses in _GUESSES.items():
        taken = {name for other, name in found.items() if other in ("text", "label", "start", "end")}
        guessed = [by_name[guess] for guess in guesses if guess in by_name]
        fits = (name for name in guessed if name not in taken and _fits(role, sample[name]))
        found[role] = getattr(named, role) or next(fits, None) or _unnamed(role, sample, taken)
    if (found["spans"] is not None and named.start is None) or found["start"] is None or found["end"] is None:
        found |= _OFFSETS
    if found["spans"] is not None and not _fits("spans", sample[found["spans"]]):
        hint = "a span has a start and an end, in code points of the text"
        raise ConfigError(f"column {found['spans']!r} holds no list of spans", location=place, hint=hint)
    if named.text is None and _is_surface(found, sample):
        found["text"] = None
    if found["text"] is None or not holds_tokens(sample[found["text"]]):
        found["tags"] = None
    offsets = (found["start"], found["end"], found["surface"])
    about = (name for name in sample.columns if name != found["text"] and (name in _ABOUT or name in offsets))
    return Columns(**found, about=tuple(about))


def _is_surface(found: Mapping[str, str | None], sample: pl.DataFrame) -> bool:
    """Whether the column of texts holds only what lies between the offsets: a table of spans without their texts."""
    import polars as pl

    text, start, end = (found[role] for role in ("text", "start", "end"))
    if text is None or start is None or end is None or sample[text].dtype != pl.String:
        return False
    length = sample[end] - sample[start]
    return bool((sample[text].str.len_chars() == length).all() and (sample[start] >= length).any())


def _unnamed(role: str, sample: pl.DataFrame, taken: set[str | None]) -> str | None:
    """The only column of sentences is the text; in a table without names, the only other one is the label."""
    import polars as pl

    if role == "text":
        words = [column for column in sample.iter_columns() if column.dtype == pl.String and column.null_count() == 0]
        texts = [column.name for column in words if column.str.count_matches(" ").sum() >= _WORDS * column.len()]
        return texts[0] if len(texts) == 1 else None
    others = [name for name in sample.columns if name not in taken and name != "row"]
    bare = role == "label" and len(others) == 1 and others[0].startswith("column_")
    return others[0] if bare and _fits(role, sample[others[0]]) else None


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
