"""A text that knows its raw bytes: pieces of it, each a stretch of the decoded raw page."""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import eq

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.records import OriginRun

__all__ = ["Piece", "TracedText", "compose", "join", "join_wrapped_lines", "untraced"]

Piece = tuple[int, int, int, int, bool]
"""`text[start:end]` stands for `raw[raw_start:raw_end]`, in code points of both; last, whether they are the same."""


class TracedText(msgspec.Struct, frozen=True):
    """A text and its pieces, in order and apart; what no piece covers was put there by goldwire.

    `raw` is what the pieces count in, decoded (`encoding`) or still to be; it is asked only for `runs`.
    """

    text: str
    pieces: tuple[Piece, ...]
    raw: bytes | str = ""
    encoding: str = "utf-8"

    def slice(self, start: int, end: int) -> TracedText:
        """Give `text[start:end]` with its trace."""
        found: list[Piece] = []
        first = bisect_right(self.pieces, start, key=_end) if len(self.pieces) > 1 else 0  # most pages are one piece
        for a, b, raw_a, raw_b, same in self.pieces[first:]:
            low, high = a if a > start else start, b if b < end else end  # twice as fast as min and max
            if low >= high:
                break
            inside = (raw_a + low - a, raw_a + high - a) if same else (raw_a, raw_b)
            found.append((low - start, high - start, *inside, same))
        return TracedText(self.text[start:end], tuple(found), self.raw, self.encoding)

    def slices(self, stretches: Iterable[tuple[int, int]], between: str) -> TracedText:
        """Join stretches of the text with a text of our own: what `join` gives of their cuts, in a fifth of the time.

        That is where the text is one piece of the raw page, as most are; of others, it takes as long.
        """
        if len(self.pieces) != 1 or self.pieces[0][:2] != (0, len(self.text)) or not self.pieces[0][4]:
            return join([self.slice(start, end) for start, end in stretches], between)
        raw = self.pieces[0][2]
        parts: list[str] = []
        moved: list[Piece] = []
        place = 0
        for start, end in stretches:
            after = place + end - start
            parts.append(self.text[start:end])
            moved.append((place, after, raw + start, raw + end, True))
            place = after + len(between)
        return TracedText(between.join(parts), tuple(moved), self.raw, self.encoding)

    def runs(self) -> tuple[OriginRun, ...]:
        """Give the fewest runs that say the same, in bytes of the raw page (see `records.OriginRun`)."""
        if not self.pieces:
            return ()
        starts, ends, *raw, _ = zip(*self.pieces, strict=True)
        if any(map(eq, starts[1:], ends)):
            starts, ends, *raw, _ = zip(*_merged(self.pieces), strict=True)
        return tuple(map(OriginRun, starts, ends, *_bytes_at(self.raw, self.encoding, raw)))


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


def join(pieces: Iterable[TracedText], between: str) -> TracedText:
    """Join traced texts of one page with a text of our own, which no run then covers."""
    parts = list(pieces)
    moved: list[Piece] = []
    place = 0
    for part in parts:
        moved += [(a + place, b + place, raw_a, raw_b, same) for a, b, raw_a, raw_b, same in part.pieces]
        place += len(part.text) + len(between)
    of = next((part for part in parts if part.pieces), TracedText("", ()))
    return TracedText(between.join(part.text for part in parts), tuple(moved), of.raw, of.encoding)


def join_wrapped_lines(lines: Iterable[TracedText]) -> TracedText:
    """Join the lines of one paragraph that was broken to fit a width; each space stands for the raw line break.

    A line that ends in a hyphen was broken there: nothing comes between.
    """
    parts: list[TracedText] = []
    for line in lines:
        if parts and not (parts[-1].text.endswith("-") and line.text[:1].isalpha()):
            before, after = parts[-1], line
            gap = ((0, 1, before.pieces[-1][3], after.pieces[0][2], False),) if before.pieces and after.pieces else ()
            parts.append(TracedText(" ", gap, line.raw, line.encoding))
        parts.append(line)
    return join(parts, "")


def untraced(text: str) -> TracedText:
    """Trace a text that is not in the raw bytes."""
    return TracedText(text, ())


def compose(outer: TracedText, inner: TracedText) -> TracedText:
    """Trace `outer`, whose raw is the text of `inner`, to the raw of `inner`."""
    found: list[Piece] = []
    for a, b, mid_a, mid_b, same in outer.pieces:
        below = inner.slice(mid_a, mid_b).pieces
        if same:
            found += [(low + a, high + a, raw_a, raw_b, exact) for low, high, raw_a, raw_b, exact in below]
        elif below:
            found.append((a, b, below[0][2], below[-1][3], False))
    return TracedText(outer.text, tuple(found), inner.raw, inner.encoding)


def _bytes_at(raw: bytes | str, encoding: str, places: Sequence[Sequence[int]]) -> Sequence[Sequence[int]]:
    """Give, for rows of places in code points of the raw page, the bytes at which these begin."""
    if raw.isascii() and (isinstance(raw, str) or encoding == "utf-8"):
        return places
    if isinstance(raw, str) or encoding == "utf-8":
        data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
        return _utf8_offsets(data, places)
    begins = _begins(raw, encoding)
    rows: list[list[int]] = np.array(places).tolist() if begins is None else begins[np.array(places)].tolist()
    return rows


def _utf8_offsets(data: bytes, places: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return, for rows of code point offsets, the byte offsets in the text's UTF-8."""
    at = np.array(places)
    further = (np.frombuffer(data, np.int8) < -0x40).nonzero()[0]  # bytes that begin no character
    # Each is of the character that so many others began before: a page has a hundred, and 8,700 that begin one.
    found: list[list[int]] = (at + (further - np.arange(1, len(further) + 1)).searchsorted(at)).tolist()
    return found


def _begins(raw: bytes, encoding: str) -> NDArray[np.int64] | None:
    """Give the byte at which each code point begins, and the end; None where every one has one byte."""
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
