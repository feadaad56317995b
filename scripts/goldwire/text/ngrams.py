"""Word n-grams of many texts at once as 64-bit hashes, by array operations over their UTF-8 bytes.

A word is a run of letters and digits; each ideograph or kana is a word. The hash functions are goldwire's own and give
the same hashes on every machine and with every library version, so that the duplicates found never change.
"""

from __future__ import annotations

from functools import cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

__all__ = [
    *("Bytes", "Hashes", "Offsets", "byte_prefixes", "hash_ngrams", "hash_spans", "hash_words"),
    *("lowercase_codes", "lowercase_pairs", "lowercase_utf8", "ngram_counts", "text_ngrams", "word_spans"),
]

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]

# Multipliers of the hash functions.
_WORD_START = np.uint64(0xD6E8FEB86659FD93)
_WORD_END = np.uint64(0x9E3779B97F4A7C15)
_GRAM_STEP = np.uint64(0x2545F4914F6CDD1D)
_GRAM_STEP_SQUARED = np.uint64(0x2545F4914F6CDD1D**2 % 2**64)
_GRAM_END = np.uint64(0xBF58476D1CE4E5B9)
_LOW_BYTES = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)  # masks of the first bytes of eight
_GRAM = 5  # words
_ASCII = 0x80
_KANA, _IDEOGRAPHS = 0xE3, 0xE9  # the first and the last leading byte of kana and ideographs
_TWO_CODES = 0x130  # İ, the one letter whose lower case has two code points
_CASED_LEADS = (0xE1, 0xE2, 0xEA, 0xEF)  # leading bytes of other letters of three bytes that have two cases


def lowercase_utf8(data: Bytes) -> Bytes:
    """Return UTF-8 in lower case, byte by byte in place, so that offsets stay valid.

    Letters of two and three bytes are changed if their lower case has as many bytes; a final sigma becomes a sigma.
    Comparing bytes is an eighth of the work of looking each up in a table.
    """
    # Times 32, not shifted by 5: numpy multiplies ten bytes in the time of one shift.
    lower: Bytes = data + (((data - np.uint8(0x41)) < np.uint8(26)).view(np.uint8) * np.uint8(32))
    if not len(data) or data.max() < _ASCII:
        return lower
    lead = np.flatnonzero(data[:-1] >= 0xC3)
    pair = data[lead].astype(np.uint16) << 8 | data[lead + 1]
    lower_pair = lowercase_pairs()[pair]
    in_two = ((lower_pair != pair) & (lower_pair > 0)).nonzero()[0]
    at, codes = lead[in_two], lower_pair[in_two]
    lower[at], lower[at + 1] = codes >> 8, codes & 0xFF
    in_three = lead[(lower_pair == 0).nonzero()[0]]
    in_three = in_three[: np.searchsorted(in_three, len(data) - 2)]
    if len(in_three):
        code = (data[in_three] & 0xF).astype(np.int64) << 12
        code |= (data[in_three + 1] & 0x3F).astype(np.int64) << 6 | data[in_three + 2] & 0x3F
        lower_code = lowercase_codes()[code]
        changed = (lower_code != code).nonzero()[0]
        at, codes = in_three[changed], lower_code[changed]
        lower[at], lower[at + 1] = 0xE0 | codes >> 12, 0x80 | codes >> 6 & 0x3F
        lower[at + 2] = 0x80 | codes & 0x3F
    return lower


@cache
def lowercase_codes() -> NDArray[np.uint16]:
    """Return the lower case of each code point up to U+FFFF, itself if the lower case has another number of bytes."""
    table = np.arange(1 << 16, dtype=np.uint16)
    threes = (range((lead & 0xF) << 12, (lead & 0xF) + 1 << 12) for lead in _CASED_LEADS)
    codes = np.array([code for code in chain(range(0x80, 0x800), *threes) if code != _TWO_CODES], np.uint16)
    # All in one string takes a tenth of the time; line ends separate them, since a sigma depends on its neighbours.
    text = "\n".join(map(chr, codes.tolist())).lower()
    lower = np.frombuffer(text.encode("utf-32-le"), "<u4")[::2].astype(np.int64)
    same_size = (lower >= 0x80) & ((lower < 0x800) == (codes < 0x800))
    table[codes[same_size]] = lower[same_size]
    table[0x3C2] = 0x3C3
    return table


