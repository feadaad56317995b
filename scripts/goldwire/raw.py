"""Raw files as a scraper left them: one record at a time, in bounded memory, a fault in one never hiding another."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal, cast

from goldwire.archives import warc_pages
from goldwire.feeds import feed_entries
from goldwire.rawrecord import LONGEST_FILE, LONGEST_LINE, Fault, RawRecord
from goldwire.sources import Fields
from goldwire.tables import csv_rows, json_lines, parquet_rows

__all__ = ["RAW_SUFFIXES", "Fault", "RawRecord", "digest", "files", "is_one", "kind_of", "records"]

_ONE = (".txt", ".html", ".htm")
_MANY = (".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".warc", ".rss", ".atom", ".xml")
_PACKED = (".gz", ".zst")
RAW_SUFFIXES = (*_ONE, *_MANY)
"""What a raw file's name ends with; any of them may be packed, as `.jsonl.gz` or `.warc.zst`."""


def files(folder: Path) -> Iterator[Path]:
    """Give the files below a source's folder in order, hidden ones left out; links to folders are not followed."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))


def is_one(path: Path) -> bool:
    """Tell whether a file is one record as it stands, so that its digest is the record's."""
    return path.suffix.lower() in _ONE


def records(path: Path, fields: Fields) -> Iterator[RawRecord | Fault]:
    """Read the records of a raw file, each as it is or as a fault; never raises on what a file holds."""
    suffix = kind_of(path)
    if suffix not in RAW_SUFFIXES:
        known = ", ".join(RAW_SUFFIXES)
        yield Fault(record=None, reason="unknown-format", detail=f"{path.suffix or path.name}: not {known}")
        return
    number = None
    try:
        with _opened(path) as file:
            for record in _read(file, suffix, fields):
                number = record.record
                yield record
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield Fault(record=_next(number, suffix), reason="bad-archive", detail=f"{error}; the rest is not read")
    except OSError as error:
        reason = "unreadable" if error.errno else "bad-archive"  # pyarrow's errors of a torn .zst have no number
        detail = error.strerror or str(error).split("\n")[0] or type(error).__name__
        yield Fault(record=_next(number, suffix), reason=reason, detail=detail)


def _next(number: int | None, suffix: str) -> int | None:
    return None if suffix in _ONE or number is None else number + 1


def kind_of(path: Path) -> str:
    """Give what a file's name says it is, as `.jsonl`, whether it is packed or not."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] and suffixes[-1] in _PACKED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _opened(path: Path) -> BinaryIO:
    packed = path.suffix.lower()
    if packed == ".gz":
        return cast(BinaryIO, gzip.open(path, "rb"))
    if packed != ".zst":
        return path.open("rb")
    import pyarrow as pa

    path.open("rb").close()  # for its own error: pyarrow's has no number
    return cast(BinaryIO, io.BufferedReader(pa.input_stream(str(path), compression="zstd")))


def _read(file: BinaryIO, suffix: str, fields: Fields) -> Iterator[RawRecord | Fault]:
    if suffix in _ONE:
        yield _page(file, "text" if suffix == ".txt" else "html")
    elif suffix in (".jsonl", ".ndjson"):
        yield from json_lines(file, fields)
    elif suffix in (".csv", ".tsv"):
        yield from csv_rows(file, fields)
    elif suffix == ".parquet":
        yield from parquet_rows(file, fields)
    elif suffix == ".warc":
        yield from warc_pages(file)
    else:
        yield from feed_entries(file)


def _page(file: BinaryIO, kind: Literal["text", "html"]) -> RawRecord | Fault:
    data = file.read(LONGEST_FILE + 1)
    if len(data) > LONGEST_FILE:
        line = kind == "text" and data.find(b"\n", 0, LONGEST_LINE) < 0
        reason, most = ("line-too-long", LONGEST_LINE) if line else ("file-too-large", LONGEST_FILE)
        return Fault(record=None, reason=reason, detail=f"over {LONGEST_FILE} bytes, at most {most}")
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
    if longest > LONGEST_LINE:
        return Fault(record=None, reason="line-too-long", detail=f"{longest} bytes, at most {LONGEST_LINE}")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Fault(record=None, reason="not-utf-8", detail=f"byte {data[error.start]:#04x} at {error.start}")
    return None


def digest(data: bytes) -> str:
    """SHA-256, hexadecimal, of the bytes that `origin.runs` count."""
    return hashlib.sha256(data).hexdigest()
