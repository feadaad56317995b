"""Convert offsets in a text between code points (Python, goldwire) and UTF-16 units (browsers, Doccano).

Doccano stores what the browser sends, which counts UTF-16 units: after an emoji, a code point offset is one less.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["OffsetError", "OffsetIndex", "index_offsets"]

_Points: TypeAlias = NDArray[np.uint32]


class OffsetError(ValueError):
    """An offset outside the text, or between the two UTF-16 units of a character."""


class OffsetIndex(msgspec.Struct, frozen=True):
    """The index of a text of `length` code points, from `index_offsets`.

    `astral` has the code point offsets of the characters of two UTF-16 units: few or none in news.
    """

    length: int
    astral: tuple[int, ...]
    pairs: tuple[int, ...]  # the same offsets in UTF-16 units

    def to_utf16(self, point: int) -> int:
        """Code points -> UTF-16 units. O(log astral)."""
        self._within(point, self.length, "code points")
        return point + bisect_left(self.astral, point)

    def from_utf16(self, unit: int) -> int:
        """UTF-16 units -> code points; an offset inside a surrogate pair raises `OffsetError`. O(log astral)."""
        self._within(unit, self.length + len(self.astral), "UTF-16 units")
        before = bisect_left(self.pairs, unit)
        if before and self.pairs[before - 1] == unit - 1:
            raise OffsetError(f"UTF-16 offset {unit} is inside a character")
        return unit - before

    @staticmethod
    def _within(offset: int, end: int, unit: str) -> None:
        if not 0 <= offset <= end:
            raise OffsetError(f"offset {offset} is outside a text of {end} {unit}")


def index_offsets(text: str) -> OffsetIndex:
    """Return the index of `text`. A lone surrogate counts as one unit.

    Examples
    --------
    >>> index = index_offsets("😀 Ada")
    >>> index.to_utf16(2), index.from_utf16(3)
    (3, 2)
    """
    if text.isascii():
        return OffsetIndex(len(text), (), ())
    points: _Points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    astral = np.flatnonzero(points > 0xFFFF)
    return OffsetIndex(len(text), tuple(astral.tolist()), tuple((astral + np.arange(len(astral))).tolist()))