@cache
def lowercase_pairs() -> NDArray[np.uint16]:
    """Return the lower case of each letter of two bytes as one number; 0 if it depends on a third byte."""
    table = np.arange(1 << 16, dtype=np.uint16)
    code = np.arange(0x80, 0x800)
    lower = lowercase_codes()[code]
    table[0xC000 | code >> 6 << 8 | 0x80 | code & 0x3F] = 0xC000 | lower >> 6 << 8 | 0x80 | lower & 0x3F
    code = np.flatnonzero(lowercase_codes() != np.arange(1 << 16))
    code = code[code >= 0x800]
    table[0xE000 | code >> 12 << 8 | 0x80 | code >> 6 & 0x3F] = 0
    return table


def hash_words(data: Bytes, offsets: Offsets) -> tuple[Hashes, Offsets]:
    """Return the hash of every word of several texts, and the n + 1 bounds of each text's words.

    `offsets` are the n + 1 bounds of the texts in `data`, from 0. A word's hash mixes in its bytes, eight at a time:
    one load for most words, where a sum over bytes costs five.
    """
    start, end = word_spans(data, offsets)
    return hash_spans(data, start, end), np.searchsorted(start, offsets).astype(np.int64)


def word_spans(data: Bytes, offsets: Offsets) -> tuple[Offsets, Offsets]:
    """Return the start and the end byte of each word of the texts that `offsets` separate."""
    if not len(data):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    in_word = _word_bytes(data)
    changes = np.empty(len(data) + 1, np.bool_)
    changes[0], changes[-1] = in_word[0], in_word[-1]
    np.not_equal(in_word[1:], in_word[:-1], out=changes[1:-1])
    edges = changes.nonzero()[0]
    bounds = offsets[(offsets > 0) & (offsets < len(data))]
    bounds = bounds[in_word[bounds - 1] & in_word[bounds]]  # between two texts whose words would run together
    if len(bounds) or data.max() >= _KANA:
        splits = _splits_in_words(data, in_word)
        splits[bounds] = True
        edges = (changes | splits).nonzero()[0]
        edges = np.repeat(edges, 1 + splits[edges])  # a word ends and another begins
    return edges[::2].copy(), edges[1::2].copy()


def _splits_in_words(data: Bytes, in_word: Flags) -> Flags:
    """Return at which bytes an ideograph or kana begins or ends within a run of letters."""
    splits = np.zeros(len(data) + 1, np.bool_)
    lead = (data[:-2] >= _KANA) & (data[:-2] <= _IDEOGRAPHS)
    splits[: len(lead)] = lead
    splits[3 : 3 + len(lead)] |= lead
    splits[0] = splits[-1] = False
    splits[1:-1] &= in_word[1:] & in_word[:-1]
    return splits


def byte_prefixes(data: Bytes, start: Offsets, end: Offsets, size: int) -> Hashes:
    """Return the first bytes of each span, at most `size` (up to 8), as one number."""
    prefixes: Hashes = _eight_bytes(data)[start]
    prefixes &= _mask(np.minimum(end - start, size))
    return prefixes


def hash_spans(data: Bytes, start: Offsets, end: Offsets) -> Hashes:
    """Return the hash of each span of bytes."""
    eights = _eight_bytes(data)
    left = end - start
    hashes: Hashes = eights[start]
    hashes &= _mask(left)
    hashes ^= hashes >> np.uint64(29)
    hashes *= _WORD_START
    longer = (left > 8).nonzero()[0]
    at, left, partial = start[longer], left[longer], hashes[longer]
    while len(longer):
        at, left = at + 8, left - 8
        block = eights[at]
        block &= _mask(left)
        block ^= partial >> np.uint64(32)
        partial ^= block
        partial *= _WORD_START
        hashes[longer] = partial
        unfinished = (left > 8).nonzero()[0]
        longer, at, left, partial = longer[unfinished], at[unfinished], left[unfinished], partial[unfinished]
    hashes ^= hashes >> np.uint64(32)
    hashes *= _WORD_END
    hashes ^= hashes >> np.uint64(29)
    return hashes


