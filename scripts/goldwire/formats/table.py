"""Tables: long ones with a row per label (document, annotator, offsets and label), and wide ones.

Cells are separated by commas, semicolons (a spreadsheet's, in many countries), tabs or bars, as the header has them.

Columns that are read, by their usual names: document (`document`, `item`, `doc_id`, `id`), annotator (`annotator`,
`rater`, `worker`, `coder`), label, `start`, `end`, `text` (the document's), and for relations `kind`, `id`, `holder`,
`target` and `target_name`. A table with item, annotator and label alone holds one label per item: it is read as a
relation without a holder to the item itself, so that agreement can be measured. An item without a label there was not
labelled by that annotator.

A wide table has a row per item and a column per annotator, such as `annotator_1` or `A1`. It is read as the long table
of the same labels; an item without a column for the document has the number of its row.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from goldwire.errors import DataError
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import Document, Labels, Relation, Span
from goldwire.formats.files import csv_table, data_files, read_text
from goldwire.workspace import atomic

__all__ = ["FORMAT", "holds_texts"]

_COLUMNS = ("document", "annotator", "kind", "id", "start", "end", "label", "holder", "target", "target_name", "text")
_ALIASES = {
    "document": ("document", "doc_id", "document_id", "item", "item_id", "unit", "id"),
    "annotator": ("annotator", "annotator_id", "rater", "worker", "worker_id", "coder", "user"),
    "label": ("label", "value", "rating", "code", "tag"),
}
_ANNOTATOR_COLUMN = re.compile(
    r"(?:annotator|annotation|rater|rating|coder|worker|ann)(?:[ _.-]?\d+|[ _.-][a-z])|[ar]\d+"
)
"""The name of an annotator's column. Not `label_1` and the like: these can be several labels of one annotator."""
_ITEM = "item"  # the named target of a table that has one label per item
_DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r"sep=[,;\t|]\r?\n")  # which Excel writes and reads before the header
csv.field_size_limit(2**31 - 1)  # the default of 131,072 characters is shorter than some articles


class TableFormat(msgspec.Struct, frozen=True):
    """Long table."""

    name: str = "csv"
    title: str = "table (CSV)"
    package: str | None = None
    capabilities: Capabilities = Capabilities()

    def matches(self, path: Path) -> bool:
        """Whether the header names a document, an annotator and a label, or several annotators."""
        if not path.is_file() or path.suffix not in {".csv", ".tsv"}:
            return False
        names = _header(path)
        return all(names & set(aliases) for aliases in _ALIASES.values()) or bool(_annotator_columns(names))

    def read(self, path: Path) -> Iterator[Document]:
        """Yield one document per item. Labels of an item without offsets are about the whole text."""
        for file in data_files(path, ".csv", ".tsv"):
            yield from _parse(file)

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write one CSV file. A row of kind `document` holds each text, and one of kind `status` each annotator."""
        rows = (row for document in documents for row in _document_rows(document))
        atomic.write_text(path, csv_table(_COLUMNS, rows))


def holds_texts(path: Path) -> bool:
    """Whether a long table has rows with texts, and others with the labels of these, as `write` makes it."""
    return {"kind", "start", "end", "text"} <= _header(path)


def _header(path: Path) -> set[str]:
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        first = lines.readline()
        header = lines.readline() if _SEPARATOR_LINE.match(first) else first
    return {name.strip('" ').lower() for name in header.strip().split(_delimiter(header))}


def _annotator_columns(names: Collection[str]) -> list[str]:
    """Return the columns of a wide table that have the labels of one annotator each; none for a long table."""
    columns = [name for name in names if _ANNOTATOR_COLUMN.fullmatch(name)]
    is_long = not set(_ALIASES["annotator"]).isdisjoint(names)
    return columns if len(columns) > 1 and not is_long else []


def _long_rows(rows: Iterable[dict[str, str]], header: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield a row per label of a wide table; the annotator is the name of the column."""
    document = next((header[alias] for alias in _ALIASES["document"] if alias in header), None)
    text = header.get("text", "")
    for number, row in enumerate(rows, 1):
        name = str(number) if document is None else row[document]
        for key in _annotator_columns(header):
            column = header[key]
            yield {"document": name, "annotator": column, "label": row[column], "text": row.get(text, "")}


def _delimiter(header: str) -> str:
    """Return the separator that a header has most often; a comma if it has none."""
    return max(_DELIMITERS, key=header.count)


