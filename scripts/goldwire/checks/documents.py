"""From the bytes of the few files that are one document: schema, sources, agreement, manifest."""

from __future__ import annotations

import tomllib
from math import nan
from pathlib import Path
from typing import Any

import msgspec

from goldwire.checks.parsing import BAD, BOM, fault
from goldwire.checks.snapshot import Entry, Table
from goldwire.errors import GoldwireError
from goldwire.records import Agreement, Finding, Release, SplitAssignment
from goldwire.workspace.label_schema import Schema, parse_schema
from goldwire.workspace.sources import Source

__all__ = ["parse_agreement", "parse_assignment", "parse_manifest", "parse_sources", "parse_toml_schema"]


def parse_toml_schema(file: str, data: bytes) -> Schema | Finding | None:
    """The schema, or what is wrong with it; None where it is not UTF-8, which is said of the file already."""
    text = _text(data)
    if text is None:
        return None
    try:
        return parse_schema(text, Path(file))
    except GoldwireError as error:
        code = "toml-broken" if isinstance(_toml(file, text), Finding) else "schema-invalid"
        return Finding(code=code, file=file, line=None, item=None, message=error.message)
    except RecursionError:
        return Finding(code="toml-broken", file=file, line=None, item=None, message="nested too deeply")


def parse_sources(file: str, data: bytes) -> dict[str, Source] | Finding | None:
    """What corpus/sources.toml says of each source, or what is wrong with it."""
    text = _text(data)
    tables = None if text is None else _toml(file, text)
    if not isinstance(tables, dict):
        return tables
    try:
        return msgspec.convert(tables, dict[str, Source])
    except msgspec.ValidationError as error:
        code, message = fault(error, b"null")
        return Finding(code=code, file=file, line=None, item=None, message=message)


def parse_agreement(file: str, data: bytes) -> tuple[Agreement, ...] | Finding | None:
    """The `values` of annotations/agreement/<batch>.json (where undefined, null), or what is wrong with them."""
    if _text(data) is None:
        return None
    try:
        document = msgspec.json.decode(data, type=dict[str, Any])
        return msgspec.convert(_undefined(document.get("values")), tuple[Agreement, ...])
    except BAD as error:
        code, message = fault(error, data)
        return Finding(code=code, file=file, line=None, item=None, message=message)


def parse_manifest(file: str, data: bytes) -> Release | Finding | None:
    """A release's manifest, or what is wrong with it."""
    if _text(data) is None:
        return None
    try:
        document = msgspec.json.decode(data, type=dict[str, Any])
        document["agreement"] = _undefined(document.get("agreement"))
        return msgspec.convert(document, Release)
    except BAD as error:
        code, message = fault(error, data)
        return Finding(code=code, file=file, line=None, item=None, message=message)


def parse_assignment(file: str, data: bytes) -> tuple[Table[SplitAssignment], list[Finding]]:
    """The rows of splits/assignment.tsv, with what is wrong with them."""
    entries: list[Entry[SplitAssignment]] = []
    findings: list[Finding] = []
    hidden: set[str] = set()
    head, *rows = data.removeprefix(BOM).decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    fields = SplitAssignment.__struct_fields__
    if head != "\t".join(fields):
        message = f"the first line is {head[:60]!r}, expected {' '.join(fields)!r} with tabs between"
        findings.append(Finding(code="field-missing", file=file, line=1, item=None, message=message))
        return Table(torn=True), findings
    for number, row in enumerate(rows[:-1] if not rows[-1] else rows, 2):
        values = row.split("\t")
        try:
            record = msgspec.convert(dict(zip(fields, values, strict=True)), SplitAssignment)
            entries.append(Entry(file, number, record.article_id, record))
        except ValueError as error:
            hidden.add(values[0])
            code, message = fault(error, b"null")
            if not isinstance(error, msgspec.ValidationError):
                code, message = "field-missing", f"{len(values)} columns, expected {len(fields)}"
            findings.append(Finding(code=code, file=file, line=number, item=values[0] or None, message=message))
    return Table(tuple(entries), frozenset(hidden)), findings


def _undefined(values: Any) -> Any:
    """Agreement values with nan for null, which stands for it in JSON."""
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
        message = str(error) or "nested too deeply"
        return Finding(code="toml-broken", file=file, line=None, item=None, message=message)
