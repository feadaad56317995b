"""The text itself: raw bytes to clean Unicode, each character traced back to its bytes.

Tokens and sentences, which come from one place for the whole package, are cut by `goldwire.segment`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.records import OriginRun
from goldwire.segment import sentences, tokens

__all__ = ["Traced", "added", "clean", "join", "mend", "sentences", "tokens"]

_NONE = -1  # the raw offset of what goldwire put there


class Traced(msgspec.Struct, frozen=True, eq=False):
    """A text and, for each of its code points, the raw bytes `[raw_start, raw_end)` that it stands for.

    `exact` tells where those bytes decode to just that code point. Arrays have one entry a code point;
    raw offsets are -1 where goldwire put the character there.
    """

    text: str
    raw_start: NDArray[np.int64]
    raw_end: NDArray[np.int64]
    exact: NDArray[np.bool_]

    def cut(self, start: int, end: int) -> Traced:
        """Give `text[start:end]` with its trace."""
        where = slice(start, end)
        return Traced(self.text[where], self.raw_start[where], self.raw_end[where], self.exact[where])

    def runs(self) -> tuple[OriginRun, ...]:
        """Give the fewest runs that say the same: sorted, apart, in bounds (see `records.OriginRun`)."""
        if not self.text:
            return ()
        start, end, exact = self.raw_start, self.raw_end, self.exact
        follows = exact[1:] & exact[:-1] & (start[1:] == end[:-1])
        same = ~exact[1:] & ~exact[:-1] & (start[1:] == start[:-1]) & (end[1:] == end[:-1])
        first = np.flatnonzero(np.concatenate(([True], ~(follows | same))))
        last = np.concatenate((first[1:], [len(start)]))
        kept = np.flatnonzero(start[first] != _NONE)
        columns = (first[kept], last[kept], start[first[kept]], end[last[kept] - 1])
        return tuple(OriginRun(*row) for row in zip(*(column.tolist() for column in columns), strict=True))


def join(pieces: Iterable[Traced], between: str) -> Traced:
    """Join traced texts with a text of our own, which no run then covers."""
    parts: list[Traced] = []
    gap = added(between)
    for piece in pieces:
        parts += [gap, piece] if parts else [piece]
    if not parts:
        return added("")
    return Traced(
        "".join(part.text for part in parts),
        np.concatenate([part.raw_start for part in parts]),
        np.concatenate([part.raw_end for part in parts]),
        np.concatenate([part.exact for part in parts]),
    )


def mend(lines: Iterable[Traced]) -> Traced:
    """Join the lines of one paragraph that was broken to fit a width; each space stands for the raw line break."""
    parts: list[Traced] = []
    for line in lines:
        if parts:
            before, after = parts[-1].raw_end[-1:], line.raw_start[:1]
            parts.append(Traced(" ", before, after, np.zeros(1, np.bool_)))
        parts.append(line)
    return join(parts, "")


def added(text: str) -> Traced:
    """Trace a text that is not in the raw bytes."""
    nowhere = np.full(len(text), _NONE, np.int64)
    return Traced(text, nowhere, nowhere, np.zeros(len(text), np.bool_))


# What becomes one space, what ends a line, what no reader sees. U+200C and U+200D join letters and emoji: see below.
_SPACES = (0x09, 0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_BREAKS = (0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029)
_INVISIBLE = (
    *(code for code in range(0x20) if code not in (0x09, 0x0A, 0x0B, 0x0C, 0x0D)),
    *(code for code in range(0x7F, 0xA0) if code != 0x85),
    *(0xAD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF, 0xFFFC),
    *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFFF9, 0xFFFC)),
)
_SPACE, _BREAK, _DROP, _JOINER = 1, 2, 3, 4


def _classes() -> NDArray[np.uint8]:
    table = np.zeros(0x10000, np.uint8)
    table[list(_SPACES)], table[list(_BREAKS)], table[list(_INVISIBLE)] = _SPACE, _BREAK, _DROP
    table[0xD800:0xE000] = _DROP  # half a surrogate pair, which only broken JSON brings
    table[[0x200C, 0x200D]] = _JOINER
    return table


_CLASS = _classes()
# Where a joiner joins: from Arabic to the Indic scripts and beyond, and between emoji with their selectors.
_JOINED = (
    (0x0600, 0x1DFF),
    (0x2194, 0x21FF),
    (0x2600, 0x27BF),
    (0x2B00, 0x2BFF),
    (0xA800, 0xABFF),
    (0xFE0F, 0xFE0F),
    (0x11000, 0x11FFF),
    (0x1F000, 0x1FAFF),
)


def clean(raw: bytes | str) -> Traced:
    """Clean raw UTF-8 (a str counts as its UTF-8 bytes) into NFC with LF line ends, traced to the bytes.

    Invisible characters go, runs of spaces become one, line ends lose the spaces around them; quotes and dashes stay
    as the journalist wrote them. Raises UnicodeDecodeError where bytes are not UTF-8.
    """
    text = raw if isinstance(raw, str) else raw.decode("utf-8")
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    width = 1 + (codes >= 0x80) + (codes >= 0x800) + (codes >= 0x10000)
    ends = np.cumsum(width, dtype=np.int64)
    kinds = np.where(codes < 0x10000, _CLASS[codes & 0xFFFF], 0)
    kept = _without_joiners(codes, kinds, np.flatnonzero(kinds != _DROP))
    kept = _one_space(kinds, kept[~_half_break(codes, kept)])
    if not len(kept):
        return added("")
    kind = kinds[kept]
    new = np.where(kind == _SPACE, 0x20, np.where(kind == _BREAK, 0x0A, codes[kept])).astype(np.uint32)
    # A space stands for the whole run that it replaces.
    until = np.where(kind == _SPACE, np.append(kept[1:], len(codes)) - 1, kept)
    start = ends[kept] - width[kept]
    exact = (new == codes[kept]) & (until == kept)
    return _composed(Traced(new.tobytes().decode("utf-32-le"), start, ends[until], exact))


def _half_break(codes: NDArray[np.uint32], kept: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell the CR of each CR LF."""
    half = np.zeros(len(kept), np.bool_)
    half[:-1] = (codes[kept[:-1]] == 0x0D) & (codes[kept[1:]] == 0x0A)
    return half


