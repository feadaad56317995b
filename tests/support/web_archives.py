"""Builders of web archives."""

from __future__ import annotations

from pathlib import Path

from goldwire.ingestion.raw_record import RawRecord, ReadProblem
from goldwire.ingestion.readers import read_records
from goldwire.workspace.sources import Fields


def read(path: Path, data: bytes) -> list[RawRecord | ReadProblem]:
    path.write_bytes(data)
    return list(read_records(path, Fields()))


def warc(*pages: tuple[str, bytes, bytes]) -> bytes:
    out = b""
    for kind, head, body in (("warcinfo", b"", b"software: none\r\n"), *pages):
        block = head + body
        out += (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://wire.example/a\r\n"
            f"Content-Length: {len(block)}\r\n\r\n"
        ).encode()
        out += block + b"\r\n\r\n"
    return out


HTML = b"<html><body><p>The ferry crossed.</p></body></html>"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
PLAIN = ("response", OK + b"\r\n", HTML)
