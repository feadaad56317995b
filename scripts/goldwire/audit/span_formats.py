"""Formats in which published datasets store texts and spans, converted to those of the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import polars as pl

__all__ = ["holds_spans", "holds_tokens", "parse_spans", "polars_span_type", "span_expression", "text_expression"]

_START = ("start", "start_offset", "begin", "start_char", "from")
_END = ("end", "end_offset", "end_char", "to")
_LABEL = ("label", "type", "tag", "entity", "entity_type", "entity_group", "labels")
_TEXT = ("text", "surface", "mention", "word")


def polars_span_type() -> pl.DataType:
    """Return the type of a list of spans, as the checks use it."""
    import polars as pl

    return pl.List(pl.Struct({"start": pl.Int64, "end": pl.Int64, "label": pl.String, "text": pl.String}))


def holds_tokens(values: pl.Series) -> bool:
    """Whether the column holds lists of words."""
    import polars as pl

    return values.dtype == pl.List(pl.String)


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


def text_expression(name: str, kind: pl.DataType) -> pl.Expr:
    """Return an expression for the text; a list of words is joined with spaces."""
    import polars as pl

    return pl.col(name).list.join(" ") if kind == pl.List(pl.String) else pl.col(name).cast(pl.String)


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
