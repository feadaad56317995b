"""Readers of raw files: one record at a time, in bounded memory; a problem in one record never hides another."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import re
import shutil
import stat
import tempfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, Literal, cast

from goldwire.ingestion.feeds import feed_entries
from goldwire.ingestion.json_documents import json_records
from goldwire.ingestion.raw_record import MAX_FILE_BYTES, MAX_LINE_BYTES, FileSpan, RawRecord, ReadProblem
from goldwire.ingestion.saved_pages import mhtml_page, safari_page
from goldwire.ingestion.tabular import (
    PageFilter,
    arrow_rows,
    csv_rows,
    json_lines,
    json_lines_within,
    parquet_rows,
)
from goldwire.ingestion.warc import warc_pages
from goldwire.text.encodings import is_wide, printable_path
from goldwire.workspace import atomic
from goldwire.workspace.sources import Fields

__all__ = [
    "RAW_SUFFIXES",
    "file_format",
    "file_spans",
    "is_single_record",
    "raw_files",
    "read_records",
    "read_span",
    "without_companions",
]

_PAGES = (".html", ".htm", ".xhtml")
_SINGLE = (".txt", *_PAGES)
_LINES = (".jsonl", ".ndjson")
_SAVED_PAGES = (".mhtml", ".mht", ".webarchive")
_MULTIPLE = (
    *(".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".warc", ".wet", ".rss", ".atom", ".xml"),
    *_SAVED_PAGES,
)
_ARCHIVES = (".warc", ".wet")
# In the folder of a dataset, or of the operating system, beside the data.
_NO_DATA = frozenset(
    (
        *("readme", "readme.md", "readme.txt", "license", "license.md", "license.txt", "licence", "licence.txt"),
        *("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "thumbs.db", "desktop.ini"),
    )
)
# Folders beside `page.html` in which browsers store its pictures and frames, in their languages: `page_files`.
_PAGE_RESOURCES = re.compile(
    r"(?:_files|\.files|-Dateien|_fichiers|_bestanden|_file|_archivos|-filer|_tiedostot|_pliki|_soubory|_elemei"
    r"|_ficheiros|_arquivos|_dosyalar|_datoteke|_fitxers|_failid|_fails|_bylos|_fajlovi|_fitxategiak)$"
)
_COMPRESSED = (".gz", ".zst")
_BUFFER_BYTES = 1 << 17
_PAGE_BYTES = 1 << 16  # of most pages: allocating the maximum takes 17 us
RAW_SUFFIXES = (*_SINGLE, *_MULTIPLE)
"""Suffixes of raw files; any of them may be compressed, as `.jsonl.gz` or `.warc.zst`."""


def raw_files(folder: Path) -> Iterator[Path]:
    """Yield the files below a source's folder in order, without hidden ones.

    A README, a licence, the description of a dataset, and the pictures and frames that a browser saved beside a page
    are no raw files.
    Links to folders elsewhere are followed, each folder once. A folder that cannot be read, or that links back to one
    of its parents, is yielded itself, so that `read_records` reports it.
    """
    visited = {_identity(Path(path)) for path, _, _ in os.walk(folder)}
    yield from _below(folder, visited, ())


def _below(
    folder: Path, visited: set[tuple[int, int] | None], above: tuple[tuple[int, int] | None, ...]
) -> Iterator[Path]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(
                (entry for entry in listing if not entry.name.startswith(".")), key=lambda entry: entry.name
            )
    except OSError:
        yield folder
        return
    inside = (*above, _identity(folder))
    folders = []
    pages = {entry.name.rpartition(".")[0] for entry in entries if entry.name.lower().endswith(_PAGES)}
    for entry in entries:
        if entry.name.lower() in _NO_DATA or _has_resources(entry.name, pages):
            continue
        path = folder / entry.name
        # For anything but a link the listing has the type, without another system call.
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


def without_companions(paths: Collection[str]) -> Iterator[str]:
    """Yield the paths of raw files of an object store in order, without those whose names `raw_files` leaves out."""
    pages = {path.rpartition(".")[0] for path in paths if path.lower().endswith(_PAGES)}
    for path in paths:
        *folders, name = path.split("/")
        above = ("/".join(folders[:depth]) for depth in range(1, len(folders) + 1))
        if name.lower() not in _NO_DATA and not any(_has_resources(folder, pages) for folder in above):
            yield path


def _has_resources(folder: str, pages: Collection[str]) -> bool:
    """Whether a folder, by its name, has the pictures and frames of a saved page beside it."""
    suffix = _PAGE_RESOURCES.search(folder)
    return suffix is not None and folder[: suffix.start()] in pages


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def is_single_record(path: Path) -> bool:
    """Whether a file is one record, so that its digest is that of the record."""
    return path.suffix.lower() in _SINGLE


def read_records(path: Path, fields: Fields, charset: str | None = None) -> Iterator[RawRecord | ReadProblem]:
    """Yield the records of a raw file, or a problem for each that cannot be read; no content of a file raises.

    `charset` is the encoding of files of rows that are not UTF-8.
    """
    suffix = file_format(path)
    number = None
    try:
        problem = _file_problem(path, suffix)
        if problem is not None:
            yield problem
            return
        with _open(path) as file:
            is_compressed = path.suffix.lower() in _COMPRESSED
            for record in _read(file, suffix, fields, charset, is_compressed):
                number = record.row
                yield record
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield ReadProblem(row=_next(number, suffix), reason="bad-archive", detail=f"{error}; the rest is not read")
    except OSError as error:
        if error.errno in atomic.DISK_FULL:  # of a temporary copy; the record is not to blame
            raise
        reason = "unreadable" if error.errno else "bad-archive"  # pyarrow's error for a truncated .zst has no errno
        detail = error.strerror or str(error).split("\n")[0] or type(error).__name__
        yield ReadProblem(row=_next(number, suffix), reason=reason, detail=detail)


def file_spans(path: Path, size: int, *, numbered: bool = False) -> Iterator[FileSpan]:
    """Yield spans of `size` bytes that can be read independently; none if the file must be read as a whole.

    That is the case if it is compressed, in UTF-16 (whose line ends cannot be found in the bytes) or in another
    format.
    Numbering the lines takes 2 us per page.
    """
    name = str(path)
    lower = name.lower()
    with contextlib.suppress(OSError):
        status = os.stat(name) if lower.endswith((*_SINGLE, *_LINES)) else None  # noqa: PTH116 - Path.stat takes 3 us longer
        if status is None or not stat.S_ISREG(status.st_mode) or printable_path(name) != name:
            return
        if lower.endswith(_SINGLE):
            yield FileSpan(name, 0, status.st_size)
            return
        with path.open("rb") as file:
            if is_wide(file.read(4)):
                return
            file.seek(0)
            plain = (FileSpan(name, start, size) for start in range(0, status.st_size, size))
            yield from _numbered_spans(file, name, size) if numbered else plain


def _numbered_spans(file: BinaryIO, name: str, size: int) -> Iterator[FileSpan]:
    start = ends = 0
    is_inside_line = False
    try:
        while block := file.read(size):
            count, ended = block.count(b"\n"), block.endswith(b"\n")
            if count > ended or not is_inside_line:  # a line starts here
                yield FileSpan(name, start, len(block), ends + is_inside_line)
            start += len(block)
            ends += count
            is_inside_line = not ended
    except OSError:
        yield FileSpan(name, start, size, ends + is_inside_line)  # its reader reports the error


def read_span(
    span: FileSpan, fields: Fields, charset: str | None = None, chosen: PageFilter | None = None
) -> Iterator[RawRecord | ReadProblem]:
    """Yield the records of a span; with `chosen`, only those whose page it accepts by its bytes."""
    number = None
    try:
        with open(span.file, "rb", buffering=_BUFFER_BYTES) as file:  # noqa: PTH123 - Path.open takes 5 us longer
            if span.file.lower().endswith(_SINGLE):
                page = _page(file, _kind(span.file))
                if chosen is None or isinstance(page, ReadProblem) or chosen(page.data):
                    yield page
                return
            for record in json_lines_within(file, span, fields, charset, chosen):
                number = record.row
                yield record
    except OSError as error:
        detail = error.strerror or str(error)
        yield ReadProblem(row=None if number is None else number + 1, reason="unreadable", detail=detail)


def _kind(name: str) -> Literal["text", "html"]:
    return "text" if name.lower().endswith(".txt") else "html"


def _file_problem(path: Path, suffix: str) -> ReadProblem | None:
    """Return the problem of a path that is not a file of a known format; opening a pipe would block."""
    if printable_path(str(path)) != str(path):
        return ReadProblem(row=None, reason="bad-file-name", detail="its name is not UTF-8")
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        next(path.iterdir(), None)  # raises if the folder cannot be listed
        # Relative: the rejections are in git, and the folders of this computer mean nothing on another.
        target = os.path.relpath(path.resolve(), path.parent.resolve())
        return ReadProblem(row=None, reason="folder-loop", detail=f"leads back to {target}")
    if not stat.S_ISREG(mode):
        return ReadProblem(row=None, reason="not-a-file", detail="a pipe, socket or device")
    if suffix not in RAW_SUFFIXES:
        known = ", ".join(RAW_SUFFIXES)
        return ReadProblem(row=None, reason="unknown-format", detail=f"{path.suffix or path.name}: not {known}")
    return None


def _next(number: int | None, suffix: str) -> int | None:
    return None if suffix in _SINGLE or number is None else number + 1


def file_format(path: Path) -> str:
    """Return the format by the file name, such as `.jsonl`, without the suffix of a compression format."""
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in _COMPRESSED else suffix


def _open(path: Path) -> BinaryIO:
    compression = path.suffix.lower()
    if compression == ".gz":
        return cast(BinaryIO, gzip.open(path, "rb"))
    if compression != ".zst" or file_format(path) in _ARCHIVES:  # fastwarc reads those, dictionaries included
        return path.open("rb", buffering=_BUFFER_BYTES)
    import pyarrow as pa

    path.open("rb").close()  # raises OSError with errno, unlike pyarrow
    return cast(BinaryIO, io.BufferedReader(pa.input_stream(str(path), compression="zstd")))


def _copy(file: BinaryIO, copy: BinaryIO) -> BinaryIO:
    shutil.copyfileobj(file, copy)
    return copy


def _read(
    file: BinaryIO, suffix: str, fields: Fields, charset: str | None, is_compressed: bool
) -> Iterator[RawRecord | ReadProblem]:
    if suffix in _SINGLE:
        yield _page(file, _kind(suffix))
    elif suffix in _LINES:
        yield from json_lines(file, fields, charset)
    elif suffix in (".csv", ".tsv"):
        yield from csv_rows(file, fields, charset)
    elif suffix == ".json":
        yield from json_records(file, fields, charset)
    elif suffix in (".parquet", ".arrow"):
        rows = parquet_rows if suffix == ".parquet" else arrow_rows
        folder = Path(tempfile.gettempdir())
        with atomic.name_disk_errors(folder), tempfile.TemporaryFile(dir=folder) as copy:
            yield from rows(_copy(file, copy) if is_compressed else file, fields)
    elif suffix in _SAVED_PAGES:
        yield safari_page(file) if suffix == ".webarchive" else mhtml_page(file)
    elif suffix in _ARCHIVES:
        yield from warc_pages(file)
    else:
        yield from feed_entries(file)


def _page(file: BinaryIO, kind: Literal["text", "html"]) -> RawRecord | ReadProblem:
    data = file.read(_PAGE_BYTES)
    data += file.read(MAX_FILE_BYTES + 1 - _PAGE_BYTES) if len(data) == _PAGE_BYTES else b""
    if len(data) > MAX_FILE_BYTES:
        line = kind == "text" and data.find(b"\n", 0, MAX_LINE_BYTES) < 0
        reason, most = ("line-too-long", MAX_LINE_BYTES) if line else ("file-too-large", MAX_FILE_BYTES)
        return ReadProblem(row=None, reason=reason, detail=f"over {MAX_FILE_BYTES} bytes, at most {most}")
    return _content_problem(data, kind) or RawRecord(row=None, data=data, kind=kind)


def _content_problem(data: bytes, kind: str) -> ReadProblem | None:
    if not data.strip():
        return ReadProblem(row=None, reason="empty", detail=f"{len(data)} bytes, nothing but white space")
    if b"\0" in data and not is_wide(data):
        return ReadProblem(row=None, reason="binary", detail=f"a zero byte at {data.index(0)}")
    longest = max(map(len, data.split(b"\n"))) if kind == "text" and len(data) > MAX_LINE_BYTES else 0
    if longest > MAX_LINE_BYTES:
        return ReadProblem(row=None, reason="line-too-long", detail=f"{longest} bytes, at most {MAX_LINE_BYTES}")
    return None
