"""Web archives (WARC): the HTML pages that were answered with, and the texts of pages (WET), one record each.

fastwarc parts the records. It ends in silence where an archive does, so that lengths are held against the heads here;
and pages are unpacked here: its own unpacking takes half a deflated page for a whole one, and reads nothing below one
that does not unpack, or whose chunks a crawler had joined already.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

from goldwire.ingestion.raw_record import LONGEST_FILE, Fault, RawRecord
from goldwire.text.encodings import charset_of

if TYPE_CHECKING:
    from fastwarc import WarcRecord

__all__ = ["warc_pages"]

_PAGES = ("text/html", "application/xhtml+xml")
_PACKINGS = {"gzip": "gzip", "x-gzip": "gzip", "br": "brotli", "zstd": "zstd"}


def warc_pages(file: BinaryIO) -> Iterator[RawRecord | Fault]:
    """Read the HTML responses of an archive; `record` counts all its records, so that it never moves."""
    from fastwarc import ArchiveIterator

    number = -1
    try:
        for number, record in enumerate(ArchiveIterator(_Torn(file), parse_http=False)):
            size = int(record.headers.get("Content-Length") or -1)
            if size < 0:
                raise ValueError("a record without a length")
            if size > LONGEST_FILE:
                yield Fault(record=number, reason="file-too-large", detail=f"{size} bytes, at most {LONGEST_FILE}")
                continue
            page = _record(number, record)
            if page is not None:
                yield page
        if number < 0:
            yield Fault(record=None, reason="empty", detail="no records")
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and (error.errno or isinstance(error, gzip.BadGzipFile)):
            raise
        yield Fault(record=max(number, 0), reason="bad-warc", detail=f"{error}; records below are not read")


class _Torn(io.RawIOBase):
    """A file that gives what is there before it says that the rest is missing, as `read` of a torn .gz does not."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = cast(io.BufferedIOBase, file)

    def read(self, size: int = -1, /) -> bytes:
        return self._file.read1(size)

    def tell(self) -> int:
        return self._file.tell()


def _record(number: int, record: WarcRecord) -> RawRecord | Fault | None:
    """Give what a record of the archive holds; None where that is no page."""
    kind, said = record.headers.get("WARC-Type"), (record.headers.get("Content-Type") or "").lower()
    if kind == "response":
        record.is_http = True
        record.parse_http(max_header_len=LONGEST_FILE)
    block = record.reader.read()
    if len(block) < record.content_length:
        raise ValueError(f"{len(block)} of {record.content_length} bytes")
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>") or None
    if kind == "response":
        return _page(number, record, block, url)
    if kind == "conversion" and said.startswith("text/plain"):
        return RawRecord(record=number, data=block, url=url, charset=charset_of(said))
    if kind == "resource" and said.startswith(_PAGES):
        return RawRecord(record=number, data=block, kind="html", url=url, charset=charset_of(said))
    return None


def _page(number: int, record: WarcRecord, body: bytes, url: str | None) -> RawRecord | Fault | None:
    """Give the page of an HTTP response; None where it is another kind of answer, or no page."""
    fields = record.http_headers
    said = fields.get("Content-Type") or ""
    if " 200" not in (fields.status_line or "") or not said.lower().startswith(_PAGES):
        return None
    try:
        if (fields.get("Transfer-Encoding") or "").lower() == "chunked":
            body = _unchunked(body)
        body = _unpacked(body, (fields.get("Content-Encoding") or "").lower())
    except (OSError, zlib.error, ValueError) as error:
        return Fault(record=number, reason="bad-warc", detail=f"its page does not unpack: {error}")
    if len(body) > LONGEST_FILE:
        return Fault(record=number, reason="file-too-large", detail=f"unpacked over {LONGEST_FILE} bytes")
    return RawRecord(record=number, data=body, kind="html", url=url, charset=charset_of(said))


def _unpacked(body: bytes, packing: str) -> bytes:
    """Unpack a page, and no more of it than one byte beyond what is taken: a few kilobytes may unpack to gigabytes."""
    if packing in ("", "identity"):
        return body
    if packing == "deflate":
        return _inflated(body)
    if packing not in _PACKINGS:
        raise ValueError(f"packed as {packing[:40]!r}")
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
