"""Argilla 2 records, as `dataset.records.to_json` writes them, and the records of Argilla 1.

The rows of `to_list(flatten=True)` and `to_datasets` have three columns per question: responses, users and statuses.
Of Argilla 1, the token and text classification records of `to_pandas` or `to_datasets` are read, and the rows that a
`FeedbackDataset` becomes by `format_as("datasets")`; each as JSON or JSON Lines. Offsets are code points. A span
question has the answer `[{"start", "end", "label"}]` per user; labels and ratings of the whole text are relations to
the question. Argilla has no relations: they are written as the answer to the text question `stances`, in JSON.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import ANONYMOUS, Document, Labels, Relation, Span, document_label
from goldwire.formats.files import data_files, peek_json, read_json, read_json_lines, reading
from goldwire.workspace import atomic

__all__ = ["FORMAT", "document_of", "is_flat_record"]

_LABEL_LENGTH = 60  # characters of an answer that is still taken for a label
_SPANS, _STANCES, _COMMENTS = "spans", "stances", "comments"
_ANSWER = "label"  # what the labels of text classification are about
_SUGGESTION = "-suggestion"
_RESPONSES = ".responses"  # ends the name of a column, as `.responses.users` does


class ArgillaFormat(msgspec.Struct, frozen=True):
    """Argilla records."""

    name: str = "argilla"
    title: str = "Argilla records"
    package: str | None = None
    capabilities: Capabilities = Capabilities()

    def matches(self, path: Path) -> bool:
        """Whether the first record has fields and responses, or the annotation of Argilla 1."""
        row = peek_json(path)
        if isinstance(row, list):
            row = row[0] if row else None
        if not isinstance(row, dict):
            return False
        return (
            (isinstance(row.get("fields"), dict) and isinstance(row.get("responses"), dict))
            or ("annotation_agent" in row and "text" in row)
            or _is_feedback(row)
            or is_flat_record(row)
        )

    def read(self, path: Path) -> Iterator[Document]:
        """Yield one document per record."""
        for file in data_files(path, ".json", ".jsonl"):
            if file.suffix == ".jsonl":
                rows: Iterable[tuple[int, Any]] = read_json_lines(file)
            else:
                value = read_json(file)
                rows = enumerate(value if isinstance(value, list) else [value])
            for number, row in rows:
                with reading("record", f"{file}:{number}"):
                    document = document_of(row, f"{file.stem}-{number}")
                yield document

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write a JSON list of records. Argilla needs a UUID per user: it is derived from the annotator's name."""
        atomic.write_bytes(path, msgspec.json.encode([_record(document) for document in documents]) + b"\n")


def document_of(row: Mapping[str, Any], fallback: str) -> Document:
    """Return the document of a record in any of the layouts. `fallback` is its id if it has none."""
    if _is_feedback(row):
        row = _feedback_record(row)
    elif is_flat_record(row):
        row = _nested_record(row)
    if "fields" not in row:
        return _first_version(row, fallback)
    fields, metadata = row["fields"], row.get("metadata") or {}
    text = next((value for value in (fields.get("text"), *fields.values()) if isinstance(value, str)), None)
    if text is None:
        raise TypeError("no field is a string")
    names = metadata.get("gw_annotators") or {}
    by_user: dict[str, dict[str, Any]] = {}
    statuses: dict[str, str] = {}
    for question, responses in (row.get("responses") or {}).items():
        for response in responses:
            user = str(response.get("user_id") or ANONYMOUS)
            by_user.setdefault(user, {})[question] = response["value"]
            statuses[user] = response.get("status") or "submitted"
    labels = tuple(
        _labels(names.get(user, user), answers, statuses[user])
        for user, answers in by_user.items()
        if statuses[user] != "discarded"
    )
    return Document(id=str(metadata.get("gw_article_id") or row.get("id") or fallback), text=text, labels=labels)


def _labels(annotator: str, answers: Mapping[str, Any], status: str) -> Labels:
    spans: list[Span] = []
    relations: list[Relation] = []
    comments: list[str] = []
    for value in answers.values():
        if isinstance(value, dict) and "start" in value:  # of Argilla 1: one list per key
            value = [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)]
        if isinstance(value, list):
            spans += [Span(start=s["start"], end=s["end"], label=s["label"]) for s in value if isinstance(s, dict)]
    for question, value in answers.items():
        if question not in {_STANCES, _COMMENTS} and _is_choice(value):
            relations.append(document_label(question, value if isinstance(value, list) else [value]))
    if _STANCES in answers:
        relations += [msgspec.convert(item, Relation) for item in msgspec.json.decode(answers[_STANCES])]
    if _COMMENTS in answers:
        comments = msgspec.json.decode(answers[_COMMENTS])
    return Labels(
        annotator=annotator,
        spans=tuple(spans),
        relations=tuple(relations),
        comments=tuple(comments),
        complete=status == "submitted",
    )


