"""Parse JSON Lines of records from bytes, and report what cannot be parsed instead of raising."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from goldwire.checks.file_bytes import BOM, CRLF
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Entry, Table
from goldwire.checks.workspace_files import Kind
from goldwire.errors import DECODE_ERRORS, decode_problem
from goldwire.quantities import quantity
from goldwire.records import Finding

__all__ = ["explain_decode_error", "parse_records"]

JSON_BROKEN = Rule(
    code="json-broken",
    level=1,
    severity="error",
    summary="a line is not valid JSON",
    why="No reader can load the record.",
    fix="Correct the line, or run the stage that writes the file again.",
    example=(
        "annotations/layers/b01/A1.jsonl:1: L1 format error [json-broken] JSON is malformed: expected ',' or '}' "
        "(byte 215)"
    ),
)
FIELD_MISSING = Rule(
    code="field-missing",
    level=1,
    severity="error",
    summary="a record lacks a required field",
    why="goldwire does not guess values: an incomplete record is ignored.",
    fix="Add the field, or run the stage that writes the file again.",
    example="corpus/articles/wire.jsonl:1: L1 format error [field-missing] missing field `captions`",
)
FIELD_UNKNOWN = Rule(
    code="field-unknown",
    level=1,
    severity="error",
    summary="a record has a field that its type does not define",
    why="A misspelt field would be dropped silently, and its value with it.",
    fix="Correct the name of the field, or remove it.",
    example="corpus/articles/wire.jsonl:1: L1 format error [field-unknown] unknown field `langauge`",
)
FIELD_REPEATED = Rule(
    code="field-repeated",
    level=1,
    severity="error",
    summary="a field occurs twice in one object",
    why="Some readers use the first value, others the last, and none of them warns.",
    fix="Keep the right value and remove the other.",
    example=(
        "corpus/articles/wire.jsonl:1: L1 format error [field-repeated] the field 'language' occurs twice in one object"
    ),
)
FIELD_TYPE = Rule(
    code="field-type",
    level=1,
    severity="error",
    summary="a field has a value of the wrong type",
    why="An offset that is a string, or a list that is a number, makes a later step fail.",
    fix="Give the field a value of the type that the message names.",
    example=(
        "annotations/layers/b01/A1.jsonl:1: L1 format error [field-type] expected `int`, got `str` in `spans[0].start`"
    ),
)
FILE_NOT_CANONICAL = Rule(
    code="file-not-canonical",
    level=1,
    severity="warning",
    summary="a file is not formatted the way goldwire writes it",
    why="Different white space, key order or escapes show up as changes in a diff and hide real ones.",
    fix="Write the file in the canonical format.",
    example=(
        "corpus/articles/wire.jsonl:1: L1 format warning [file-not-canonical] 1 of 3 lines are not in goldwire's "
        "format, the first here"
    ),
    fixable=True,
)

T = TypeVar("T")
_STRING_FIELD = re.compile(r'"(\w+)"\s*:\s*"((?:[^"\\]|\\.)*)"')
_NOT_JSON = object()  # distinct from None, which is JSON's null
_encode = msgspec.json.Encoder().encode


def parse_records(file: str, data: bytes, kind: Kind[T]) -> tuple[Table[T], list[Finding]]:
    """Decode a JSON Lines file of one kind of record.

    A line that is not such a record gives a finding; its key is hidden if it can be recovered from the line.
    """
    decoder = msgspec.json.Decoder(kind.type)
    entries: list[Entry[T]] = []
    findings: list[Finding] = []
    hidden: set[Any] = set()
    has_unreadable_rows = False
    not_canonical: list[int] = []
    lines = data.removeprefix(BOM).replace(CRLF, b"\n").split(b"\n")
    for number, line in enumerate(lines if lines[-1] else lines[:-1], 1):
        try:
            record = decoder.decode(line)
        except DECODE_ERRORS as error:
            if not line.strip():
                not_canonical.append(number)
                continue
            findings += _undecodable(file, number, line, error)
            key = _recoverable_key(kind, file, line)
            if key is None:
                has_unreadable_rows = True
            else:
                hidden.add(key)
            continue
        entries.append(Entry(file, number, kind.key_of(file, record), record))
        if _encode(record) != line:
            not_canonical.append(number)
            findings += _repeated_fields(file, number, line)
    if lines[-1]:
        not_canonical.append(len(lines))
    if not_canonical and not findings:
        findings.append(_not_canonical(file, not_canonical, len(lines)))
    return Table(tuple(entries), frozenset(hidden), has_unreadable_rows), findings


def _undecodable(file: str, number: int, line: bytes, error: Exception) -> Iterator[Finding]:
    """Yield a finding for a line that is not a record; bytes that are not UTF-8 are reported for the file already."""
    if not isinstance(error, UnicodeDecodeError):
        rule, message = explain_decode_error(error, line)
        yield rule.finding(file, message, line=number)


def explain_decode_error(error: Exception, data: bytes) -> tuple[Rule, str]:
    """Return the rule and the message for an error of decoding `data` as JSON."""
    text = decode_problem(error)
    if not isinstance(error, msgspec.ValidationError) or _decode(data) is _NOT_JSON:
        return JSON_BROKEN, _plain(text)
    if text.startswith("Object contains unknown field"):
        return FIELD_UNKNOWN, _plain(text)
    if text.startswith("Object missing required field"):
        return FIELD_MISSING, _plain(text)
    return FIELD_TYPE, _plain(text)


def _plain(text: str) -> str:
    """Rewrite a message of msgspec: `unknown field `x` in `spans[0]``."""
    text = text.replace("Object contains unknown field", "unknown field")
    text = text.replace("Object missing required field", "missing field")
    text = re.sub(r" - at `\$\.?([^`]*)`", lambda path: f" in `{path[1]}`" if path[1] else "", text)
    return text if text.startswith("JSON") else text[:1].lower() + text[1:]


def _repeated_fields(file: str, number: int, line: bytes) -> Iterator[Finding]:
    repeated: set[str] = set()

    def inspect(items: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in items]
        repeated.update(name for name in names if names.count(name) > 1)

    with suppress(ValueError, RecursionError):  # a number of over 4,300 digits, which msgspec reads and json does not
        json.loads(line, object_pairs_hook=inspect)
    for name in sorted(repeated):
        yield FIELD_REPEATED.finding(file, f"the field {name!r} occurs twice in one object", line=number)


def _not_canonical(file: str, numbers: list[int], lines: int) -> Finding:
    count = len(set(numbers))
    message = f"{count} of {quantity(max(lines - 1, 1), 'line')} are not in goldwire's format, the first here"
    return FILE_NOT_CANONICAL.finding(file, message, line=min(numbers))


def _recoverable_key(kind: Kind[Any], file: str, line: bytes) -> Any:
    """Return the key of a line that is not a record, from the values that can be read in it, or None."""
    values = _decode(line)
    if not isinstance(values, dict):
        pairs = _STRING_FIELD.findall(line.decode("utf-8", "replace"))
        values = dict(reversed(pairs))  # the first value of each field
    try:
        key = kind.key(file, values.__getitem__)
        hash(key)
    except (KeyError, TypeError):
        return None
    return key


def _decode(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except DECODE_ERRORS:
        return _NOT_JSON
