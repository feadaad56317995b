"""Raw files as a scraper left them: one record at a time, in bounded memory, a fault in one never hiding another."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import shutil
import stat
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal, cast

from goldwire.ingestion.feeds import feed_entries
from goldwire.ingestion.raw_record import LONGEST_FILE, LONGEST_LINE, Fault, RawRecord, Span, digest
from goldwire.ingestion.tabular import Chosen, csv_rows, json_lines, json_lines_within, parquet_rows
from goldwire.ingestion.warc import warc_pages
from goldwire.text.encodings import is_wide
from goldwire.workspace.sources import Fields

__all__ = [
    "RAW_SUFFIXES",
    "Fault",
    "RawRecord",
    "Span",
    "digest",
    "files",
    "is_one",
    "kind_of",
    "records",
    "records_within",
    "spans",
]

_ONE = (".txt", ".html", ".htm")
_LINES = (".jsonl", ".ndjson")
_MANY = (".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".warc", ".wet", ".rss", ".atom", ".xml")
_ARCHIVES = (".warc", ".wet")
_PACKED = (".gz", ".zst")
_BUFFER = 1 << 17  # bytes
_PAGE = 1 << 16  # bytes of most pages: room for the longest takes 17 us to make
RAW_SUFFIXES = (*_ONE, *_MANY)
"""What a raw file's name ends with; any of them may be packed, as `.jsonl.gz` or `.warc.zst`."""


def files(folder: Path) -> Iterator[Path]:
    """Give what is below a source's folder in order, hidden names left out.

    Links to folders elsewhere are followed. A folder that cannot be read, or that leads back to one it is in, is given
    itself, so that `records` says so; one that is there by another name too is given once.
    """
    visited = {_identity(Path(path)) for path, _, _ in os.walk(folder)}
    yield from _below(folder, visited, ())


def _below(
    folder: Path, visited: set[tuple[int, int] | None], above: tuple[tuple[int, int] | None, ...]
) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            entries = sorted((entry for entry in found if not entry.name.startswith(".")), key=lambda entry: entry.name)
    except OSError:
        yield folder
        return
    inside = (*above, _identity(folder))
    folders = []
    for entry in entries:
        path = folder / entry.name
        # What is no link the folder itself tells, without a look at the file.
        if not (path.is_dir() if entry.is_symlink() else entry.is_dir()):
            yield path
        elif not entry.is_symlink():
            folders.append(path)
        elif _identity(path) in inside:
            yield path
        elif _identity(path) not in visited:
            visited.add(_identity(path))
            folders.append(path)
    for path in folders:
        yield from _below(path, visited, inside)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def is_one(path: Path) -> bool:
    """Tell whether a file is one record as it stands, so that its digest is the record's."""
    return path.suffix.lower() in _ONE


def records(path: Path, fields: Fields, charset: str | None = None) -> Iterator[RawRecord | Fault]:
    """Read the records of a raw file, each as it is or as a fault; never raises on what a file holds.

    `charset` is of files of rows that are not UTF-8.
    """
    suffix = kind_of(path)
    number = None
    try:
        fault = _no_file(path, suffix)
        if fault is not None:
            yield fault
            return
        with _opened(path) as file:
            is_packed = path.suffix.lower() in _PACKED
            for record in _read(file, suffix, fields, charset, is_packed):
                number = record.record
                yield record
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield Fault(record=_next(number, suffix), reason="bad-archive", detail=f"{error}; the rest is not read")
    except OSError as error:
        reason = "unreadable" if error.errno else "bad-archive"  # pyarrow's errors of a torn .zst have no number
        detail = error.strerror or str(error).split("\n")[0] or type(error).__name__
        yield Fault(record=_next(number, suffix), reason=reason, detail=detail)


def spans(path: Path, size: int, *, numbered: bool = False) -> Iterator[Span]:
    """Part a file into spans of so many bytes, each of which can be read alone; none where it is to be read as a whole.

    That is where it is packed, or in UTF-16, whose lines can be told only when they are read, or of another format.
    To number lines takes 2 us a page.
    """
    name = str(path)
    small = name.lower()
    with contextlib.suppress(OSError):
        found = os.stat(name) if small.endswith((*_ONE, *_LINES)) else None  # noqa: PTH116 - Path.stat takes 3 us more
        if found is None or not stat.S_ISREG(found.st_mode):
            return
        if small.endswith(_ONE):
            yield Span(name, 0, found.st_size)
            return
        with path.open("rb") as file:
            if is_wide(file.read(4)):
                return
            file.seek(0)
            plain = (Span(name, start, size) for start in range(0, found.st_size, size))
            yield from _numbered(file, name, size) if numbered else plain