def _document_rows(document: Document) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a document; the cells are those of `_COLUMNS`."""
    yield (document.id, None, "document", *(None,) * 7, document.text)
    for labels in document.labels:
        own = (document.id, labels.annotator)
        state = "complete" if labels.complete else "unfinished"
        yield (*own, "status", None, None, None, state, *(None,) * 4)
        for number, span in enumerate(labels.spans):
            yield (*own, "span", f"T{number}", span.start, span.end, span.label, *(None,) * 4)
        for relation in labels.relations:
            ends = (None if end is None else f"T{end}" for end in (relation.holder, relation.target))
            yield (*own, "relation", None, None, None, relation.label, *ends, relation.target_name, None)
        for comment in labels.comments:
            yield (*own, "comment", *(None,) * 7, comment)


class _Collected(msgspec.Struct):
    """The rows of one annotator for one document."""

    spans: list[Span] = []
    positions: dict[str, int] = {}
    relations: list[Relation] = []
    comments: list[str] = []
    complete: bool = True


def _parse(file: Path) -> Iterator[Document]:
    text = read_text(file)
    separator_line = _SEPARATOR_LINE.match(text)
    table = text[separator_line.end() :] if separator_line else text
    rows = csv.DictReader(io.StringIO(table, newline=""), delimiter=_delimiter(table.partition("\n")[0]))
    header = {name.strip().lower(): name for name in rows.fieldnames or () if name}
    is_wide = bool(_annotator_columns(header))
    keys = {key: key for key in _ALIASES} if is_wide else _columns(header, file)
    texts: dict[str, str] = {}
    collected: dict[str, dict[str, _Collected]] = {}
    row: dict[str, str] = {}
    for row in _long_rows(rows, header) if is_wide else rows:
        name, annotator, label = ((row[keys[key]] or "").strip() for key in ("document", "annotator", "label"))
        if not (name or annotator or label):
            continue  # of a spreadsheet whose table once was longer
        own = collected.setdefault(name, {})
        kind = row.get("kind") or ("span" if row.get("start") else "item")
        if kind == "document":
            texts[name] = row["text"]
            continue
        if kind == "item" and not label:
            continue
        if label.startswith('[{"'):
            hint = "export JSON from Label Studio instead of CSV"
            raise DataError("a label is a list in JSON", location=f"{file}:{rows.line_num}", hint=hint)
        try:
            _add(row, kind, label, own.setdefault(annotator, _Collected()))
        except (KeyError, ValueError, TypeError) as error:
            raise DataError(
                f"unreadable row ({error})", location=f"{file}:{rows.line_num + bool(separator_line)}"
            ) from None
        if kind in {"item", "span"} and row.get("text") and "kind" not in header:
            texts[name] = row["text"]
    if not text.endswith("\n") and (None in row.values() or text.count('"') % 2):
        raise DataError("the last row is cut off", location=f"{file}:{rows.line_num}", hint="copy the file again")
    for name, annotators in collected.items():
        labels = tuple(
            Labels(
                annotator=annotator,
                spans=tuple(own.spans),
                relations=tuple(own.relations),
                comments=tuple(own.comments),
                complete=own.complete,
            )
            for annotator, own in annotators.items()
        )
        yield Document(id=name, text=texts.get(name, ""), labels=labels)


def _columns(header: Mapping[str, str], file: Path) -> dict[str, str]:
    """Return the names of the columns with document, annotator and label; raise DataError if one is missing."""
    columns: dict[str, str] = {}
    for key, aliases in _ALIASES.items():
        name = next((header[alias] for alias in aliases if alias in header), None)
        if name is None:
            known = ", ".join(header) or "none"
            hint = "rename a column, or those of several annotators: annotator_1, annotator_2"
            raise DataError(f"no column for {key} (columns: {known})", location=file, hint=hint)
        columns[key] = name
    return columns


def _add(row: dict[str, str], kind: str, label: str, own: _Collected) -> None:
    if kind == "span":
        own.positions[row.get("id") or str(len(own.spans))] = len(own.spans)
        own.spans.append(Span(start=int(row["start"]), end=int(row["end"]), label=label))
    elif kind == "relation":
        holder, target = row.get("holder"), row.get("target")
        own.relations.append(
            Relation(
                label=label,
                holder=own.positions[holder] if holder else None,
                target=own.positions[target] if target else None,
                target_name=row.get("target_name") or None,
            )
        )
    elif kind == "comment":
        own.comments.append(row["text"])
    elif kind == "status":
        own.complete = label == "complete"
    elif kind == "item":
        own.relations.append(Relation(label=label, target_name=_ITEM))
    else:
        raise ValueError(f"unknown kind {kind!r}")


FORMAT = TableFormat()
