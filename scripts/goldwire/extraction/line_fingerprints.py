"""Fingerprints of lines: one 64-bit number for lines that differ only in case, punctuation, blanks and numbers.

Computed over UTF-8 bytes by array operations, for all lines of a batch of pages at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Fingerprints", "line_fingerprints", "page_fingerprints"]

Fingerprints = NDArray[np.uint64]
Ints = NDArray[np.int64]

_LONGEST = 300  # bytes: a longer line that recurs is another copy of an article
_SHORTEST = 3  # letters and numbers: a shorter line is in every table

# A table that lowers ASCII letters and makes every digit a 0 and a carriage return a line feed, and all other ASCII.
_FOLDED = bytes(range(256)).lower().translate(bytes.maketrans(b"123456789\r", b"000000000\n"))
_DROPPED = bytes(byte for byte in range(0x80) if not (chr(byte).isalnum() or byte in b"\r\n"))
# Length in bytes of the characters that each lead byte begins, for those that begin blanks, punctuation and signs
# outside ASCII; 0 for all others.
_SIGN_LENGTHS = bytes({0xC2: 2, 0xE2: 3, 0xEF: 3}.get(byte, 0) for byte in range(256))
_LOW_BYTES = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)  # masks of the first n bytes of eight


def line_fingerprints(text: str) -> Fingerprints:
    """Return the fingerprint of each line of a text; 0 for lines that are too long or have no three letters or digits.

    Lines share a fingerprint if they have the same letters, ignoring case, blanks and punctuation, and numbers at the
    same places: cleaning a page changes no fingerprint, and `3 comments` has that of `1,204 Comments`.
    """
    return _fingerprints(text.encode("utf-8", "replace"))


def page_fingerprints(pages: Sequence[bytes]) -> tuple[Fingerprints, Ints]:
    """Return the fingerprints of all lines of pages in UTF-8, and the number of lines of each page."""
    line_counts = np.fromiter(map(_count_lines, pages), np.int64, len(pages))
    fingerprints = _fingerprints(b"\n".join(pages)) if pages else np.zeros(0, np.uint64)
    return fingerprints, line_counts


def _count_lines(data: bytes) -> int:
    return 1 + data.count(b"\n") + data.count(b"\r")


def _fingerprints(data: bytes) -> Fingerprints:
    """Return the fingerprint of each line of a text in UTF-8."""
    folded = data.translate(_FOLDED, _DROPPED) + b"\n"
    letters = np.frombuffer(folded, np.uint8)
    if not folded.isascii():
        lengths = np.frombuffer(folded.translate(_SIGN_LENGTHS), np.uint8)
        signs = np.flatnonzero(lengths != 0)
        keep = np.ones(len(letters), np.bool_)
        keep[signs] = keep[signs + 1] = False
        keep[signs[lengths[signs] == 3] + 2] = False
        letters = letters[keep]  # where most is kept, a tenth of the time of `compress`
    is_zero = letters == 0x30
    repeated_zero = is_zero[1:] & is_zero[:-1]  # a number of several digits is one 0
    if repeated_zero.any():
        letters = letters[np.concatenate(((True,), ~repeated_zero))]
    end = np.flatnonzero(letters == 0x0A)
    start = np.concatenate(((0,), end[:-1] + 1))
    size = end - start
    has_fingerprint = (size >= _SHORTEST) & (size <= _LONGEST)
    fingerprints = np.zeros(len(size), np.uint64)
    if has_fingerprint.any():
        fingerprints[has_fingerprint] = _hash_ranges(letters, start[has_fingerprint], size[has_fingerprint])
    return fingerprints


def _mix(values: Fingerprints) -> Fingerprints:
    """Mix bits (splitmix64's finaliser, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


_WORD_KEYS = _mix(np.arange(1, _LONGEST // 8 + 2, dtype=np.uint64))


def _hash_ranges(data: NDArray[np.uint8], start: Ints, size: Ints) -> Fingerprints:
    """Hash ranges of bytes, eight at a time: mix each eight with the key of its position, and sum."""
    padded = np.concatenate((data, np.zeros(8, np.uint8)))
    words = np.ndarray((len(data) + 1,), "<u8", padded, strides=(1,))  # the eight bytes from every byte on
    count = (size + 7) // 8
    after = count.cumsum()
    first = after - count
    position = np.arange(after[-1]) - first.repeat(count)
    parts = words.take(start.repeat(count) + 8 * position)
    parts[after - 1] &= _LOW_BYTES.take(size - 8 * (count - 1))  # the last part has what is left
    return _mix(np.add.reduceat(_mix(parts ^ _WORD_KEYS.take(position)), first))