def _is_choice(value: Any) -> bool:
    """Whether an answer is a label, labels or a rating. Records do not have the question: long texts are free texts."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, str) for item in value)
    return isinstance(value, int) or (isinstance(value, str) and len(value) <= _LABEL_LENGTH and "\n" not in value)


def _first_version(row: Mapping[str, Any], fallback: str) -> Document:
    """Return a record of Argilla 1: `annotation` is a list of `[label, start, end]`, or labels of the text."""
    annotation = row.get("annotation")
    spans, answers = [], []
    for item in [annotation] if isinstance(annotation, str) else annotation or ():
        if isinstance(item, str):
            answers.append(item)
        else:
            label, start, end = (item["label"], item["start"], item["end"]) if isinstance(item, dict) else item[:3]
            spans.append(Span(start=int(start), end=int(end), label=str(label)))
    labels = Labels(
        annotator=str(row.get("annotation_agent") or ANONYMOUS),
        spans=tuple(spans),
        relations=(document_label(_ANSWER, answers),) if answers else (),
        complete=row.get("status") in {None, "Validated"},
    )
    if not isinstance(row["text"], str):
        raise TypeError("its text is not a string")
    is_annotated = annotation is not None or row.get("annotation_agent") is not None or labels.complete
    name = str(row.get("id") or fallback)
    return Document(id=name, text=row["text"], labels=(labels,) if is_annotated else ())


def is_flat_record(names: Iterable[str]) -> bool:
    """Whether the names of the columns are those of records with a column per question.

    Examples
    --------
    >>> is_flat_record(["text", "topic.responses", "topic.responses.users", "topic.responses.status"])
    True
    """
    return any(name.endswith(f"{_RESPONSES}.users") for name in names)


def _nested_record(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with a column per question as a record with responses by question."""
    questions = [name.removesuffix(_RESPONSES) for name in row if name.endswith(_RESPONSES)]
    responses = {}
    for question in questions:
        columns = [row[f"{question}{_RESPONSES}{part}"] or () for part in ("", ".users", ".status")]
        keys = ("value", "user_id", "status")
        responses[question] = [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]
    others = {"id", "status", "_server_id"}
    fields = {name: value for name, value in row.items() if name not in others and name.split(".")[0] not in questions}
    return {"id": row.get("id"), "fields": fields, "responses": responses}


def _is_feedback(row: Mapping[str, Any]) -> bool:
    """Whether a row is of a `FeedbackDataset`: each question has a column of suggestions beside its responses."""
    return "external_id" in row and any(f"{name}{_SUGGESTION}" in row for name in row)


def _feedback_record(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of a `FeedbackDataset` as a record of Argilla 2."""
    questions = [name for name in row if f"{name}{_SUGGESTION}" in row]
    metadata = row.get("metadata")
    others = {"external_id", "metadata", *questions}
    return {
        "id": row["external_id"],
        "fields": {name: value for name, value in row.items() if name not in others and _SUGGESTION not in name},
        "responses": {name: row[name] or () for name in questions},
        "metadata": msgspec.json.decode(metadata) if isinstance(metadata, str) else metadata,
    }


def _record(document: Document) -> dict[str, Any]:
    users = {labels.annotator: str(uuid.uuid5(uuid.NAMESPACE_URL, labels.annotator)) for labels in document.labels}
    responses: dict[str, list[dict[str, Any]]] = {}

    def respond(question: str, labels: Labels, value: Any) -> None:
        status = "submitted" if labels.complete else "draft"
        response = {"value": value, "user_id": users[labels.annotator], "status": status}
        responses.setdefault(question, []).append(response)

    for labels in document.labels:
        respond(_SPANS, labels, [{"start": s.start, "end": s.end, "label": s.label} for s in labels.spans])
        if labels.relations:
            respond(_STANCES, labels, msgspec.json.encode(labels.relations).decode())
        if labels.comments:
            respond(_COMMENTS, labels, msgspec.json.encode(labels.comments).decode())
    return {
        "id": document.id,
        "fields": {"text": document.text},
        "metadata": {"gw_article_id": document.id, "gw_annotators": {user: name for name, user in users.items()}},
        "suggestions": {},
        "responses": responses,
        "vectors": {},
    }


FORMAT = ArgillaFormat()