def _eight_bytes(data: Bytes) -> Hashes:
    """Return the eight bytes from every byte on as numbers."""
    padded = np.concatenate((data, np.zeros(8, np.uint8)))
    eights: Hashes = np.ndarray((len(data) + 1,), "<u8", padded, strides=(1,))
    return eights


def _mask(size: Offsets) -> Hashes:
    """Return the masks of the first `size` bytes of eight, of all eight for larger sizes."""
    return _LOW_BYTES.take(size, mode="clip")


def _word_bytes(data: Bytes) -> Flags:
    """Return which bytes are in words. Typographic quotes and dashes (U+2000-203F) and Latin-1 signs are not."""
    in_word = ((data | np.uint8(0x20)) - np.uint8(0x61)) < np.uint8(26)
    in_word |= (data - np.uint8(0x30)) < np.uint8(10)
    if data.max() < _ASCII:
        return in_word
    in_word |= data >= np.uint8(_ASCII)
    is_letter = data[:-1] != 0xC2
    in_word[:-1] &= is_letter
    in_word[1:] &= is_letter
    is_letter = (data[:-2] != 0xE2) | (data[1:-1] != 0x80)
    for byte in range(3):
        in_word[byte : byte + len(is_letter)] &= is_letter
    return in_word


def text_ngrams(data: Bytes, offsets: Offsets) -> tuple[Hashes, Offsets]:
    """Return the hashes of the word 5-grams of several texts, and the n + 1 bounds of each text's words.

    There is one hash per word, 0 for a word at which no 5-gram begins within its text (see `hash_ngrams`).
    """
    hashes, bounds = hash_words(lowercase_utf8(data), offsets)
    return hash_ngrams(hashes, bounds), bounds


def ngram_counts(bounds: Offsets) -> Offsets:
    """Return how many 5-grams `hash_ngrams` finds in each text."""
    n_words = np.diff(bounds)
    return np.where(n_words >= _GRAM, n_words - _GRAM + 1, np.minimum(n_words, 1))


def hash_ngrams(hashes: Hashes, bounds: Offsets) -> Hashes:
    """Return the hash of the 5-gram that begins at each word; 0 if fewer than five words of the text are left.

    A text of fewer than five words has one n-gram, of all its words, at its first word.
    """
    grams = np.zeros(len(hashes), np.uint64)
    total = len(hashes) - 4
    if total > 0:
        two = hashes[:-1] * _GRAM_STEP
        two += hashes[1:]
        five = np.multiply(two[:total], _GRAM_STEP_SQUARED, out=grams[:total])
        five += two[2 : total + 2]
        five *= _GRAM_STEP
        five += hashes[4:]
        _mix(five)
    n_words = np.diff(bounds)
    last_words = bounds[1:, None] - np.arange(1, 5)
    grams[last_words[last_words >= bounds[:-1, None]]] = 0
    short = np.flatnonzero((n_words > 0) & (n_words < _GRAM))
    short_grams = np.zeros(len(short), np.uint64)
    for word in range(_GRAM - 1 if len(short) else 0):
        has_word = word < n_words[short]
        short_grams[has_word] = short_grams[has_word] * _GRAM_STEP + hashes[bounds[short[has_word]] + word]
    grams[bounds[short]] = _mix(short_grams)
    return grams


def _mix(values: Hashes) -> Hashes:
    """Mix the bits of hashes in place."""
    values ^= values >> np.uint64(29)
    values *= _GRAM_END
    values ^= values >> np.uint64(32)
    return values
