"""JSON files as scrapers and news APIs write them: one article, a list of articles, or an object with one such list."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from goldwire.errors import DECODE_ERRORS, decode_problem
from goldwire.ingestion.raw_record import MAX_FILE_BYTES, RawRecord, ReadProblem, record_from_row
from goldwire.ingestion.row_fields import find_page_field
from goldwire.ingestion.tabular import json_lines_from, line_reader, to_utf8
from goldwire.workspace.sources import Fields

__all__ = ["json_records"]

_MAX_BYTES = 256 << 20  # are decoded as a whole, which takes up to four times that memory
_MAX_DEPTH = 2  # of objects around a list of articles: `{"response": {"results": [...]}}`
_READ_BYTES = 1 << 20


def json_records(file: BinaryIO, fields: Fields, charset: str | None = None) -> Iterator[RawRecord | ReadProblem]:
    """Yield the records of a JSON file; JSON Lines with this suffix are read line by line."""
    readline = line_reader(file)
    first = readline(MAX_FILE_BYTES + 1).removeprefix(codecs.BOM_UTF8)
    lines = deque((first,))
    while line := readline(MAX_FILE_BYTES + 1):
        lines.append(line)
        if line.strip():
            break
    if line and _is_object(first):
        yield from json_lines_from(lambda size: lines.popleft() if lines else readline(size), fields, charset)
        return
    size = sum(map(len, lines))
    while size <= _MAX_BYTES and (line := readline(_READ_BYTES)):
        lines.append(line)
        size += len(line)
    if size > _MAX_BYTES:
        yield ReadProblem(row=None, reason="file-too-large", detail=f"over {_MAX_BYTES} bytes; write it as JSON Lines")
    elif not size:
        yield ReadProblem(row=None, reason="empty", detail="0 bytes")
    else:
        yield from _records(b"".join(lines), fields, charset)


def _records(data: bytes, fields: Fields, charset: str | None) -> Iterator[RawRecord | ReadProblem]:
    try:
        value = msgspec.json.decode(to_utf8(data, charset))
    except UnicodeDecodeError as error:
        yield ReadProblem(row=None, reason="not-utf-8", detail=f"byte at {error.start}")
    except DECODE_ERRORS as error:
        yield ReadProblem(row=None, reason="bad-json", detail=decode_problem(error))
    else:
        for number, row in enumerate(_rows(value, fields)):
            yield record_from_row(number, row, fields)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line.strip()), dict)
    except DECODE_ERRORS:
        return False


def _rows(value: Any, fields: Fields) -> list[Any]:
    """Return the rows of a document: of its list, or of the only list of objects in an object without a text."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict) or find_page_field(value, fields)[1].names:
        return [value]
    lists = list(_lists_of_objects(value, _MAX_DEPTH))
    return lists[0] if len(lists) == 1 else [value]


def _lists_of_objects(value: dict[str, Any], depth: int) -> Iterator[list[Any]]:
    for member in value.values():
        if isinstance(member, list) and member and all(isinstance(item, dict) for item in member):
            yield member
        elif isinstance(member, dict) and depth:
            yield from _lists_of_objects(member, depth - 1)
