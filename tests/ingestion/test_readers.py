"""Readers of raw files: every format gives the same records, and a torn file gives what is whole and one problem."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from goldwire.ingestion.raw_record import RawRecord, ReadProblem
from goldwire.ingestion.readers import file_spans, raw_files, read_records, read_span
from goldwire.workspace.sources import Fields
from support.full_disk import no_file_beyond
from support.web_archives import HTML, PLAIN, read, warc

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


def arrow(open_writer: Callable[..., Any]) -> bytes:
    table, out = pa.Table.from_pylist([{**row, "embedding": [0.5]} for row in ROWS]), pa.BufferOutputStream()
    with open_writer(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return out.getvalue().to_pybytes()


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
    "semicolons.csv": lambda: separated("excel-tab").replace(b"\t", b";"),
    "a.json": lambda: json.dumps(ROWS).encode(),
    "a.parquet": parquet,
    "stream.arrow": lambda: arrow(pa.ipc.new_stream),
    "file.arrow": lambda: arrow(pa.ipc.new_file),
    "a.arrow.gz": lambda: gzip.compress(arrow(pa.ipc.new_stream)),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_table_gives_the_same_records(tmp_path: Path, name: str) -> None:
    found = read(tmp_path / name, TABLES[name]())
    assert found == [
        RawRecord(
            row=number,
            data=row["text"].encode(),
            text=row["text"],
            field="text",
            title=row["title"],
            url=row["url"],
            published=row["published"],
        )
        for number, row in enumerate(ROWS)
    ]


LINES = (
    b"\xef\xbb\xbf" + json.dumps(ROWS[0]).encode() + b"\r\n\n",
    b'{"text": "never closed\n  \n["no", "object"]\n',
    b'{"text": "' + b"x" * (16 << 20) + b'"}\n',
    b"  " + json.dumps(ROWS[1]).encode() + b"\n",
    '{"text": "Café, said the mayor of Arvenholt."}\n'.encode("latin-1"),
    json.dumps(ROWS[2]).encode(),  # and no line end
)


@pytest.mark.parametrize("size", [1, 7, 100, 4096, 1 << 25])
@pytest.mark.parametrize("numbered", [True, False])
def test_spans_of_a_file_have_the_records_of_the_whole(tmp_path: Path, size: int, numbered: bool) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(LINES if size > 100 else (*LINES[:2], *LINES[3:])))
    whole = list(read_records(path, Fields(), "cp1252"))
    parts = [list(read_span(span, Fields(), "cp1252")) for span in file_spans(path, size, numbered=numbered)]
    found = [record for part in parts for record in part]
    assert len(whole) >= 6
    if numbered:
        assert found == whole
    else:
        assert [msgspec.structs.replace(row, row=0) for row in found] == [
            msgspec.structs.replace(row, row=0) for row in whole
        ]


def test_files_that_cannot_be_split_have_no_spans(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(jsonl()))
    (tmp_path / "b.jsonl").write_bytes(jsonl().decode().encode("utf-16"))
    (tmp_path / "c.csv").write_bytes(separated("excel"))
    (tmp_path / "d.jsonl").write_bytes(b"")
    os.mkfifo(tmp_path / "e.jsonl")  # which would be waited for without end
    (tmp_path / "f.jsonl").symlink_to("nowhere")
    for name in ("a.jsonl.gz", "b.jsonl", "c.csv", "d.jsonl", "e.jsonl", "f.jsonl"):
        assert list(file_spans(tmp_path / name, 100, numbered=True)) == []


def test_a_span_of_a_deleted_file_is_a_read_problem(tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.txt"):
        (tmp_path / name).write_bytes(jsonl())
        (span,) = file_spans(tmp_path / name, 1 << 20, numbered=True)
        (tmp_path / name).unlink()
        (problem,) = read_span(span, Fields())
        assert isinstance(problem, ReadProblem)
        assert problem.reason == "unreadable"


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
    assert [problem.reason for problem in rest if isinstance(problem, ReadProblem)] == ["missing-text-field"] * len(
        rest
    )


def test_a_feed_cannot_open_local_files(tmp_path: Path) -> None:
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
    ("a.rss", lambda: RSS[:-40].encode(), "bad-xml"),
    ("a.xml", lambda: b"<urlset></urlset>", "no-entries"),
    ("a.pdf", lambda: b"%PDF", "unknown-format"),
]


@pytest.mark.parametrize(("name", "make", "reason"), TORN, ids=[f"{name}-{reason}" for name, _, reason in TORN])
def test_a_truncated_file_is_one_read_problem(
    tmp_path: Path, name: str, make: Callable[[], bytes], reason: str
) -> None:
    *_, problem = found = read(tmp_path / name, make())
    assert isinstance(problem, ReadProblem)
    assert problem.reason == reason
    assert "\n" not in problem.detail
    assert [row for row in found if isinstance(row, ReadProblem)] == [problem]


LEVELS = {
    "txt": lambda: ROWS[0]["text"].encode(),
    "html": lambda: HTML,
    "jsonl": jsonl,
    "ndjson": jsonl,
    "csv": lambda: separated("excel"),
    "tsv": lambda: separated("excel-tab"),
    "parquet": parquet,
    "warc": lambda: warc(PLAIN),
    "rss": RSS.encode,
    "atom": ATOM.encode,
}
NOISE = random.Random(1).randbytes(300)


@pytest.mark.parametrize("packing", ["gz", "zst"])
@pytest.mark.parametrize("kind", LEVELS)
def test_truncated_archives_are_reported_in_every_format(tmp_path: Path, kind: str, packing: str) -> None:
    """Whole records first, if any, then one problem, wherever the archive ends."""
    data = LEVELS[kind]()
    pack = gzip.compress if packing == "gz" else zst
    whole = [row for row in read(tmp_path / f"a.{kind}.{packing}", pack(data)) if isinstance(row, RawRecord)]
    assert whole
    for torn in (pack(data)[:-5], pack(data)[: len(pack(data)) // 2], NOISE):
        *found, problem = read(tmp_path / f"a.{kind}.{packing}", torn)
        assert isinstance(problem, ReadProblem)
        assert problem.reason in ("bad-archive", {"parquet": "bad-parquet", "warc": "bad-warc"}.get(kind))
        assert "\n" not in problem.detail
        assert [row for row in found if isinstance(row, RawRecord)] == whole[: len(found)]


@pytest.mark.parametrize("kind", LEVELS)
def test_every_format_survives_noise(tmp_path: Path, kind: str) -> None:
    """Bytes of no encoding: a read problem or more, or a page that decoding refuses; never an exception."""
    for found in read(tmp_path / f"a.{kind}", NOISE):
        assert isinstance(found, ReadProblem) or kind in ("txt", "html")


def test_rows_before_a_truncation_are_read(tmp_path: Path) -> None:
    found = read(tmp_path / "a.jsonl.gz", gzip.compress(jsonl() * 2000)[:-400])
    assert len(found) > 1000
    assert found[-1].row == len(found) - 1


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_a_table_in_another_encoding(tmp_path: Path, name: str, encoding: str) -> None:
    text = separated("excel" if name == "a.csv" else "excel-tab").decode()
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    found = list(read_records(path, Fields(), "windows-1252"))
    assert [row.data.decode() for row in found if isinstance(row, RawRecord)] == [row["text"] for row in ROWS]


def test_the_encoding_of_json_lines_is_detected(tmp_path: Path) -> None:
    lines = [json.dumps(row | {"text": row["text"] * 3}, ensure_ascii=False) for row in ROWS]
    found = read(tmp_path / "a.jsonl", "\n".join(lines).encode("cp1252"))
    assert [row.data.decode() for row in found if isinstance(row, RawRecord)] == [row["text"] * 3 for row in ROWS]


def test_a_quote_that_is_never_closed_costs_one_row(tmp_path: Path) -> None:
    first, *rest = separated("excel").decode().split("\r\n", 1)
    found = read(tmp_path / "a.csv", f'{first}\r\n"The ferry, and no quote,x,y,z\r\n{rest[0]}'.encode())
    (problem,) = [row for row in found if isinstance(row, ReadProblem)]
    assert (problem.row, problem.reason) == (0, "bad-csv")
    assert [row.data.decode() for row in found if isinstance(row, RawRecord)] == [row["text"] for row in ROWS]


def test_a_zero_byte_costs_one_row_of_a_table(tmp_path: Path) -> None:
    data = separated("excel").replace(b"crossed the river 2", b"crossed\0the river 2")
    found = read(tmp_path / "a.csv", data)
    assert [row.reason if isinstance(row, ReadProblem) else row.row for row in found] == [0, "binary", 2]


def test_quotes_inside_fields_and_cr_line_ends(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", b'text,url\rA 5" pipe,u1\r"two\rlines",u2\r')
    assert [(row.data, row.url) for row in found if isinstance(row, RawRecord)] == [
        (b'A 5" pipe', "u1"),
        (b"two\rlines", "u2"),
    ]


def test_html_is_read_if_a_row_has_no_text(tmp_path: Path) -> None:
    rows = [{"html": HTML.decode()}, {"html": HTML.decode(), "text": "The text."}, {"html": 1}]
    found = read(tmp_path / "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode())
    assert [(row.kind, row.field) for row in found if isinstance(row, RawRecord)] == [
        ("html", "html"),
        ("text", "text"),
    ]
    assert [row.reason for row in found if isinstance(row, ReadProblem)] == ["missing-text-field"]


MEGABYTES = int(os.environ.get("GOLDWIRE_LONG_LINE_MB", "20"))  # 500 takes about 20 s


def test_a_disk_without_space_for_a_temporary_copy_is_an_error_and_no_problem_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet.gz"
    path.write_bytes(gzip.compress(parquet()))
    with no_file_beyond(100), pytest.raises(OSError, match=re.escape(tempfile.gettempdir())):
        list(read_records(path, Fields()))


LONG = ["a.txt", "a.html", "a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.csv", "a.warc", "a.rss"]
READ = """
import resource, sys
from pathlib import Path
from goldwire.ingestion.readers import read_records
from goldwire.workspace.sources import Fields
import pyarrow, lxml.etree, chardetng_py
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = list(read_records(Path(sys.argv[1]), Fields()))
print(len(found), found[0].reason, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def opened_for(path: Path) -> AbstractContextManager[Any]:
    if path.suffix == ".zst":
        return pa.CompressedOutputStream(str(path), "zstd")
    return gzip.open(path, "wb", 1) if path.suffix == ".gz" else path.open("wb")


@pytest.mark.parametrize("name", LONG)
def test_an_endless_line_is_one_read_problem_in_bounded_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    chunk = b"word " * 200_000
    with opened_for(path) as file:
        file.write(b"text\n" if name == "a.csv" else b"WARC/1.0\r\n" if name == "a.warc" else b"")
        for _ in range(MEGABYTES):
            file.write(chunk)
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    count, reason, grown = done.stdout.split()
    assert count == "1"
    assert reason in ("line-too-long", "file-too-large", "bad-warc")
    assert int(grown) < 120  # megabytes: a few copies of the longest that is taken, 16


def test_pipes_and_devices_are_reported_and_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "a.txt")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("b.jsonl")  # the whole path may have more than the 107 bytes of a socket's
        found = [row for path in raw_files(tmp_path) for row in read_records(path, Fields())]
    assert [row.reason for row in found if isinstance(row, ReadProblem)] == ["not-a-file"] * 2


def test_links_to_folders(tmp_path: Path) -> None:
    here, there = tmp_path / "raw", tmp_path / "elsewhere"
    for folder in (here / "2020", there):
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text("The ferry crossed.")
    (here / "2020" / "up").symlink_to(here)  # leads back
    (here / "again").symlink_to(here / "2020")  # there by its own name, too
    (here / "more").symlink_to(there)
    (there / "loop").symlink_to(there)
    found = [path.relative_to(here).as_posix() for path in raw_files(here)]
    assert sorted(found) == ["2020/a.txt", "2020/up", "more/a.txt", "more/loop"]
    problems = [
        row.reason for path in raw_files(here) for row in read_records(path, Fields()) if isinstance(row, ReadProblem)
    ]
    assert problems == ["folder-loop"] * 2
