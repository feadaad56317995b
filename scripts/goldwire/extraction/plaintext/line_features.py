"""Context-free features of the lines of some pages: characters, words and position, by array operations.

All pages of a batch are processed together: numpy takes as long to begin an operation as to do it for one page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.plaintext import vocabulary
from goldwire.extraction.plaintext.line_tokens import BUCKET_BITS, CLASS_NUMBERS, N_CLASSES, LineTokens
from goldwire.text.ngrams import Bytes

__all__ = ["FEATURE_NAMES", "LOG1P", "all_words_recur", "line_features", "log1p"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Columns = Mapping[str, NDArray[np.generic]]

LOG1P = np.log1p(np.arange(1 << 16)).astype(np.float32)
"""log(1 + n) of counts: looked up, since computing it is half the work of the context features."""

_PER_WORD = ("stops", "commas")  # counted per word; the other classes per byte

FEATURE_NAMES = (
    *("words", "bytes", "word_length"),
    *("capitals", "digits", "stops", "commas", "beyond_ascii", "quotes", "signs", "colons", "title_words"),
    *("ends_sentence", "ends_colon", "starts_lower", "starts_digit", "starts_sign"),
    *("in_title", "in_core", "repeats", "is_title"),
    *("ends_ellipsis", "glued"),
    *("line_place", "byte_place"),
    *("gap_before", "gap_after", "page_gap", "starts_bullet"),
    *("title_hits", "title_share"),
    *(f"words_{name}" for name in vocabulary.CLASSES),
)
"""The columns of `line_features`, in the order in which the network was trained on them."""

_LONG_LINE = 20  # words
_MIN_TOPIC_WORD = 4  # bytes
_PAGE_KEY = np.uint64(0x9E3779B97F4A7C15)  # separates the hashes of one page from those of another


def log1p(counts: Ints) -> Floats:
    """Return log(1 + n) of each count."""
    if not len(counts) or counts.max() < len(LOG1P):
        return LOG1P.take(counts)
    logs: Floats = np.log1p(counts).astype(np.float32)
    return logs


def line_features(lines: LineTokens) -> Floats:
    """Return the context-free features of each line: an array of shape (lines, len(FEATURE_NAMES))."""
    out = np.zeros((len(FEATURE_NAMES), len(lines.start)), np.float32)  # a column lies together in memory
    if not len(lines.start):
        return out.T
    per_word: Floats = np.float32(1) / np.maximum(lines.n_words, 1).astype(np.float32)
    word_classes = vocabulary.word_classes(lines.hashes)
    columns: Columns = {
        **_size_features(lines, per_word),
        **_character_features(lines, per_word),
        **_boundary_features(lines),
        **_overlap_features(lines, per_word, word_classes),
        **_position_features(lines),
        **_gap_features(lines),
        **_vocabulary_features(lines, per_word, word_classes),
    }
    for row, name in zip(out, FEATURE_NAMES, strict=True):
        row[:] = columns[name]
    return out.T


def all_words_recur(lines: LineTokens) -> Flags:
    """Return which lines have only words that occur at least twice on their page, compared by 12 bits of hashes."""
    is_single = np.bincount(lines.buckets, minlength=len(lines.page_sizes) << BUCKET_BITS) == 1
    recurs: Flags = np.bincount(lines.word_lines[is_single.take(lines.buckets)], minlength=len(lines.start)) == 0
    return recurs


def _size_features(lines: LineTokens, per_word: Floats) -> Columns:
    size = lines.end - lines.start
    return {
        "words": log1p(lines.n_words),
        "bytes": log1p(size),
        "word_length": size.astype(np.float32) * per_word / 10,
    }


def _is_one_of(characters: bytes) -> Flags:
    """Return, for each byte value, whether it is one of these characters."""
    table = np.zeros(256, np.bool_)
    table[list(characters)] = True
    return table


_LETTERS_AND_DIGITS = bytes((*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B), *range(0x80, 0x100)))
_BEGINS_WORD_AFTER = ~_is_one_of(_LETTERS_AND_DIGITS)
_GLUED_AFTER = _is_one_of(bytes(range(0x61, 0x7B)) + b".!?")


def _character_features(lines: LineTokens, per_word: Floats) -> Columns:
    """Return rates of character classes, and of capitals by what is before them."""
    count = len(lines.start)
    per_byte = 1 / (lines.end - lines.start).astype(np.float32)
    counts = np.bincount(lines.mark_lines * N_CLASSES + lines.mark_classes, minlength=count * N_CLASSES)
    by_class = counts.astype(np.float32).reshape(count, N_CLASSES).T
    columns: dict[str, NDArray[np.generic]] = {
        name: by_class[number] * (per_word if name in _PER_WORD else per_byte)
        for name, number in CLASS_NUMBERS.items()
        if name != "line_breaks"
    }
    capitals = (lines.mark_classes == CLASS_NUMBERS["capitals"]).nonzero()[0]
    line, before = lines.mark_lines.take(capitals), lines.codes.take(lines.marks.take(capitals) - 1)
    columns["title_words"] = np.bincount(line[_BEGINS_WORD_AFTER.take(before)], minlength=count) * per_word
    # A capital right after a small letter or a full stop: separate elements that the dump joined.
    columns["glued"] = np.minimum(np.bincount(line[_GLUED_AFTER.take(before)], minlength=count), 3)
    return columns


_MAX_GAP = 3  # blank lines
_BULLET = _is_one_of(b"*-+>#")
_SENTENCE_END = _is_one_of(b".!?")
_CLOSING = _is_one_of(b"\"')]")
_WIDE_CLOSING = tuple(int.from_bytes(sign.encode()) for sign in "\u2019\u201d\u300d\u300f\uff09")
_WIDE_STOPS = tuple(int.from_bytes(sign.encode()) for sign in "\u2026\u3002\uff01\uff1f")


def _boundary_features(lines: LineTokens) -> Columns:
    """Return flags for the characters with which each line begins and ends."""
    codes, start, end = lines.codes, lines.start, lines.end
    first, last, final = codes.take(start), _last_code(lines), codes.take(end - 1)
    before_final = codes.take(end - 2)
    return {
        "ends_sentence": _SENTENCE_END.take(last),
        "ends_colon": last == 0x3A,
        "starts_lower": (first >= 0x61) & (first <= 0x7A),
        "starts_digit": (first >= 0x30) & (first <= 0x39),
        "starts_sign": _BEGINS_WORD_AFTER.take(first),
        # `...` or its one-character form: teasers cut to a length.
        "ends_ellipsis": (final == 0x2E) & (before_final == 0x2E) | (final == 0xA6) & (before_final == 0x80),
    }


def _last_code(lines: LineTokens) -> Bytes:
    """Return each line's last byte before closing quotes and brackets; a full stop for three-byte signs that are one.

    Up to two closing signs are skipped.
    """
    codes, start = lines.codes, lines.start
    position = lines.end - 1
    for _ in range(2):
        is_closing = _CLOSING.take(codes.take(position)) & (position > start)
        is_wide = (position - 2 > start) & _ends_sign(_WIDE_CLOSING, codes, position)
        position = position - np.where(is_wide, 3, is_closing)
    last = codes.take(position)
    last[_ends_sign(_WIDE_STOPS, codes, position) & (position - 2 >= start)] = 0x2E
    return last


def _ends_sign(signs: Sequence[int], codes: Bytes, position: Ints) -> Flags:
    """Return the positions at which one of these signs of three bytes ends."""
    sign = codes.take(position - 2).astype(np.int64) << 16
    sign |= codes.take(position - 1).astype(np.int64) << 8 | codes.take(position)
    ends: Flags = sign == signs[0]
    for other in signs[1:]:
        ends |= sign == other
    return ends


def _overlap_features(lines: LineTokens, per_word: Floats, word_classes: Ints) -> Columns:
    """Return shares of words in common with the page's first line and with its long lines, and repeated lines."""
    count, n_words = len(lines.start), lines.n_words
    n_buckets = len(lines.page_sizes) << BUCKET_BITS
    first = lines.page_bounds[:-1]
    is_first = np.zeros(count, np.bool_)
    is_first[first[lines.page_bounds[1:] > first]] = True
    in_first = np.zeros(n_buckets, np.bool_)
    in_first[lines.buckets[is_first.take(lines.word_lines)]] = True
    is_long = (n_words >= _LONG_LINE).take(lines.word_lines)
    in_long = np.bincount(lines.buckets[is_long], minlength=n_buckets)
    shared = np.bincount(lines.word_lines[in_first.take(lines.buckets)], minlength=count)
    # A word of a long line counts only if it occurs in the long lines once more.
    in_core = np.bincount(lines.word_lines[in_long.take(lines.buckets) > is_long], minlength=count)
    first_words = n_words.take(first.take(lines.line_pages))
    # Words of the first line that say what the page is about: in no class of the vocabulary, and not short.
    says_topic = is_first.take(lines.word_lines) & (word_classes == 0)
    says_topic &= lines.word_sizes >= _MIN_TOPIC_WORD
    in_topic = np.zeros(n_buckets, np.bool_)
    in_topic[lines.buckets[says_topic]] = True
    hits = np.bincount(lines.word_lines[in_topic.take(lines.buckets)], minlength=count)
    n_topic = in_topic.reshape(len(lines.page_sizes), -1).sum(axis=1).take(lines.line_pages)
    is_title = (shared >= 3) & (shared >= 0.85 * n_words) & (shared >= 0.5 * np.maximum(first_words, 1)) & ~is_first
    return {
        "in_title": shared * per_word,
        "in_core": in_core * per_word,
        "repeats": _is_repeated(lines),
        "is_title": is_title,
        "title_hits": log1p(hits),
        "title_share": np.minimum(hits / np.maximum(n_topic, 1), 1),
    }


