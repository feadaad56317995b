"""Prodigy's JSON Lines, as `db-out` writes and `db-in` reads them.

Offsets are code points. `_annotator_id` (or `_session_id`) names the annotator and `answer` says whether the example
was accepted: rejected ones are skipped, ignored ones are unfinished. Chosen options (`accept`) and the answer to a
single `label` are relations to the question. Relations join a `head_span`, the holder, and a
`child_span`, the target; an end without a label is labelled `unlabelled`. Rows with one text are one document. Those of
one annotator are several answers to different tasks (`_task_hash`), as with suggestions that are accepted one by one,
or an answer and a later one that replaces it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DataError
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import (
    ANONYMOUS,
    Document,
    Labels,
    Relation,
    Span,
    document_label,
    label_values,
    merge_annotators,
)
from goldwire.formats.files import data_files, peek_json, read_json, read_json_lines, write_json_lines
from goldwire.quantities import quantity
from goldwire.records import text_digest

__all__ = ["FORMAT"]

_UNLABELLED = "unlabelled"
_CHOICE = "accept"  # the chosen options, and the question that they answer


class ProdigyFormat(msgspec.Struct, frozen=True):
    """Prodigy JSON Lines."""

    name: str = "prodigy"
    title: str = "Prodigy JSON Lines"
    package: str | None = None
    capabilities: Capabilities = Capabilities(voice=False, named_targets=False, question=_CHOICE, comments=False)

    def matches(self, path: Path) -> bool:
        """Whether the first row has an answer or a hash of Prodigy's, or tokens and spans as its input has them."""
        row = peek_json(path)
        if isinstance(row, list):
            row = row[0] if row else None
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            return False
        return bool({"answer", "_input_hash"} & row.keys()) or _has_spans(row)

    def read(self, path: Path) -> Iterator[Document]:
        """Yield one document per text (`_input_hash`, or the text itself), with all its annotators."""
        yield from merge_annotators(self._parts(path))

    def _parts(self, path: Path) -> Iterator[tuple[Document, str]]:
        for file in data_files(path, ".jsonl", ".json"):
            rows = [
                (_document(row, location), row.get("_task_hash", row.get("label")), location)
                for row, location in _rows(file)
                if row.get("answer") != "reject" or isinstance(row.get("label"), str)
            ]
            yield from _joined_tasks(rows)

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write one row per document and annotator."""
        write_json_lines(path, (_row(document, labels) for document in documents for labels in document.labels))


def _has_spans(row: dict[str, Any]) -> bool:
    """Whether a row has spans over the words of `tokens`: many datasets have spans, few of them Prodigy's tokens."""
    spans = row.get("spans")
    if not isinstance(spans, list) or not isinstance(row.get("tokens"), list):
        return False
    return all(isinstance(span, dict) and {"start", "end", "token_start"} <= span.keys() for span in spans)


