"""From the bytes of a file to its records, with whatever is wrong on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from goldwire.checks.snapshot import Entry, Table
from goldwire.checks.workspace_files import Kind
from goldwire.records import Finding

__all__ = ["fault", "inspect_bytes", "parse_records"]

T = TypeVar("T")
BOM = b"\xef\xbb\xbf"
CRLF = b"\r\n"
BAD = (msgspec.MsgspecError, ValueError, RecursionError)
"""What decoding JSON bytes into a record can raise."""
# All three marks must be there: a line of `=======` alone underlines a heading in Markdown.
_CONFLICT = re.compile(rb"^<<<<<<< .*?^=======\r?$.*?^>>>>>>> ", re.MULTILINE | re.DOTALL)
_STRING_FIELD = re.compile(r'"(\w+)"\s*:\s*"((?:[^"\\]|\\.)*)"')
_NONE = object()  # no value at all, where null is one
_encode = msgspec.json.Encoder().encode


def inspect_bytes(file: str, data: bytes) -> Iterator[Finding]:
    """Yield what is wrong with the bytes of a text file: encoding, mark, line ends, a merge conflict."""

    def found(code: str, at: int, message: str) -> Finding:
        return Finding(code=code, file=file, line=data.count(b"\n", 0, at) + 1, item=None, message=message)

    if data.startswith(BOM):
        yield found("file-bom", 0, "starts with a byte order mark")
    if b"<<<<<<< " in data and (conflict := _CONFLICT.search(data)):
        yield found("merge-conflict", conflict.start(), "a merge conflict starts here")
    if CRLF in data:
        yield found("file-crlf", data.index(CRLF), f"lines that end in CRLF: {data.count(CRLF)}")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield found("file-not-utf8", error.start, f"byte 0x{data[error.start]:02x} at {error.start} is not UTF-8")


def fault(error: Exception, raw: bytes) -> tuple[str, str]:
    """The code and the message for what went wrong as the JSON of `raw` was decoded."""
    text = str(error)
    if isinstance(error, RecursionError):
        return "json-broken", "nested too deeply"
    if not isinstance(error, msgspec.ValidationError) or _values(raw) is _NONE:
        return "json-broken", _plain(text)
    if text.startswith("Object contains unknown field"):
        return "field-unknown", _plain(text)
    if text.startswith("Object missing required field"):
        return "field-missing", _plain(text)
    return "field-type", _plain(text)


def parse_records(file: str, data: bytes, kind: Kind[T]) -> tuple[Table[T], list[Finding]]:
    """Decode a JSON Lines file; lines that are not records are found, and their keys hidden where they can be read."""
    decoder = msgspec.json.Decoder(kind.type)
    entries: list[Entry[T]] = []
    findings: list[Finding] = []
    hidden: set[Any] = set()
    torn, odd = False, []
    lines = data.removeprefix(BOM).replace(CRLF, b"\n").split(b"\n")
    for number, line in enumerate(lines[:-1] if not lines[-1] else lines, 1):
        try:
            record = decoder.decode(line)
        except BAD as error:
            if line.strip():
                findings += _say(file, number, line, error)
                key = _ghost(kind, file, line)
                hidden, torn = hidden | {key} - {None}, torn or key is None
            else:
                odd.append(number)
            continue
        entries.append(Entry(file, number, kind.key_of(file, record), record))
        if _encode(record) != line:
            odd.append(number)
            findings += _repeated_keys(file, number, line)
    if lines[-1]:
        odd.append(len(lines))
    if odd and not findings:
        findings.append(_odd(file, odd, len(lines)))
    return Table(tuple(entries), frozenset(hidden), torn), findings


def _say(file: str, number: int, line: bytes, error: Exception) -> Iterator[Finding]:
    if isinstance(error, UnicodeDecodeError):  # said of the file already
        return
    code, message = fault(error, line)
    yield Finding(code=code, file=file, line=number, item=None, message=message)


def _repeated_keys(file: str, number: int, line: bytes) -> Iterator[Finding]:
    found: set[str] = set()

    def pairs(items: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in items]
        found.update(name for name in names if names.count(name) > 1)

    with suppress(*BAD):  # a number of over 4,300 digits, which msgspec reads and json does not
        json.loads(line, object_pairs_hook=pairs)
    for name in sorted(found):
        message = f"field {name!r} stands twice in one object; readers take either"
        yield Finding(code="field-repeated", file=file, line=number, item=None, message=message)


def _odd(file: str, odd: list[int], lines: int) -> Finding:
    message = f"{len(set(odd))} of {max(lines - 1, 1)} lines are not written as goldwire writes them, the first here"
    return Finding(code="file-not-canonical", file=file, line=min(odd), item=None, message=message)


def _ghost(kind: Kind[Any], file: str, line: bytes) -> Any:
    """The key of a line that is no record, from the values that can still be read in it; None where there is none."""
    values = _values(line)
    if not isinstance(values, dict):
        found = _STRING_FIELD.findall(line.decode("utf-8", "replace"))
        values = dict(reversed(found))  # the first of each name wins
    try:
        key = kind.key(file, values.__getitem__)
        hash(key)
    except (KeyError, TypeError):
        return None
    return key


def _values(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except BAD:
        return _NONE


def _plain(text: str) -> str:
    text = text.replace("Object contains unknown field", "unknown field")
    text = text.replace("Object missing required field", "no field")
    text = re.sub(r" - at `\$\.?([^`]*)`", lambda at: f" in `{at[1]}`" if at[1] else "", text)
    return text[:1].lower() + text[1:]
