"""What each line of some pages looks like: its characters, its words and its place, as numbers, by array operations.

All pages that are given are looked at together: numpy takes as long to begin an operation as to do it for a page.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.plaintext import vocabulary
from goldwire.text.ngrams import Bytes, Hashes, byte_prefixes, hash_spans, word_spans

__all__ = ["BASE", "BEFORE_GLUE", "KIND_OF", "LOGS", "OPENS", "STEM", "Lines", "logs", "look"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Lines(msgspec.Struct, frozen=True, eq=False):
    """The lines of pages that are not blank: where they start and end in UTF-8 bytes, their words, their looks."""

    codes: Bytes
    pages: Ints  # pages + 1: which lines are whose
    start: Ints
    end: Ints
    stems: Hashes  # of all words: the first four bytes, of small letters
    hashes: Hashes  # of all words, of small letters
    bounds: Ints  # n + 1: which words are whose
    said: Flags  # of which lines all words stand on their page twice or more
    looks: Floats  # n x len(BASE), a column at a time in memory


# Characters by what a line's looks count; all others are letters or blanks.
_COUNTED = (
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    b"0123456789",
    b".!?",
    b",;",
    bytes(range(0x80, 0x100)),
    b"\"'()",
    b"|/<>{}[]@#*=+_~\\",
    b":-",
    b"\n",
)
STEM = 4  # bytes
_KINDS = len(_COUNTED) + 1
_CAPITAL, _BREAK = 1, len(_COUNTED)


def _kinds() -> bytes:
    table = bytearray(256)
    for kind, characters in enumerate(_COUNTED, 1):
        for character in characters:
            table[character] = kind
    return bytes(table)


_KIND_OF = _kinds()
KIND_OF = np.frombuffer(_KIND_OF, np.uint8)
LOGS = np.log1p(np.arange(1 << 16)).astype(np.float32)
_APART = np.uint64(0x9E3779B97F4A7C15)  # between one page's hashes and another's

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
    *(f"words_{name}" for name in vocabulary.CLASSES),
)


def logs(counts: Ints) -> Floats:
    """Give log(1 + n) of each count: looked up, for computing them is half the work of `context_features`."""
    if not len(counts) or counts.max() < len(LOGS):
        return LOGS.take(counts)
    found: Floats = np.log1p(counts).astype(np.float32)
    return found


def look(data: bytes, sizes: Sequence[int] | None = None) -> Lines:
    """Look at the lines of a cleaned page in UTF-8, or of pages of these sizes, with a line end between them."""
    data = b"\n\n%b\n" % data  # so that each line has two bytes before it, and one after it
    size = np.array((len(data) - 3,) if sizes is None else sizes)
    begins = np.full(len(size) + 1, 2)
    begins[1:] += (size + 1).cumsum()
    kinds = np.frombuffer(data.translate(_KIND_OF), np.uint8)
    place = (kinds != 0).nonzero()[0]
    kind = kinds[place]
    is_break = kind == _BREAK
    breaks = place[is_break]
    start, end = breaks[:-1] + 1, breaks[1:]
    some = end > start
    start, end = start[some], end[some]
    small = np.frombuffer(data.lower(), np.uint8)
    offsets = np.concatenate((start, (len(data),)))
    words = word_spans(small, offsets)
    bounds = words[0].searchsorted(offsets)
    pages = start.searchsorted(begins)
    codes = np.frombuffer(data, np.uint8)
    hashes = hash_spans(small, *words)
    out, said = np.zeros((len(BASE), len(start)), np.float32), np.zeros(len(start), np.bool_)
    if len(start):
        number, lengths = bounds[1:] - bounds[:-1], (end - start).astype(np.float32)
        per_word = 1 / np.maximum(number, 1).astype(np.float32)
        out[0], out[1] = logs(number), logs(end - start)
        out[2] = lengths * per_word / 10
        counted = (~is_break).nonzero()[0]
        line = some.cumsum().take(is_break.cumsum().take(counted) - 1) - 1  # that each character is on
        found = place.take(counted), kind.take(counted), line
        _count_characters(out, codes, found, 1 / lengths, per_word)
        _ends(out, codes, start, end)
        said = _count_words(out, hashes, bounds, pages)
        count = pages[1:] - pages[:-1]
        page = np.arange(len(size)).repeat(count)
        out[23] = (np.arange(len(start)) - pages.take(page)) / count.take(page)
        out[24] = (start - begins.take(page)) / size.take(page)
    return Lines(codes, pages, start, end, byte_prefixes(small, *words, STEM), hashes, bounds, said, out.T)


def _table(characters: bytes) -> NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[list(characters)] = True
    return table


_SENTENCE = _table(b".!?")
_CLOSING = _table(b"\"')]")
_WIDE_CLOSING = tuple(int.from_bytes(sign.encode()) for sign in "\u2019\u201d\u300d\u300f\uff09")
_WIDE_STOPS = tuple(int.from_bytes(sign.encode()) for sign in "\u2026\u3002\uff01\uff1f")
BEFORE_GLUE = _table(bytes(range(0x61, 0x7B)) + b".!?")
OPENS = ~_table(bytes((*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B), *range(0x80, 0x100))))


def _count_characters(
    out: Floats, codes: Bytes, found: tuple[Ints, Bytes, Ints], per_byte: Floats, per_word: Floats
) -> None:
    """Count, by kind, the characters found: their places, kinds and lines."""
    place, kind, line = found
    count = len(per_word)
    counts = np.bincount(line * _KINDS + kind, minlength=count * _KINDS).astype(np.float32).reshape(count, _KINDS).T
    out[3:11] = counts[1:_BREAK] * per_byte
    out[5:7] = counts[3:5] * per_word
    capital = (kind == _CAPITAL).nonzero()[0]
    line, before = line.take(capital), codes.take(place.take(capital) - 1)
    out[11] = np.bincount(line[OPENS.take(before)], minlength=count) * per_word
    # A capital right after a small letter or a full stop: what markup parted and the dump glued.
    out[22] = np.minimum(np.bincount(line[BEFORE_GLUE.take(before)], minlength=count), 3)


def _ends(out: Floats, codes: Bytes, start: Ints, end: Ints) -> None:
    """Tell what each line begins and ends with."""
    first, last, final = codes.take(start), _last(codes, start, end), codes.take(end - 1)
    out[12] = _SENTENCE.take(last)
    out[13] = last == 0x3A
    out[14] = (first >= 0x61) & (first <= 0x7A)
    out[15] = (first >= 0x30) & (first <= 0x39)
    out[16] = OPENS.take(first)
    # `...` or its one-character form: teasers cut to a length.
    before = codes.take(end - 2)
    out[21] = (final == 0x2E) & (before == 0x2E) | (final == 0xA6) & (before == 0x80)


def _last(codes: Bytes, start: Ints, end: Ints) -> Bytes:
    """Give each line's last byte before closing quotes and brackets; a full stop for signs of three bytes that end."""
    place = end - 1
    for _ in range(2):
        closing = _CLOSING.take(codes.take(place)) & (place > start)
        wide = (place - 2 > start) & _is_of(_WIDE_CLOSING, codes, place)
        place = place - np.where(wide, 3, closing)
    last = codes.take(place)
    last[_is_of(_WIDE_STOPS, codes, place) & (place - 2 >= start)] = 0x2E
    return last


