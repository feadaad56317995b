"""Doccano's exports of all versions, and JSON Lines for its import.

Doccano stores offsets as its page sends them, in UTF-16 units (`grapheme_mode` off). An export names no annotator in
its rows: it is one file per member (`ada.jsonl`), or `all.jsonl` of a project that all share. A member without any
label, such as the administrator, is read as one who has not finished, and counts in no agreement. Version 1.2 and
earlier have one file, with the numbers of users: user 3 is `A3`. `doccano_rows` reads the files.

Categories of texts are answers to the question `item`. They are written as `label`, as a project for text
classification has them, or as `cats` beside spans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DataError
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.doccano_rows import LINES, SUFFIXES, label_names, looks_exported, read_rows
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
from goldwire.formats.files import data_files, file_names, write_json_lines
from goldwire.text.offsets import OffsetError, OffsetIndex, index_offsets

__all__ = ["FORMAT"]


_CATEGORY = "item"  # what the labels of a project for text classification are about


class DoccanoFormat(msgspec.Struct, frozen=True):
    """Doccano JSON Lines."""

    name: str = "doccano"
    title: str = "Doccano JSON Lines"
    package: str | None = None
    capabilities: Capabilities = Capabilities(voice=False, named_targets=False, question=_CATEGORY, completeness=False)

    def matches(self, path: Path) -> bool:
        """Whether the first row of the file, or of one of the folder, has labels as Doccano writes them."""
        files = [path] if path.is_file() else sorted(path.glob("*"))
        return any(file.suffix in SUFFIXES and file.is_file() and looks_exported(file) for file in files)

    def read(self, path: Path) -> Iterator[Document]:
        """Yield one document per text, with the labels of each file's annotator."""
        yield from merge_annotators(self._parts(path))

    def _parts(self, path: Path) -> Iterator[tuple[Document, str]]:
        for file in data_files(path, *SUFFIXES):
            if path.is_dir() and file.suffix not in LINES and not looks_exported(file):
                continue  # a file of labels, or about the data
            annotator = ANONYMOUS if path.is_file() or file.stem in {"all", "unknown"} else file.stem
            names = label_names(file.parent)
            rows = ((row, f"{file}:{number}") for number, row in read_rows(file))
            documents = [(_document(row, annotator, names, location), location) for row, location in rows]
            # Doccano writes a file for each member of a project, also for those who label nothing.
            is_idle = not any(_has_labels(document) for document, _ in documents)
            for document, location in documents:
                if file.stem == "unknown" and not _has_labels(document):
                    yield msgspec.structs.replace(document, labels=()), location
                else:
                    yield (_unfinished(document) if is_idle else document), location

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write a folder with one file per annotator, as Doccano exports a project that is not shared."""
        documents = list(documents)
        row_of = _row_of_categories if _is_classification(documents) else _row
        rows: dict[str, list[dict[str, Any]]] = {}
        for document in documents:
            index = index_offsets(document.text)
            for labels in document.labels:
                rows.setdefault(labels.annotator, []).append(row_of(document, labels, index))
        names = file_names(rows)
        for annotator, own in rows.items():
            write_json_lines(path / f"{names[annotator]}.jsonl", own)


def _document(row: dict[str, Any], annotator: str, names: Mapping[int, str], location: str) -> Document:
    text = row.get("text", row.get("data"))
    if not isinstance(text, str):
        raise DataError("no text", location=location, hint="a row needs `text`")
    index = index_offsets(text)
    try:
        if isinstance(row.get("annotations"), list):
            labels = tuple(_labels_of_users(row["annotations"], names, index))
        else:
            labels = (_labels(row, annotator, index),)
    except (KeyError, TypeError, ValueError, OffsetError) as error:
        reason = str(error) if isinstance(error, OffsetError) else f"unreadable labels ({error!r})"
        raise DataError(reason, location=location) from None
    return Document(id=str(row.get("gw_article_id") or row.get("id", location)), text=text, labels=labels)


def _labels(row: dict[str, Any], annotator: str, index: OffsetIndex) -> Labels:
    """Return the labels of a row of one annotator, with names of labels."""
    spans, positions = _spans(row, index)
    relations = tuple(
        Relation(label=str(item["type"]), holder=positions[item["from_id"]], target=positions[item["to_id"]])
        for item in row.get("relations") or ()
    )
    labels = row.get("label", row.get("labels"))
    categories = [item for item in [*(labels or ()), *(row.get("cats") or ())] if isinstance(item, str)]
    if categories:
        relations = (*relations, document_label(_CATEGORY, categories))
    comments = tuple(
        str(item["comment"] if isinstance(item, dict) else item)
        for item in row.get("Comments", row.get("comments")) or ()
    )
    return Labels(annotator=annotator, spans=spans, relations=relations, comments=comments)


def _labels_of_users(
    annotations: Iterable[Mapping[str, Any]], names: Mapping[int, str], index: OffsetIndex
) -> Iterator[Labels]:
    """Yield the labels of each user of version 1.2 and earlier; a label without a name is its id."""
    by_user: dict[int, list[Mapping[str, Any]]] = {}
    for item in annotations:
        by_user.setdefault(int(item["user"]), []).append(item)
    for user, own in sorted(by_user.items()):
        spans: list[Span] = []
        categories: list[str] = []
        for item in own:
            label = (
                str(item["text"]) if item.get("label") is None else names.get(int(item["label"]), str(item["label"]))
            )
            if item.get("start_offset") in {None, ""}:
                categories.append(label)
            else:
                spans.append(_span(index, item["start_offset"], item["end_offset"], label))
        relations = (document_label(_CATEGORY, categories),) if categories else ()
        yield Labels(annotator=f"A{user}", spans=tuple(spans), relations=relations)


def _has_labels(document: Document) -> bool:
    return any(own.spans or own.relations or own.comments for own in document.labels)


def _unfinished(document: Document) -> Document:
    replace = msgspec.structs.replace
    return replace(document, labels=tuple(replace(own, complete=False) for own in document.labels))


def _spans(row: dict[str, Any], index: OffsetIndex) -> tuple[tuple[Span, ...], dict[int, int]]:
    """Return the spans, and their positions by Doccano's ids."""
    entities = row.get("entities")
    if entities and isinstance(entities[0], dict):
        spans = tuple(_span(index, item["start_offset"], item["end_offset"], item["label"]) for item in entities)
        return spans, {item["id"]: number for number, item in enumerate(entities)}
    triples = row.get("label", row.get("labels")) if entities is None else entities
    return tuple(_span(index, *item[:3]) for item in triples or () if not isinstance(item, str)), {}


