"""Label Studio's JSON: tasks with annotations, in its full and its "JSON-MIN" export.

Offsets are UTF-16 units, as the browser counts them. A region is `labels` with `start` and `end`; a relation joins two
regions, `from_id` the holder and `to_id` the target, or the other way round where its direction is `left`. Choices
about the whole text are relations to the question.
`completed_by` is the annotator: a number, or an object with an e-mail address. A relation without a holder, or to a
named target, is a `textarea` result with JSON in it, which Label Studio shows as a text area named `stances`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DataError
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import ANONYMOUS, Document, Labels, Relation, Span, document_label, merge_annotators
from goldwire.formats.files import data_files, peek_json, read_json
from goldwire.text.offsets import OffsetError, OffsetIndex, index_offsets
from goldwire.workspace import atomic

__all__ = ["FORMAT"]

_UNSPANNED = "stances"  # the control that holds relations without two regions
_FROM, _TO = "label", "text"
_ANSWERS = frozenset(["choices", "rating", "number"])  # results about the text as a whole


class LabelStudioFormat(msgspec.Struct, frozen=True):
    """Label Studio JSON."""

    name: str = "label-studio"
    title: str = "Label Studio JSON"
    package: str | None = None
    capabilities: Capabilities = Capabilities(comments=False)

    def matches(self, path: Path) -> bool:
        """Whether the first task has `data` and `annotations`, or the keys of JSON-MIN."""
        row = peek_json(path)
        if isinstance(row, list):
            row = row[0] if row else None
        if not isinstance(row, dict):
            return False
        if isinstance(row.get("data"), dict) and ("annotations" in row or "completions" in row):
            return True
        return "annotation_id" in row and bool(_min_regions(row))

    def read(self, path: Path) -> Iterator[Document]:
        """Yield one document per task; JSON-MIN has a row per task and annotator."""
        yield from merge_annotators(self._parts(path))

    def _parts(self, path: Path) -> Iterator[tuple[Document, str]]:
        for file in data_files(path, ".json"):
            tasks = read_json(file)
            for number, task in enumerate(tasks if isinstance(tasks, list) else [tasks]):
                location = f"{file}[{number}]"
                yield _document(task, location), location

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write one file of tasks, which Label Studio imports with their annotations."""
        atomic.write_chunks(path, _list_of(_tasks(documents)))


def _list_of(items: Iterable[bytes]) -> Iterator[bytes]:
    yield b"["
    for number, item in enumerate(items):
        yield (b",\n" if number else b"\n") + item
    yield b"\n]\n"


def _document(task: Any, location: str) -> Document:
    if not isinstance(task, dict):
        raise DataError("not a task", location=location)
    data = task.get("data", task)
    text = _text(data) if isinstance(data, dict) else None
    if text is None:
        raise DataError("no text in the task", location=location, hint="its data needs the key `text`")
    index = index_offsets(text)
    try:
        if "data" in task:
            results = task.get("annotations", task.get("completions")) or ()
            labels = tuple(_labels(item, text, index) for item in results)
        else:  # JSON-MIN
            regions = [{"type": "labels", "id": str(n), "value": value} for n, value in enumerate(_min_regions(task))]
            labels = (_labels({"completed_by": task.get("annotator"), "result": regions}, text, index),)
    except (KeyError, TypeError, ValueError, AttributeError, OffsetError) as error:
        message = str(error) if isinstance(error, OffsetError) else f"unreadable annotation ({error!r})"
        raise DataError(message, location=location) from None
    name = data.get("gw_article_id") or task.get("id", location)
    return Document(id=str(name), text=text, labels=labels)


def _text(data: Mapping[str, Any]) -> str | None:
    """Return the text of a task: by its usual keys, else the longest string."""
    strings = {key: value for key, value in data.items() if isinstance(value, str)}
    usual = next((strings[key] for key in ("text", "content", "body") if key in strings), None)
    return max(strings.values(), key=len, default=None) if usual is None else usual