def _is_repeated(lines: LineTokens) -> Flags:
    """Return the lines whose words another line of their page has in the same order."""
    position = np.arange(1, len(lines.hashes) + 1) - lines.word_bounds.take(lines.word_lines)
    total = np.zeros(len(lines.hashes) + 1, np.uint64)
    (lines.hashes * position.view(np.uint64)).cumsum(out=total[1:])
    at_bounds = total.take(lines.word_bounds)
    line_hashes = at_bounds[1:] - at_bounds[:-1] + lines.line_pages.astype(np.uint64) * _PAGE_KEY
    order = line_hashes.argsort()
    ordered = line_hashes.take(order)
    same = ordered[1:] == ordered[:-1]
    is_repeated = np.zeros(len(line_hashes), np.bool_)
    is_repeated[order[1:][same]] = is_repeated[order[:-1][same]] = True
    return is_repeated


def _position_features(lines: LineTokens) -> Columns:
    """Return the position of each line on its page, by lines and by bytes, from 0 to 1."""
    page, first = lines.line_pages, lines.page_bounds[:-1]
    n_lines = lines.page_bounds[1:] - first
    return {
        "line_place": (np.arange(len(page)) - first.take(page)) / n_lines.take(page),
        "byte_place": (lines.start - lines.page_starts.take(page)) / lines.page_sizes.take(page),
    }


