"""Rows in the shapes of JSON files: lists, lists by split, objects by id, columns, paragraphs with questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from goldwire.audit.splits import split_kind
from goldwire.audit.tool_rows import as_columns, labelled_text, with_answers

__all__ = ["tabulate"]

_MIN_OBJECTS = 5  # by id: fewer are settings
_OF_A_DOCUMENT = ("title", "headline", "url", "uuid", "id", "text", "author", "date")  # its list has its parts
_QUESTIONS = ("qas", "questions", "qa")
Row = dict[str, Any]


def tabulate(value: Any) -> Iterator[Row]:
    """Yield the rows of a decoded JSON file; none if it is not a table.

    Examples
    --------
    >>> list(tabulate({"train": [{"text": "A"}], "test": [{"text": "B"}]}))
    [{'split': 'train', 'text': 'A'}, {'split': 'test', 'text': 'B'}]
    >>> list(tabulate({"text": ["A", "B"], "label": [0, 1]}))
    [{'text': 'A', 'label': 0}, {'text': 'B', 'label': 1}]
    """
    yield from as_columns(_with_paragraphs(_rows(value)))


def _rows(value: Any) -> Iterable[Row]:
    if isinstance(value, list):
        return _list_rows(value)
    if not isinstance(value, dict):
        return ()
    splits = {name: rows for name, rows in value.items() if split_kind(name) and _list_rows(rows)}
    if len(splits) > 1:
        return [{"split": name} | row for name, rows in splits.items() for row in _list_rows(rows)]
    tables = [rows for rows in value.values() if isinstance(rows, list) and _are_objects(rows)]
    if tables and not any(isinstance(value.get(name), str) for name in _OF_A_DOCUMENT):
        return max(tables, key=len)  # the others describe it: licences, categories
    return _columns(value) or _objects_by_id(value)


def _list_rows(value: Any) -> list[Row]:
    """Return the rows of a list of objects, of lists of equal length, or of texts."""
    if isinstance(value, dict):
        return list(_columns(value) or _objects_by_id(value))
    if not isinstance(value, list) or not value:
        return []
    if _are_objects(value):
        return value
    if all(isinstance(row, list) and len(row) == len(value[0]) for row in value):
        tuples = [labelled_text(row) for row in value]
        if all(row is not None for row in tuples):
            return [row for row in tuples if row is not None]
        return [{f"column_{number}": field for number, field in enumerate(row, 1)} for row in value]
    return [{"text": text} for text in value] if all(isinstance(text, str) for text in value) else []


def _are_objects(rows: Sequence[Any]) -> bool:
    return bool(rows) and all(isinstance(row, dict) for row in rows)


def _columns(value: Mapping[str, Any]) -> list[Row]:
    """Return the rows of an object of columns: lists of equal length, or objects by row number, as pandas writes."""
    columns = [
        list(column.values()) if isinstance(column, dict) else column
        for column in value.values()
        if isinstance(column, dict | list)
    ]
    if len(columns) < len(value) or len({len(column) for column in columns}) != 1 or len(columns) < 2:
        return []
    keys = [tuple(column) for column in value.values() if isinstance(column, dict)]
    numbered = all(key == keys[0] and all(name.isdigit() for name in key) for key in keys)
    if not columns[0] or not numbered or any(_is_nested(column) for column in columns):
        return []
    return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]


def _is_nested(column: Sequence[Any]) -> bool:
    return all(isinstance(field, dict) for field in column)


def _objects_by_id(value: Mapping[str, Any]) -> list[Row]:
    """Return the rows of an object of objects with common fields, each with its key as `id`."""
    if len(value) < _MIN_OBJECTS or not all(isinstance(row, dict) for row in value.values()):
        return []
    first = next(iter(value.values()))
    if not first or not all(first.keys() & row.keys() for row in value.values()):
        return []
    return [{"id": key} | row for key, row in value.items()]


def _with_paragraphs(rows: Iterable[Row]) -> Iterator[Row]:
    """Replace an article of a reading test by its paragraphs, each with the article's title."""
    for row in rows:
        paragraphs = row.get("paragraphs")
        if isinstance(paragraphs, list) and _are_objects(paragraphs) and _asks(paragraphs[0]):
            rest = {name: field for name, field in row.items() if name != "paragraphs"}
            yield from (rest | with_answers(paragraph) for paragraph in paragraphs)
        else:
            yield row


def _asks(paragraph: Row) -> bool:
    return any(name in paragraph for name in _QUESTIONS)
