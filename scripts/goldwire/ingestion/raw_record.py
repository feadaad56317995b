"""Raw records: one page as the scraper stored it, or the problem that made it unreadable."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import msgspec

from goldwire.ingestion.row_fields import FieldRole, RowField, find_field, find_page_field, text_value
from goldwire.quantities import quantity
from goldwire.text import urls
from goldwire.workspace.sources import Fields

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_LINE_BYTES",
    "FileSpan",
    "RawRecord",
    "ReadProblem",
    "digest",
    "record_from_row",
]

# The longest of 102 real news pages has 80 kB of text and 1.6 MB of HTML: a larger record is not a news page.
MAX_LINE_BYTES = 1 << 20
MAX_FILE_BYTES = 16 << 20
_DETAILS: tuple[FieldRole, ...] = ("title", "url", "published")
_MAX_NAMES, _MAX_NAME = 12, 40  # fields that a message names, and their characters


class RawRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One raw page: its bytes (those of the field's value in a file of many rows), and what the record states.

    `row` is the 0-based row of a file of many records. `charset` is the encoding that the server declared; `text` is
    the decoded page, if the format has decoded it already. `guessed` are the fields whose names the source does not
    state, by what they hold; a title, URL or date that several fields may hold is not read.
    """

    row: int | None
    data: bytes
    kind: Literal["text", "html"] = "text"
    field: str | None = None
    title: str | None = None
    url: str | None = None
    published: str | None = None
    charset: str | None = None
    text: str | None = None
    guessed: tuple[tuple[FieldRole, tuple[str, ...]], ...] = ()


class ReadProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A record that cannot be read: a reason in kebab case, and a detail for people."""

    row: int | None
    reason: str
    detail: str


class FileSpan(msgspec.Struct, frozen=True):
    """A file of one record, or the JSON Lines that start within a range of bytes, numbered from `first`."""

    file: str
    start: int
    size: int
    first: int = 0


def record_from_row(number: int, row: Any, fields: Fields) -> RawRecord | ReadProblem:
    """Return the record of a row of named values, by the source's field names."""
    if not isinstance(row, dict):
        return ReadProblem(row=number, reason="missing-text-field", detail="the row is not an object with named values")
    kind, page = find_page_field(row, fields)
    found = {role: find_field(row, role, getattr(fields, role)) for role in _DETAILS}
    if len(page.names) > 1:
        names = " or ".join(repr(name) for name in page.names)
        return ReadProblem(row=number, reason="ambiguous-field", detail=f"{kind} may be {names}")
    name = page.name or fields.text or "text"
    text = row.get(name)
    if not isinstance(text, str):
        detail = f"no text in a field {name!r}" if fields.text else _missing(row)
        return ReadProblem(row=number, reason="missing-text-field", detail=detail)
    if len(text) > MAX_FILE_BYTES:
        detail = f"{quantity(len(text), 'character')}, at most {MAX_FILE_BYTES}"
        return ReadProblem(row=number, reason="file-too-large", detail=detail)
    try:
        data, decoded = text.encode(), text
    except UnicodeEncodeError:  # a lone surrogate
        data, decoded = text.encode("utf-8", "surrogatepass"), None
    date = _value(row, found["published"])
    guesses = ((kind, page), *found.items())
    return RawRecord(
        row=number,
        data=data,
        kind=kind,
        field=name,
        title=_value(row, found["title"]),
        url=_value(row, found["url"]),
        published=urls.written_date(date) or date,
        text=decoded,
        guessed=tuple((role, field.names) for role, field in guesses if field.is_guessed and field.names),
    )


def _value(row: dict[str, Any], field: RowField) -> str | None:
    return None if field.name is None else text_value(row[field.name])


def _missing(row: dict[str, Any]) -> str:
    """Return what a row without a text has instead."""
    names = ", ".join(repr(str(name)[:_MAX_NAME]) for name in list(row)[:_MAX_NAMES])
    return f"no text in a field 'text', or with another common name, among {names or 'none'}"


def digest(data: bytes) -> str:
    """Return the SHA-256, in hexadecimal, of the bytes that `origin.runs` refer to."""
    return hashlib.sha256(data).hexdigest()