def _numbered(file: BinaryIO, name: str, size: int) -> Iterator[Span]:
    start = ends = 0
    within = False  # a line
    try:
        while block := file.read(size):
            count, ended = block.count(b"\n"), block.endswith(b"\n")
            if count > ended or not within:  # a line begins here
                yield Span(name, start, len(block), ends + within)
            start += len(block)
            ends += count
            within = not ended
    except OSError:
        yield Span(name, start, size, ends + within)  # who reads it says so


def records_within(
    span: Span, fields: Fields, charset: str | None = None, chosen: Chosen | None = None
) -> Iterator[RawRecord | Fault]:
    """Read the records of a span; where some are `chosen` by the bytes that their page is written in, only those."""
    number = None
    try:
        with open(span.file, "rb", buffering=_BUFFER) as file:  # noqa: PTH123 - Path.open takes 5 us more
            if span.file.lower().endswith(_ONE):
                page = _page(file, _kind(span.file))
                if chosen is None or isinstance(page, Fault) or chosen(page.data):
                    yield page
                return
            for record in json_lines_within(file, span, fields, charset, chosen):
                number = record.record
                yield record
    except OSError as error:
        detail = error.strerror or str(error)
        yield Fault(record=None if number is None else number + 1, reason="unreadable", detail=detail)


def _kind(name: str) -> Literal["text", "html"]:
    return "text" if name.lower().endswith(".txt") else "html"


def _no_file(path: Path, suffix: str) -> Fault | None:
    """Tell what is no file of a known format: to open a pipe would wait for ever."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        next(path.iterdir(), None)  # for its error: what can be listed was given because it leads back
        return Fault(record=None, reason="folder-loop", detail=f"leads back to {path.resolve()}")
    if not stat.S_ISREG(mode):
        return Fault(record=None, reason="not-a-file", detail="a pipe, socket or device")
    if suffix not in RAW_SUFFIXES:
        known = ", ".join(RAW_SUFFIXES)
        return Fault(record=None, reason="unknown-format", detail=f"{path.suffix or path.name}: not {known}")
    return None


def _next(number: int | None, suffix: str) -> int | None:
    return None if suffix in _ONE or number is None else number + 1


def kind_of(path: Path) -> str:
    """Give what a file's name says it is, as `.jsonl`, whether it is packed or not."""
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in _PACKED else suffix


def _opened(path: Path) -> BinaryIO:
    packed = path.suffix.lower()
    if packed == ".gz":
        return cast(BinaryIO, gzip.open(path, "rb"))
    if packed != ".zst" or kind_of(path) in _ARCHIVES:  # those are packed with dictionaries, which fastwarc reads
        return path.open("rb", buffering=_BUFFER)
    import pyarrow as pa

    path.open("rb").close()  # for its own error: pyarrow's has no number
    return cast(BinaryIO, io.BufferedReader(pa.input_stream(str(path), compression="zstd")))


def _copied(file: BinaryIO, copy: BinaryIO) -> BinaryIO:
    shutil.copyfileobj(file, copy)
    return copy


def _read(
    file: BinaryIO, suffix: str, fields: Fields, charset: str | None, is_packed: bool
) -> Iterator[RawRecord | Fault]:
    if suffix in _ONE:
        yield _page(file, _kind(suffix))
    elif suffix in _LINES:
        yield from json_lines(file, fields, charset)
    elif suffix in (".csv", ".tsv"):
        yield from csv_rows(file, fields, charset)
    elif suffix == ".parquet":
        with tempfile.TemporaryFile() as copy:
            yield from parquet_rows(_copied(file, copy) if is_packed else file, fields)
    elif suffix in _ARCHIVES:
        yield from warc_pages(file)
    else:
        yield from feed_entries(file)


def _page(file: BinaryIO, kind: Literal["text", "html"]) -> RawRecord | Fault:
    data = file.read(_PAGE)
    data += file.read(LONGEST_FILE + 1 - _PAGE) if len(data) == _PAGE else b""
    if len(data) > LONGEST_FILE:
        line = kind == "text" and data.find(b"\n", 0, LONGEST_LINE) < 0
        reason, most = ("line-too-long", LONGEST_LINE) if line else ("file-too-large", LONGEST_FILE)
        return Fault(record=None, reason=reason, detail=f"over {LONGEST_FILE} bytes, at most {most}")
    return _fault_in(data, kind) or RawRecord(record=None, data=data, kind=kind)


def _fault_in(data: bytes, kind: str) -> Fault | None:
    if not data.strip():
        return Fault(record=None, reason="empty", detail=f"{len(data)} bytes, nothing but white space")
    if b"\0" in data and not is_wide(data):
        return Fault(record=None, reason="binary", detail=f"a zero byte at {data.index(0)}")
    longest = max(map(len, data.split(b"\n"))) if kind == "text" and len(data) > LONGEST_LINE else 0
    if longest > LONGEST_LINE:
        return Fault(record=None, reason="line-too-long", detail=f"{longest} bytes, at most {LONGEST_LINE}")
    return None
