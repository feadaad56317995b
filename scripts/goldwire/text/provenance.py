"""Text that knows its raw page: each piece of it is traced to a range of the decoded raw text, and so to raw bytes."""

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
"""`text[start:end]` comes from `raw[raw_start:raw_end]`, in code points of both; last, whether the two are equal.

A plain tuple: pages are sliced and joined piece by piece, and a named tuple takes several times as long to make.
"""


class TracedText(msgspec.Struct, frozen=True):
    """A text and its pieces, sorted and disjoint; text that no piece covers was inserted by goldwire.

    Piece offsets count code points of `raw`, which is decoded (str) or still to be decoded from `encoding` (bytes). It
    is only used by `runs`.
    """

    text: str
    pieces: tuple[Piece, ...]
    raw: bytes | str = ""
    encoding: str = "utf-8"

    def slice(self, start: int, end: int) -> TracedText:
        """Return `text[start:end]` with its trace."""
        pieces: list[Piece] = []
        first = bisect_right(self.pieces, start, key=_end) if len(self.pieces) > 1 else 0  # most pages are one piece
        for number in range(first, len(self.pieces)):  # a copy of the rest would make slicing all lines quadratic
            a, b, raw_a, raw_b, same = self.pieces[number]
            low, high = a if a > start else start, b if b < end else end  # twice as fast as min and max
            if low >= high:
                break
            raw_range = (raw_a + low - a, raw_a + high - a) if same else (raw_a, raw_b)
            pieces.append((low - start, high - start, *raw_range, same))
        return TracedText(self.text[start:end], tuple(pieces), self.raw, self.encoding)

    def slices(self, ranges: Iterable[tuple[int, int]], separator: str) -> TracedText:
        """Return the slices of several ranges joined with `separator`.

        For a text that is one piece of the raw page, as most are, this takes a fifth of the time of `join` and `slice`.
        """
        if len(self.pieces) != 1 or self.pieces[0][:2] != (0, len(self.text)) or not self.pieces[0][4]:
            return join([self.slice(start, end) for start, end in ranges], separator)
        raw = self.pieces[0][2]
        parts: list[str] = []
        pieces: list[Piece] = []
        offset = 0
        for start, end in ranges:
            after = offset + end - start
            parts.append(self.text[start:end])
            pieces.append((offset, after, raw + start, raw + end, True))
            offset = after + len(separator)
        return TracedText(separator.join(parts), tuple(pieces), self.raw, self.encoding)

    def runs(self) -> tuple[OriginRun, ...]:
        """Return the trace as the fewest possible runs, in bytes of the raw page (see `records.OriginRun`)."""
        if not self.pieces:
            return ()
        starts, ends, *raw, _ = zip(*self.pieces, strict=True)
        if any(map(eq, starts[1:], ends)):
            starts, ends, *raw, _ = zip(*_merge_pieces(self.pieces), strict=True)
        return tuple(map(OriginRun, starts, ends, *_byte_offsets(self.raw, self.encoding, raw)))


def _end(piece: Piece) -> int:
    """Return the end of a piece in the text."""
    return piece[1]


def _merge_pieces(pieces: Iterable[Piece]) -> list[Piece]:
    """Merge adjacent pieces that continue each other in the raw text, or that stand for the same range of it."""
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


def join(texts: Iterable[TracedText], separator: str) -> TracedText:
    """Join traced texts of one page with `separator`, which no piece covers."""
    parts = list(texts)
    pieces: list[Piece] = []
    offset = 0
    for part in parts:
        pieces += [(a + offset, b + offset, raw_a, raw_b, same) for a, b, raw_a, raw_b, same in part.pieces]
        offset += len(part.text) + len(separator)
    traced = next((part for part in parts if part.pieces), TracedText("", ()))
    return TracedText(separator.join(part.text for part in parts), tuple(pieces), traced.raw, traced.encoding)


def join_wrapped_lines(lines: Iterable[TracedText]) -> TracedText:
    """Join the lines of one wrapped paragraph with spaces; each space stands for the line break in the raw text.

    A line that ends in a hyphen was broken at the hyphen: no space is inserted.
    """
    parts: list[TracedText] = []
    for line in lines:
        if parts and not (parts[-1].text.endswith("-") and line.text[:1].isalpha()):
            before, after = parts[-1].pieces, line.pieces
            gap = ((0, 1, before[-1][3], after[0][2], False),) if before and after else ()
            parts.append(TracedText(" ", gap, line.raw, line.encoding))
        parts.append(line)
    return join(parts, "")


def untraced(text: str) -> TracedText:
    """Return a text that is not in the raw page."""
    return TracedText(text, ())


def compose(outer: TracedText, inner: TracedText) -> TracedText:
    """Return `outer`, whose raw text is the text of `inner`, traced to the raw text of `inner`."""
    pieces: list[Piece] = []
    for a, b, middle_a, middle_b, same in outer.pieces:
        inner_pieces = inner.slice(middle_a, middle_b).pieces
        if same:
            pieces += [(low + a, high + a, raw_a, raw_b, exact) for low, high, raw_a, raw_b, exact in inner_pieces]
        elif inner_pieces:
            pieces.append((a, b, inner_pieces[0][2], inner_pieces[-1][3], False))
    return TracedText(outer.text, tuple(pieces), inner.raw, inner.encoding)


def _byte_offsets(raw: bytes | str, encoding: str, offsets: Sequence[Sequence[int]]) -> Sequence[Sequence[int]]:
    """Return, for rows of code point offsets in the raw page, the byte offsets."""
    if raw.isascii() and (isinstance(raw, str) or encoding == "utf-8"):
        return offsets
    if isinstance(raw, str) or encoding == "utf-8":
        data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
        return _utf8_offsets(data, offsets)
    starts = _character_starts(raw, encoding)
    rows: list[list[int]] = np.array(offsets).tolist() if starts is None else starts[np.array(offsets)].tolist()
    return rows


def _utf8_offsets(data: bytes, offsets: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return, for rows of code point offsets, the byte offsets in UTF-8."""
    points = np.array(offsets)
    continuation = (np.frombuffer(data, np.int8) < -0x40).nonzero()[0]  # bytes that begin no character
    # The nth continuation byte is in the character that as many characters precede as other bytes. A page has a hundred
    # continuation bytes, and 8,700 that begin a character.
    preceding = continuation - np.arange(1, len(continuation) + 1)
    rows: list[list[int]] = (points + preceding.searchsorted(points)).tolist()
    return rows


def _character_starts(raw: bytes, encoding: str) -> NDArray[np.int64] | None:
    """Return the byte at which each code point begins, and the end; None if each has one byte."""
    text = raw.decode(encoding)
    if len(text) == len(raw):
        return None
    if encoding.startswith("utf-16"):
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        return np.concatenate(([0], np.cumsum(np.where(codes >= 0x10000, 4, 2))))
    # One byte at a time (3 MB/s): the one way that is right for every encoding, those with shift states too.
    decoder = codecs.getincrementaldecoder(encoding)()
    sizes = (len(decoder.decode(raw[offset : offset + 1])) for offset in range(len(raw)))
    ends = chain.from_iterable([offset] * size for offset, size in enumerate(sizes, 1))
    return np.fromiter(chain([0], ends), np.int64)
