"""Raw records: one page as the scraper stored it, or the problem that made it unreadable."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import msgspec

from goldwire.quantities import quantity
from goldwire.workspace.sources import Fields

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_LINE_BYTES",
    "FileSpan",
    "RawRecord",
    "ReadProblem",
    "digest",
    "record_from_row",
    "text_value",
]

# The longest of 102 real news pages has 80 kB of text and 1.6 MB of HTML: a larger record is not a news page.
MAX_LINE_BYTES = 1 << 20
MAX_FILE_BYTES = 16 << 20


class RawRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One raw page: its bytes (those of the field's value in a file of many rows), and what the record states.

    `row` is the 0-based row of a file of many records. `charset` is the encoding that the server declared; `text` is
    the decoded page, if the format has decoded it already.
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
    name, text = _page_field(row, fields) if isinstance(row, dict) else (fields.text, None)
    if not isinstance(text, str):
        return ReadProblem(row=number, reason="missing-text-field", detail=f"no text in a field {fields.text!r}")
    if len(text) > MAX_FILE_BYTES:
        detail = f"{quantity(len(text), 'character')}, at most {MAX_FILE_BYTES}"
        return ReadProblem(row=number, reason="file-too-large", detail=detail)
    try:
        data, decoded = text.encode(), text
    except UnicodeEncodeError:  # a lone surrogate
        data, decoded = text.encode("utf-8", "surrogatepass"), None
    return RawRecord(
        row=number,
        data=data,
        kind="text" if name == fields.text else "html",
        field=name,
        title=text_value(row.get(fields.title)),
        url=text_value(row.get(fields.url)),
        published=text_value(row.get(fields.published)),
        text=decoded,
    )


def _page_field(row: dict[str, Any], fields: Fields) -> tuple[str, Any]:
    """Return the name and value of the field with the page: its text, or its HTML if there is no text."""
    text, html = row.get(fields.text), row.get(fields.html)
    return (fields.html, html) if html and not text else (fields.text, text)


def digest(data: bytes) -> str:
    """Return the SHA-256, in hexadecimal, of the bytes that `origin.runs` refer to."""
    return hashlib.sha256(data).hexdigest()


def text_value(value: Any) -> str | None:
    """Return a value as text: a string stripped, a date in ISO form, None for anything else or an empty string."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value.isoformat()) if value is not None and hasattr(value, "isoformat") else None
