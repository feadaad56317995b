"""Readers of raw files: every format gives the same records, and a torn file gives what is whole and one fault."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from goldwire.raw import Fault, RawRecord, records
from goldwire.sources import Fields

ROWS = tuple(
    {
        "text": f"The ferry of Arvenholt crossed the river {times} times, “all of them dry”.\nSo said the mayor.",
        "title": f"Ferry crosses {times} times",
        "url": f"https://wire.example/{times}",
        "published": f"2021-03-{times:02}",
    }
    for times in range(1, 4)
)


def jsonl() -> bytes:
    return "".join(json.dumps(row) + "\n" for row in ROWS).encode()


def separated(dialect: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, ROWS[0], dialect=dialect)
    writer.writeheader()
    writer.writerows(ROWS)
    return text.getvalue().encode()


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(ROWS)), out)
    return out.getvalue()


def zst(data: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(data)
    return out.getvalue().to_pybytes()


TABLES: dict[str, Callable[[], bytes]] = {
    "a.jsonl": jsonl,
    "a.jsonl.gz": lambda: gzip.compress(jsonl()),
    "a.jsonl.zst": lambda: zst(jsonl()),
    "a.ndjson": jsonl,
    "a.csv": lambda: separated("excel"),
    "a.csv.gz": lambda: gzip.compress(separated("excel")),
    "a.tsv": lambda: b"\xef\xbb\xbf" + separated("excel-tab"),
    "a.parquet": parquet,
}


def read(path: Path, data: bytes) -> list[RawRecord | Fault]:
    path.write_bytes(data)
    return list(records(path, Fields()))


@pytest.mark.parametrize("name", TABLES)
def test_every_table_gives_the_same_records(tmp_path: Path, name: str) -> None:
    found = read(tmp_path / name, TABLES[name]())
    assert found == [
        RawRecord(
            record=number,
            data=row["text"].encode(),
            field="text",
            title=row["title"],
            url=row["url"],
            published=row["published"],
        )
        for number, row in enumerate(ROWS)
    ]


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
PLAIN, CHUNKED, PACKED = (
    ("response", OK + b"\r\n", HTML),
    (
        "response",
        OK + b"Transfer-Encoding: chunked\r\n\r\n",
        b"a\r\n" + HTML[:10] + b"\r\n29\r\n" + HTML[10:] + b"\r\n0\r\n\r\n",
    ),
    ("response", OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(HTML)),
)


@pytest.mark.parametrize("page", [PLAIN, CHUNKED, PACKED], ids=["plain", "chunked", "packed"])
@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_an_archive_gives_its_pages(tmp_path: Path, name: str, page: tuple[str, bytes, bytes]) -> None:
    data = warc(page)
    (found,) = read(tmp_path / name, gzip.compress(data) if name.endswith("gz") else data)
    assert found == RawRecord(record=1, data=HTML, kind="html", url="https://wire.example/a")


def test_an_archive_gives_nothing_but_pages(tmp_path: Path) -> None:
    gone = ("response", b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n", HTML)
    image = ("response", b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n", b"PNG")
    (found,) = read(tmp_path / "a.warc", warc(("request", b"", b"GET / HTTP/1.1\r\n"), gone, image, PLAIN))
    assert found.record == 4


RSS = """<?xml version="1.0"?><rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Wire</title>
<item><title>Ferry crosses</title><link>https://wire.example/1</link><pubDate>Mon, 01 Mar 2021 07:00:00 GMT</pubDate>
<description>Short.</description><content:encoded>&lt;p&gt;The ferry crossed.&lt;/p&gt;</content:encoded></item>
<item><title>No text</title></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Ferry crosses</title>
<link rel="self" href="https://wire.example/feed"/><link href="https://wire.example/1"/>
<published>2021-03-01T07:00:00Z</published>
<content type="html">&lt;p&gt;The ferry crossed.&lt;/p&gt;</content></entry></feed>"""


@pytest.mark.parametrize(("name", "text"), [("a.rss", RSS), ("a.xml", RSS), ("a.atom", ATOM)])
def test_a_feed_gives_its_entries(tmp_path: Path, name: str, text: str) -> None:
    found, *rest = read(tmp_path / name, text.encode())
    assert isinstance(found, RawRecord)
    assert (found.kind, found.title, found.url) == ("html", "Ferry crosses", "https://wire.example/1")
    assert b"<p>The ferry crossed.</p>" in found.data
    assert "2021" in (found.published or "")
    assert [fault.reason for fault in rest if isinstance(fault, Fault)] == ["missing-text-field"] * len(rest)


def test_a_feed_opens_no_file_of_ours(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    head = f'<!DOCTYPE rss [<!ENTITY s SYSTEM "file://{tmp_path / "secret"}">]>'
    found = read(tmp_path / "a.rss", f"{head}<rss><item><description>&s; a</description></item></rss>".encode())
    assert all(b"secret" not in row.data for row in found if isinstance(row, RawRecord))


TORN = [
    ("a.jsonl.gz", lambda: gzip.compress(jsonl() * 2000)[:-400], "bad-archive"),
    ("a.jsonl.gz", jsonl, "bad-archive"),
    ("a.jsonl.zst", lambda: zst(jsonl())[:-20], "bad-archive"),
    ("a.txt.gz", lambda: gzip.compress(b"The ferry crossed.")[:-6], "bad-archive"),
    ("a.parquet", lambda: parquet()[:-30], "bad-parquet"),
    ("a.csv", lambda: separated("excel") + b'"the ferry, open', "bad-csv"),
    ("a.csv", lambda: separated("excel") + b"\xff\xfe,,,\n", "not-utf-8"),
    ("a.csv", lambda: b"", "empty"),
    ("a.warc", lambda: warc(PLAIN)[:-30], "bad-warc"),
    ("a.warc", lambda: warc(PLAIN) + b"and then no record\r\n", "bad-warc"),
    ("a.warc", lambda: warc(("response", OK + b"Content-Encoding: gzip\r\n\r\n", HTML)), "bad-warc"),
    ("a.rss", lambda: RSS[:-40].encode(), "bad-xml"),
    ("a.xml", lambda: b"<urlset></urlset>", "no-entries"),
    ("a.pdf", lambda: b"%PDF", "unknown-format"),
]


@pytest.mark.parametrize(("name", "make", "reason"), TORN, ids=[f"{name}-{reason}" for name, _, reason in TORN])
def test_a_torn_file_gives_one_fault(tmp_path: Path, name: str, make: Callable[[], bytes], reason: str) -> None:
    *_, fault = found = read(tmp_path / name, make())
    assert isinstance(fault, Fault)
    assert fault.reason == reason
    assert "\n" not in fault.detail
    assert [row for row in found if isinstance(row, Fault)] == [fault]


def test_rows_before_the_tear_are_kept(tmp_path: Path) -> None:
    found = read(tmp_path / "a.jsonl.gz", gzip.compress(jsonl() * 2000)[:-400])
    assert len(found) > 1000
    assert found[-1].record == len(found) - 1
