"""A text that knows its raw bytes: pieces of it, each a stretch of the decoded raw page."""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import chain

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.records import OriginRun

__all__ = ["Piece", "Traced", "added", "join", "mend", "through"]

Piece = tuple[int, int, int, int, bool]
"""`text[start:end]` stands for `raw[raw_start:raw_end]`, in code points of both; last, whether they are the same."""


class Traced(msgspec.Struct, frozen=True, eq=False):
    """A text and its pieces, in order and apart; what no piece covers was put there by goldwire.

    `raw` is what the pieces count in, decoded (`encoding`) or still to be; it is asked only for `runs`.
    """

    text: str
    pieces: tuple[Piece, ...]
    raw: bytes | str = ""
    encoding: str = "utf-8"

    def cut(self, start: int, end: int) -> Traced:
        """Give `text[start:end]` with its trace."""
        found: list[Piece] = []
        first = bisect_right(self.pieces, start, key=_end) if len(self.pieces) > 1 else 0  # most pages are one piece
        for a, b, raw_a, raw_b, same in self.pieces[first:]:
            low, high = a if a > start else start, b if b < end else end  # twice as fast as min and max
            if low >= high:
                break
            inside = (raw_a + low - a, raw_a + high - a) if same else (raw_a, raw_b)
            found.append((low - start, high - start, *inside, same))
        return Traced(self.text[start:end], tuple(found), self.raw, self.encoding)

    def runs(self) -> tuple[OriginRun, ...]:
        """Give the fewest runs that say the same, in bytes of the raw page (see `records.OriginRun`)."""
        pieces = _merged(self.pieces)
        where: Mapping[int, int] | NDArray[np.int64] | None = None
        if isinstance(self.raw, bytes):
            where = _places(self.raw, self.encoding) if pieces else None
        elif not self.raw.isascii():
            where = _sizes(self.raw, {place for piece in pieces for place in piece[2:4]})
        if where is None:
            return tuple(OriginRun(*piece[:4]) for piece in pieces)
        return tuple(OriginRun(a, b, int(where[raw_a]), int(where[raw_b])) for a, b, raw_a, raw_b, _ in pieces)


def _end(piece: Piece) -> int:
    return piece[1]


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    merged: list[Piece] = []
    for piece in pieces:
        a, b, raw_a, raw_b, same = piece
        if merged and merged[-1][1] == a and merged[-1][4] == same:
            start, _, raw_start, raw_end, _ = merged[-1]
            if raw_end == raw_a if same else (raw_start, raw_end) == (raw_a, raw_b):
                merged[-1] = (start, b, raw_start, raw_b, same)
                continue
        merged.append(piece)
    return merged


def join(pieces: Iterable[Traced], between: str) -> Traced:
    """Join traced texts of one page with a text of our own, which no run then covers."""
    parts = list(pieces)
    moved: list[Piece] = []
    place = 0
    for part in parts:
        moved += [(a + place, b + place, raw_a, raw_b, same) for a, b, raw_a, raw_b, same in part.pieces]
        place += len(part.text) + len(between)
    of = next((part for part in parts if part.pieces), Traced("", ()))
    return Traced(between.join(part.text for part in parts), tuple(moved), of.raw, of.encoding)


def mend(lines: Iterable[Traced]) -> Traced:
    """Join the lines of one paragraph that was broken to fit a width; each space stands for the raw line break.

    A line that ends in a hyphen was broken there: nothing comes between.
    """
    parts: list[Traced] = []
    for line in lines:
        if parts and not (parts[-1].text.endswith("-") and line.text[:1].isalpha()):
            before, after = parts[-1], line
            gap = ((0, 1, before.pieces[-1][3], after.pieces[0][2], False),) if before.pieces and after.pieces else ()
            parts.append(Traced(" ", gap, line.raw, line.encoding))
        parts.append(line)
    return join(parts, "")


def added(text: str) -> Traced:
    """Trace a text that is not in the raw bytes."""
    return Traced(text, ())


def through(outer: Traced, inner: Traced) -> Traced:
    """Trace `outer`, whose raw is the text of `inner`, to the raw of `inner`."""
    found: list[Piece] = []
    for a, b, mid_a, mid_b, same in outer.pieces:
        below = inner.cut(mid_a, mid_b).pieces
        if same:
            found += [(low + a, high + a, raw_a, raw_b, exact) for low, high, raw_a, raw_b, exact in below]
        elif below:
            found.append((a, b, below[0][2], below[-1][3], False))
    return Traced(outer.text, tuple(found), inner.raw, inner.encoding)


def _sizes(raw: str, places: Iterable[int]) -> dict[int, int]:
    """Give the byte, in UTF-8, at which each of these code points begins."""
    found = {}
    done = size = 0
    for place in sorted(places):
        size += len(raw[done:place].encode("utf-8", "surrogatepass"))
        found[place] = size
        done = place
    return found


def _places(raw: bytes, encoding: str) -> NDArray[np.int64] | None:
    """Give the byte at which each code point begins, and the end; None where every one has one byte."""
    if encoding != "utf-8":
        return _places_of_other(raw, encoding)
    if raw.isascii():
        return None
    leads = np.flatnonzero((np.frombuffer(raw, np.uint8) & 0xC0) != 0x80)
    return np.append(leads, len(raw))


def _places_of_other(raw: bytes, encoding: str) -> NDArray[np.int64] | None:
    text = raw.decode(encoding)
    if len(text) == len(raw):
        return None
    if encoding.startswith("utf-16"):
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        return np.concatenate(([0], np.cumsum(np.where(codes >= 0x10000, 4, 2))))
    # A byte at a time (3 MB/s): the one way that is right for every encoding, those with states too.
    decoder = codecs.getincrementaldecoder(encoding)()
    sizes = (len(decoder.decode(raw[place : place + 1])) for place in range(len(raw)))
    ends = chain.from_iterable([place] * size for place, size in enumerate(sizes, 1))
    return np.fromiter(chain([0], ends), np.int64)
