"""Learning of site boilerplate: which lines recur over all raw pages of a source."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sized
from functools import partial
from pathlib import Path
from typing import TypeGuard

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.line_fingerprints import page_fingerprints
from goldwire.extraction.line_frequencies import LineFrequencies
from goldwire.extraction.site_boilerplate import SiteBoilerplate
from goldwire.ingestion import readers
from goldwire.ingestion.raw_record import MAX_LINE_BYTES, FileSpan, RawRecord, ReadProblem
from goldwire.parallel.processes import ProcessPool
from goldwire.text import encodings, mojibake
from goldwire.text.scan import scan
from goldwire.workspace.sources import Source

__all__ = ["learn_site_boilerplate", "may_hold_text"]

_PAGES = (
    ".txt",
    ".jsonl",
    ".ndjson",
    ".json",
    ".csv",
    ".tsv",
    ".parquet",
    ".arrow",
    ".wet",
)  # formats that may hold text
_BATCH_BYTES = 1 << 18  # keeps the working arrays (8 bytes per letter) near the cache
_FULLY_READ_PAGES = 1000  # beyond them one page in 16 represents the others: what recurs is still in dozens
_SAMPLING_RATE = 16
_SAMPLED_BATCHES = 4  # per task when sampling: sending one takes .3 ms, reading it for its sample .8 ms

_Piece = FileSpan | RawRecord
"""A span of a file, or a record of a file that can only be read from its beginning."""


class _PageBatch(msgspec.Struct, frozen=True):
    """Pages to count: their digests, whether each is in the sample, and the fingerprints of their lines."""

    digests: list[bytes]
    is_sampled: list[bool]
    line_counts: NDArray[np.int64]  # per page
    fingerprints: NDArray[np.uint64]


def learn_site_boilerplate(paths: Iterable[Path], source: Source, workers: ProcessPool) -> SiteBoilerplate | None:
    """Return the lines that recur over the text pages of these files, or None if no line does.

    A page that occurs twice counts once. Pages that cannot be read or decoded are skipped here; `ingest` reports them.
    """
    frequencies, known = LineFrequencies(), set[bytes]()
    for batch in workers.map(partial(_fingerprint, source), _tasks(paths, source, known)):
        weights = np.zeros(len(batch.digests), np.int64)
        for number, (page, is_sampled) in enumerate(zip(batch.digests, batch.is_sampled, strict=True)):
            if page not in known and (is_sampled or len(known) < _FULLY_READ_PAGES):
                known.add(page)
                weights[number] = 1 if len(known) <= _FULLY_READ_PAGES else _SAMPLING_RATE
        for weight in (1, _SAMPLING_RATE):
            chosen = weights == weight
            lines = batch.line_counts
            frequencies.add(batch.fingerprints[chosen.repeat(lines)], lines[chosen], weight)
    return frequencies.recurring()


def may_hold_text(path: Path) -> bool:
    """Whether a file's format may hold text pages, by its name; pages of HTML are not learned from."""
    return readers.file_format(path) in _PAGES


def _tasks(paths: Iterable[Path], source: Source, known: Sized) -> Iterator[tuple[list[_Piece], bool]]:
    """Yield pieces to read, and whether all of their pages are needed or only the sample."""
    task: list[_Piece] = []
    size = 0
    for path in paths:
        for piece, length in _pieces(path, source):
            if len(known) < _FULLY_READ_PAGES or isinstance(piece, FileSpan) or _is_sampled(piece.data):
                task.append(piece)
                size += length
            if size >= (_BATCH_BYTES if len(known) < _FULLY_READ_PAGES else _BATCH_BYTES * _SAMPLED_BATCHES):
                yield task, len(known) < _FULLY_READ_PAGES
                task, size = [], 0
    if task:
        yield task, len(known) < _FULLY_READ_PAGES


def _pieces(path: Path, source: Source) -> Iterator[tuple[_Piece, int]]:
    """Yield the pieces of a file that can be read independently, with their bytes."""
    if not may_hold_text(path):
        return
    span = None
    for span in readers.file_spans(path, _BATCH_BYTES):
        yield span, span.size
    for record in readers.read_records(path, source.fields, source.encoding) if span is None else ():
        if _is_page(record):
            yield record, len(record.data)


def _fingerprint(source: Source, task: tuple[list[_Piece], bool]) -> _PageBatch:
    pieces, is_complete = task
    pages = [page for piece in pieces for page in _read(piece, source, is_complete)]
    fingerprints, line_counts = page_fingerprints([_text(record, source) for record, _ in pages])
    digests = [hashlib.sha256(record.data).digest()[:8] for record, _ in pages]
    return _PageBatch(digests, [is_sampled for _, is_sampled in pages], line_counts, fingerprints)


def _read(piece: _Piece, source: Source, is_complete: bool) -> Iterator[tuple[RawRecord, bool]]:
    """Yield the pages of a piece, or those of the sample, each with whether it is in the sample."""
    if isinstance(piece, RawRecord):
        is_sampled = _is_sampled(piece.data)
        if is_sampled or is_complete:
            yield piece, is_sampled
        return
    is_sampled = False

    def chosen(data: bytes | msgspec.Raw) -> bool:
        nonlocal is_sampled
        is_sampled = _is_sampled(data)
        return is_sampled or is_complete

    for record in readers.read_span(piece, source.fields, source.encoding, chosen):
        if _is_page(record):
            yield record, is_sampled


def _is_page(record: RawRecord | ReadProblem) -> TypeGuard[RawRecord]:
    return isinstance(record, RawRecord) and record.kind == "text" and len(record.data) <= MAX_LINE_BYTES


def _is_sampled(data: bytes | msgspec.Raw) -> bool:
    """Whether a page is in the 1-in-16 sample, by a hash of its bytes (in JSON Lines: of its JSON source)."""
    return not zlib.crc32(data) % _SAMPLING_RATE


def _text(record: RawRecord, source: Source) -> bytes:
    """Return a page's text in UTF-8; most pages are UTF-8 already."""
    try:
        text, encoding = encodings.decode(record.data, record.charset or source.encoding, text=record.text)
    except UnicodeDecodeError:
        return b""
    is_utf8 = encoding == "utf-8"
    repaired = mojibake.repair(scan(text, record.data if is_utf8 else None)) if source.mojibake == "fix" else None
    if repaired is None:
        return record.data if is_utf8 else text.encode("utf-8", "replace")
    return repaired.text.encode("utf-8", "replace")
