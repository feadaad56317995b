"""Web archives (WARC): the HTML pages that were answered with, and the texts of pages (WET), one record each.

Read with the standard library: extraction at 65 pages a second is what takes the time, not reading.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from goldwire.charsets import charset_of
from goldwire.rawrecord import LONGEST_FILE, Fault, RawRecord

__all__ = ["warc_pages"]

_LINES = 1000  # of a record's head: more, and it is none
_PAGES = (b"text/html", b"application/xhtml+xml")
_PACKINGS = {b"gzip": "gzip", b"x-gzip": "gzip", b"br": "brotli", b"zstd": "zstd"}


class _TornError(Exception):
    """The archive ends, or stops being one, within a record."""


def warc_pages(file: BinaryIO) -> Iterator[RawRecord | Fault]:
    """Read the HTML responses of an archive; `record` counts all its records, so that it never moves."""
    number = -1
    try:
        while (head := _head(file)) is not None:
            number += 1
            size = int(head.get(b"content-length", b"0"))
            if size < 0:
                raise _TornError(f"a record of {size} bytes")
            if size > LONGEST_FILE:
                _skip(file, size)
                yield Fault(record=number, reason="file-too-large", detail=f"{size} bytes, at most {LONGEST_FILE}")
                continue
            block = file.read(size)
            if len(block) < size:
                raise _TornError(f"{len(block)} of {size} bytes")
            page = _record(number, head, block)
            if page is not None:
                yield page
        if number < 0:
            yield Fault(record=None, reason="empty", detail="no records")
    except (_TornError, ValueError) as error:
        yield Fault(record=max(number, 0), reason="bad-warc", detail=f"{error}; records below are not read")


def _head(file: BinaryIO) -> dict[bytes, bytes] | None:
    line = file.readline(1 << 16)
    while line in (b"\r\n", b"\n"):
        line = file.readline(1 << 16)
    if not line:
        return None
    if not line.startswith(b"WARC/"):
        raise _TornError("no WARC record begins here")
    lines: list[bytes] = []
    while (line := file.readline(1 << 16)) not in (b"\r\n", b"\n"):
        if not line or len(lines) == _LINES:
            raise _TornError("ends within a record's head")
        lines.append(line)
    return _fields(lines)


def _fields(lines: list[bytes]) -> dict[bytes, bytes]:
    parted = (line.partition(b":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in parted}


def _skip(file: BinaryIO, size: int) -> None:
    while size > 0:
        read = len(file.read(min(size, 1 << 20)))
        if not read:
            raise _TornError("ends within a record")
        size -= read


def _record(number: int, head: dict[bytes, bytes], block: bytes) -> RawRecord | Fault | None:
    """Give what a record of the archive holds; None where that is no page."""
    kind, said = head.get(b"warc-type"), head.get(b"content-type", b"").lower()
    if kind == b"response":
        return _page(number, head, block)
    url = _url(head)
    if kind == b"conversion" and said.startswith(b"text/plain"):
        return RawRecord(record=number, data=block, url=url, charset=charset_of(said.decode("latin-1")))
    if kind == b"resource" and said.startswith(_PAGES):
        return RawRecord(record=number, data=block, kind="html", url=url, charset=charset_of(said.decode("latin-1")))
    return None


def _url(head: dict[bytes, bytes]) -> str | None:
    return head.get(b"warc-target-uri", b"").strip(b"<>").decode("utf-8", "replace") or None


def _page(number: int, head: dict[bytes, bytes], block: bytes) -> RawRecord | Fault | None:
    """Give the page of an HTTP response; None where it is another kind of answer, or no page."""
    top, _, body = block.partition(b"\r\n\r\n")
    status, *lines = top.split(b"\r\n")
    fields = _fields(lines)
    if b" 200" not in status or not fields.get(b"content-type", b"").lower().startswith(_PAGES):
        return None
    try:
        if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
            body = _unchunked(body)
        body = _unpacked(body, fields.get(b"content-encoding", b"").lower())
    except (OSError, zlib.error, ValueError) as error:
        return Fault(record=number, reason="bad-warc", detail=f"its page does not unpack: {error}")
    if len(body) > LONGEST_FILE:
        return Fault(record=number, reason="file-too-large", detail=f"unpacked over {LONGEST_FILE} bytes")
    said = charset_of(fields[b"content-type"].decode("latin-1"))
    return RawRecord(record=number, data=body, kind="html", url=_url(head), charset=said)


def _unpacked(body: bytes, packing: bytes) -> bytes:
    """Unpack a page, and no more of it than one byte beyond what is taken: a few kilobytes may unpack to gigabytes."""
    if packing in (b"", b"identity"):
        return body
    if packing == b"deflate":
        return _inflated(body)
    if packing not in _PACKINGS:
        raise ValueError(f"packed as {packing.decode('latin-1')[:40]!r}")
    import pyarrow as pa

    return bytes(pa.input_stream(io.BytesIO(body), compression=_PACKINGS[packing]).read(LONGEST_FILE + 1))


def _inflated(body: bytes) -> bytes:
    """Inflate what begins with zlib's head or, as some servers send it against RFC 9110, without."""
    try:
        whole = zlib.decompressobj()
        page = whole.decompress(body, LONGEST_FILE + 1)
    except zlib.error:
        whole = zlib.decompressobj(-zlib.MAX_WBITS)
        page = whole.decompress(body, LONGEST_FILE + 1)
    if not whole.eof and len(page) <= LONGEST_FILE:
        raise ValueError(f"ends after {len(page)} bytes")
    return page


def _unchunked(body: bytes) -> bytes:
    """Join chunks (RFC 9112, 7.1); archives often unpack them and leave the header: then as it is."""
    parts: list[bytes] = []
    place = 0
    while place < len(body):
        end = body.find(b"\r\n", place)
        try:
            size = int(body[place:end].partition(b";")[0], 16)
        except ValueError:
            return body if not parts else b"".join(parts)
        if not size:
            break
        parts.append(body[end + 2 : end + 2 + size])
        place = end + 2 + size + 2
    return b"".join(parts)