def _gap_features(lines: LineTokens) -> Columns:
    """Return the number of blank lines around each line, and their mean on its page, at most 3; and bullets."""
    gap = np.full(len(lines.start) + 1, _MAX_GAP)
    gap[1:-1] = np.minimum(lines.start[1:] - lines.end[:-1] - 1, _MAX_GAP)
    gap[lines.page_bounds] = _MAX_GAP
    total = np.zeros(len(gap) + 1, np.int64)
    gap.cumsum(out=total[1:])
    bounds = lines.page_bounds
    # Of a page of n lines: the n - 1 gaps between them.
    inner = total.take(bounds[1:]) - total.take(np.minimum(bounds[:-1] + 1, bounds[1:]))
    mean = inner / np.maximum(bounds[1:] - bounds[:-1] - 1, 1)
    first, second = lines.codes.take(lines.start), lines.codes.take(np.minimum(lines.start + 1, len(lines.codes) - 1))
    is_sign = _BULLET.take(first) & (second == 0x20)
    is_dot = (first == 0xE2) & (second == 0x80) | (first == 0xC2) & (second == 0xB7)  # • ‣ – and ·
    return {
        "gap_before": gap[:-1],
        "gap_after": gap[1:],
        "page_gap": mean.take(lines.line_pages),
        "starts_bullet": is_sign | is_dot,
    }


def _vocabulary_features(lines: LineTokens, per_word: Floats, word_classes: Ints) -> Columns:
    """Return the share of each line's words in each class of the vocabulary."""
    count, n_classes = len(lines.start), len(vocabulary.CLASSES) + 1
    hits = np.bincount(lines.word_lines * n_classes + word_classes, minlength=count * n_classes)
    by_class = hits.astype(np.float32).reshape(count, n_classes).T
    return {f"words_{name}": by_class[number] * per_word for number, name in enumerate(vocabulary.CLASSES, 1)}
