"""The lines and words of some pages as arrays of byte offsets.

All pages of a batch are processed together: numpy takes as long to begin an operation as to do it for one page.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.text.ngrams import Bytes, Hashes, byte_prefixes, hash_spans, word_spans

__all__ = ["BUCKET_BITS", "CLASS_NUMBERS", "N_CLASSES", "STEM_BYTES", "LineTokens", "tokenize_lines"]

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

STEM_BYTES = 4
BUCKET_BITS = 12  # of a word's hash: words are compared by their bucket, in a table per page

# Characters that are counted, by class; all others are letters or blanks.
_CHARACTER_CLASSES = {
    "capitals": b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "digits": b"0123456789",
    "stops": b".!?",
    "commas": b",;",
    "beyond_ascii": bytes(range(0x80, 0x100)),
    "quotes": b"\"'()",
    "signs": b"|/<>{}[]@#*=+_~\\",
    "colons": b":-",
    "line_breaks": b"\n",
}
CLASS_NUMBERS = {name: number for number, name in enumerate(_CHARACTER_CLASSES, 1)}
N_CLASSES = len(_CHARACTER_CLASSES) + 1

_UNSPACED_WORD = 4  # characters of a word, with vowel signs, in scripts that write no blanks: Thai text has 4.2
_THAI_LEAD, _KHMER_LEAD = np.uint8(0xE0), np.uint8(0xE1)  # first bytes of these scripts in UTF-8


def _unspaced_pairs() -> Flags:
    """Return the first two bytes of Thai, Lao, Burmese and Khmer characters; ideographs are words of their own."""
    table = np.zeros((256, 256), np.bool_)
    table[0xE0, 0xB8:0xBC] = table[0xE1, 0x80:0x83] = table[0xE1, 0x9E:0xA0] = True
    return table.reshape(-1)


_UNSPACED_PAIR = _unspaced_pairs()


def _class_table() -> bytes:
    table = bytearray(256)
    for name, characters in _CHARACTER_CLASSES.items():
        for character in characters:
            table[character] = CLASS_NUMBERS[name]
    return bytes(table)


_CLASS_TABLE = _class_table()


class LineTokens(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """The lines of some pages that are not blank, one page's after the other's, with their words.

    Attributes
    ----------
    codes : array of uint8
        All pages in UTF-8, with line breaks between them, two before and one behind.
    page_bounds : array of int, shape (pages + 1,)
        Page i has the lines from `page_bounds[i]` to before `page_bounds[i + 1]`.
    page_starts, page_sizes : array of int, shape (pages,)
        First byte and number of bytes of each page.
    line_pages : array of int, shape (lines,)
        The page of each line.
    numbers : array of int, shape (lines,)
        Number of each line on its page, from 1, counting blank lines.
    start, end : array of int, shape (lines,)
        First byte of each line, and the one after its last.
    word_bounds : array of int, shape (lines + 1,)
        Line i has the words from `word_bounds[i]` to before `word_bounds[i + 1]`.
    n_words : array of int, shape (lines,)
        Number of words; in scripts without blanks by the number of characters.
    word_lines : array of int, shape (words,)
        The line of each word.
    stems : array of uint64, shape (words,)
        The first four bytes of each word, lower-cased.
    hashes : array of uint64, shape (words,)
        The hash of each word, lower-cased.
    buckets : array of int, shape (words,)
        12 bits of each word's hash, in a range per page.
    word_sizes : array of int, shape (words,)
        Bytes of each word.
    marks, mark_classes, mark_lines : array
        Byte, character class and line of every character that is neither a letter nor a blank.
    """

    codes: Bytes
    page_bounds: Ints
    page_starts: Ints
    page_sizes: Ints
    line_pages: Ints
    numbers: Ints
    start: Ints
    end: Ints
    word_bounds: Ints
    n_words: Ints
    word_lines: Ints
    stems: Hashes
    hashes: Hashes
    buckets: Ints
    word_sizes: Ints
    marks: Ints
    mark_classes: Bytes
    mark_lines: Ints


def tokenize_lines(data: bytes, page_sizes: Sequence[int] | None = None) -> LineTokens:
    """Find the lines and words of cleaned pages.

    Parameters
    ----------
    data : bytes
        The pages in UTF-8, separated by one line break each.
    page_sizes : sequence of int, optional
        Number of bytes of each page. Default: all of `data` is one page.
    """
    data = b"\n\n%b\n" % data  # so that each line has two bytes before it, and one after it
    sizes = np.array((len(data) - 3,) if page_sizes is None else page_sizes)
    page_edges = np.full(len(sizes) + 1, 2)
    page_edges[1:] += (sizes + 1).cumsum()
    classes = np.frombuffer(data.translate(_CLASS_TABLE), np.uint8)
    marks = (classes != 0).nonzero()[0]
    mark_classes = classes[marks]
    is_break = mark_classes == CLASS_NUMBERS["line_breaks"]
    breaks = marks[is_break]
    start, end = breaks[:-1] + 1, breaks[1:]
    has_text = end > start
    start, end = start[has_text], end[has_text]
    breaks_above = has_text.nonzero()[0] + 1
    counted = (~is_break).nonzero()[0]
    mark_lines = has_text.cumsum().take(is_break.cumsum().take(counted) - 1) - 1
    lowered = np.frombuffer(data.lower(), np.uint8)
    offsets = np.concatenate((start, (len(data),)))
    words = word_spans(lowered, offsets)
    word_bounds = words[0].searchsorted(offsets)
    n_spans = word_bounds[1:] - word_bounds[:-1]
    word_lines = np.arange(len(start)).repeat(n_spans)
    hashes = hash_spans(lowered, *words)
    page_bounds = start.searchsorted(page_edges)
    line_pages = np.arange(len(sizes)).repeat(page_bounds[1:] - page_bounds[:-1])
    buckets = (hashes >> np.uint64(64 - BUCKET_BITS)).view(np.int64)
    buckets += (line_pages << BUCKET_BITS).take(word_lines)
    return LineTokens(
        codes=np.frombuffer(data, np.uint8),
        page_bounds=page_bounds,
        page_starts=page_edges[:-1],
        page_sizes=sizes,
        line_pages=line_pages,
        numbers=breaks_above + 1 - breaks.searchsorted(page_edges[:-1]).take(line_pages),
        start=start,
        end=end,
        word_bounds=word_bounds,
        n_words=n_spans + _further_words(lowered, start, end),
        word_lines=word_lines,
        stems=byte_prefixes(lowered, *words, STEM_BYTES),
        hashes=hashes,
        buckets=buckets,
        word_sizes=words[1] - words[0],
        marks=marks.take(counted),
        mark_classes=mark_classes.take(counted),
        mark_lines=mark_lines,
    )


def _further_words(codes: Bytes, start: Ints, end: Ints) -> Ints:
    """Return how many words of each line no blank separates, as in Thai: a word per four characters."""
    is_lead = (codes >= _THAI_LEAD) & (codes <= _KHMER_LEAD)
    if not is_lead.any():
        return np.zeros(len(start), np.int64)
    lead = is_lead[:-1].nonzero()[0]
    character = lead[_UNSPACED_PAIR.take(codes[lead].astype(np.int64) << 8 | codes[lead + 1])]
    return (character.searchsorted(end) - character.searchsorted(start)) // _UNSPACED_WORD
