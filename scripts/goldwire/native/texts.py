"""The grams of texts, and which of them are kept, by the C core. It lets go of Python's lock meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import Structure, byref, c_char_p, c_double, c_int64, c_void_p
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldwire import native
from goldwire.text import ngrams

__all__ = ["above", "bytes_at", "grams", "keys", "sketch", "survey", "suspects"]

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]


class _Folding(Structure):
    """`Folding` of grams.c."""

    _fields_ = (("small", c_void_p), ("pairs", c_void_p))


@cache
def _folding() -> _Folding:
    return _Folding(ngrams.small_forms().ctypes.data, ngrams.small_pairs().ctypes.data)  # both are kept for good


def grams(data: Bytes, offsets: Ints) -> tuple[Hashes, Ints] | None:
    """Give what `shingles.grams` makes of the words of texts, folded, and the bounds of these; None without C core."""
    library = native.library()
    if library is None:
        return None
    data, offsets = _plain(data, offsets)
    count = len(offsets) - 1
    found, bounds = np.empty(_most_words(data, count), np.uint64), np.empty(count + 1, np.int64)
    words = library.goldwire_grams(byref(_folding()), *_places(data, offsets), c_int64(count), *_places(found, bounds))
    if words < 0:
        raise MemoryError
    return found[:words], bounds


def sketch(data: Bytes, offsets: Ints, rate: float, fewest: int) -> tuple[Hashes, Ints, Ints, Hashes] | None:
    """Give the columns of `sketches.Sketches`; None without C core."""
    library = native.library()
    if library is None:
        return None
    data, offsets = _plain(data, offsets)
    count = len(offsets) - 1
    kept, digests = np.empty(_most_words(data, count) + 1, np.uint64), np.empty(count, np.uint64)
    sizes, counts = np.empty(count, np.int64), np.empty(count, np.int64)
    share = (c_int64(count), c_double(rate), c_double(fewest))
    many = library.goldwire_sketch(
        byref(_folding()), *_places(data, offsets), *share, *_places(digests, sizes, counts, kept)
    )
    if many < 0:
        raise MemoryError
    return digests, sizes, counts, kept[:many].copy()


def _plain(data: Bytes, offsets: Ints) -> tuple[Bytes, Ints]:
    return np.ascontiguousarray(data), np.ascontiguousarray(offsets, np.int64)


def _most_words(data: Bytes, texts: int) -> int:
    return len(data) // 2 + texts


def _places(*arrays: NDArray[Any]) -> tuple[c_void_p, ...]:
    return tuple(c_void_p(array.ctypes.data) for array in arrays)  # those of Arrow are read only


def above(grams: Hashes, bounds: Ints) -> Ints | None:
    """Count for each text, by its grams, those that stand in texts above it; None without C core."""
    library = native.library()
    if library is None:
        return None
    found = np.empty(len(bounds) - 1, np.int64)
    if library.goldwire_above(*_places(grams, bounds), c_int64(len(found)), *_places(found)) < 0:
        raise MemoryError
    return found


def keys(data: bytes, folded: bytes, lines: int) -> Hashes | None:
    """Give what `recurring.line_keys` gives of a text in UTF-8 of so many lines; None without C core."""
    library = native.library()
    if library is None:
        return None
    found = np.empty(lines, np.uint64)
    library.goldwire_keys(c_char_p(folded), c_char_p(data), c_int64(len(data)), native.place_of(found))
    return found


def survey(data: bytes, kinds: NDArray[np.uint16]) -> int | None:
    """Give what `coded.by_patterns` gives of a text in UTF-8; None without C core."""
    library = native.library()
    if library is None:
        return None
    return int(library.goldwire_survey(native.place_of(kinds), c_char_p(data), c_int64(len(data))))


def suspects(data: bytes, kinds: NDArray[np.uint16]) -> list[list[int]] | None:
    """Give what `coded.lines_by_patterns` gives of a text in UTF-8; None without C core."""
    library = native.library()
    if library is None:
        return None
    found = np.empty((data.count(b"\n") + 1, 2), np.int64)
    count = library.goldwire_suspects(
        native.place_of(kinds), c_char_p(data), c_int64(len(data)), native.place_of(found)
    )
    rows: list[list[int]] = found[:count].tolist()
    return rows


def bytes_at(data: bytes, places: Sequence[Sequence[int]]) -> list[list[int]] | None:
    """Give what `traced.bytes_by_arrays` gives of a text in UTF-8; None without C core."""
    library = native.library()
    if library is None:
        return None
    # Mostly those of one column after those of the one before rise: so few walks through the text do.
    found = np.array(places, np.int64).T.copy()
    library.goldwire_bytes_at(c_char_p(data), c_int64(len(data)), native.place_of(found), c_int64(found.size))
    rows: list[list[int]] = found.T.tolist()
    return rows
