"""A table from 64-bit keys to numbers, for arrays of keys: three loads per key, where a binary search takes a dozen."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["HashLookup", "build_lookup"]

Keys = NDArray[np.uint64]
Numbers = NDArray[np.int64]

_MULTIPLIER = 0x9E3779B97F4A7C15
_SLOT_BITS = 16  # one multiplier in six separates 500 keys, and the slots take 128 kB
_SHIFT = np.uint64(64 - _SLOT_BITS)


class HashLookup(msgspec.Struct, frozen=True, eq=False):
    """A perfect hash table: `rows` has, by slot, the row of the key in `keys` and of its number in `numbers`."""

    multiplier: np.uint64
    rows: NDArray[np.uint16]
    keys: Keys
    numbers: Numbers

    def slots(self, keys: Keys) -> Numbers:
        """Return the slot of each key."""
        return (keys * self.multiplier >> _SHIFT).view(np.int64)

    def get(self, keys: Keys) -> Numbers:
        """Return the number of each key, 0 for a key that is not in the table."""
        rows = self.rows.take(self.slots(keys))
        numbers: Numbers = self.numbers.take(rows)
        numbers *= self.keys.take(rows) == keys
        return numbers


def build_lookup(keys: Keys, numbers: Numbers) -> HashLookup:
    """Return a table of distinct keys, at most a thousand, with a multiplier that maps each key to a distinct slot."""
    multiplier, row_numbers = _MULTIPLIER, np.arange(len(keys))
    rows = np.zeros(1 << _SLOT_BITS, np.uint16)
    while True:
        slots = (keys * np.uint64(multiplier) >> _SHIFT).view(np.int64)
        rows[slots] = row_numbers
        if np.array_equal(rows[slots], row_numbers):
            break
        rows[slots] = 0
        multiplier = multiplier * _MULTIPLIER % 2**64 | 1
    return HashLookup(np.uint64(multiplier), rows, keys, numbers)
