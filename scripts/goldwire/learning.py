"""Learn, from all raw pages of a source, which lines recur over them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path

from goldwire import charsets, mojibake, raw
from goldwire.rawrecord import LONGEST_LINE
from goldwire.recurring import Recurring, Tally
from goldwire.sources import Source

__all__ = ["learn"]

_PAGES = (".txt", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", ".wet")  # formats that may hold text
_BATCH = 1 << 18  # characters: what the working arrays (8 bytes each) keep near the cache
_ALL = 1000  # pages: of those beyond, one in so many stands for as many, and what recurs is still in dozens
_ONE_IN = 16


def learn(paths: Iterable[Path], source: Source) -> Recurring | None:
    """Give the lines that recur in the text pages of these files; None where none does.

    A page that is there twice counts once. What cannot be read, or decoded, is passed over here: `ingest` says so.
    """
    tally, seen = Tally(), set[int]()
    batch: dict[int, list[str]] = {1: [], _ONE_IN: []}
    size = 0
    for path in paths:
        if raw.kind_of(path) not in _PAGES:
            continue
        for record in raw.records(path, source.fields, source.encoding):
            if isinstance(record, raw.Fault) or record.kind != "text" or len(record.data) > LONGEST_LINE:
                continue
            page = hash(record.data)
            if page in seen:
                continue
            seen.add(page)
            weight = 1 if len(seen) <= _ALL else _ONE_IN
            if weight > 1 and zlib.crc32(record.data) % _ONE_IN:
                continue
            text = _text(record, source)
            batch[weight].append(text)
            size += len(text)
            if size >= _BATCH:
                _count(tally, batch)
                size = 0
    _count(tally, batch)
    return tally.learnt()


def _text(record: raw.RawRecord, source: Source) -> str:
    try:
        text = charsets.decode(record.data, record.charset or source.encoding)[0]
    except UnicodeDecodeError:
        return ""
    return mojibake.mend_text(text) if source.mojibake == "mend" else text


def _count(tally: Tally, batch: dict[int, list[str]]) -> None:
    for weight, texts in batch.items():
        tally.add(texts, weight)
        texts.clear()
