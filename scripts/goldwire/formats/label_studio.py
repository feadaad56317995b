"""Label Studio's JSON: tasks with annotations, in its full and its "JSON-MIN" export.

Offsets are code points; those of old versions, and of goldwire to 0.6.0, are UTF-16 units: the text that is stored with
a region decides. A region is `labels` with `start` and `end`; a relation joins two regions, `from_id` the holder and
`to_id` the target, or the other way round where its direction is `left`. Choices, taxonomies, ratings and numbers about
the whole text are relations to the question, and those about a region its attributes; free texts are comments, and
notes of the region.

`completed_by` is the annotator: a number, or an object with an e-mail address. Label Studio refuses annotations by
addresses that it does not know, so pseudonyms are in the task's data, by the id of the annotation, which it exports as
`import_id`. A relation without a holder, to a named target or with a note is a `textarea` result with JSON in it, which
Label Studio shows as a text area named `stances`.
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
from goldwire.formats.files import data_files, peek_json, read_json_list
from goldwire.quantities import quantity
from goldwire.text.offsets import OffsetError, OffsetIndex, index_offsets
from goldwire.workspace import atomic

__all__ = ["FORMAT"]

_UNSPANNED = "stances"  # the control that holds relations without two regions
_COMMENTS = "comments"
_FROM, _TO = "label", "text"
_NAMES = "gw_annotators"  # of the data of a task: the annotators of its annotations by their ids
_REGIONS = frozenset(["labels", "hypertextlabels"])
_ANSWERS = frozenset(["choices", "taxonomy", "rating", "number", "datetime"])
_ANSWER_LENGTH = 60  # characters of an answer in JSON-MIN, which has the free texts alike


class LabelStudioFormat(msgspec.Struct, frozen=True):
    """Label Studio JSON."""

    name: str = "label-studio"
    title: str = "Label Studio JSON"
    package: str | None = None
    capabilities: Capabilities = Capabilities(attributes=True, notes=True)

    def matches(self, path: Path) -> bool:
        """Whether the first task has `data` and `annotations`, or the keys of JSON-MIN."""
        row = peek_json(path)
        if isinstance(row, list):
            row = row[0] if row else None
        if not isinstance(row, dict):
            return False
        if isinstance(row.get("data"), dict) and ("annotations" in row or "completions" in row):
            return True
        return {"annotation_id", "annotator", "lead_time"} <= row.keys()

    def read(self, path: Path) -> Iterator[Document]:
        """Yield one document per task; JSON-MIN has a row per task and annotator."""
        yield from merge_annotators(self._parts(path))

    def _parts(self, path: Path) -> Iterator[tuple[Document, str]]:
        for file in data_files(path, ".json"):
            for number, task in enumerate(read_json_list(file)):
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
            names = data.get(_NAMES) or {}
            results = task.get("annotations", task.get("completions")) or ()
            labels = tuple(_labels(item, _annotator(item, names), text, index) for item in results)
        else:  # JSON-MIN
            annotator = _annotator({"completed_by": task.get("annotator")}, {})
            labels = (_labels({"result": _min_results(task, text)}, annotator, text, index),)
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


def _min_results(task: Mapping[str, Any], text: str) -> list[dict[str, Any]]:
    """Return the results of JSON-MIN, which have the names of their controls, after the data and the id of the task.

    A single choice or free text is a string alone; a list has the values of several results.
    """
    keys = list(task)
    first = keys.index("id") + 1 if "id" in task else 0
    results: list[dict[str, Any]] = []
    for key in keys[first : keys.index("annotator")]:
        for value in task[key] if isinstance(task[key], list) else [task[key]]:
            if isinstance(value, str) and value != text and len(value) <= _ANSWER_LENGTH and "\n" not in value:
                value = {"choices": [value]}
            kind = next((kind for kind in value if kind in _ANSWERS | _REGIONS), "") if isinstance(value, dict) else ""
            if kind:
                results.append({"type": kind, "id": f"{key}-{len(results)}", "from_name": key, "value": value})
    return results


def _labels(annotation: Mapping[str, Any], annotator: str, text: str, index: OffsetIndex) -> Labels:
    results = annotation.get("result") or ()
    regions = [item for item in results if item["type"] in _REGIONS]
    about_regions = _about_regions(results)
    spans: list[Span] = []
    positions: dict[str, int] = {}
    for item in regions:
        value = item["value"]
        positions[item["id"]] = len(spans)
        try:
            start, end = _extent(value, text, index)
        except OffsetError as error:
            raise OffsetError(f"region {item['id']} of {annotator}: {error}") from None
        attributes, notes = about_regions.get(item["id"], ({}, []))
        notes = [*((item.get("meta") or {}).get("text") or ()), *notes]
        note = "\n".join(map(str, notes)) if notes else None
        spans += [
            Span(start=start, end=end, label=str(label), attributes=attributes, note=note)
            for label in value[item["type"]]
        ]
    relations = [
        Relation(label=str(label), holder=positions[holder], target=positions[target])
        for item in results
        if item["type"] == "relation"
        for label in item.get("labels") or ("relation",)
        for holder, target in _ends(item)
    ]
    comments: list[str] = []
    for item in results:
        kind, value = item["type"], item.get("value") or {}
        if kind == "textarea" and item["from_name"] == _UNSPANNED:
            relations += [_relation_without_span(json.loads(text), positions) for text in value["text"]]
        elif kind == "textarea" and "start" not in value:
            comments += _strings(value["text"])
        elif kind in _ANSWERS and "start" not in value:
            relations.append(document_label(str(item["from_name"]), _strings(value[kind])))
        elif kind.endswith("labels") and kind not in _REGIONS:
            raise ValueError(f"regions of the type {kind} are not of a plain text")
    return Labels(
        annotator=annotator,
        spans=tuple(spans),
        relations=tuple(relations),
        comments=tuple(comments),
        complete=not annotation.get("was_cancelled", False),
    )


def _about_regions(results: Iterable[Mapping[str, Any]]) -> dict[str, tuple[dict[str, str], list[str]]]:
    """Return the answers about single regions and the notes on them, by the id that they share with the region."""
    found: dict[str, tuple[dict[str, str], list[str]]] = {}
    for item in results:
        kind, value = item["type"], item.get("value") or {}
        if kind in _ANSWERS and "start" in value:
            attributes, _ = found.setdefault(item["id"], ({}, []))
            attributes[str(item["from_name"])] = ", ".join(sorted(_strings(value[kind])))
        elif kind == "textarea" and "start" in value:
            _, notes = found.setdefault(item["id"], ({}, []))
            notes += _strings(value["text"])
    return found


def _strings(value: Any) -> list[str]:
    """Return the values of a result: one, a list, or the paths of a taxonomy."""
    values = value if isinstance(value, list) else [value]
    return ["/".join(map(str, item)) if isinstance(item, list) else str(item) for item in values]


def _extent(value: Mapping[str, Any], text: str, index: OffsetIndex) -> tuple[int, int]:
    """Return the code points of a region: UTF-16 units only if the stored text is there and not at the code points.

    The page of Label Studio 1.23 counts code points, and has `😀` as one (drawn with the mouse in Chromium).
    """
    start, end, stored = int(value["start"]), int(value["end"]), value.get("text")
    if index.astral and stored and text[start:end] != stored:
        units = text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end]
        if units == str(stored).encode("utf-16-le", "surrogatepass"):
            return index.from_utf16(start), index.from_utf16(end)
    for offset in (start, end):
        if not 0 <= offset <= len(text):
            raise OffsetError(f"offset {offset} is outside a text of {quantity(len(text), 'code point')}")
    return start, end


def _ends(relation: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return holder and target; of a relation in both directions, once from each side."""
    ends = relation["from_id"], relation["to_id"]
    back = ends[1], ends[0]
    return {"left": [back], "bi": [ends, back]}.get(str(relation.get("direction")), [ends])


