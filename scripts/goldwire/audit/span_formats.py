"""The forms in which published datasets hold texts and spans, and what the checks make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import polars as pl

__all__ = ["as_spans", "holds_spans", "holds_tokens", "span_type", "spans_of", "text_of"]

_START = ("start", "start_offset", "begin", "start_char", "from")
_END = ("end", "end_offset", "end_char", "to")
_LABEL = ("label", "type", "tag", "entity", "entity_type", "entity_group", "labels")
_TEXT = ("text", "surface", "mention", "word")


def span_type() -> pl.DataType:
    """A list of spans as the checks know it."""
    import polars as pl

    return pl.List(pl.Struct({"start": pl.Int64, "end": pl.Int64, "label": pl.String, "text": pl.String}))


def holds_tokens(values: pl.Series) -> bool:
    """Whether the column holds lists of words."""
    import polars as pl

    return values.dtype == pl.List(pl.String)


def holds_spans(values: pl.Series) -> bool:
    """Whether the column holds spans, in whatever form."""
    import polars as pl

    if isinstance(values.dtype, pl.List) and isinstance(values.dtype.inner, pl.Struct):
        names = {field.name for field in values.dtype.inner.fields}
        return not names.isdisjoint(_START) and not names.isdisjoint(_END)
    if values.dtype != pl.String and not isinstance(values.dtype, pl.Struct | pl.List):
        return False
    some = [value for value in values.to_list() if value not in (None, "", "[]") and value != []]
    found = [as_spans(value) for value in some]
    return any(found) and all(spans is not None and all(_placed(span) for span in spans) for spans in found)


def _placed(span: Mapping[str, Any]) -> bool:
    return span["start"] is not None and span["end"] is not None


def text_of(name: str, kind: pl.DataType) -> pl.Expr:
    """The text; of a list of words, the words with a space between."""
    import polars as pl

    return pl.col(name).list.join(" ") if kind == pl.List(pl.String) else pl.col(name).cast(pl.String)


def spans_of(name: str, kind: pl.DataType, labels: Sequence[str]) -> pl.Expr:
    """The spans as the checks know them; `labels` are the names of those that are numbers."""
    import polars as pl

    column = pl.col(name)
    inner = getattr(kind, "inner", None)
    if isinstance(inner, pl.Struct) and not any(field.dtype.is_nested() for field in inner.fields):
        return column.list.eval(_span([field.name for field in inner.fields], labels)).alias("spans")

    def converted(values: pl.Series) -> pl.Series:
        return pl.Series([as_spans(value, labels) for value in values.to_list()], dtype=span_type(), strict=False)

    return column.map_batches(converted, return_dtype=span_type(), is_elementwise=True).alias("spans")


def _span(have: Sequence[str], labels: Sequence[str]) -> pl.Expr:
    import polars as pl

    def part(names: Sequence[str], kind: Any) -> pl.Expr:
        name = next((name for name in names if name in have), None)
        return pl.lit(None, kind) if name is None else pl.element().struct.field(name).cast(kind, strict=False)

    label = part(_LABEL, pl.String)
    if labels:
        label = label.replace([str(number) for number in range(len(labels))], list(labels))
    return pl.struct(start=part(_START, pl.Int64), end=part(_END, pl.Int64), label=label, text=part(_TEXT, pl.String))


def as_spans(value: Any, labels: Sequence[str] = ()) -> list[dict[str, Any]] | None:
    """The spans in a value: objects, `[start, end, label]`, lists side by side, or JSON of these; None: no spans."""
    if isinstance(value, str):
        with suppress(msgspec.MsgspecError):
            decoded = msgspec.json.decode(value)
            return None if isinstance(decoded, str) else as_spans(decoded, labels)
        return None
    if isinstance(value, Mapping):
        lists = {name: part for name, part in value.items() if isinstance(part, list)}
        if len({len(part) for part in lists.values()}) != 1:
            return None
        value = [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    if not isinstance(value, list):
        return None
    found = [_one(one, labels) for one in value]
    return None if None in found else [one for one in found if one is not None]


def _one(value: Any, labels: Sequence[str]) -> dict[str, Any] | None:
    """One span; an offset that is no number is None in it."""
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
