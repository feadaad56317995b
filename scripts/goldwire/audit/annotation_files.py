"""Files of annotation tools, whose labels are nested: as tables with one row per text, which the audit reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DataError
from goldwire.formats.capabilities import Format
from goldwire.formats.document import Document
from goldwire.formats.files import peek_json
from goldwire.formats.registry import find_format
from goldwire.formats.table import holds_texts
from goldwire.workspace.temporary import temporary_folder

__all__ = ["annotation_tables"]

_OF_FILES = ("label-studio", "argilla", "prodigy", "doccano", "web-annotation", "lewidi", "spacy", "cas-xmi")
_OF_FOLDERS = ("potato", "cas-xmi", "cas-json", "spacy", "brat")


@contextmanager
def annotation_tables(path: Path) -> Iterator[Path]:
    """Yield a path with tables in place of the files of annotation tools, or `path` itself if there are none.

    Each text is one row, with the spans of all its annotators, and the label that most gave to the whole text. The
    tables have the names of the files, so that findings lead there; rows are counted from 1.
    """
    with temporary_folder() as folder:
        known = _format_of_folder(path) if path.is_dir() else _format_of_file(path)
        if known is not None:
            documents = _read(known, path)
            if documents is None:
                yield path
                return
            table = _write(documents, folder / (path.name if path.is_file() else "texts"))
            yield table if path.is_file() else folder
            return
        files = [file for file in sorted(path.rglob("*")) if file.is_file()] if path.is_dir() else []
        formats = {file: own for file in files if (own := _format_of_file(file)) is not None}
        if not formats:
            yield path
            return
        for file in files:
            copy = folder / file.relative_to(path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            documents = _read(formats[file], file) if file in formats else None
            if documents is not None:
                _write(documents, copy)
            else:
                copy.symlink_to(file.resolve())
        yield folder


def _format_of_file(file: Path) -> Format | None:
    """Return the format of a file, if its labels are nested."""
    for name in _OF_FILES if file.is_file() else ():
        known = find_format(name)
        if known.matches(file):
            return known if name != "doccano" or "entities" in (peek_json(file) or ()) else None
    table = find_format("csv")
    return table if table.matches(file) and holds_texts(file) else None


def _format_of_folder(folder: Path) -> Format | None:
    """Return the format of a folder that is one set of annotations."""
    for name in _OF_FOLDERS:
        known = find_format(name)
        if known.matches(folder) and (name != "brat" or _has_annotators(folder)):
            return known
    return None


def _has_annotators(folder: Path) -> bool:
    """Whether subfolders have the same documents: else a folder is a split, or a class."""
    counts = Counter(file.stem for file in folder.rglob("*.ann"))
    return bool(counts) and max(counts.values()) > 1


def _read(known: Format, path: Path) -> tuple[Document, ...] | None:
    """Return the documents of a file or folder; None if it is not as the format asks, and is read as any dataset.

    So is one without texts, such as web annotations that refer to pages.
    """
    try:
        documents = tuple(known.read(path))
    except DataError:
        return None
    return documents if any(document.text for document in documents) else None


def _write(documents: Iterable[Document], file: Path) -> Path:
    """Write the rows to a file with this name: a list of objects if it ends in .json, else JSON Lines."""
    rows = [_row(document) for document in documents]
    if file.suffix == ".json":
        file.write_bytes(msgspec.json.encode(rows))
        return file
    file = file if file.suffix == ".jsonl" else file.with_name(f"{file.name}.jsonl")
    file.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
    return file


def _row(document: Document) -> dict[str, Any]:
    spans = {(span.start, span.end, span.label): None for labels in document.labels for span in labels.spans}
    answers = Counter(
        (relation.target_name, relation.label)
        for labels in document.labels
        for relation in labels.relations
        if relation.target_name is not None and relation.holder is None
    )
    return {
        "id": document.id,
        "text": document.text,
        "spans": [{"start": start, "end": end, "label": label} for start, end, label in sorted(spans)],
    } | ({"label": answers.most_common(1)[0][0][1]} if answers else {})
