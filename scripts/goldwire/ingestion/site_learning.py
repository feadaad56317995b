"""Learn, from all raw pages of a source, which lines recur over them."""

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
from goldwire.ingestion.raw_record import LONGEST_LINE, Fault, RawRecord
from goldwire.parallel.processes import ProcessPool
from goldwire.text import encodings, mojibake
from goldwire.text.scan import scan
from goldwire.workspace.sources import Source

__all__ = ["learn"]

_PAGES = (".txt", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".wet")  # formats that may hold text
_BATCH = 1 << 18  # bytes: what the working arrays (8 bytes for each letter) keep near the cache
_ALL = 1000  # pages: of those beyond, one in so many stands for as many, and what recurs is still in dozens
_ONE_IN = 16
_SHARES = 4  # at a time where a part is wanted: to hand one over takes .3 ms, to read it for that part .8 ms

_Piece = readers.Span | RawRecord
"""A stretch of a file, or a record of a file that cannot be read but from its beginning."""


class _Seen(msgspec.Struct, frozen=True):
    """Some pages, as they are counted: what tells each from others, whether it stands for several, its lines' keys."""

    pages: list[bytes]
    stands: list[bool]
    lines: NDArray[np.int64]  # how many each has
    keys: NDArray[np.uint64]


def learn(paths: Iterable[Path], source: Source, workers: ProcessPool) -> SiteBoilerplate | None:
    """Give the lines that recur in the text pages of these files; None where none does.

    A page that is there twice counts once. What cannot be read, or decoded, is passed over here: `ingest` says so.
    """
    tally, known = LineFrequencies(), set[bytes]()
    for seen in workers.map(partial(_see, source), _shares(paths, source, known)):
        weights = np.zeros(len(seen.pages), np.int64)
        for number, (page, stands) in enumerate(zip(seen.pages, seen.stands, strict=True)):
            if page not in known and (stands or len(known) < _ALL):
                known.add(page)
                weights[number] = 1 if len(known) <= _ALL else _ONE_IN
        for weight in (1, _ONE_IN):
            chosen = weights == weight
            tally.add(seen.keys[chosen.repeat(seen.lines)], seen.lines[chosen], weight)
    return tally.recurring()


def _shares(paths: Iterable[Path], source: Source, known: Sized) -> Iterator[tuple[list[_Piece], bool]]:
    """Give out what there is to see, and whether all of it is wanted still, rather than one page in so many."""
    share: list[_Piece] = []
    size = 0
    for path in paths:
        for piece, length in _pieces(path, source):
            if len(known) < _ALL or isinstance(piece, readers.Span) or _stands(piece.data):
                share.append(piece)
                size += length
            if size >= (_BATCH if len(known) < _ALL else _BATCH * _SHARES):
                yield share, len(known) < _ALL
                share, size = [], 0
    if share:
        yield share, len(known) < _ALL


def _pieces(path: Path, source: Source) -> Iterator[tuple[_Piece, int]]:
    """Part a file into what can be seen by itself; gives each piece and its bytes."""
    if readers.kind_of(path) not in _PAGES:
        return
    span = None
    for span in readers.spans(path, _BATCH):
        yield span, span.size
    for record in readers.records(path, source.fields, source.encoding) if span is None else ():
        if _is_page(record):
            yield record, len(record.data)


def _see(source: Source, share: tuple[list[_Piece], bool]) -> _Seen:
    pieces, every = share
    kept = [found for piece in pieces for found in _read(piece, source, every)]
    keys, lines = page_fingerprints([_text(record, source) for record, _ in kept])
    pages = [hashlib.sha256(record.data).digest()[:8] for record, _ in kept]
    return _Seen(pages, [stands for _, stands in kept], lines, keys)


def _read(piece: _Piece, source: Source, every: bool) -> Iterator[tuple[RawRecord, bool]]:
    """Give the pages of a piece, or those that stand for several, each with whether it does."""
    if isinstance(piece, RawRecord):
        stands = _stands(piece.data)
        if stands or every:
            yield piece, stands
        return
    stands = False

    def chosen(data: bytes | msgspec.Raw) -> bool:
        nonlocal stands
        stands = _stands(data)
        return stands or every

    for record in readers.records_within(piece, source.fields, source.encoding, chosen):
        if _is_page(record):
            yield record, stands


def _is_page(record: RawRecord | Fault) -> TypeGuard[RawRecord]:
    return isinstance(record, RawRecord) and record.kind == "text" and len(record.data) <= LONGEST_LINE


def _stands(data: bytes | msgspec.Raw) -> bool:
    """Tell whether a page stands for several by its bytes, or those that JSON Lines write it in, not by its place."""
    return not zlib.crc32(data) % _ONE_IN


def _text(record: RawRecord, source: Source) -> bytes:
    """Give a page's text in UTF-8, mostly as it came."""
    try:
        text, encoding = encodings.decode(record.data, record.charset or source.encoding, text=record.text)
    except UnicodeDecodeError:
        return b""
    is_utf8 = encoding == "utf-8"
    mended = mojibake.repair(scan(text, record.data if is_utf8 else None)) if source.mojibake == "fix" else None
    if mended is None:
        return record.data if is_utf8 else text.encode("utf-8", "replace")
    return mended.text.encode("utf-8", "replace")
