"""Word n-grams of many texts at once, as 64-bit hashes, by array operations over their UTF-8 bytes.

A word is a run of letters and digits, lower-cased; each ideograph or kana is one of its own. Hashes are our own, the
same on every machine and with every library version, so that what is found as duplicates never moves.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["Bytes", "Hashes", "Offsets", "chunks", "grams", "lowered", "words"]

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]

_CHUNK = 1 << 18  # bytes at a time: what the working arrays (8 bytes each) keep in the cache
_MIX = np.uint64(0xD6E8FEB86659FD93)
_MORE = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)  # the first so many bytes of eight
_STEP = np.uint64(0x2545F4914F6CDD1D)


def _word_bytes() -> NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    for low, high in ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A), (0x80, 0xFF)):
        table[low : high + 1] = True
    return table


_IN_WORD = _word_bytes()


def lowered(texts: pl.Series) -> tuple[Bytes, Offsets]:
    """Lower-case texts: their UTF-8 bytes one after another, and the n + 1 offsets that part them."""
    arrow = texts.str.to_lowercase().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = arrow.buffers()
    bounds = np.frombuffer(offsets, np.int64)[arrow.offset : arrow.offset + len(arrow) + 1]
    return (np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)), bounds


def chunks(offsets: Offsets) -> Iterator[tuple[int, int]]:
    """Part texts into ranges of about a quarter megabyte, at least one text each."""
    first, count = 0, len(offsets) - 1
    while first < count:
        last = int(np.searchsorted(offsets, offsets[first] + _CHUNK, "right")) - 1
        last = min(max(last, first + 1), count)
        yield first, last
        first = last


def words(data: Bytes, offsets: Offsets) -> tuple[Hashes, Offsets]:
    """Hash every word of the texts that `offsets` (from 0) part; give the hashes and the n + 1 word offsets.

    A word's hash mixes in its bytes, eight at a time: one load for most words, where a sum over bytes costs five.
    """
    if not len(data):
        return np.zeros(0, np.uint64), np.zeros(len(offsets), np.int64)
    inside = _inside(data)
    starts = inside.copy()
    starts[1:] &= ~inside[:-1]
    ends = inside.copy()
    ends[:-1] &= ~inside[1:]
    borders = offsets[1:-1]
    borders = borders[(borders > 0) & (borders < len(data))]
    starts[borders], ends[borders - 1] = inside[borders], inside[borders - 1]
    if data.max() >= 0xE3:
        _part_ideographs(data, inside, starts, ends)
    start, end = np.flatnonzero(starts), np.flatnonzero(ends) + 1
    return _hashed(data, start, end), np.searchsorted(start, offsets).astype(np.int64)


def _hashed(data: Bytes, start: Offsets, end: Offsets) -> Hashes:
    padded = np.concatenate((data, np.zeros(8, np.uint8)))
    eights = np.ndarray((len(data) + 1,), "<u8", padded, strides=(1,))  # eight bytes from every byte on
    left = end - start
    hashes: Hashes = eights[start] & _FIRST[np.minimum(left, 8)]
    hashes ^= hashes >> np.uint64(29)
    hashes *= _MIX
    longer = np.flatnonzero(left > 8)
    done = 8
    while len(longer):
        more = eights[start[longer] + done] & _FIRST[np.minimum(left[longer] - done, 8)]
        more ^= hashes[longer] >> np.uint64(32)
        hashes[longer] = (hashes[longer] ^ more) * _MIX
        done += 8
        longer = longer[left[longer] > done]
    hashes ^= hashes >> np.uint64(32)
    hashes *= _MORE
    hashes ^= hashes >> np.uint64(29)
    return hashes


def _inside(data: Bytes) -> NDArray[np.bool_]:
    """Tell the bytes of words: typographic quotes and dashes (U+2000-203F) and Latin-1 signs part words too."""
    inside = _IN_WORD[data]
    lead = np.flatnonzero(data[:-1] == 0xE2) if len(data) > 2 else np.zeros(0, np.int64)
    lead = lead[lead < len(data) - 2]
    lead = lead[data[lead + 1] == 0x80]
    inside[lead] = inside[lead + 1] = inside[lead + 2] = False
    lead = np.flatnonzero(data[:-1] == 0xC2)
    inside[lead] = inside[lead + 1] = False
    return inside


def _part_ideographs(data: Bytes, inside: Flags, starts: Flags, ends: Flags) -> None:
    """Make a word of each character that UTF-8 leads with E3 to E9: kana and ideographs, whose words no space parts."""
    lead = np.flatnonzero((data >= 0xE3) & (data <= 0xE9))
    lead = lead[lead < len(data) - 2]
    starts[lead] = ends[lead + 2] = True
    after, before = lead + 3, lead - 1
    after, before = after[after < len(data)], before[before >= 0]
    starts[after], ends[before] = inside[after], inside[before]


def grams(hashes: Hashes, offsets: Offsets, size: int) -> tuple[Hashes, Offsets]:
    """Hash every run of `size` words within a text; a text of fewer words gives one of all it has.

    Gives the hashes, text by text, and the text of each.
    """
    count = np.diff(offsets)
    short = np.flatnonzero((count > 0) & (count < size))
    total = max(len(hashes) - size + 1, 0)
    mixed = hashes[:total].copy()
    for step in range(1, size):
        mixed *= _STEP
        mixed += hashes[step : total + step]
    text = np.repeat(np.arange(len(count), dtype=np.int64), count)
    whole = np.arange(total) + size <= offsets[1:][text[:total]]
    mixed, text = _mixed(mixed[whole]), text[:total][whole]
    if not len(short):
        return mixed, text
    rest = np.zeros(len(short), np.uint64)
    for step in range(size - 1):
        there = step < count[short]
        rest[there] = rest[there] * _STEP + hashes[offsets[short[there]] + step]
    place = np.searchsorted(text, short)
    return np.insert(mixed, place, _mixed(rest)), np.insert(text, place, short)


def _mixed(values: Hashes) -> Hashes:
    values ^= values >> np.uint64(29)
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(32)
    return values
