"""Word n-grams of many texts at once, as 64-bit hashes, by array operations over their UTF-8 bytes.

A word is a run of letters and digits; each ideograph or kana is one of its own. Hashes are our own, the same on every
machine and with every library version, so that what is found as duplicates never moves.
"""

from __future__ import annotations

from functools import cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

__all__ = [
    *(
        "Bytes",
        "Hashes",
        "Offsets",
        "lowercase_utf8",
        "ngram_counts",
        "hash_ngrams",
        "hash_spans",
        "word_spans",
        "byte_prefixes",
        "text_ngrams",
        "hash_words",
    ),
    *("lowercase_codes", "lowercase_pairs"),
]

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]

_MIX = np.uint64(0xD6E8FEB86659FD93)
_MORE = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)  # the first so many bytes of eight
_STEP = np.uint64(0x2545F4914F6CDD1D)
_STEP2 = np.uint64(0x2545F4914F6CDD1D**2 % 2**64)
_GRAM = 5  # words
_ASCII = 0x80
_KANA, _IDEOGRAPHS = 0xE3, 0xE9  # the first and the last byte that UTF-8 leads them with
_IN_TWO = 0x130  # İ, the one letter whose small form has two code points
_CASED = (0xE1, 0xE2, 0xEA, 0xEF)  # what UTF-8 leads other letters that have two cases with, of three bytes


def lowercase_utf8(data: Bytes) -> Bytes:
    """Lower-case UTF-8 as it lies: letters of two and three bytes whose small form has as many; a final sigma is one.

    Comparing bytes is an eighth of the work of looking each up in a table, and keeps offsets where they are.
    """
    # Times 32, not shifted by 5: of bytes numpy makes ten products in the time of a shift.
    out: Bytes = data + (((data - np.uint8(0x41)) < np.uint8(26)).view(np.uint8) * np.uint8(32))
    if not len(data) or data.max() < _ASCII:
        return out
    high = np.flatnonzero(data[:-1] >= 0xC3)
    pair = data[high].astype(np.uint16) << 8 | data[high + 1]
    small = lowercase_pairs()[pair]
    three = high[(small == 0).nonzero()[0]]
    two = ((small != pair) & (small > 0)).nonzero()[0]
    place, small = high[two], small[two]
    out[place], out[place + 1] = small >> 8, small & 0xFF
    three = three[: np.searchsorted(three, len(data) - 2)]
    if len(three):
        code = (data[three] & 0xF).astype(np.int64) << 12
        code |= (data[three + 1] & 0x3F).astype(np.int64) << 6 | data[three + 2] & 0x3F
        small = lowercase_codes()[code]
        changed = (small != code).nonzero()[0]
        place, small = three[changed], small[changed]
        out[place], out[place + 1] = 0xE0 | small >> 12, 0x80 | small >> 6 & 0x3F
        out[place + 2] = 0x80 | small & 0x3F
    return out


@cache
def lowercase_codes() -> NDArray[np.uint16]:
    """Give the small form of each code point of two or three bytes, itself where that takes more or fewer."""
    table = np.arange(1 << 16, dtype=np.uint16)
    threes = (range((lead & 0xF) << 12, (lead & 0xF) + 1 << 12) for lead in _CASED)
    codes = np.array([code for code in chain(range(0x80, 0x800), *threes) if code != _IN_TWO], np.uint16)
    # All at once, in a tenth of the time, and apart, so that none hangs on those beside it, as a sigma does.
    text = "\n".join(map(chr, codes.tolist())).lower()
    small = np.frombuffer(text.encode("utf-32-le"), "<u4")[::2].astype(np.int64)
    as_many = (small >= 0x80) & ((small < 0x800) == (codes < 0x800))
    table[codes[as_many]] = small[as_many]
    table[0x3C2] = 0x3C3
    return table


@cache
def lowercase_pairs() -> NDArray[np.uint16]:
    """Give the small form of each letter of two bytes as one number; 0 where it hangs on a third byte."""
    table = np.arange(1 << 16, dtype=np.uint16)
    code = np.arange(0x80, 0x800)
    small = lowercase_codes()[code]
    table[0xC000 | code >> 6 << 8 | 0x80 | code & 0x3F] = 0xC000 | small >> 6 << 8 | 0x80 | small & 0x3F
    code = np.flatnonzero(lowercase_codes() != np.arange(1 << 16))
    code = code[code >= 0x800]
    table[0xE000 | code >> 12 << 8 | 0x80 | code >> 6 & 0x3F] = 0
    return table


