"""Formats in which published datasets store texts and spans, converted to those of the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "holds_spans",
    "holds_texts",
    "holds_tokens",
    "mean_words",
    "parse_spans",
    "polars_span_type",
    "span_expression",
    "text_expression",
]

_START = ("start", "start_offset", "begin", "start_char", "from", "answer_start")
_END = ("end", "end_offset", "end_char", "to")
_LABEL = ("label", "type", "tag", "entity", "entity_type", "entity_group", "labels")
_TEXT = ("text", "surface", "mention", "word")
_SENTENCE_TEXT = ("text", "sentence", "content", "paragraph", "sent", "body", "context")
_MIN_WORDS_OF_PARAGRAPH = 1.5  # on average: a word that has a space in it is rare


def polars_span_type() -> pl.DataType:
    """Return the type of a list of spans, as the checks use it."""
    import polars as pl

    return pl.List(pl.Struct({"start": pl.Int64, "end": pl.Int64, "label": pl.String, "text": pl.String}))


def holds_tokens(values: pl.Series) -> bool:
    """Whether the column holds lists of words, and not of paragraphs."""
    import polars as pl

    return values.dtype == pl.List(pl.String) and _words_per_item(values) < _MIN_WORDS_OF_PARAGRAPH


def _words_per_item(values: pl.Series) -> float:
    """Return the mean number of words of the items of lists."""
    items = values.explode().drop_nulls()
    return 0.0 if items.is_empty() else float(items.str.count_matches(r"\S+").sum()) / items.len()


def holds_texts(values: pl.Series) -> bool:
    """Whether the column holds texts, or lists of words, sentences or paragraphs, in any supported format."""
    return _part_format(values.dtype) is not None


def mean_words(values: pl.Series) -> float | None:
    """Return the mean number of words of the texts in a column; None if it holds none."""
    if not holds_texts(values):
        return None
    texts = values.to_frame().select(text_expression(values.name, values)).to_series().drop_nulls()
    return 0.0 if texts.is_empty() else float(texts.str.count_matches(r"\S+").sum()) / texts.len()


def _part_format(kind: pl.DataType) -> Literal["text", "list", "lists", "objects"] | None:
    """Return how a type holds texts: directly, in a list, in lists of lists of words, or in objects with a text."""
    import polars as pl

    if kind == pl.String:
        return "text"
    inner = getattr(kind, "inner", None)
    if not isinstance(kind, pl.List) or inner is None:
        return None
    if inner == pl.String:
        return "list"
    if isinstance(inner, pl.List) and inner.inner == pl.String:
        return "lists"
    is_text = isinstance(inner, pl.Struct) and _text_field(inner) is not None and not _is_span(inner)
    return "objects" if is_text else None


def _text_field(kind: pl.DataType | None) -> str | None:
    """Return the field of an object that has its text."""
    import polars as pl

    if not isinstance(kind, pl.Struct):
        return None
    texts = {field.name.lower(): field.name for field in kind.fields if field.dtype == pl.String}
    return next((texts[name] for name in _SENTENCE_TEXT if name in texts), None)


def _is_span(kind: pl.Struct) -> bool:
    names = {field.name for field in kind.fields}
    return not names.isdisjoint(_START) and not names.isdisjoint(_END)


def holds_spans(values: pl.Series) -> bool:
    """Whether the column holds spans, in any supported format."""
    import polars as pl

    if isinstance(values.dtype, pl.List) and isinstance(values.dtype.inner, pl.Struct):
        names = {field.name for field in values.dtype.inner.fields}
        return not names.isdisjoint(_START) and not names.isdisjoint(_END)
    if values.dtype != pl.String and not isinstance(values.dtype, pl.Struct | pl.List):
        return False
    values_present = [value for value in values.to_list() if value not in (None, "", "[]") and value != []]
    parsed = [parse_spans(value) for value in values_present]
    return any(parsed) and all(spans is not None and all(map(_has_offsets, spans)) for spans in parsed)


def _has_offsets(span: Mapping[str, Any]) -> bool:
    return span["start"] is not None and span["end"] is not None


def text_expression(name: str, sample: pl.Series) -> pl.Expr:
    """Return an expression for the text: words are joined with spaces, paragraphs with empty lines.

    `sample` has values of the column; they decide whether a list has words or paragraphs.
    """
    import polars as pl

    column, part = pl.col(name), _part_format(sample.dtype)
    if part == "list":
        return column.list.join(" " if holds_tokens(sample) else "\n\n", ignore_nulls=True)
    if part == "lists":
        inner = sample.explode()
        between = " " if holds_tokens(inner) else "\n\n"
        return column.list.eval(pl.element().list.join(between, ignore_nulls=True)).list.join(
            between, ignore_nulls=True
        )
    field = _text_field(getattr(sample.dtype, "inner", None))
    if part == "objects" and field is not None:
        return column.list.eval(pl.element().struct.field(field)).list.join("\n\n", ignore_nulls=True)
    return column.cast(pl.String)


def span_expression(name: str, kind: pl.DataType, labels: Sequence[str]) -> pl.Expr:
    """Return an expression for the spans in the format of the checks; `labels` are the names of integer labels."""
    import polars as pl

    column = pl.col(name)
    inner = getattr(kind, "inner", None)
    if isinstance(inner, pl.Struct) and not any(field.dtype.is_nested() for field in inner.fields):
        return column.list.eval(_span([field.name for field in inner.fields], labels)).alias("spans")

    def converted(values: pl.Series) -> pl.Series:
        return pl.Series(
            [parse_spans(value, labels) for value in values.to_list()], dtype=polars_span_type(), strict=False
        )

    return column.map_batches(converted, return_dtype=polars_span_type(), is_elementwise=True).alias("spans")


def _span(have: Sequence[str], labels: Sequence[str]) -> pl.Expr:
    import polars as pl

    def field(names: Sequence[str], kind: Any) -> pl.Expr:
        name = next((name for name in names if name in have), None)
        return pl.lit(None, kind) if name is None else pl.element().struct.field(name).cast(kind, strict=False)

    label = field(_LABEL, pl.String)
    if labels:
        label = label.replace([str(number) for number in range(len(labels))], list(labels))
    return pl.struct(
        start=field(_START, pl.Int64), end=field(_END, pl.Int64), label=label, text=field(_TEXT, pl.String)
    )


def parse_spans(value: Any, labels: Sequence[str] = ()) -> list[dict[str, Any]] | None:
    """Return the spans of a value, or None if it has none.

    A value is a list of objects or of `[start, end, label]`, an object of parallel lists, or JSON of these.
    """
    if isinstance(value, str):
        with suppress(msgspec.MsgspecError):
            decoded = msgspec.json.decode(value)
            return None if isinstance(decoded, str) else parse_spans(decoded, labels)
        return None
    if isinstance(value, Mapping):
        lists = {name: column for name, column in value.items() if isinstance(column, list)}
        if len({len(column) for column in lists.values()}) != 1:
            return None
        value = [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    if not isinstance(value, list):
        return None
    spans = [_parse_span(item, labels) for item in value]
    return None if None in spans else [span for span in spans if span is not None]


def _parse_span(value: Any, labels: Sequence[str]) -> dict[str, Any] | None:
    """Return one span; an invalid offset is None."""
    if isinstance(value, Mapping):
        start, end, label, text = (_first(value, names) for names in (_START, _END, _LABEL, _TEXT))
        if end is None and "answer_start" in value and isinstance(start, int) and isinstance(text, str):
            end = start + len(text)
    elif isinstance(value, list | tuple) and 2 <= len(value) <= 3:
        start, end, label, text = (*value, None, None)[:4]
    else:
        return None
    if isinstance(label, list):
        label = ", ".join(map(str, label))
    if isinstance(label, int) and 0 <= label < len(labels):
        label = labels[label]
    return {
        "start": _number(start),
        "end": _number(end),
        "label": None if label is None else str(label),
        "text": text if isinstance(text, str) else None,
    }


def _first(value: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((value[name] for name in names if name in value), None)


def _number(value: Any) -> int | None:
    with suppress(TypeError, ValueError, OverflowError):
        return int(value)
    return None
