"""One raw record, or what is wrong with it: what every reader of raw files gives."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import msgspec

from goldwire.workspace.sources import Fields

__all__ = ["LONGEST_FILE", "LONGEST_LINE", "Fault", "RawRecord", "Span", "digest", "from_row", "said"]

# The longest of 102 real news pages has 80 kB of text and 1.6 MB of HTML: what goes beyond is no news page.
LONGEST_LINE = 1 << 20
LONGEST_FILE = 16 << 20


class RawRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One page as it came: its bytes (of the field's value where the file has many), and what was said beside it.

    `charset` is what the server said that its bytes are in; `text` is what they say where it was decoded already.
    """

    record: int | None
    data: bytes
    kind: Literal["text", "html"] = "text"
    field: str | None = None
    title: str | None = None
    url: str | None = None
    published: str | None = None
    charset: str | None = None
    text: str | None = None


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A record that cannot be read: a kebab-case reason and a detail for a person."""

    record: int | None
    reason: str
    detail: str


class Span(msgspec.Struct, frozen=True):
    """A file of one record, or the JSON Lines that begin within so many bytes of a file, numbered from `first` on."""

    file: str
    start: int
    size: int
    first: int = 0


def from_row(number: int, row: Any, fields: Fields) -> RawRecord | Fault:
    """Make a record of a row of named values, by what the source calls them."""
    name, text = _page_of(row, fields) if isinstance(row, dict) else (fields.text, None)
    if not isinstance(text, str):
        return Fault(record=number, reason="missing-text-field", detail=f"no text in a field {fields.text!r}")
    if len(text) > LONGEST_FILE:
        return Fault(record=number, reason="file-too-large", detail=f"{len(text)} characters, at most {LONGEST_FILE}")
    try:
        data, known = text.encode(), text
    except UnicodeEncodeError:  # half a surrogate pair
        data, known = text.encode("utf-8", "surrogatepass"), None
    return RawRecord(
        record=number,
        data=data,
        kind="text" if name == fields.text else "html",
        field=name,
        title=said(row.get(fields.title)),
        url=said(row.get(fields.url)),
        published=said(row.get(fields.published)),
        text=known,
    )


def _page_of(row: dict[str, Any], fields: Fields) -> tuple[str, Any]:
    """Give the field that a row's page is in, and the page: its text, or its HTML where there is no text."""
    text, html = row.get(fields.text), row.get(fields.html)
    return (fields.html, html) if html and not text else (fields.text, text)


def digest(data: bytes) -> str:
    """SHA-256, hexadecimal, of the bytes that `origin.runs` count."""
    return hashlib.sha256(data).hexdigest()


def said(value: Any) -> str | None:
    """Give what a value says: its text, a date's ISO form, or None where it says nothing."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value.isoformat()) if value is not None and hasattr(value, "isoformat") else None
