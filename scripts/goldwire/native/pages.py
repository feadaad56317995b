"""Pages of text seen by the C core."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import Structure, byref, c_char_p, c_double, c_int64, c_uint64, c_void_p
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldwire import native
from goldwire.extraction.network import Network, standardised
from goldwire.extraction.plaintext import boilerplate, context_features, line_features, prefilter, vocabulary
from goldwire.native import place_of
from goldwire.text.hash_lookup import Lookup

__all__ = ["Limits", "keep", "see"]

Ints = NDArray[np.int64]
Columns = tuple[Ints, Ints, Ints, Ints, Ints, NDArray[np.uint8], NDArray[np.bool_], NDArray[np.float32]]

_ROWS = 8  # of `Seen` in see.c
_UNITS = 64  # a network has a multiple of, as the C core multiplies so many at once
_LANES = 8  # and each of several side by side a multiple of
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


class Limits(Structure):
    """`Limits` of page.h: what `goldwire.extraction.plaintext.line_selection` explains."""

    _fields_ = (
        *((name, c_double) for name in ("likely", "of_best", "between", "small")),
        *((name, c_int64) for name in ("gap", "fewest")),
    )


def see(pages: Sequence[bytes], weights: Network, limits: Limits, most: int | None = None) -> Columns | None:
    """See pages in UTF-8: the columns of `goldwire.extraction.plaintext.line_table.Sight`; None where array operations have to.

    `most` are the lines that are not blank, or more.
    """
    library, tables = native.library(), _tables(weights)
    if library is None or tables is None:
        return None
    count = len(pages)
    room = (sum(page.count(b"\n") + 1 for page in pages) if most is None else most) + count + 1
    rows = np.empty((_ROWS, room), np.int64)
    seen = library.goldwire_see(
        byref(tables[0]),
        byref(limits),
        c_char_p(b"\n\n%b\n" % b"\n".join(pages)),
        (c_int64 * count)(*map(len, pages)),
        c_int64(count),
        c_int64(room),
        place_of(rows),
    )
    if seen < 0:
        raise MemoryError
    numbers, starts, words, may, bounds, likely, said, kept = rows
    flags = said.view(np.uint8)[:seen], kept.view(np.bool_)[:seen]
    of_lines = numbers[:seen], starts[:seen], words[:seen], may[:seen]
    return bounds[: count + 1], *of_lines, *flags, likely.view(np.float32)[:seen]


def keep(likely: NDArray[np.float32], words: Ints, bounds: Ints, limits: Limits) -> NDArray[np.bool_] | None:
    """Choose the lines of pages that are body; None where array operations have to."""
    library = native.library()
    if library is None:
        return None
    kept = np.empty(len(likely), np.bool_)
    places = place_of(likely), place_of(words), place_of(bounds)
    library.goldwire_keep(byref(limits), *places, c_int64(len(bounds) - 1), place_of(kept))
    return kept


@lru_cache(8)
def _tables(weights: Network) -> tuple[_Tables, list[Any]] | None:
    """Give the tables for the C core, and what they point into; None for networks that it does not run."""
    units, networks = len(weights.hidden_bias), len(weights.out_bias)
    if (
        len(weights.middle) != context_features.WIDTH
        or units % _UNITS
        or units // networks % _LANES
        or units > _MOST_UNITS
    ):
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

    rows = (boilerplate.FIRST["0"], boilerplate.KEYS["0"], boilerplate.KEYS["/"], boilerplate.KEYS["-"])
    zero = standardised(np.zeros((1, context_features.WIDTH), np.float32), weights)[0]
    ones = np.array([0, *(1 << 8 * kind for kind in range(8)), 0], np.uint64)  # of a line end, none
    flags = (line_features.OPENS, line_features.BEFORE_GLUE, prefilter.UNCLEAR)
    tables = _Tables(
        *map(of, (vocabulary.table(), *prefilter.tables())),
        *rows,
        place(ones[line_features.KIND_OF], np.uint64),
        *(place(table, np.uint8) for table in flags),
        place(line_features.LOGS, np.float32),
        len(line_features.LOGS),
        *(place(getattr(weights, name), np.float32) for name in _OF_NETWORK),
        *(place(array, np.float32) for array in (zero, weights.hidden_bias + zero @ weights.hidden)),
        units,
        networks,
    )
    return tables, kept
