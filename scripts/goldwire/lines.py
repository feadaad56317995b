"""What each line of a page looks like: its characters, its words and its place, as numbers, by array operations."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire import lexicon
from goldwire.shingles import Hashes, words

__all__ = ["BASE", "Lines", "look"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


class Lines(msgspec.Struct, frozen=True, eq=False):
    """The lines of a page that are not blank: where they start and end in its UTF-8 bytes, their words, their looks."""

    start: Ints
    end: Ints
    hashes: Hashes  # of all words
    bounds: Ints  # n + 1: which words are whose
    looks: Floats  # n x len(BASE)


_PACKED = (
    (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789", b".!?", b",;"),
    (bytes(range(0x80, 0x100)), b"\"'()", b"|/<>{}[]@#*=+_~\\", b":-"),
)


def _tables() -> tuple[NDArray[np.uint64], ...]:
    tables = []
    for kinds in _PACKED:
        table = np.zeros(256, np.uint64)
        for field, characters in enumerate(kinds):
            table[list(characters)] += np.uint64(1 << (16 * field))
        tables.append(table)
    return tuple(tables)


_TABLES = _tables()  # four 16-bit counts in one number: one running sum counts four kinds of character

BASE = (
    "words",
    "bytes",
    "word_length",
    "capitals",
    "digits",
    "stops",
    "commas",
    "beyond_ascii",
    "quotes",
    "signs",
    "colons",
    "title_words",
    "ends_sentence",
    "ends_colon",
    "starts_lower",
    "starts_digit",
    "starts_sign",
    "in_title",
    "in_core",
    "repeats",
    "is_title",
    "ends_ellipsis",
    "glued",
    "line_place",
    "byte_place",
    *(f"words_{name}" for name in lexicon.CLASSES),
)


def look(data: bytes) -> Lines:
    """Look at the lines of a cleaned page in UTF-8."""
    codes = np.frombuffer(data, np.uint8)
    breaks = np.flatnonzero(codes == 0x0A)
    start, end = np.append(0, breaks + 1), np.append(breaks, len(codes))
    some = end > start
    start, end = start[some], end[some]
    hashes, bounds = words(np.frombuffer(data.lower(), np.uint8), np.append(start, len(codes)))
    return Lines(start, end, hashes, bounds, _looks(codes, start, end, hashes, bounds))


def _looks(codes: NDArray[np.uint8], start: Ints, end: Ints, hashes: Hashes, bounds: Ints) -> Floats:
    count = len(start)
    out = np.zeros((count, len(BASE)), np.float32)
    if not count:
        return out
    size = (end - start).astype(np.float32)
    number = np.diff(bounds).astype(np.float32)
    per_byte, per_word = 1 / size, 1 / np.maximum(number, 1)
    counts = [_unpacked(_sums(table[codes], start, end)) for table in _TABLES]
    (capitals, digits, stops, commas), (beyond, quotes, signs, colons) = counts
    first = codes[start]
    title_case = _title_case(codes, start, end)
    out[:, 0], out[:, 1] = np.log1p(number), np.log1p(size)
    out[:, 2] = size * per_word / 10
    for column, kind in enumerate((capitals, digits, stops, commas, beyond, quotes, signs, colons), 3):
        out[:, column] = kind * (per_word if kind is stops or kind is commas else per_byte)
    out[:, 11] = title_case * per_word
    last = _last(codes, start, end)
    out[:, 12] = _SENTENCE[last]
    out[:, 13] = last == 0x3A
    out[:, 14] = (first >= 0x61) & (first <= 0x7A)
    out[:, 15] = (first >= 0x30) & (first <= 0x39)
    out[:, 16] = ~_ALPHANUMERIC[first]
    owner = np.repeat(np.arange(count), np.diff(bounds))
    out[:, 17:21] = _relations(hashes, bounds, owner, number)
    out[:, 21] = _ends_cut(codes, end)
    out[:, 22] = np.minimum(_glued(codes, start, end), 3)
    out[:, 23] = np.arange(count) / count
    out[:, 24] = start / len(codes)
    kinds = len(lexicon.CLASSES) + 1
    hits = np.bincount(owner * kinds + lexicon.classes(hashes), minlength=count * kinds).reshape(count, kinds)
    out[:, 25:] = hits[:, 1:] * per_word[:, None]
    return out


def _table(characters: bytes) -> NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[list(characters)] = True
    return table


_SENTENCE = _table(b".!?")
_CLOSING = _table(b"\"')]")
_UPPER = _table(bytes(range(0x41, 0x5B)))
_BEFORE_GLUE = _table(bytes(range(0x61, 0x7B)) + b".!?")
_ALPHANUMERIC = _table(bytes((*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B), *range(0x80, 0x100))))


def _sums(values: NDArray[Any], start: Ints, end: Ints) -> NDArray[Any]:
    total = np.zeros(len(values) + 1, values.dtype if values.dtype != np.bool_ else np.int32)
    np.cumsum(values, out=total[1:])
    return total[end] - total[start]


def _unpacked(packed: NDArray[np.uint64]) -> tuple[Floats, ...]:
    return tuple(((packed >> np.uint64(16 * field)) & np.uint64(0xFFFF)).astype(np.float32) for field in range(4))


def _title_case(codes: NDArray[np.uint8], start: Ints, end: Ints) -> Floats:
    upper = _UPPER[codes]
    upper[1:] &= ~_ALPHANUMERIC[codes[:-1]]
    return _sums(upper, start, end).astype(np.float32)


def _ends_cut(codes: NDArray[np.uint8], end: Ints) -> NDArray[np.bool_]:
    """Tell lines that end in `...` or its one-character form: teasers cut to a length."""
    before = codes[np.maximum(end - 2, 0)]
    cut: NDArray[np.bool_] = (codes[end - 1] == 0x2E) & (before == 0x2E) | (codes[end - 1] == 0xA6) & (before == 0x80)
    return cut


def _glued(codes: NDArray[np.uint8], start: Ints, end: Ints) -> Floats:
    """Count capitals right after a small letter or full stop: what markup parted and the dump glued."""
    upper = _UPPER[codes]
    upper[1:] &= _BEFORE_GLUE[codes[:-1]]
    upper[0] = False
    return _sums(upper, start, end).astype(np.float32)


def _last(codes: NDArray[np.uint8], start: Ints, end: Ints) -> NDArray[np.uint8]:
    """Give each line's last byte before closing quotes and brackets (typographic ones have three bytes)."""
    place = end - 1
    for _ in range(2):
        lead = np.maximum(place - 2, 0)
        typographic = (place - 2 > start) & (codes[lead] == 0xE2) & (codes[lead + (place > 1)] == 0x80)
        mark = codes[place]
        closing = _CLOSING[mark] & (place > start)
        place = place - np.where(typographic & ((mark == 0x99) | (mark == 0x9D)), 3, closing)
    last = codes[place].copy()
    ellipsis = (codes[place] == 0xA6) & (place - 2 >= start) & (codes[np.maximum(place - 2, 0)] == 0xE2)
    last[ellipsis] = 0x2E
    return last