def _min_regions(task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the regions of JSON-MIN: the list of them has the name of the control."""
    for value in task.values():
        if isinstance(value, list) and value and all(isinstance(item, dict) and "labels" in item for item in value):
            return value
    return []


def _labels(annotation: Mapping[str, Any], text: str, index: OffsetIndex) -> Labels:
    results = annotation.get("result") or ()
    annotator = _annotator(annotation.get("completed_by"))
    regions = [item for item in results if item["type"] in {"labels", "hypertextlabels"}]
    spans: list[Span] = []
    positions: dict[str, int] = {}
    for item in regions:
        value = item["value"]
        positions[item["id"]] = len(spans)
        try:
            start, end = _extent(value, text, index)
        except OffsetError as error:
            raise OffsetError(f"region {item['id']} of {annotator}: {error}") from None
        spans += [Span(start=start, end=end, label=str(label)) for label in value[item.get("type", "labels")]]
    relations = [
        Relation(label=str(label), holder=positions[holder], target=positions[target])
        for item in results
        if item.get("type") == "relation"
        for label in item.get("labels") or ("relation",)
        for holder, target in _ends(item)
    ]
    for item in results:
        if item.get("type") == "textarea" and item.get("from_name") == _UNSPANNED:
            relations += [_relation_without_span(json.loads(text), positions) for text in item["value"]["text"]]
    for item in results:
        if item.get("type") in _ANSWERS and "start" not in item["value"]:
            relations.append(_answer(item))
    return Labels(
        annotator=annotator,
        spans=tuple(spans),
        relations=tuple(relations),
        complete=not annotation.get("was_cancelled", False),
    )


def _extent(value: Mapping[str, Any], text: str, index: OffsetIndex) -> tuple[int, int]:
    """Return the code points of a region.

    Its page counts UTF-16 units. Regions that a program made with Python's offsets are recognized by their text.
    """
    start, end, stored = int(value["start"]), int(value["end"]), value.get("text")
    if index.astral and stored and stored == text[start:end]:
        units = text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end]
        if units != str(stored).encode("utf-16-le", "surrogatepass"):
            return start, end
    return index.from_utf16(start), index.from_utf16(end)


def _ends(relation: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return holder and target; of a relation in both directions, once from each side."""
    ends = relation["from_id"], relation["to_id"]
    back = ends[1], ends[0]
    return {"left": [back], "bi": [ends, back]}.get(str(relation.get("direction")), [ends])


def _answer(item: Mapping[str, Any]) -> Relation:
    """Return an answer about the whole text: a choice, or a number."""
    value = item["value"][item["type"]]
    return document_label(str(item["from_name"]), value if isinstance(value, list) else [value])


def _relation_without_span(value: Mapping[str, Any], positions: Mapping[str, int]) -> Relation:
    holder, target = value.get("holder"), value.get("target")
    return Relation(
        label=value["label"],
        holder=None if holder is None else positions[holder],
        target=None if target is None else positions[target],
        target_name=value.get("target_name"),
    )


def _annotator(completed_by: Any) -> str:
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email") or completed_by.get("username") or completed_by.get("id")
    if completed_by is None:
        return ANONYMOUS
    return f"A{completed_by}" if isinstance(completed_by, int) else str(completed_by)


def _tasks(documents: Iterable[Document]) -> Iterator[bytes]:
    """Yield tasks with ids from 1, of which Label Studio's converter needs those of tasks and annotations."""
    annotation_ids = count(1)
    for number, document in enumerate(documents, 1):
        yield msgspec.json.encode(_task(number, document, annotation_ids))


def _task(number: int, document: Document, annotation_ids: Iterator[int]) -> dict[str, Any]:
    index = index_offsets(document.text)
    return {
        "id": number,
        "data": {"text": document.text, "gw_article_id": document.id},
        "annotations": [
            {
                "id": next(annotation_ids),
                "completed_by": {"email": labels.annotator},
                "was_cancelled": not labels.complete,
                "result": [*_regions(document, labels, index), *_relations(labels), *_unspanned_results(labels)],
            }
            for labels in document.labels
        ],
    }


def _regions(document: Document, labels: Labels, index: OffsetIndex) -> Iterator[dict[str, Any]]:
    for number, span in enumerate(labels.spans):
        value = {
            "start": index.to_utf16(span.start),
            "end": index.to_utf16(span.end),
            "text": document.text[span.start : span.end],
            "labels": [span.label],
        }
        yield {"id": f"s{number}", "type": "labels", "from_name": _FROM, "to_name": _TO, "value": value}


def _relations(labels: Labels) -> Iterator[dict[str, Any]]:
    for relation in labels.relations:
        if relation.holder is not None and relation.target is not None:
            ends = {"from_id": f"s{relation.holder}", "to_id": f"s{relation.target}"}
            yield {"type": "relation", **ends, "direction": "right", "labels": [relation.label]}


def _unspanned_results(labels: Labels) -> Iterator[dict[str, Any]]:
    values = []
    for relation in labels.relations:
        if relation.holder is None or relation.target is None:
            value: dict[str, str] = {"label": relation.label}
            if relation.holder is not None:
                value["holder"] = f"s{relation.holder}"
            if relation.target is not None:
                value["target"] = f"s{relation.target}"
            if relation.target_name is not None:
                value["target_name"] = relation.target_name
            values.append(json.dumps(value, ensure_ascii=False))
    if values:
        yield {"id": "stances", "type": "textarea", "from_name": _UNSPANNED, "to_name": _TO, "value": {"text": values}}


FORMAT = LabelStudioFormat()