def _is_of(signs: Sequence[int], codes: Bytes, place: Ints) -> Flags:
    """Tell the places at which a sign of three bytes ends that is one of these."""
    sign = codes.take(place - 2).astype(np.int64) << 16
    sign |= codes.take(place - 1).astype(np.int64) << 8 | codes.take(place)
    found: Flags = sign == signs[0]
    for other in signs[1:]:
        found |= sign == other
    return found


def _count_words(out: Floats, hashes: Hashes, bounds: Ints, pages: Ints) -> Flags:
    """Count each line's words that its page's first line has, that its long lines have, and by class; tell repeats.

    Gives the lines of which all words (by 12 bits of their hashes) stand on their page twice or more.
    """
    number, lines = bounds[1:] - bounds[:-1], pages[1:] - pages[:-1]
    count, per_word = len(number), 1 / np.maximum(number, 1).astype(np.float32)
    line = np.arange(count).repeat(number)
    page = np.arange(len(lines)).repeat(lines)
    first = pages[:-1]  # lines, of pages that have any
    bucket = (hashes >> np.uint64(52)).view(np.int64) + (page << 12).take(line)
    tables = len(lines) << 12
    title, heading = np.zeros(tables, np.bool_), np.zeros(count, np.bool_)
    heading[first[lines > 0]] = True
    title[bucket[heading.take(line)]] = True
    wordy = (number >= 20).take(line)
    core = np.bincount(bucket[wordy], minlength=tables)
    own = np.bincount(line[title.take(bucket)], minlength=count)
    out[17] = own * per_word
    out[18] = np.bincount(line[core.take(bucket) > wordy], minlength=count) * per_word
    out[19] = _repeats(hashes, bounds, line, page)
    of_first = number.take(first.take(page))
    out[20] = (own >= 3) & (own >= 0.85 * number) & (own >= 0.5 * np.maximum(of_first, 1)) & ~heading
    kinds = len(vocabulary.CLASSES) + 1
    hits = np.bincount(line * kinds + vocabulary.classes(hashes), minlength=count * kinds)
    out[25:] = hits.astype(np.float32).reshape(count, kinds).T[1:] * per_word
    alone = np.bincount(bucket, minlength=tables) == 1
    said: Flags = np.bincount(line[alone.take(bucket)], minlength=count) == 0
    return said


def _repeats(hashes: Hashes, bounds: Ints, line: Ints, page: Ints) -> Flags:
    """Tell lines whose words another line of their page has in the same order."""
    place = np.arange(1, len(hashes) + 1) - bounds.take(line)
    total = np.zeros(len(hashes) + 1, np.uint64)
    (hashes * place.view(np.uint64)).cumsum(out=total[1:])
    whole = total.take(bounds)
    whole = whole[1:] - whole[:-1] + page.astype(np.uint64) * _APART
    order = whole.argsort()
    ordered = whole.take(order)
    same = ordered[1:] == ordered[:-1]
    found = np.zeros(len(whole), np.bool_)
    found[order[1:][same]] = found[order[:-1][same]] = True
    return found