def _relations(hashes: Hashes, bounds: Ints, owner: Ints, number: Floats) -> Floats:
    """Give shares of each line's words that the page's first line has, that its long lines have; and if it repeats."""
    count = len(number)
    bucket = (hashes >> np.uint64(52)).astype(np.int64)
    title = np.zeros(4096, np.bool_)
    title[bucket[: bounds[1]]] = True
    wordy = number[owner] >= 20
    core = np.bincount(bucket[wordy], minlength=4096)
    found = (core[bucket] - wordy) > 0
    per_word = 1 / np.maximum(number, 1)
    in_title = np.bincount(owner, weights=title[bucket], minlength=count) * per_word
    in_core = np.bincount(owner, weights=found, minlength=count) * per_word
    mixed = hashes * (np.arange(len(hashes), dtype=np.uint64) - bounds[owner].astype(np.uint64) + np.uint64(1))
    total = np.zeros(len(hashes) + 1, np.uint64)
    np.cumsum(mixed, out=total[1:])
    whole = total[bounds[1:]] - total[bounds[:-1]]
    _, place, times = np.unique(whole, return_inverse=True, return_counts=True)
    own = np.bincount(owner, weights=title[bucket], minlength=count)
    is_title = (own >= 3) & (own >= 0.85 * number) & (own >= 0.5 * max(number[0], 1))
    is_title[0] = False
    return np.stack((in_title, in_core, times[place] > 1, is_title), axis=1).astype(np.float32)