def _relation_without_span(value: Mapping[str, Any], positions: Mapping[str, int]) -> Relation:
    holder, target = value.get("holder"), value.get("target")
    return Relation(
        label=value["label"],
        holder=None if holder is None else positions[holder],
        target=None if target is None else positions[target],
        target_name=value.get("target_name"),
        note=value.get("note"),
    )


def _annotator(annotation: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return who completed an annotation: as `write` stored it, else its address or number."""
    stored = names.get(str(annotation.get("import_id") or annotation.get("id")))
    completed_by = annotation.get("completed_by")
    if stored is not None and (completed_by is None or annotation.get("import_id")):
        return str(stored)
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
    names: dict[str, str] = {}
    annotations = []
    for labels in document.labels:
        annotation: dict[str, Any] = {"id": next(annotation_ids), "was_cancelled": not labels.complete}
        annotation["result"] = [*_regions(document, labels), *_other_results(labels)]
        if "@" in labels.annotator:
            annotation["completed_by"] = {"email": labels.annotator}
        else:  # an address that Label Studio does not know is an error there
            names[str(annotation["id"])] = labels.annotator
        annotations.append(annotation)
    data = {"text": document.text, "gw_article_id": document.id, _NAMES: names}
    return {"id": number, "data": data, "annotations": annotations}


def _result(name: str, control: str, kind: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": name, "type": kind, "from_name": control, "to_name": _TO, "value": value}


def _regions(document: Document, labels: Labels) -> Iterator[dict[str, Any]]:
    for number, span in enumerate(labels.spans):
        extent = {
            "start": span.start,
            "end": span.end,
            "text": document.text[span.start : span.end],
        }
        region = _result(f"s{number}", _FROM, "labels", {**extent, "labels": [span.label]})
        yield region if span.note is None else {**region, "meta": {"text": [span.note]}}
        for name, value in span.attributes.items():
            yield _result(f"s{number}", name, "choices", {**extent, "choices": [value]})


def _is_arrow(relation: Relation) -> bool:
    """Whether Label Studio can draw a relation: it joins two regions and has no note."""
    return relation.holder is not None and relation.target is not None and relation.note is None


def _other_results(labels: Labels) -> Iterator[dict[str, Any]]:
    for relation in filter(_is_arrow, labels.relations):
        ends = {"from_id": f"s{relation.holder}", "to_id": f"s{relation.target}"}
        yield {"type": "relation", **ends, "direction": "right", "labels": [relation.label]}
    unspanned = [_value(relation) for relation in labels.relations if not _is_arrow(relation)]
    for name, texts in ((_UNSPANNED, unspanned), (_COMMENTS, list(labels.comments))):
        if texts:
            yield _result(name, name, "textarea", {"text": texts})


def _value(relation: Relation) -> str:
    value: dict[str, str] = {"label": relation.label}
    if relation.holder is not None:
        value["holder"] = f"s{relation.holder}"
    if relation.target is not None:
        value["target"] = f"s{relation.target}"
    if relation.target_name is not None:
        value["target_name"] = relation.target_name
    if relation.note is not None:
        value["note"] = relation.note
    return json.dumps(value, ensure_ascii=False)


FORMAT = LabelStudioFormat()
