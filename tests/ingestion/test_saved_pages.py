"""Pages that a browser saved."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from goldwire.ingestion.raw_record import RawRecord, ReadProblem
from goldwire.ingestion.readers import raw_files, without_companions
from goldwire.ingestion.saved_pages import saved_page_url
from support.web_archives import read

URL = "https://wire.example/ferry"
PAGE = "<html><body><p>The “ferry” crossed.</p></body></html>"
MHTML = f"""\
From: <Saved by Blink>
Snapshot-Content-Location: {URL}
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="----x"

------x
Content-Type: image/png
Content-Transfer-Encoding: base64

AAAA
------x
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<html><body><p>The =E2=80=9Cferry=E2=80=9D cros=
sed.</p></body></html>
------x--
""".replace("\n", "\r\n").encode()
ARCHIVE = {"WebMainResource": {"WebResourceData": PAGE.encode(), "WebResourceURL": URL}}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.mhtml", MHTML),
        ("a.webarchive", plistlib.dumps(ARCHIVE, fmt=plistlib.FMT_BINARY)),
        ("b.webarchive", plistlib.dumps(ARCHIVE)),
    ],
)
def test_the_page_of_an_archive(tmp_path: Path, name: str, data: bytes) -> None:
    (record,) = read(tmp_path / name, data)
    assert isinstance(record, RawRecord)
    assert (record.row, record.kind, record.url) == (0, "html", URL)
    assert record.data.decode().strip() == PAGE


@pytest.mark.parametrize("name", ["a.mht", "a.webarchive"])
@pytest.mark.parametrize(
    "data", [b"", b"bplist00\xff\xff\xff\xff", b"\x00" * 100, b"<plist><array/></plist>", b"<?xml"]
)
def test_a_damaged_archive_is_one_problem(tmp_path: Path, name: str, data: bytes) -> None:
    (problem,) = read(tmp_path / name, data)
    assert isinstance(problem, ReadProblem)
    assert problem.reason == "bad-archive"


@pytest.mark.parametrize(
    ("comment", "url"),
    [
        (f"<!-- saved from url=(0026){URL} -->", URL),
        (f"<!--\n Page saved with SingleFile \n url: {URL} \n saved date: Mon Jan 04 2027\n-->", URL),
        ("<!-- saved from url=(0014)about:internet -->", None),
        ("<!-- url: https://wire.example/other -->", None),
    ],
)
def test_the_address_that_a_browser_wrote_into_a_page(comment: str, url: str | None) -> None:
    assert saved_page_url(f"<!DOCTYPE html>\n{comment}{PAGE}".encode()) == url


def test_what_lies_beside_pages_and_tables_is_no_raw_file(tmp_path: Path) -> None:
    names = (
        *("Ferry.html", "Ferry_files/ad.html", "Ferry_files/style.css", "Ferry-Dateien/ad.html", "photos_files/a.html"),
        *("train.parquet", "README.md", "dataset_info.json", "state.json", "LICENSE"),
    )
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = [path.relative_to(tmp_path).as_posix() for path in raw_files(tmp_path)]
    assert found == ["Ferry.html", "train.parquet", "photos_files/a.html"]
    assert set(without_companions(names)) == set(found)
    assert list(without_companions(["wire/Ferry.html", "wire/Ferry_files/2027/ad.html"])) == ["wire/Ferry.html"]
