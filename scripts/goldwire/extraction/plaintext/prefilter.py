"""What lines may say they are, by the words that they have: a look at all lines together, before any pattern.

Of the lines that are looked at, half have no word that any row of `residue` asks for, and most others one.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.plaintext import boilerplate
from goldwire.extraction.plaintext.line_features import BASE, STEM, Lines
from goldwire.text.hash_lookup import HashLookup, build_lookup

__all__ = ["UNCLEAR", "may_be", "tables"]

Ints = NDArray[np.int64]

_DIGITS, _SIGNS = BASE.index("digits"), BASE.index("signs")
# The first two bytes of what `lines` takes for letters but `residue` for signs, marks or digits: © × ÷, whatever is not
# Latin, Greek, Cyrillic or an ideograph, and of what E2 and E3 lead all but quotes and dashes (E2 80) and kana.
_LEADS = 0xC2
_NONE = np.zeros(1, np.uint64)


def _unclear_pairs() -> NDArray[np.bool_]:
    table = np.zeros((256, 256), np.bool_)
    table[0xC2, 0xA9] = table[0xC3, 0x97] = table[0xC3, 0xB7] = True
    table[[0xCB, 0xCC, 0xCD, *range(0xD4, 0xE3), *range(0xEF, 0x100)]] = True
    table[0xE2, 0x80], table[0xE3, 0x80] = False, True
    return table.reshape(-1)


UNCLEAR = _unclear_pairs()


@cache
def tables() -> tuple[HashLookup, HashLookup]:
    """Give the rows by the stems of any word, and of the first."""
    return _table(boilerplate.KEYS), _table(boilerplate.FIRST)


def _table(keys: dict[str, int]) -> HashLookup:
    rows: dict[int, int] = {}
    for key, those in keys.items():
        for form in {key, key.upper(), key.capitalize()}:  # stems are of letters that are small only where ASCII
            stem = int.from_bytes(form.encode().lower()[:STEM], "little")
            rows[stem] = rows.get(stem, 0) | those
    return build_lookup(np.array(list(rows), np.uint64), np.array(list(rows.values())))


def may_be(lines: Lines) -> Ints:
    """Give for each line the rows of `residue` that it may be of, as `residue.may_be` does; -1 where that has to."""
    any_of, first_of = tables()
    words = lines.bounds[:-1]
    some = lines.bounds[1:] > words
    every = np.concatenate((lines.stems, _NONE))
    found = np.bitwise_or.reduceat(any_of.get(every), words)
    stems = every.take(words)
    found |= first_of.get(stems)
    leads = (stems & np.uint64(0xFF)).astype(np.uint8)
    found |= ((leads - np.uint8(0x30)) < 10) * boilerplate.FIRST["0"]
    found *= some
    found |= (lines.looks[:, _DIGITS] > 0) * boilerplate.KEYS["0"]
    found |= (lines.looks[:, _SIGNS] > 0) * boilerplate.KEYS["/"]
    hyphen = np.zeros(len(words), np.bool_)
    for place in (lines.start + 2, lines.start + 3, lines.start + 4):
        hyphen |= (lines.codes.take(place, mode="clip") == 0x2D) & (place < lines.end)
    found |= hyphen * boilerplate.KEYS["-"]
    found[_unclear(lines)] = -1
    return found


def _unclear(lines: Lines) -> Ints:
    """Give the lines whose words are not told apart here as `residue` does."""
    lead = (lines.codes[:-1] >= _LEADS).nonzero()[0]
    both = lines.codes[lead].astype(np.int64) << 8 | lines.codes[lead + 1]
    found: Ints = lines.start.searchsorted(lead[UNCLEAR.take(both)], "right") - 1
    return found
