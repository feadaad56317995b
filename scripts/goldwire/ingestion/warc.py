"""Web archives (WARC): HTML responses, and the texts of pages (WET), one record each.

fastwarc separates the records. It ends silently if an archive is truncated, so lengths are compared with the headers
here. Pages are decompressed here too: fastwarc accepts half of a deflated page as complete, and stops at a page that
cannot be decompressed or whose chunks a crawler has already joined.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

from goldwire.ingestion.raw_record import MAX_FILE_BYTES, RawRecord, ReadProblem
from goldwire.text.encodings import charset_of

if TYPE_CHECKING:
    from fastwarc import WarcRecord

__all__ = ["warc_pages"]

_PAGES = ("text/html", "application/xhtml+xml")
_ENCODINGS = {"gzip": "gzip", "x-gzip": "gzip", "br": "brotli", "zstd": "zstd"}


def warc_pages(file: BinaryIO) -> Iterator[RawRecord | ReadProblem]:
    """Yield the pages of an archive; `row` counts all its records, so that it does not depend on their kind."""
    from fastwarc import ArchiveIterator

    number = -1
    try:
        for number, record in enumerate(ArchiveIterator(_PartialReader(file), parse_http=False)):
            size = int(record.headers.get("Content-Length") or -1)
            if size < 0:
                raise ValueError("record without a length")
            if size > MAX_FILE_BYTES:
                yield ReadProblem(row=number, reason="file-too-large", detail=f"{size} bytes, at most {MAX_FILE_BYTES}")
                continue
            page = _record(number, record)
            if page is not None:
                yield page
        if number < 0:
            yield ReadProblem(row=None, reason="empty", detail="no records")
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and (error.errno or isinstance(error, gzip.BadGzipFile)):
            raise
        yield ReadProblem(row=max(number, 0), reason="bad-warc", detail=f"{error}; records below are not read")


class _PartialReader(io.RawIOBase):
    """A file that returns what it has before it raises for missing bytes, unlike `read` of a truncated .gz."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = cast(io.BufferedIOBase, file)

    def read(self, size: int = -1, /) -> bytes:
        return self._file.read1(size)

    def tell(self) -> int:
        return self._file.tell()


def _record(number: int, record: WarcRecord) -> RawRecord | ReadProblem | None:
    """Return the page of an archive record, or None if it is not a page."""
    kind, media_type = record.headers.get("WARC-Type"), (record.headers.get("Content-Type") or "").lower()
    if kind == "response":
        record.is_http = True
        record.parse_http(max_header_len=MAX_FILE_BYTES)
    block = record.reader.read()
    if len(block) < record.content_length:
        raise ValueError(f"{len(block)} of {record.content_length} bytes")
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>") or None
    if kind == "response":
        return _page(number, record, block, url)
    if kind == "conversion" and media_type.startswith("text/plain"):
        return RawRecord(row=number, data=block, url=url, charset=charset_of(media_type))
    if kind == "resource" and media_type.startswith(_PAGES):
        return RawRecord(row=number, data=block, kind="html", url=url, charset=charset_of(media_type))
    return None


def _page(number: int, record: WarcRecord, body: bytes, url: str | None) -> RawRecord | ReadProblem | None:
    """Return the page of an HTTP response, or None if the status is not 200 or the body is not HTML."""
    fields = record.http_headers
    media_type = fields.get("Content-Type") or ""
    if " 200" not in (fields.status_line or "") or not media_type.lower().startswith(_PAGES):
        return None
    try:
        if (fields.get("Transfer-Encoding") or "").lower() == "chunked":
            body = _join_chunks(body)
        body = _decompress(body, (fields.get("Content-Encoding") or "").lower())
    except (OSError, zlib.error, ValueError) as error:
        return ReadProblem(row=number, reason="bad-warc", detail=f"the page cannot be decompressed: {error}")
    if len(body) > MAX_FILE_BYTES:
        return ReadProblem(row=number, reason="file-too-large", detail=f"decompressed over {MAX_FILE_BYTES} bytes")
    return RawRecord(row=number, data=body, kind="html", url=url, charset=charset_of(media_type))


def _decompress(body: bytes, encoding: str) -> bytes:
    """Decompress a page up to one byte beyond the maximum: a few kilobytes can decompress to gigabytes."""
    if encoding in ("", "identity"):
        return body
    if encoding == "deflate":
        return _inflate(body)
    if encoding not in _ENCODINGS:
        raise ValueError(f"content encoding {encoding[:40]!r}")
    import pyarrow as pa

    return bytes(pa.input_stream(io.BytesIO(body), compression=_ENCODINGS[encoding]).read(MAX_FILE_BYTES + 1))


def _inflate(body: bytes) -> bytes:
    """Inflate a page with a zlib header or, as some servers send it against RFC 9110, without."""
    try:
        decompressor = zlib.decompressobj()
        page = decompressor.decompress(body, MAX_FILE_BYTES + 1)
    except zlib.error:
        decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
        page = decompressor.decompress(body, MAX_FILE_BYTES + 1)
    if not decompressor.eof and len(page) <= MAX_FILE_BYTES:
        raise ValueError(f"ends after {len(page)} bytes")
    return page


def _join_chunks(body: bytes) -> bytes:
    """Join chunks (RFC 9112, 7.1). Archives often join them and keep the header: such a body is unchanged."""
    parts: list[bytes] = []
    offset = 0
    while offset < len(body):
        end = body.find(b"\r\n", offset)
        try:
            size = int(body[offset:end].partition(b";")[0], 16)
        except ValueError:
            return body if not parts else b"".join(parts)
        if not size:
            break
        parts.append(body[end + 2 : end + 2 + size])
        offset = end + 2 + size + 2
    return b"".join(parts)