def _rows(file: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the rows of JSON Lines, or of a JSON list, each with its location."""
    with file.open("rb") as data:
        is_list = data.read(100).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")
    if not is_list:
        yield from ((row, f"{file}:{number}") for number, row in read_json_lines(file))
        return
    for number, row in enumerate(read_json(file)):
        if not isinstance(row, dict):
            raise DataError("not a JSON object", location=f"{file}[{number}]")
        yield row, f"{file}[{number}]"


def _joined_tasks(rows: Iterable[tuple[Document, object, str]]) -> Iterator[tuple[Document, str]]:
    """Yield documents; the labels of one annotator for one text are joined if they answer different tasks."""
    joined: dict[tuple[str, str], tuple[Document, str]] = {}
    answered: dict[tuple[str, str], set[object]] = {}
    for document, task, location in rows:
        key = (document.id, document.labels[0].annotator)
        earlier = joined.get(key)
        if earlier is None or task is None or task in answered[key] or document.text != earlier[0].text:
            if earlier is not None:
                yield earlier  # a later one of the same annotator counts
            joined[key], answered[key] = (document, location), {task}
        else:
            labels = _union(earlier[0].labels[0], document.labels[0])
            joined[key] = (msgspec.structs.replace(document, labels=(labels,)), location)
            answered[key].add(task)
    yield from joined.values()


def _union(first: Labels, second: Labels) -> Labels:
    spans = [*first.spans, *(span for span in second.spans if span not in first.spans)]
    relations = list(first.relations)
    for relation in second.relations:
        ends = (relation.holder, relation.target)
        holder, target = (None if end is None else spans.index(second.spans[end]) for end in ends)
        moved = msgspec.structs.replace(relation, holder=holder, target=target)
        if moved not in relations:
            relations.append(moved)
    complete = first.complete and second.complete
    return Labels(annotator=first.annotator, spans=tuple(spans), relations=tuple(relations), complete=complete)


def _document(row: dict[str, Any], location: str) -> Document:
    text = row.get("text")
    if not isinstance(text, str):
        raise DataError("no text", location=location)
    try:
        spans = [_span(item, len(text)) for item in row.get("spans") or ()]
        relations = []
        for item in row.get("relations") or ():
            ends = [_position(spans, item[side], len(text)) for side in ("head_span", "child_span")]
            relations.append(Relation(label=str(item["label"]), holder=ends[0], target=ends[1]))
        relations += _answers(row)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"unreadable labels ({error!r})", location=location) from None
    meta = row.get("meta")
    name = meta.get("gw_article_id") if isinstance(meta, dict) else None
    annotator = row.get("_annotator_id") or row.get("_session_id") or ANONYMOUS
    return Document(
        id=str(name or row.get("_input_hash") or text_digest(text)[:12]),
        text=text,
        labels=(
            Labels(
                annotator=str(annotator),
                spans=tuple(spans),
                relations=tuple(relations),
                complete=row.get("answer", "accept") != "ignore",
            ),
        ),
    )


def _answers(row: dict[str, Any]) -> Iterator[Relation]:
    """Yield the labels of the whole text: chosen options, or `answer` to a label that was shown."""
    if isinstance(row.get(_CHOICE), list):
        yield document_label(_CHOICE, row[_CHOICE])
    elif isinstance(row.get("label"), str) and row.get("answer") in {"accept", "reject"}:
        yield document_label(row["label"], [row["answer"]])


def _span(item: dict[str, Any], length: int) -> Span:
    start, end = int(item["start"]), int(item["end"])
    if not 0 <= start < end <= length:
        raise ValueError(f"[{start}, {end}) is outside the text of {quantity(length, 'character')}")
    return Span(start=start, end=end, label=str(item.get("label") or _UNLABELLED))


def _position(spans: list[Span], item: dict[str, Any], length: int) -> int:
    """Return the position of a relation's end; it may not be among the spans of the row."""
    span = _span(item, length)
    if span not in spans:
        spans.append(span)
    return spans.index(span)


def _row(document: Document, labels: Labels) -> dict[str, Any]:
    spans = [{"start": span.start, "end": span.end, "label": span.label} for span in labels.spans]
    row: dict[str, Any] = {
        "text": document.text,
        "meta": {"gw_article_id": document.id},
        "spans": spans,
        "answer": "accept" if labels.complete else "ignore",
        "_annotator_id": labels.annotator,
    }
    joined = [relation for relation in labels.relations if relation.target is not None]
    if joined:
        row["relations"] = [
            {
                "label": relation.label,
                "head_span": spans[relation.holder or 0],
                "child_span": spans[relation.target or 0],
            }
            for relation in joined
        ]
    chosen = [label_values(relation) for relation in labels.relations if relation.target is None]
    if chosen:
        row[_CHOICE] = [value for values in chosen for value in values if value]
        row["options"] = [{"id": value, "text": value} for value in row[_CHOICE]]
    return row


FORMAT = ProdigyFormat()
