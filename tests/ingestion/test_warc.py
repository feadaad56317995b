"""Web archives: which of their records are pages, how those are unpacked, and what is left of a torn archive."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pyarrow as pa
import pytest
from fastwarc.stream_io import ZstdWriter, zstd_train_dictionary_from_samples

from goldwire.ingestion.raw_record import RawRecord, ReadProblem
from goldwire.ingestion.readers import read_records
from goldwire.workspace.sources import Fields
from support.web_archives import HTML, OK, PLAIN, read, warc


def packed(codec: str, data: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, codec) as stream:
        stream.write(data)
    return out.getvalue().to_pybytes()


def answer(packing: str, body: bytes) -> tuple[str, bytes, bytes]:
    return "response", OK + f"Content-Encoding: {packing}\r\n\r\n".encode(), body


CHUNKED, PACKED = (
    (
        "response",
        OK + b"Transfer-Encoding: chunked\r\n\r\n",
        b"a\r\n" + HTML[:10] + b"\r\n29\r\n" + HTML[10:] + b"\r\n0\r\n\r\n",
    ),
    answer("gzip", gzip.compress(HTML)),
)
PACKINGS = {
    "brotli": answer("br", packed("brotli", HTML)),
    "zstd": answer("zstd", packed("zstd", HTML)),
    "deflate": answer("deflate", zlib.compress(HTML)),
    "bare deflate": answer("deflate", zlib.compress(HTML)[2:-4]),
    "none": answer("identity", HTML),
}


@pytest.mark.parametrize(
    "page", [PLAIN, CHUNKED, PACKED, *PACKINGS.values()], ids=["plain", "chunked", "packed", *PACKINGS]
)
@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_pages_of_an_archive_are_read(tmp_path: Path, name: str, page: tuple[str, bytes, bytes]) -> None:
    data = warc(page)
    (found,) = read(tmp_path / name, gzip.compress(data) if name.endswith("gz") else data)
    assert found == RawRecord(row=1, data=HTML, kind="html", url="https://wire.example/a", charset="utf-8")


def test_wet_and_resource_records_are_read(tmp_path: Path) -> None:
    head = (
        "WARC/1.0\r\nWARC-Type: {}\r\nWARC-Target-URI: {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}\r\n\r\n"
    )
    rows = (
        ("conversion", "text/plain", "Text."),
        ("resource", "text/html; charset=utf-8", "<p>"),
        ("metadata", "a/b", "-"),
    )
    data = "".join(head.format(kind, f"https://w.example/{kind}", said, len(text), text) for kind, said, text in rows)
    found = read(tmp_path / "a.warc.wet.gz", gzip.compress(data.encode()))
    assert found == [
        RawRecord(row=0, data=b"Text.", url="https://w.example/conversion"),
        RawRecord(row=1, data=b"<p>", kind="html", url="https://w.example/resource", charset="utf-8"),
    ]


@pytest.mark.parametrize("packing", ["gzip", "deflate", "br"])
def test_a_decompression_bomb_is_one_read_problem(tmp_path: Path, packing: str) -> None:
    much = b"<p>word</p>" * 2_000_000
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "br": lambda data: packed("brotli", data)}[packing]
    problem, page = read(tmp_path / "a.warc", warc(answer(packing, pack(much)), PLAIN))
    assert isinstance(problem, ReadProblem)
    assert (problem.row, problem.reason) == (1, "file-too-large")
    assert isinstance(page, RawRecord)


def test_records_that_are_not_pages_are_skipped(tmp_path: Path) -> None:
    gone = ("response", b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n", HTML)
    image = ("response", b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n", b"PNG")
    (found,) = read(tmp_path / "a.warc", warc(("request", b"", b"GET / HTTP/1.1\r\n"), gone, image, PLAIN))
    assert found.row == 4


TORN = [
    warc(PLAIN)[:-30],
    warc(PLAIN) + b"and then no record\r\n",
    warc(("response", OK + b"Content-Encoding: gzip\r\n\r\n", HTML)),
    warc(answer("deflate", zlib.compress(HTML)[:-9])),
    warc(answer("br", packed("brotli", HTML)[:-3])),
    warc(answer("compress", HTML)),
    b"WARC/1.0\r\nContent-Length: -1\r\n\r\n" + HTML,
]


@pytest.mark.parametrize("data", TORN)
def test_a_truncated_archive_is_one_read_problem(tmp_path: Path, data: bytes) -> None:
    *_, problem = found = read(tmp_path / "a.warc", data)
    assert isinstance(problem, ReadProblem)
    assert problem.reason == "bad-warc"
    assert "\n" not in problem.detail
    assert [row for row in found if isinstance(row, ReadProblem)] == [problem]


def test_records_before_a_truncated_one_are_read(tmp_path: Path) -> None:
    whole = warc(PLAIN, CHUNKED, PACKED)
    for size in range(len(warc()) + 20, len(whole), 97):
        *found, last = read(tmp_path / "a.warc", whole[:size])
        assert all(isinstance(row, RawRecord) and row.data == HTML for row in found)
        assert isinstance(last, ReadProblem) or last.data == HTML
    _, _, _, problem = read(tmp_path / "a.warc", whole + b"WARC/1.0\r\n" + b"a: b\r\n" * 100_000)
    assert isinstance(problem, ReadProblem)


def test_an_archive_with_a_zstd_dictionary_is_read(tmp_path: Path) -> None:
    """As crawlers write `.warc.zst`: the dictionary comes first, in a frame that other readers skip."""
    samples = [warc(("response", OK + b"\r\n", HTML * 20 + b"%d" % number)) for number in range(50)]
    with ZstdWriter(tmp_path / "a.warc.zst", dictionary=zstd_train_dictionary_from_samples(samples, 4096)) as file:
        file.write(warc(PLAIN, CHUNKED))
    found = list(read_records(tmp_path / "a.warc.zst", Fields()))
    assert [(row.row, row.data) for row in found if isinstance(row, RawRecord)] == [(1, HTML), (2, HTML)]


def test_pages_before_a_truncated_gzip_member_are_read(tmp_path: Path) -> None:
    members = gzip.compress(warc(PLAIN)) + gzip.compress(warc(PLAIN, CHUNKED))
    for size in range(len(gzip.compress(warc(PLAIN))) + 1, len(members), 7):
        page, *more, problem = read(tmp_path / "a.warc.gz", members[:size])
        assert isinstance(page, RawRecord)
        assert all(isinstance(row, RawRecord) and row.data == HTML for row in more)
        assert isinstance(problem, ReadProblem)
        assert problem.reason in ("bad-archive", "bad-warc")
