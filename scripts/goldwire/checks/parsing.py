"""Parse the files of a workspace from bytes, and report what cannot be parsed instead of raising."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from math import nan
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Entry, StoredAgreement, Table
from goldwire.checks.workspace_files import Kind
from goldwire.errors import DECODE_ERRORS, GoldwireError, decode_problem
from goldwire.records import Adjudication, Agreement, Finding, Release, SplitAssignment
from goldwire.workspace.assignment_table import columns_of, parse_row
from goldwire.workspace.label_schema import Schema, parse_schema
from goldwire.workspace.sources import Source

__all__ = [
    "BOM",
    "CRLF",
    "DECODE_ERRORS",
    "inspect_bytes",
    "parse_adjudication",
    "parse_agreement",
    "parse_assignment",
    "parse_label_schema",
    "parse_manifest",
    "parse_records",
    "parse_sources",
]

FILE_NOT_UTF8 = Rule(
    code="file-not-utf8",
    level=0,
    severity="error",
    summary="a file is not UTF-8",
    why="Every offset after the first non-ASCII letter is wrong, and so is the letter.",
    fix="Save the file as UTF-8, or run the stage that writes it again.",
    example="corpus/articles/wire.jsonl:1: L0 file error [file-not-utf8] byte 0xfc at offset 241 is not UTF-8",
)
FILE_BOM = Rule(
    code="file-bom",
    level=0,
    severity="error",
    summary="a file starts with a byte order mark",
    why="The mark is an invisible character: JSON readers refuse it, and all offsets shift by one.",
    fix="Save the file as UTF-8 without a byte order mark.",
    example="annotations/GUIDELINES.md:1: L0 file error [file-bom] starts with a byte order mark",
    fixable=True,
)
FILE_CRLF = Rule(
    code="file-crlf",
    level=0,
    severity="error",
    summary="lines end with CRLF",
    why="git or an editor on Windows has rewritten the file: its digest has changed, and every line differs.",
    fix="Keep `corpus/** -text`, `annotations/** -text` and `splits/** -text` in .gitattributes, and convert the "
    "line ends to LF.",
    example="annotations/GUIDELINES.md:3: L0 file error [file-crlf] 1 lines end with CRLF, the first here",
    fixable=True,
)
MERGE_CONFLICT = Rule(
    code="merge-conflict",
    level=0,
    severity="error",
    summary="a file contains an unresolved merge conflict",
    why="Both sides are in the file, so that records are repeated or broken.",
    fix="Resolve the conflict: keep one side, or run the stage that writes the file again.",
    example="splits/assignment.tsv:2: L0 file error [merge-conflict] a merge conflict starts here",
)
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
TOML_BROKEN = Rule(
    code="toml-broken",
    level=1,
    severity="error",
    summary="a TOML file cannot be parsed",
    why="The labels, sources or waivers in it are unknown, so that nothing that depends on them is checked.",
    fix="Correct the file at the position in the message.",
    example=(
        "corpus/sources.toml: L1 format error [toml-broken] Expected ']' at the end of a table declaration (at "
        "line 10, column 6)"
    ),
)
SCHEMA_INVALID = Rule(
    code="schema-invalid",
    level=1,
    severity="error",
    summary="annotations/schema.toml is not a valid label schema",
    why="For example, annotators cannot distinguish two labels with the same name or hot key.",
    fix="Correct annotations/schema.toml; annotations/README.md describes its fields.",
    example="annotations/schema.toml: L1 format error [schema-invalid] 2 labels are 'PER'",
)

T = TypeVar("T")
BOM = b"\xef\xbb\xbf"
CRLF = b"\r\n"
# All three markers are required: a line of `=======` alone underlines a heading in Markdown.
_CONFLICT = re.compile(rb"^<<<<<<< .*?^=======\r?$.*?^>>>>>>> ", re.MULTILINE | re.DOTALL)
_STRING_FIELD = re.compile(r'"(\w+)"\s*:\s*"((?:[^"\\]|\\.)*)"')
_NOT_JSON = object()  # distinct from None, which is JSON's null
_encode = msgspec.json.Encoder().encode


def inspect_bytes(file: str, data: bytes) -> Iterator[Finding]:
    """Yield findings about the bytes of a text file: encoding, byte order mark, line ends, merge conflict."""

    def finding(rule: Rule, offset: int, message: str) -> Finding:
        return rule.finding(file, message, line=data.count(b"\n", 0, offset) + 1)

    if data.startswith(BOM):
        yield finding(FILE_BOM, 0, "starts with a byte order mark")
    if b"<<<<<<< " in data and (conflict := _CONFLICT.search(data)):
        yield finding(MERGE_CONFLICT, conflict.start(), "a merge conflict starts here")
    if CRLF in data:
        yield finding(FILE_CRLF, data.index(CRLF), f"{data.count(CRLF)} lines end with CRLF, the first here")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"byte 0x{data[error.start]:02x} at offset {error.start} is not UTF-8"
        yield finding(FILE_NOT_UTF8, error.start, message)


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
        rule, message = _explain(error, line)
        yield rule.finding(file, message, line=number)


def _explain(error: Exception, data: bytes) -> tuple[Rule, str]:
    """Return the rule and the message for an error of decoding `data` as JSON."""
    text = decode_problem(error)
    if not isinstance(error, msgspec.ValidationError) or _decoded(data) is _NOT_JSON:
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
    message = f"{count} of {max(lines - 1, 1)} lines are not in goldwire's format, the first here"
    return FILE_NOT_CANONICAL.finding(file, message, line=min(numbers))


def _recoverable_key(kind: Kind[Any], file: str, line: bytes) -> Any:
    """Return the key of a line that is not a record, from the values that can be read in it, or None."""
    values = _decoded(line)
    if not isinstance(values, dict):
        pairs = _STRING_FIELD.findall(line.decode("utf-8", "replace"))
        values = dict(reversed(pairs))  # the first value of each field
    try:
        key = kind.key(file, values.__getitem__)
        hash(key)
    except (KeyError, TypeError):
        return None
    return key


def _decoded(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except DECODE_ERRORS:
        return _NOT_JSON


def parse_label_schema(file: str, data: bytes) -> Schema | Finding | None:
    """Parse annotations/schema.toml; None if it is not UTF-8, which `inspect_bytes` reports."""
    text = _text(data)
    if text is None:
        return None
    if isinstance(broken := _toml(file, text), Finding):
        return broken
    try:
        return parse_schema(text, Path(file))
    except GoldwireError as error:
        return SCHEMA_INVALID.finding(file, error.message)


def parse_sources(file: str, data: bytes) -> dict[str, Source] | Finding | None:
    """Parse corpus/sources.toml: each source by its name; None if it is not UTF-8."""
    text = _text(data)
    tables = None if text is None else _toml(file, text)
    if not isinstance(tables, dict):
        return tables
    try:
        return msgspec.convert(tables, dict[str, Source])
    except msgspec.ValidationError as error:
        rule, message = _explain(error, b"null")
        return rule.finding(file, message)


def parse_agreement(file: str, data: bytes) -> StoredAgreement | Finding | None:
    """Parse annotations/agreement/<batch>.json; None if it is not UTF-8."""
    if _text(data) is None:
        return None
    try:
        document = msgspec.json.decode(data, type=dict[str, Any])
        values = msgspec.convert(_with_nan(document.get("values")), tuple[Agreement, ...])
    except DECODE_ERRORS as error:
        rule, message = _explain(error, data)
        return rule.finding(file, message)
    return StoredAgreement(values, document)


def parse_adjudication(file: str, data: bytes) -> Adjudication | Finding | None:
    """Parse annotations/gold/<batch>.adjudication.json; None if it is not UTF-8."""
    if _text(data) is None:
        return None
    try:
        return msgspec.json.decode(data, type=Adjudication)
    except DECODE_ERRORS as error:
        rule, message = _explain(error, data)
        return rule.finding(file, message)


def parse_manifest(file: str, data: bytes) -> Release | Finding | None:
    """Parse the manifest of a release; None if it is not UTF-8."""
    if _text(data) is None:
        return None
    try:
        document = msgspec.json.decode(data, type=dict[str, Any])
        document["agreement"] = _with_nan(document.get("agreement"))
        return msgspec.convert(document, Release)
    except DECODE_ERRORS as error:
        rule, message = _explain(error, data)
        return rule.finding(file, message)


def parse_assignment(file: str, data: bytes) -> tuple[Table[SplitAssignment], list[Finding]]:
    """Parse the rows of splits/assignment.tsv."""
    header, *rows = data.removeprefix(BOM).decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    if rows and not rows[-1]:
        rows.pop()
    try:
        columns = columns_of(header)
    except ValueError as error:
        return Table(has_unreadable_rows=True), [FIELD_MISSING.finding(file, str(error), line=1)]
    entries: list[Entry[SplitAssignment]] = []
    findings: list[Finding] = []
    hidden: set[str] = set()
    for number, row in enumerate(rows, 2):
        try:
            record = parse_row(row, columns)
        except ValueError as error:
            article_id = row.split("\t")[0]
            hidden.add(article_id)
            is_invalid = isinstance(error, msgspec.ValidationError)
            rule, message = _explain(error, b"null") if is_invalid else (FIELD_MISSING, str(error))
            findings.append(rule.finding(file, message, line=number, item=article_id or None))
        else:
            entries.append(Entry(file, number, record.article_id, record))
    return Table(tuple(entries), frozenset(hidden)), findings


def _with_nan(values: Any) -> Any:
    """Return agreement values with nan instead of null, which JSON has for it."""
    if not isinstance(values, list):
        return values
    return [
        {k: nan if v is None and k in ("value", "low", "high") else v for k, v in value.items()}
        if isinstance(value, dict)
        else value
        for value in values
    ]


def _text(data: bytes) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _toml(file: str, text: str) -> dict[str, Any] | Finding:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return TOML_BROKEN.finding(file, str(error) or "nested too deeply")
