"""Raw files as a scraper left them: one record at a time, in bounded memory, a fault in one never hiding another."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec

from goldwire.sources import Fields

__all__ = ["RAW_SUFFIXES", "Fault", "RawRecord", "digest", "files", "records"]

RAW_SUFFIXES = (".txt", ".html", ".htm", ".jsonl")
# The longest of 102 real news pages has 80 kB of text and 1.6 MB of HTML: what goes beyond is no news page.
_LONGEST_LINE = 1 << 20
_LONGEST_FILE = 16 << 20


class RawRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One page as it came: its bytes (of the field's value where the file has many), and what was said beside it."""

    record: int | None
    data: bytes
    kind: Literal["text", "html"] = "text"
    field: str | None = None
    title: str | None = None
    url: str | None = None
    published: str | None = None


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A record that cannot be read: a kebab-case reason and a detail for a person."""

    record: int | None
    reason: str
    detail: str


def files(folder: Path) -> Iterator[Path]:
    """Give the files below a source's folder in order, hidden ones left out; links to folders are not followed."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))


def records(path: Path, fields: Fields) -> Iterator[RawRecord | Fault]:
    """Read the records of a raw file, each as it is or as a fault; never raises on what a file holds."""
    suffix = path.suffix.lower()
    if suffix not in RAW_SUFFIXES:
        yield Fault(
            record=None, reason="unknown-format", detail=f"{suffix or path.name}: not {', '.join(RAW_SUFFIXES)}"
        )
        return
    try:
        with path.open("rb") as file:
            if suffix == ".jsonl":
                yield from _lines(file, fields)
            else:
                yield _page(file, "text" if suffix == ".txt" else "html")
    except OSError as error:
        yield Fault(record=None, reason="unreadable", detail=error.strerror or type(error).__name__)


def _page(file: BinaryIO, kind: Literal["text", "html"]) -> RawRecord | Fault:
    data = file.read(_LONGEST_FILE + 1)
    if len(data) > _LONGEST_FILE:
        line = kind == "text" and data.find(b"\n", 0, _LONGEST_LINE) < 0
        reason, most = ("line-too-long", _LONGEST_LINE) if line else ("file-too-large", _LONGEST_FILE)
        return Fault(record=None, reason=reason, detail=f"{os.fstat(file.fileno()).st_size} bytes, at most {most}")
    fault = _fault_in(data, kind)
    return fault or RawRecord(record=None, data=data, kind=kind)


def _fault_in(data: bytes, kind: str) -> Fault | None:
    if not data.strip():
        return Fault(record=None, reason="empty", detail=f"{len(data)} bytes, nothing but white space")
    if b"\0" in data:
        return Fault(record=None, reason="binary", detail=f"a zero byte at {data.index(0)}")
    if kind == "html":
        return None  # whose encoding the page itself tells
    longest = max(map(len, data.split(b"\n")))
    if longest > _LONGEST_LINE:
        return Fault(record=None, reason="line-too-long", detail=f"{longest} bytes, at most {_LONGEST_LINE}")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Fault(record=None, reason="not-utf-8", detail=f"byte {data[error.start]:#04x} at {error.start}")
    return None


def _lines(file: BinaryIO, fields: Fields) -> Iterator[RawRecord | Fault]:
    number = -1
    while line := file.readline(_LONGEST_FILE + 1):
        number += 1
        if len(line) > _LONGEST_FILE:
            size = len(line)
            while not line.endswith(b"\n") and (line := file.readline(1 << 20)):
                size += len(line)
            yield Fault(record=number, reason="line-too-long", detail=f"{size} bytes, at most {_LONGEST_FILE}")
        elif line.strip(b" \t\r\n\xef\xbb\xbf"):
            yield _row(number, line.removeprefix(b"\xef\xbb\xbf"), fields)
    if number < 0:
        yield Fault(record=None, reason="empty", detail="0 bytes")


def _row(number: int, line: bytes, fields: Fields) -> RawRecord | Fault:
    try:
        row: Any = msgspec.json.decode(line)
    except UnicodeDecodeError as error:
        return Fault(record=number, reason="not-utf-8", detail=f"byte at {error.start} of the line")
    except msgspec.DecodeError as error:
        return Fault(record=number, reason="bad-json", detail=str(error))
    text = row.get(fields.text) if isinstance(row, dict) else None
    if not isinstance(text, str):
        return Fault(record=number, reason="missing-text-field", detail=f"no text in a field {fields.text!r}")

    def said(name: str) -> str | None:
        value = row.get(name)
        return value.strip() or None if isinstance(value, str) else None

    return RawRecord(
        record=number,
        data=text.encode("utf-8"),
        field=fields.text,
        title=said(fields.title),
        url=said(fields.url),
        published=said(fields.published),
    )


def digest(data: bytes) -> str:
    """SHA-256, hexadecimal, of the bytes that `origin.runs` count."""
    return hashlib.sha256(data).hexdigest()
