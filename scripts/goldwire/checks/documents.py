"""From the bytes of the few files that are one document: schema, sources, agreement, manifest."""

from __future__ import annotations

import tomllib
from math import nan
from pathlib import PurePosixPath
from typing import Any

import msgspec

from goldwire.checks.parse import BAD, fault
from goldwire.checks.snapshot import Source
from goldwire.errors import GoldwireError
from goldwire.records import Agreement, Finding, Release
from goldwire.schema import Schema, parse_schema

__all__ = ["parse_agreement", "parse_manifest", "parse_sources", "parse_toml_schema"]


def parse_toml_schema(file: str, data: bytes) -> Schema | Finding | None:
    """The schema, or what is wrong with it; None where it is not UTF-8, which is said of the file already."""
    text = _text(data)
    if text is None:
        return None
    try:
        return parse_schema(text, PurePosixPath(file))
    except GoldwireError as error:
        code = "toml-broken" if isinstance(_toml(file, text), Finding) else "schema-invalid"
        return Finding(code=code, file=file, line=None, where=None, message=error.message)
    except RecursionError:
        return Finding(code="toml-broken", file=file, line=None, where=None, message="nested too deeply")


def parse_sources(file: str, data: bytes) -> dict[str, Source] | Finding | None:
    """What corpus/sources.toml says of each source, or what is wrong with it."""
    text = _text(data)
    tables = None if text is None else _toml(file, text)
    if not isinstance(tables, dict):
        return tables
    try:
        return {name: msgspec.convert(table, Source) for name, table in tables.items()}
    except msgspec.ValidationError as error:
        return Finding(code="field-type", file=file, line=None, where=None, message=str(error))


def parse_agreement(file: str, data: bytes) -> tuple[Agreement, ...] | Finding | None:
    """The `values` of annotations/agreement/<batch>.json, or what is wrong with it. An undefined value is null there."""
    if _text(data) is None:
        return None
    try:
        document = msgspec.json.decode(data, type=dict[str, Any])
        values = msgspec.convert(document.get("values"), list[dict[str, Any]])
        return tuple(msgspec.convert({k: nan if v is None else v for k, v in value.items()}, Agreement) for value in values)
    except BAD as error:
        code, message = fault(error, data)
        return Finding(code=code, file=file, line=None, where=None, message=message)


def parse_manifest(file: str, data: bytes) -> Release | Finding | None:
    """A release's manifest, or what is wrong with it."""
    if _text(data) is None:
        return None
    try:
        document = msgspec.json.decode(data, type=dict[str, Any])
        for value in document.get("agreement") or ():
            if isinstance(value, dict):
                value.update({name: nan for name in ("value", "low", "high") if value.get(name, 0) is None})
        return msgspec.convert(document, Release)
    except BAD as error:
        code, message = fault(error, data)
        return Finding(code=code, file=file, line=None, where=None, message=message)


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
        return Finding(code="toml-broken", file=file, line=None, where=None, message=message)
