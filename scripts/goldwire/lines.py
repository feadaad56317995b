"""What the lines of a page look like: numbers for each line, its neighbours and the page, by array operations."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire import lexicon
from goldwire.shingles import Hashes, words

__all__ = ["BASE", "Lines", "describe", "look"]

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
    out[:, 12] = np.isin(last, _SENTENCE)
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
    classes = lexicon.classes(hashes)
    for column in range(len(lexicon.CLASSES)):
        hit = np.bincount(owner, weights=classes == column + 1, minlength=count)
        out[:, 25 + column] = hit * per_word
    return out


_SENTENCE = np.frombuffer(b".!?", np.uint8)
_ALPHANUMERIC = np.zeros(256, np.bool_)
_ALPHANUMERIC[[*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B), *range(0x80, 0x100)]] = True


def _sums(values: NDArray[np.uint64], start: Ints, end: Ints) -> NDArray[np.uint64]:
    total = np.zeros(len(values) + 1, np.uint64)
    np.cumsum(values, out=total[1:])
    return total[end] - total[start]


def _unpacked(packed: NDArray[np.uint64]) -> tuple[Floats, ...]:
    return tuple(((packed >> np.uint64(16 * field)) & np.uint64(0xFFFF)).astype(np.float32) for field in range(4))


def _title_case(codes: NDArray[np.uint8], start: Ints, end: Ints) -> Floats:
    upper = (codes >= 0x41) & (codes <= 0x5A)
    upper[1:] &= ~_ALPHANUMERIC[codes[:-1]]
    return _sums(upper.astype(np.uint64), start, end).astype(np.float32)


def _ends_cut(codes: NDArray[np.uint8], end: Ints) -> NDArray[np.bool_]:
    """Tell lines that end in `...` or its one-character form: teasers cut to a length."""
    dots = (codes[end - 1] == 0x2E) & (codes[end - 2] == 0x2E)
    return dots | ((codes[end - 1] == 0xA6) & (codes[end - 2] == 0x80))


def _glued(codes: NDArray[np.uint8], start: Ints, end: Ints) -> Floats:
    """Count places where a capital follows a small letter or full stop at once: what markup parted and the dump glued."""
    upper = (codes >= 0x41) & (codes <= 0x5A)
    before = (codes >= 0x61) & (codes <= 0x7A) | np.isin(codes, _SENTENCE)
    upper[1:] &= before[:-1]
    upper[0] = False
    return _sums(upper.astype(np.uint64), start, end).astype(np.float32)


def _last(codes: NDArray[np.uint8], start: Ints, end: Ints) -> NDArray[np.uint8]:
    """Give each line's last byte before closing quotes and brackets (typographic ones have three bytes)."""
    place = end - 1
    for _ in range(2):
        typographic = (place - 2 > start) & (codes[place - 2] == 0xE2) & (codes[place - 1] == 0x80)
        closing = np.isin(codes[place], np.frombuffer(b"\"')]", np.uint8)) & (place > start)
        place = place - np.where(typographic & np.isin(codes[place], (0x99, 0x9D)), 3, closing)
    last = codes[place].copy()
    ellipsis = (codes[place] == 0xA6) & (place - 2 >= start) & (codes[place - 2] == 0xE2)
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


_WINDOWS = (1, 2, 4, 8, 16)
_NEAR = (0, 12, 17, 18, 21, 22)  # words, ends_sentence, in_title, in_core, ends_ellipsis, glued: of lines two away
_RATES = tuple(map(BASE.index, ("glued", "ends_ellipsis", "ends_sentence", "words_date", "repeats", "digits")))
_MARKS = tuple(BASE.index(f"words_{name}") for name in ("share", "newsletter", "comments", "legal", "related", "date"))