def hash_words(data: Bytes, offsets: Offsets) -> tuple[Hashes, Offsets]:
    """Hash every word of the texts that `offsets` (from 0) part; give the hashes and the n + 1 word offsets.

    A word's hash mixes in its bytes, eight at a time: one load for most words, where a sum over bytes costs five.
    """
    start, end = word_spans(data, offsets)
    return hash_spans(data, start, end), np.searchsorted(start, offsets).astype(np.int64)


def word_spans(data: Bytes, offsets: Offsets) -> tuple[Offsets, Offsets]:
    """Give the byte at which each word begins, and the one after it."""
    if not len(data):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    inside = _inside(data)
    changes = np.empty(len(data) + 1, np.bool_)
    changes[0], changes[-1] = inside[0], inside[-1]
    np.not_equal(inside[1:], inside[:-1], out=changes[1:-1])
    edges = changes.nonzero()[0]
    between = offsets[(offsets > 0) & (offsets < len(data))]
    between = between[inside[between - 1] & inside[between]]
    if len(between) or data.max() >= _KANA:
        apart = _apart(data, inside)
        apart[between] = True
        edges = (changes | apart).nonzero()[0]
        edges = np.repeat(edges, 1 + apart[edges])  # a word ends and another begins
    return edges[::2].copy(), edges[1::2].copy()


def _apart(data: Bytes, inside: Flags) -> Flags:
    """Tell the bytes at which an ideograph or kana begins or ends within a run of letters."""
    apart = np.zeros(len(data) + 1, np.bool_)
    lead = (data[:-2] >= _KANA) & (data[:-2] <= _IDEOGRAPHS)
    apart[: len(lead)] = lead
    apart[3 : 3 + len(lead)] |= lead
    apart[0] = apart[-1] = False
    apart[1:-1] &= inside[1:] & inside[:-1]
    return apart


def byte_prefixes(data: Bytes, start: Offsets, end: Offsets, size: int) -> Hashes:
    """Give the first bytes of each stretch, at most `size` (8), as one number."""
    found: Hashes = _eights(data)[start]
    found &= _first(np.minimum(end - start, size))
    return found


def hash_spans(data: Bytes, start: Offsets, end: Offsets) -> Hashes:
    """Hash each stretch of bytes from a start to before its end."""
    eights = _eights(data)
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


def _eights(data: Bytes) -> Hashes:
    """Give the eight bytes from every byte on, as numbers."""
    padded = np.concatenate((data, np.zeros(8, np.uint8)))
    eights: Hashes = np.ndarray((len(data) + 1,), "<u8", padded, strides=(1,))
    return eights


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
    sign = data[:-1] != 0xC2
    inside[:-1] &= sign
    inside[1:] &= sign
    other = (data[:-2] != 0xE2) | (data[1:-1] != 0x80)
    for place in range(3):
        inside[place : place + len(other)] &= other
    return inside


def text_ngrams(data: Bytes, offsets: Offsets) -> tuple[Hashes, Offsets]:
    """Return the hashes of the 5-grams of texts in UTF-8, and the n + 1 bounds of each text's words.

    There is one hash per word, 0 for a word at which no 5-gram begins within its text.
    """
    hashes, bounds = hash_words(lowercase_utf8(data), offsets)
    return hash_ngrams(hashes, bounds), bounds


def ngram_counts(offsets: Offsets) -> Offsets:
    """Give how many grams `grams` finds in each text."""
    count = np.diff(offsets)
    return np.where(count >= _GRAM, count - _GRAM + 1, np.minimum(count, 1))


def hash_ngrams(hashes: Hashes, offsets: Offsets) -> Hashes:
    """Hash the run of 5 words that begins at each word; 0 where it would run out of its text.

    A text of fewer words has one gram, of all of them, at its first.
    """
    mixed = np.zeros(len(hashes), np.uint64)
    total = len(hashes) - 4
    if total > 0:
        two = hashes[:-1] * _STEP
        two += hashes[1:]
        five = np.multiply(two[:total], _STEP2, out=mixed[:total])
        five += two[2 : total + 2]
        five *= _STEP
        five += hashes[4:]
        _mix(five)
    count = np.diff(offsets)
    last = offsets[1:, None] - np.arange(1, 5)
    mixed[last[last >= offsets[:-1, None]]] = 0
    short = np.flatnonzero((count > 0) & (count < _GRAM))
    rest = np.zeros(len(short), np.uint64)
    for step in range(_GRAM - 1 if len(short) else 0):
        there = step < count[short]
        rest[there] = rest[there] * _STEP + hashes[offsets[short[there]] + step]
    mixed[offsets[short]] = _mix(rest)
    return mixed


def _mix(values: Hashes) -> Hashes:
    values ^= values >> np.uint64(29)
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(32)
    return values
