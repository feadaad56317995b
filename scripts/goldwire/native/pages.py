"""Pages of text seen by the C core."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import Structure, byref, c_char_p, c_double, c_int64, c_uint64, c_void_p
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldwire import clues, context, lexicon, lines, native, residue
from goldwire.lookup import Lookup
from goldwire.model import Network, standardised

__all__ = ["Limits", "keep", "see"]

Ints = NDArray[np.int64]
Columns = tuple[Ints, Ints, Ints, Ints, Ints, NDArray[np.uint8], NDArray[np.float32]]

_UNITS = 64  # a network has a multiple of, as the C core multiplies so many at once
_MOST_UNITS = 1024


_OF_NETWORK = ("middle", "scale", "hidden", "out", "out_bias")


class _Lookup(Structure):
    _fields_ = (("step", c_uint64), *((name, c_void_p) for name in ("known", "rows", "keys", "numbers")))


class _Tables(Structure):
    """`Tables` of page.h."""

    _fields_ = (
        *((name, _Lookup) for name in ("classes", "any_of", "first_of")),
        *((name, c_int64) for name in ("number_rows", "digit_rows", "sign_rows", "hyphen_rows")),
        *((name, c_void_p) for name in ("one_of", "opens", "before_glue", "unclear", "logs")),
        ("logs_size", c_int64),
        *((name, c_void_p) for name in (*_OF_NETWORK, "zero", "at_zero")),
        *((name, c_int64) for name in ("units", "networks")),
    )


class _Seen(Structure):
    """`Seen` of see.c."""

    _fields_ = tuple((name, c_void_p) for name in ("numbers", "starts", "words", "may", "said", "likely"))


def see(pages: Sequence[bytes], weights: Network) -> Columns | None:
    """See pages in UTF-8: the columns of `goldwire.sight.Sight`; None where array operations have to."""
    library, tables = native.library(), _tables(weights)
    if library is None or tables is None:
        return None
    data = b"\n\n%b\n" % b"\n".join(pages)
    room, count = data.count(b"\n"), len(pages)
    both = np.empty(2 * count + 1, np.int64)
    both[count + 1 :] = [len(page) for page in pages]
    bounds, sizes = both.ctypes.data, both.ctypes.data + 8 * (count + 1)
    whole, said, likely = np.empty((4, room), np.int64), np.empty(room, np.uint8), np.empty(room, np.float32)
    rows = range(whole.ctypes.data, whole.ctypes.data + whole.nbytes, 8 * room)
    seen = _Seen(*rows, said.ctypes.data, likely.ctypes.data)
    seen_lines = library.goldwire_see(
        byref(tables[0]), c_char_p(data), c_void_p(sizes), c_int64(count), c_void_p(bounds), byref(seen)
    )
    if seen_lines < 0:
        raise MemoryError
    return both[: count + 1], *whole[:, :seen_lines], said[:seen_lines], likely[:seen_lines]


class Limits(Structure):
    """`Limits` of keep.c: what `goldwire.pages` explains."""

    _fields_ = (
        *((name, c_double) for name in ("likely", "of_best", "between", "small")),
        *((name, c_int64) for name in ("gap", "fewest")),
    )


def keep(likely: NDArray[np.float32], words: Ints, bounds: Ints, limits: Limits) -> NDArray[np.bool_] | None:
    """Choose the lines of pages that are body; None where array operations have to."""
    library = native.library()
    if library is None:
        return None
    kept = np.empty(len(likely), np.bool_)
    arrays = [np.ascontiguousarray(array) for array in (likely, words, bounds)]
    places = (c_void_p(array.ctypes.data) for array in arrays)
    library.goldwire_keep(byref(limits), *places, c_int64(len(bounds) - 1), c_void_p(kept.ctypes.data))
    return kept


@lru_cache(8)
def _tables(weights: Network) -> tuple[_Tables, list[Any]] | None:
    """Give the tables for the C core, and what they point into; None for networks that it does not run."""
    units, networks = len(weights.hidden_bias), len(weights.out_bias)
    if len(weights.middle) != context.WIDTH or units % _UNITS or units > _MOST_UNITS:
        return None
    kept: list[Any] = []

    def place(array: Any, kind: Any) -> int:
        kept.append(np.ascontiguousarray(array, kind))
        return int(kept[-1].ctypes.data)

    def of(lookup: Lookup) -> _Lookup:
        known = np.zeros(len(lookup.rows), np.bool_)
        known[lookup.places(lookup.keys)] = True
        bits = np.packbits(known, bitorder="little")
        arrays = ((bits, np.uint8), (lookup.rows, np.uint16), (lookup.keys, np.uint64), (lookup.numbers, np.int64))
        return _Lookup(int(lookup.step), *(place(array, kind) for array, kind in arrays))

    rows = (residue.FIRST["0"], residue.KEYS["0"], residue.KEYS["/"], residue.KEYS["-"])
    zero = standardised(np.zeros((1, context.WIDTH), np.float32), weights)[0]
    ones = np.array([0, *(1 << 8 * kind for kind in range(8)), 0], np.uint64)  # of a line end, none
    flags = (lines.OPENS, lines.BEFORE_GLUE, clues.UNCLEAR)
    tables = _Tables(
        *map(of, (lexicon.table(), *clues.tables())),
        *rows,
        place(ones[lines.KIND_OF], np.uint64),
        *(place(table, np.uint8) for table in flags),
        place(lines.LOGS, np.float32),
        len(lines.LOGS),
        *(place(getattr(weights, name), np.float32) for name in _OF_NETWORK),
        *(place(array, np.float32) for array in (zero, weights.hidden_bias + zero @ weights.hidden)),
        units,
        networks,
    )
    return tables, kept