def describe(looks: Floats) -> Floats:
    """Describe each line by its own looks, those of its neighbours, and the weight of prose around it."""
    count = len(looks)
    number = np.expm1(looks[:, 0]).astype(np.float64)
    prose = np.where((looks[:, 12] > 0) & (looks[:, 0] > 2), number, 0)
    parts = [looks]
    for step in (-2, -1, 1, 2):
        parts.append(_shifted(looks, step) if abs(step) == 1 else _shifted(looks[:, _NEAR], step))
    columns = [*_around(prose), *_around(number * looks[:, 17] * (number > 7))]
    whole = max(float(prose.sum()), 1.0)
    columns += [np.full(count, np.log1p(whole)), np.full(count, np.log1p(count))]
    columns += [np.log1p(_since(prose > 0)), np.log1p(_since(prose[::-1] > 0)[::-1])]
    columns += _after_title(looks[:, 20] > 0, prose)
    after = np.expm1(columns[-5])  # words of prose since the last line like the title
    for mark in _MARKS:
        marked = (looks[:, mark] > 0.3) & (number < 12)
        columns += [np.log1p(_since(marked)), np.log1p(_since(marked[::-1])[::-1])]
        columns += _behind(marked, after, whole)
    columns += _evenness(looks[:, 1])
    columns += [_mean(looks[:, column], width) for column in _RATES for width in (3, 8)]
    columns += _in_block(prose)
    return np.concatenate((*parts, np.stack(columns, axis=1).astype(np.float32)), axis=1)


def _around(weight: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Sum weights over windows before and after each line, and give the shares before and after it."""
    count = len(weight)
    place = np.arange(count)
    total = np.concatenate(([0], np.cumsum(weight)))
    columns = []
    for width in _WINDOWS:
        columns.append(np.log1p(total[place] - total[np.maximum(place - width, 0)]))
        columns.append(np.log1p(total[np.minimum(place + width + 1, count)] - total[place + 1]))
    whole = max(float(total[-1]), 1.0)
    return [*columns, total[:-1] / whole, (total[-1] - total[1:]) / whole]


def _after_title(title: NDArray[np.bool_], prose: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Tell how far, in lines and in words of prose, a line is from the last line like the title, and the first."""
    count, place = len(title), np.arange(len(title))
    total = np.concatenate(([0], np.cumsum(prose)))[:-1]
    last = np.maximum.accumulate(np.where(title, place, -1))
    since = np.where(last >= 0, place - last, -1)
    words_since = np.where(last >= 0, total - total[np.maximum(last, 0)], -1)
    some = np.full(count, float(title.any()))
    return [
        np.log1p(np.maximum(since, 0)) * (last >= 0),
        np.log1p(np.maximum(words_since, 0)),
        (last >= 0).astype(np.float64),
        some,
        np.minimum(np.cumsum(title), 3).astype(np.float64),
        np.minimum(title.sum() - np.cumsum(title), 3).astype(np.float64),
    ]


def _behind(marked: NDArray[np.bool_], after: NDArray[np.float64], whole: float) -> list[NDArray[np.float64]]:
    """Tell how much prose there was before the marks that a line is behind: comments after an article, not above it."""
    most = np.maximum.accumulate(np.where(marked, after, 0))
    return [np.log1p(most), most / whole]


def _evenness(size: Floats) -> list[NDArray[np.float64]]:
    """Tell how much the log lengths of lines around vary, and those two apart: lists of teasers and of comments."""
    column = size.astype(np.float64)
    padded = np.pad(column, 4, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 9)
    alternate = np.abs(padded[6:-2] - column) + np.abs(padded[2:-6] - column)
    return [windows.std(axis=1), windows.mean(axis=1), alternate]


def _shifted(values: Floats, step: int) -> Floats:
    out = np.zeros_like(values)
    if step > 0:
        out[:-step] = values[step:]
    else:
        out[-step:] = values[:step]
    return out


def _since(marked: NDArray[np.bool_]) -> Ints:
    """Count the lines since the last marked one, at most 50."""
    place = np.arange(len(marked))
    last = np.maximum.accumulate(np.where(marked, place, -50))
    return np.minimum(place - last, 50)


def _mean(values: Floats, width: int) -> NDArray[np.float64]:
    """Average over up to `width` lines on both sides."""
    total = np.concatenate(([0], np.cumsum(values, dtype=np.float64)))
    place = np.arange(len(values))
    low, high = np.maximum(place - width, 0), np.minimum(place + width + 1, len(values))
    return (total[high] - total[low]) / (high - low)


def _in_block(prose: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Tell where a line is to the run of lines with the greatest weight of prose (Kadane 1984), for two penalties."""
    out = []
    place = np.arange(len(prose))
    for penalty in (6.0, 15.0):
        total = np.concatenate(([0], np.cumsum(np.minimum(prose, 80) - penalty)))
        last = int(np.argmax(total - np.minimum.accumulate(total)))
        first = int(np.argmin(total[: last + 1]))
        out += [((place >= first) & (place < last)).astype(np.float64)]
        out += [np.clip((place - first) / 10, -1, 1), np.clip((last - 1 - place) / 10, -1, 1)]
    return out
