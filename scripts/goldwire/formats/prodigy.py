"""Prodigy's JSON Lines, as `db-out` writes and `db-in` reads them.

Offsets are code points. `_annotator_id` (or `_session_id`) names the annotator and `answer` says whether the example
was accepted: rejected ones are skipped, ignored ones are unfinished. Chosen options (`accept`) and the answer to a
single `label` are relations to the question. Relations join a `head_span`, the holder, and a
`child_span`, the target.
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
from goldwire.formats.files import data_files, peek_json, read_json_lines, write_json_lines
from goldwire.quantities import quantity
from goldwire.records import text_digest

__all__ = ["FORMAT"]

_CHOICE = "accept"  # the chosen options, and the question that they answer


class ProdigyFormat(msgspec.Struct, frozen=True):
    """Prodigy JSON Lines."""

    name: str = "prodigy"
    title: str = "Prodigy JSON Lines"
    package: str | None = None
    capabilities: Capabilities = Capabilities(voice=False, named_targets=False, question=_CHOICE, comments=False)

    def matches(self, path: Path) -> bool:
        """Whether the first row has an answer or a hash of Prodigy's."""
        row = peek_json(path)
        return (
            isinstance(row, dict) and isinstance(row.get("text"), str) and bool({"answer", "_input_hash"} & row.keys())
        )

    def read(self, path: Path) -> Iterator[Document]:
        """Yield one document per text (`_input_hash`, or the text itself), with all its annotators."""
        yield from merge_annotators(self._parts(path))

    def _parts(self, path: Path) -> Iterator[tuple[Document, str]]:
        for file in data_files(path, ".jsonl", ".json"):
            for number, row in read_json_lines(file):
                if row.get("answer") != "reject" or isinstance(row.get("label"), str):
                    location = f"{file}:{number}"
                    yield _document(row, location), location

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write one row per document and annotator."""
        write_json_lines(path, (_row(document, labels) for document in documents for labels in document.labels))


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
    return Span(start=start, end=end, label=str(item.get("label", "")))


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
