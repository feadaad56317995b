"""Rows of JSON files as plain columns: Label Studio's tasks, spaCy's tuples, answers in a text, nested objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

__all__ = ["as_columns", "labelled_text", "with_answers"]

_QUESTIONS = ("qas", "questions", "qa")
_SNIFFED = 20  # rows that decide whether texts are in nested objects
_MIN_WORDS = 3  # of a text: names and dates have fewer
Row = dict[str, Any]


def as_columns(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield tasks of Label Studio as texts with spans, and the fields of nested objects as columns.

    Examples
    --------
    >>> list(as_columns([{"id": 7, "content": {"title": "Ferry", "body": "The ferry is late."}}]))
    [{'id': 7, 'title': 'Ferry', 'body': 'The ferry is late.'}]
    """
    iterator = iter(rows)
    first = list(islice(iterator, _SNIFFED))
    are_tasks = bool(first) and all(_is_task(row) for row in first)
    are_nested = not any(_is_text(value) for row in first for value in row.values())
    for row in (*first, *iterator):
        yield _task(row) if are_tasks else _flat(row) if are_nested else row


def _is_task(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("data"), dict) and isinstance(row.get("annotations", row.get("completions")), list)


def _task(row: Mapping[str, Any]) -> Row:
    """Return a task of Label Studio with the spans of all of its annotators."""
    if not _is_task(row):
        return dict(row)
    annotations = row.get("annotations", row.get("completions")) or ()
    results = [one for annotation in annotations for one in _list(annotation, "result")]
    values = [one["value"] for one in results if isinstance(one, dict) and isinstance(one.get("value"), dict)]
    spans = [
        {
            "start": value["start"],
            "end": value["end"],
            "label": next(iter(_list(value, "labels") or _list(value, "hypertextlabels")), None),
            "text": value["text"] if isinstance(value.get("text"), str) else None,
        }
        for value in values
        if isinstance(value.get("start"), int) and isinstance(value.get("end"), int)
    ]
    choices = sorted({str(choice) for value in values for choice in _list(value, "choices")})
    return {"id": row.get("id"), **row["data"], "spans": spans, "label": " ".join(choices) or None}


def _list(value: object, name: str) -> list[Any]:
    field = value.get(name) if isinstance(value, dict) else None
    return field if isinstance(field, list) else []


def _is_text(value: object) -> bool:
    if isinstance(value, list):  # of words, sentences or paragraphs
        return bool(value) and any(isinstance(part, str) or _holds_text(part) for part in value[:_MIN_WORDS])
    return isinstance(value, str) and len(value.split()) >= _MIN_WORDS


def _holds_text(part: object) -> bool:
    return isinstance(part, dict) and any(_is_text(value) for value in part.values())


def _flat(row: Row) -> Row:
    """Return a row with the fields of its objects beside its own; a name that both have gets that of the object."""
    flat: Row = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat |= {(key if key not in row and key not in flat else f"{name}.{key}"): v for key, v in value.items()}
        else:
            flat[name] = value
    return flat


def labelled_text(row: Sequence[Any]) -> Row | None:
    """Return the row of a tuple as spaCy has it: `["A text", {"entities": [[0, 1, "PER"]]}]`; None for another list."""
    if len(row) != 2 or not isinstance(row[0], str) or not isinstance(row[1], dict):
        return None
    return {"text": row[0], **row[1]}


def with_answers(paragraph: Row) -> Row:
    """Return a paragraph of a reading test with the answers to its questions as spans."""
    questions: list[Any] = next((paragraph[name] for name in _QUESTIONS if isinstance(paragraph.get(name), list)), [])
    answers = [answer for question in questions for answer in _list(question, "answers")]
    spans = [
        {"start": a["answer_start"], "end": a["answer_start"] + len(a["text"]), "label": None, "text": a["text"]}
        for a in answers
        if isinstance(a, dict) and isinstance(a.get("answer_start"), int) and isinstance(a.get("text"), str)
    ]
    return paragraph | {"spans": spans}
