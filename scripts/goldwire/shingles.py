"""Word n-grams of many texts at once, as 64-bit hashes, by array operations over their UTF-8 bytes.

A word is a run of letters and digits; each ideograph or kana is one of its own. Hashes are our own, the same on every
machine and with every library version, so that what is found as duplicates never moves.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bytes", "Hashes", "Offsets", "folded", "grams", "hashed", "words"]

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]

_MIX = np.uint64(0xD6E8FEB86659FD93)
_MORE = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)  # the first so many bytes of eight
_STEP = np.uint64(0x2545F4914F6CDD1D)
_STEP2 = np.uint64(0x2545F4914F6CDD1D**2 % 2**64)
_ASCII = 0x80
_KANA, _IDEOGRAPHS = 0xE3, 0xE9  # the first and the last byte that UTF-8 leads them with
_CASED = (0xE1, 0xE2, 0xEA, 0xEF)  # what UTF-8 leads other letters that have two cases with, of three bytes


def folded(data: Bytes) -> Bytes:
    """Lower-case UTF-8 as it lies: letters of two and three bytes whose small form has as many; a final sigma is one.

    Comparing bytes is an eighth of the work of looking each up in a table, and keeps offsets where they are.
    """
    out: Bytes = data + (((data - np.uint8(0x41)) < np.uint8(26)).view(np.uint8) << np.uint8(5))
    if not len(data) or data.max() < _ASCII:
        return out
    high = np.flatnonzero(data >= 0xC3)
    two = high[(data[high] < 0xE0) & (high + 1 < len(data))]
    code = (data[two] & 0x1F).astype(np.int64) << 6 | data[two + 1] & 0x3F
    small = _small(0x800)[code]
    changed = np.flatnonzero(small != code)
    place, small = two[changed], small[changed]
    out[place], out[place + 1] = 0xC0 | small >> 6, 0x80 | small & 0x3F
    three = high[np.isin(data[high], _CASED) & (high + 2 < len(data))]
    if len(three):
        code = (data[three] & 0xF).astype(np.int64) << 12
        code |= (data[three + 1] & 0x3F).astype(np.int64) << 6 | data[three + 2] & 0x3F
        small = _small(0x10000)[code]
        changed = np.flatnonzero(small != code)
        place, small = three[changed], small[changed]
        out[place], out[place + 1] = 0xE0 | small >> 12, 0x80 | small >> 6 & 0x3F
        out[place + 2] = 0x80 | small & 0x3F
    return out


@cache
def _small(size: int) -> NDArray[np.int64]:
    """Give the small form of each code point below `size`, itself where that takes more or fewer bytes."""
    table = np.arange(size)
    for code in range(0x80, size):
        small = chr(code).lower()
        if len(small) == 1 and (0x80 <= ord(small) < 0x800) == (code < 0x800) and ord(small) >= 0x80:
            table[code] = ord(small)
    table[0x3C2] = 0x3C3
    return table


def words(data: Bytes, offsets: Offsets) -> tuple[Hashes, Offsets]:
    """Hash every word of the texts that `offsets` (from 0) part; give the hashes and the n + 1 word offsets.

    A word's hash mixes in its bytes, eight at a time: one load for most words, where a sum over bytes costs five.
    """
    if not len(data):
        return np.zeros(0, np.uint64), np.zeros(len(offsets), np.int64)
    inside = _inside(data)
    edges = (inside[1:] != inside[:-1]).nonzero()[0] + 1
    if inside[0] or inside[-1]:
        whole = np.array([0, len(data)])
        edges = np.concatenate((whole[:1][inside[:1]], edges, whole[1:][inside[-1:]]))
    between = offsets[1:-1]
    if data.max() >= _KANA:
        lead = np.flatnonzero((data >= _KANA) & (data <= _IDEOGRAPHS))
        lead = lead[lead < len(data) - 2]
        between = np.concatenate((between, lead, lead + 3))
    between = between[(between > 0) & (between < len(data))]
    between = np.unique(between[inside[between - 1] & inside[between]])
    if len(between):  # a word ends and another begins
        edges = np.sort(np.concatenate((edges, between, between)), kind="stable")
    start, end = np.ascontiguousarray(edges.reshape(-1, 2).T)
    return hashed(data, start, end), np.searchsorted(start, offsets).astype(np.int64)


def hashed(data: Bytes, start: Offsets, end: Offsets) -> Hashes:
    """Hash each stretch of bytes from a start to before its end."""
    padded = np.concatenate((data, np.zeros(8, np.uint8)))
    eights = np.ndarray((len(data) + 1,), "<u8", padded, strides=(1,))  # eight bytes from every byte on
    left = end - start
    hashes: Hashes = eights[start]
    hashes &= _first(left)
    hashes ^= hashes >> np.uint64(29)
    hashes *= _MIX
    longer = (left > 8).nonzero()[0]
    place, left, some = start[longer], left[longer], hashes[longer]
    while len(longer):
        place, left = place + 8, left - 8
        more = eights[place]
        more &= _first(left)
        more ^= some >> np.uint64(32)
        some ^= more
        some *= _MIX
        hashes[longer] = some
        still = (left > 8).nonzero()[0]
        longer, place, left, some = longer[still], place[still], left[still], some[still]
    hashes ^= hashes >> np.uint64(32)
    hashes *= _MORE
    hashes ^= hashes >> np.uint64(29)
    return hashes


def _first(size: Offsets) -> Hashes:
    """Give the mask of the first so many bytes of eight, of all where there are more."""
    return _FIRST.take(size, mode="clip")


def _inside(data: Bytes) -> Flags:
    """Tell the bytes of words: typographic quotes and dashes (U+2000-203F) and Latin-1 signs part words too."""
    inside = ((data | np.uint8(0x20)) - np.uint8(0x61)) < np.uint8(26)
    inside |= (data - np.uint8(0x30)) < np.uint8(10)
    if data.max() < _ASCII:
        return inside
    inside |= data >= np.uint8(_ASCII)
    lead = np.flatnonzero(data[:-1] == 0xE2) if len(data) > 2 else np.zeros(0, np.int64)
    lead = lead[lead < len(data) - 2]
    lead = lead[data[lead + 1] == 0x80]
    inside[lead] = inside[lead + 1] = inside[lead + 2] = False
    lead = np.flatnonzero(data[:-1] == 0xC2)
    inside[lead] = inside[lead + 1] = False
    return inside


def grams(hashes: Hashes, offsets: Offsets) -> Hashes:
    """Hash the run of 5 words that begins at each word; 0 where it would run out of its text.

    A text of fewer words has one gram, of all of them, at its first.
    """
    mixed = np.zeros(len(hashes), np.uint64)
    total = len(hashes) - 4
    if total > 0:
        two = hashes[:-1] * _STEP
        two += hashes[1:]
        five = two[:total] * _STEP2
        five += two[2 : total + 2]
        five *= _STEP
        five += hashes[4:]
        mixed[:total] = five
        _mix(mixed)
    count = np.diff(offsets)
    last = offsets[1:, None] - np.arange(1, 5)
    mixed[last[last >= offsets[:-1, None]]] = 0
    short = np.flatnonzero((count > 0) & (count < 5))
    rest = np.zeros(len(short), np.uint64)
    for step in range(4):
        there = step < count[short]
        rest[there] = rest[there] * _STEP + hashes[offsets[short[there]] + step]
    mixed[offsets[short]] = _mix(rest)
    return mixed


def _mix(values: Hashes) -> Hashes:
    values ^= values >> np.uint64(29)
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(32)
    return values
