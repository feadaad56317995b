"""Doccano's JSON Lines: exports of all its versions, and files for its import.

Doccano stores offsets as its page sends them, in UTF-16 units (`grapheme_mode` off). An export names no annotator in
its rows: it is one file per member (`ada.jsonl`), or `all.jsonl` of a project that all share. A member without any
label, such as the administrator, is read as one who has not finished, and counts in no agreement. The keys of an
example: `entities`, `relations` and `Comments` (projects with relations, version 1.4 and later), `label` (a list of
`[start, end, label]`, or of labels of the whole text; `labels` until version 1.2), and `data` instead of `text` in
some versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DataError
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import ANONYMOUS, Document, Labels, Relation, Span, document_label, merge_annotators
from goldwire.formats.files import data_files, file_name, peek_json, read_json_lines, write_json_lines
from goldwire.text.offsets import OffsetError, OffsetIndex, index_offsets

__all__ = ["FORMAT"]


_CATEGORY = "item"  # what the labels of a project for text classification are about


class DoccanoFormat(msgspec.Struct, frozen=True):
    """Doccano JSON Lines."""

    name: str = "doccano"
    title: str = "Doccano JSON Lines"
    package: str | None = None
    capabilities: Capabilities = Capabilities(voice=False, named_targets=False, completeness=False)

    def matches(self, path: Path) -> bool:
        """Whether the first row has labels as Doccano writes them."""
        files = [path] if path.is_file() else sorted(path.glob("*.jsonl"))[:1]
        row = peek_json(files[0]) if files and files[0].suffix == ".jsonl" else None
        if not isinstance(row, dict) or not isinstance(row.get("text", row.get("data")), str):
            return False
        entities = row.get("entities")
        if isinstance(entities, list) and (not entities or "start_offset" in entities[0]):
            return "relations" in row or "Comments" in row or bool(entities)
        labels = row.get("label", row.get("labels"))
        if not isinstance(labels, list):
            return False
        are_categories = bool(labels) and all(isinstance(label, str) for label in labels)
        return ("id" in row and are_categories) or all(isinstance(item, list) and len(item) == 3 for item in labels)

    def read(self, path: Path) -> Iterator[Document]:
        """Yield one document per text, with the labels of each file's annotator."""
        yield from merge_annotators(self._parts(path))

    def _parts(self, path: Path) -> Iterator[tuple[Document, str]]:
        for file in data_files(path, ".jsonl"):
            annotator = ANONYMOUS if path.is_file() or file.stem in {"all", "unknown"} else file.stem
            documents = [(_document(row, annotator, f"{file}:{n}"), f"{file}:{n}") for n, row in read_json_lines(file)]
            # Doccano writes a file for each member of a project, also for those who label nothing.
            is_idle = not any(_has_labels(document) for document, _ in documents)
            for document, location in documents:
                yield (_unfinished(document) if is_idle else document), location

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write a folder with one file per annotator, as Doccano exports a project that is not shared."""
        rows: dict[str, list[dict[str, Any]]] = {}
        for document in documents:
            index = index_offsets(document.text)
            for labels in document.labels:
                rows.setdefault(labels.annotator, []).append(_row(document, labels, index))
        for annotator, own in rows.items():
            write_json_lines(path / f"{file_name(annotator)}.jsonl", own)


def _document(row: dict[str, Any], annotator: str, location: str) -> Document:
    text = row.get("text", row.get("data"))
    if not isinstance(text, str):
        raise DataError("no text", location=location, hint="a row needs `text`")
    index = index_offsets(text)
    try:
        spans, positions = _spans(row, index)
        relations = tuple(
            Relation(label=str(item["type"]), holder=positions[item["from_id"]], target=positions[item["to_id"]])
            for item in row.get("relations") or ()
        )
        categories = [item for item in row.get("label", row.get("labels")) or () if isinstance(item, str)]
        if categories:
            relations = (*relations, document_label(_CATEGORY, categories))
    except (KeyError, TypeError, ValueError, OffsetError) as error:
        reason = str(error) if isinstance(error, OffsetError) else f"unreadable labels ({error!r})"
        raise DataError(reason, location=location) from None
    comments = tuple(
        str(item["comment"] if isinstance(item, dict) else item)
        for item in row.get("Comments", row.get("comments")) or ()
    )
    name = row.get("gw_article_id") or row.get("id", location)
    return Document(
        id=str(name),
        text=text,
        labels=(Labels(annotator=annotator, spans=spans, relations=relations, comments=comments),),
    )


def _has_labels(document: Document) -> bool:
    return any(own.spans or own.relations or own.comments for own in document.labels)


def _unfinished(document: Document) -> Document:
    replace = msgspec.structs.replace
    return replace(document, labels=tuple(replace(own, complete=False) for own in document.labels))


def _spans(row: dict[str, Any], index: OffsetIndex) -> tuple[tuple[Span, ...], dict[int, int]]:
    """Return the spans, and their positions by Doccano's ids."""
    entities = row.get("entities")
    if isinstance(entities, list):
        triples = [(item["start_offset"], item["end_offset"], item["label"]) for item in entities]
        positions = {item["id"]: number for number, item in enumerate(entities)}
    else:
        triples = [tuple(item[:3]) for item in row.get("label", row.get("labels")) or () if not isinstance(item, str)]
        positions = {}
    spans = tuple(
        Span(start=index.from_utf16(int(start)), end=index.from_utf16(int(end)), label=str(label))
        for start, end, label in triples
    )
    return spans, positions


def _row(document: Document, labels: Labels, index: OffsetIndex) -> dict[str, Any]:
    return {
        "id": document.id,
        "text": document.text,
        "entities": [
            {
                "id": number,
                "label": span.label,
                "start_offset": index.to_utf16(span.start),
                "end_offset": index.to_utf16(span.end),
            }
            for number, span in enumerate(labels.spans)
        ],
        "relations": [
            {"id": number, "from_id": relation.holder, "to_id": relation.target, "type": relation.label}
            for number, relation in enumerate(labels.relations)
        ],
        "Comments": [{"id": number, "comment": comment} for number, comment in enumerate(labels.comments)],
    }


FORMAT = DoccanoFormat()