def _without_joiners(codes: NDArray[np.uint32], kinds: NDArray[np.uint8], kept: NDArray[np.int64]) -> NDArray[np.int64]:
    joiner = kinds[kept] == _JOINER
    if not joiner.any():
        return kept
    joined = np.zeros(len(kept) + 2, np.bool_)
    for low, high in _JOINED:
        joined[1:-1] |= (codes[kept] >= low) & (codes[kept] <= high)
    return np.compress(~joiner | (joined[:-2] & joined[2:]), kept)


def _one_space(kinds: NDArray[np.uint8], kept: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keep the first space of each run, and none beside a line end."""
    kind = np.concatenate(([_BREAK], kinds[kept], [_BREAK]))
    space = kind == _SPACE
    first = kept[~space[1:-1] | (kind[:-2] == 0) | (kind[:-2] == _JOINER)]
    kind = np.append(kinds[first], _BREAK)
    return np.compress(~((kind[:-1] == _SPACE) & (kind[1:] == _BREAK)), first)


# Characters below U+0300 never compose with what is before them, so whatever NFC changes lies within such a stretch...
_MAY_CHANGE = re.compile("[^\u0300-\U0010ffff]?[\u0300-\U0010ffff]+")


def _composed(traced: Traced) -> Traced:
    """Compose (NFC) what is not; each changed cluster of letter and marks maps as a whole."""
    if unicodedata.is_normalized("NFC", traced.text):
        return traced
    pieces, done = [], 0
    for stretch in _MAY_CHANGE.finditer(traced.text):
        if unicodedata.is_normalized("NFC", stretch[0]):
            continue
        for start, end in _clusters(traced.text, stretch.start(), stretch.end()):
            composed = unicodedata.normalize("NFC", traced.text[start:end])
            if composed != traced.text[start:end]:
                size = len(composed)
                first, last = traced.raw_start[start : start + 1], traced.raw_end[end - 1 : end]
                changed = Traced(composed, first.repeat(size), last.repeat(size), np.zeros(size, np.bool_))
                pieces += [traced.cut(done, start), changed]
                done = end
    return join([*pieces, traced.cut(done, len(traced.text))], "")


def _clusters(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """...and, more closely, within one base and the marks (or Korean vowels and finals) after it."""
    first = start
    for place in range(start + 1, end):
        character = text[place]
        mark = unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Mc")
        if not mark and not "\u1160" <= character <= "\u11ff":
            yield first, place
            first = place
    yield first, end