def _span(index: OffsetIndex, start: Any, end: Any, label: Any) -> Span:
    return Span(start=index.from_utf16(int(start)), end=index.from_utf16(int(end)), label=str(label))


def _is_classification(documents: Iterable[Document]) -> bool:
    """Whether the labels are categories alone, as of a project for text classification."""
    labels = [own for document in documents for own in document.labels]
    return any(map(_categories, labels)) and not any(own.spans for own in labels)


def _categories(labels: Labels) -> list[str]:
    return [value for relation in labels.relations if relation.target is None for value in label_values(relation)]


def _row_of_categories(document: Document, labels: Labels, _: OffsetIndex) -> dict[str, Any]:
    row = {"id": document.id, "text": document.text, "label": _categories(labels)}
    return {**row, "Comments": _comments(labels)}


def _comments(labels: Labels) -> list[dict[str, Any]]:
    return [{"id": number, "comment": comment} for number, comment in enumerate(labels.comments)]


def _row(document: Document, labels: Labels, index: OffsetIndex) -> dict[str, Any]:
    categories = _categories(labels)
    return {
        "id": document.id,
        "text": document.text,
        **({"cats": categories} if categories else {}),
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
            if relation.target is not None
        ],
        "Comments": _comments(labels),
    }


FORMAT = DoccanoFormat()
