"""The files of Doccano's exports, of all its versions, as rows of one kind.

- Versions 0.x to 1.2 have one file for all annotators: `annotations` with ids of labels and users, or `labels` with
  names of labels and no users. The ids get their names from the file that Doccano exports labels to, if it is in the
  same folder.
- Versions 1.3 to 1.6 have one file per annotator (`unknown` for texts without a label): `data` and `label`, or with
  relations `text`, `entities` and `relations`.
- From version 1.7 on, each member of a project has a file with all texts: `text` and `label`, or `entities` and
  `relations`.

Each is JSON Lines, and for labels of whole texts also a JSON list, CSV (labels joined by `#`) or fastText.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from goldwire.errors import DataError
from goldwire.formats.files import peek_json, read_json, read_json_lines, read_text
from goldwire.records import text_digest

__all__ = ["LINES", "SUFFIXES", "label_names", "looks_exported", "read_rows"]

LINES = (".jsonl", ".json1")
"""JSON Lines; version 1.2 and earlier call those with names of labels `.json1`."""
SUFFIXES = (*LINES, ".json", ".csv", ".txt")
Row = dict[str, Any]

_FASTTEXT = "__label__"
_SNIFFED = 50  # lines of a text file that are searched for a label
_OF_LABEL_TYPES = {"prefix_key", "suffix_key", "background_color"}
csv.field_size_limit(2**31 - 1)  # the default of 131,072 characters is shorter than some articles


def looks_exported(file: Path) -> bool:
    """Whether a file has rows as a version of Doccano writes them."""
    if file.suffix == ".csv":
        return _is_table(_csv_header(file))
    if file.suffix == ".txt":
        with file.open(encoding="utf-8", errors="replace") as lines:
            return any(line.lstrip('"').startswith(_FASTTEXT) for line in islice(lines, _SNIFFED))
    row = peek_json(file)
    if isinstance(row, list):
        row = row[0] if row else None
    return isinstance(row, dict) and _is_row(row)


def _is_row(row: Row) -> bool:
    if not isinstance(row.get("text", row.get("data")), str):
        return False
    if isinstance(row.get("annotations"), list):
        return "annotation_approver" in row or all(
            isinstance(item, dict) and {"label", "user"} <= item.keys() for item in row["annotations"]
        )
    entities = row.get("entities")
    if isinstance(entities, list):
        if "cats" in row or not entities:
            return bool({"cats", "relations", "Comments"} & row.keys())
        return isinstance(entities[0], dict) and "start_offset" in entities[0]
    labels = row.get("label", row.get("labels"))
    if not isinstance(labels, list):
        return False
    are_categories = bool(labels) and all(isinstance(label, str) for label in labels)
    return ("id" in row and are_categories) or all(isinstance(item, list) and len(item) == 3 for item in labels)


def read_rows(file: Path) -> Iterator[tuple[int, Row]]:
    """Yield number and row, with the keys of a version's JSON: `label`, `annotations`, `entities` or `cats`."""
    if file.suffix == ".csv":
        yield from _table_rows(file)
    elif file.suffix == ".txt":
        yield from enumerate(_fasttext_rows(read_text(file)), 1)
    elif file.suffix == ".json" and isinstance(peek_json(file), list):
        for number, row in enumerate(read_json(file), 1):
            if not isinstance(row, dict):
                raise DataError("not a JSON object", location=f"{file}:{number}")
            yield number, row
    else:
        yield from read_json_lines(file)


def label_names(folder: Path) -> Mapping[int, str]:
    """Return the names of labels by id, from the exported labels of a project in this folder."""
    for file in sorted(folder.glob("*.json")):
        first = peek_json(file)
        if isinstance(first, list):
            first = first[0] if first else None
        if isinstance(first, dict) and {"id", "text"} <= first.keys() and _OF_LABEL_TYPES & first.keys():
            return {int(item["id"]): str(item["text"]) for item in read_json(file)}
    return {}


def _csv_header(file: Path) -> list[str]:
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        return next(csv.reader(lines), [])


def _is_table(header: Iterable[str]) -> bool:
    names = set(header)
    if {"id", "text", "label", "user", "annotation_approver"} <= names:  # version 1.2 and earlier
        return True
    return {"id", "label"} <= names and bool({"data", "text"} & names) and not {"annotator", "user", "start"} & names


def _table_rows(file: Path) -> Iterator[tuple[int, Row]]:
    reader = csv.DictReader(io.StringIO(read_text(file), newline=""))
    if "annotation_approver" not in (reader.fieldnames or ()):
        for row in reader:
            text = row["data"] if "data" in row else row["text"]
            labels = row["label"].split("#") if row["label"] else []
            yield reader.line_num, {"id": row["id"], "text": text, "label": labels}
        return
    for name, group in groupby(reader, key=lambda row: row["id"]):  # one row per label
        rows = list(group)
        yield reader.line_num, {"id": name, "text": rows[0]["text"], "annotations": rows}


def _fasttext_rows(content: str) -> Iterator[Row]:
    """Yield a row per text; its id is a digest, as lines have none."""
    for line in _fasttext_lines(content):
        words = line.split(" ")
        labels = [word.removeprefix(_FASTTEXT) for word in words if word.startswith(_FASTTEXT)]
        text = " ".join(word for word in words if not word.startswith(_FASTTEXT)).removeprefix(" ")
        if text:
            yield {"id": text_digest(text)[:12], "text": text, "label": labels}


def _fasttext_lines(content: str) -> list[str]:
    """Return the lines. Version 1.7 and later write a CSV column: a text with a comma or a line end is in quotes."""
    lines = [line.removesuffix("\r") for line in content.split("\n")]
    if not any(line.startswith((f'"{_FASTTEXT}', '" ')) for line in lines):
        return lines
    return [row[0] for row in csv.reader(io.StringIO(content, newline="")) if row]
