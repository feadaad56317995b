"""Parse the files of a workspace that are one document each: settings, agreement, manifests, the split assignment."""

from __future__ import annotations

import tomllib
from math import nan
from pathlib import Path
from typing import Any

import msgspec

from goldwire.checks.file_bytes import BOM
from goldwire.checks.parsing import FIELD_MISSING, explain_decode_error
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Entry, StoredAgreement, Table
from goldwire.errors import DECODE_ERRORS, GoldwireError
from goldwire.records import Adjudication, Agreement, Finding, Release, SplitAssignment
from goldwire.workspace.assignment_table import columns_of, parse_row
from goldwire.workspace.label_schema import Schema, parse_schema
from goldwire.workspace.sources import Source

__all__ = [
    "json_objects",
    "parse_adjudication",
    "parse_agreement",
    "parse_assignment",
    "parse_label_schema",
    "parse_manifest",
    "parse_sources",
]

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
        rule, message = explain_decode_error(error, b"null")
        return rule.finding(file, message)


def parse_agreement(file: str, data: bytes) -> StoredAgreement | Finding | None:
    """Parse annotations/agreement/<batch>.json; None if it is not UTF-8."""
    if _text(data) is None:
        return None
    try:
        document = msgspec.json.decode(data, type=dict[str, Any])
        values = msgspec.convert(_with_nan(document.get("values")), tuple[Agreement, ...])
    except DECODE_ERRORS as error:
        rule, message = explain_decode_error(error, data)
        return rule.finding(file, message)
    return StoredAgreement(values, document)


def parse_adjudication(file: str, data: bytes) -> Adjudication | Finding | None:
    """Parse annotations/gold/<batch>.adjudication.json; None if it is not UTF-8."""
    if _text(data) is None:
        return None
    try:
        return msgspec.json.decode(data, type=Adjudication)
    except DECODE_ERRORS as error:
        rule, message = explain_decode_error(error, data)
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
        rule, message = explain_decode_error(error, data)
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
            rule, message = explain_decode_error(error, b"null") if is_invalid else (FIELD_MISSING, str(error))
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


def json_objects(content: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the objects in the list `content[name]`; none if it is not a list, or absent."""
    values = content.get(name)
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
