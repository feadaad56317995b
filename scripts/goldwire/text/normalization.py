"""The text itself: raw bytes to clean Unicode, each character traced back to its bytes.

Tokens and sentences, which come from one place for the whole package, are cut by `goldwire.text.tokenization`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np

from goldwire.text.provenance import Piece, TracedText, join
from goldwire.text.scan import ASCII, BLANKS, END, ODD, SPACE, UNUSUAL, TextScan, scan

__all__ = ["normalize"]

# What becomes one space, what ends a line, what no reader sees. U+200C and U+200D join letters and emoji: see below.
_SPACES = (0x09, 0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_BREAKS = (0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029)
_INVISIBLE = (
    *(code for code in range(0x20) if code not in (0x09, 0x0A, 0x0B, 0x0C, 0x0D)),
    *(code for code in range(0x7F, 0xA0) if code != 0x85),
    *(0xAD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF, 0xFFFC),
    *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFFF9, 0xFFFC)),
    *range(0xD800, 0xE000),  # half a surrogate pair, which only broken JSON brings
)
_KINDS = (
    dict.fromkeys(map(chr, _SPACES), "space")
    | dict.fromkeys(map(chr, _BREAKS), "break")
    | dict.fromkeys(map(chr, _INVISIBLE), "drop")
    | dict.fromkeys("\u200c\u200d", "joiner")
)
_JOINERS = frozenset("\u200c\u200d")
_MADE = {"space": " ", "break": "\n"}
_NO_SPACE = frozenset(("space", "break"))  # after which no space stays
# Where a joiner joins: from Arabic to the Indic scripts and beyond (but for Korean letters, which compose into what it
# does not join), and between emoji with their selectors.
_JOINED = (
    (0x0600, 0x10FF),
    (0x1200, 0x1DFF),
    (0x2194, 0x21FF),
    (0x2600, 0x27BF),
    (0x2B00, 0x2BFF),
    (0xA800, 0xABFF),
    (0xFE0F, 0xFE0F),
    (0x11000, 0x11FFF),
    (0x1F000, 0x1FAFF),
)


def _class_of(characters: Iterable[str]) -> str:
    """Give a character class, of ranges: one of 2,200 characters takes 8 ms to compile."""
    codes = sorted(map(ord, characters))
    starts = [code for before, code in zip([-2, *codes], codes, strict=False) if code != before + 1]
    ends = [code for code, after in zip(codes, [*codes[1:], -2], strict=True) if after != code + 1]
    return "[" + "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in zip(starts, ends, strict=True)) + "]"


_BLANK = re.compile(_class_of(_KINDS) + "*")
_SIDE_BY_SIDE = (SPACE + END, 2 * SPACE)  # sums that only these give; two line ends side by side stay
_ODD_BEYOND = re.compile(_class_of(character for character in _KINDS if character >= "\x80"))


def normalize(raw: bytes | str, encoding: str = "utf-8", known: TextScan | None = None) -> TracedText:
    """Clean raw text (a str counts as its UTF-8 bytes) into NFC with LF line ends, traced to the bytes.

    Invisible characters go, runs of spaces become one, line ends lose the spaces around them; quotes and dashes stay
    as the journalist wrote them. Raises UnicodeDecodeError where bytes are not in the encoding. `known` is the text as
    `coded` gives it, where it was asked already.
    """
    text = raw if isinstance(raw, str) else raw.decode(encoding)
    known = known or scan(text)
    page = TracedText(*_tidy(text, _places(text, known)), raw, encoding)
    return _composed(page) if known.odd & UNUSUAL else page


def _tidy(text: str, places: list[int]) -> tuple[str, tuple[Piece, ...]]:
    """Tidy the stretches of blanks at these places; gives the text and what its pieces stand for."""
    parts: list[str] = []
    pieces: list[Piece] = []
    size = done = 0

    def keep(end: int) -> None:
        nonlocal size
        if end > done:
            parts.append(text[done:end])
            pieces.append((size, size + end - done, done, end, True))
            size += end - done

    for start, end in _blanks(text, places):
        if end == len(text) and text[start:] == "\n":
            break  # most files end so: one piece, then, rather than two
        keep(start)
        blank = text[start:end]
        joined = not _JOINERS.isdisjoint(blank) and _joined(text, start - 1) and _joined(text, end)
        for character, first, last, same in _tidied(blank, start == 0, end == len(text), joined):
            parts.append(character)
            pieces.append((size, size + 1, start + first, start + last, same))
            size += 1
        done = end
    keep(len(text))
    return "".join(parts), tuple(pieces)


def _blanks(text: str, places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Give the stretches of blanks and invisible characters that are not just one space or line ends between words."""
    done = 0
    for place in places:
        if place >= done:
            start = place
            while start > done and text[start - 1] in _KINDS:
                start -= 1
            found = _BLANK.match(text, place)
            done = found.end() if found is not None else place
            yield start, done


def _places(text: str, known: TextScan) -> list[int]:
    """Give the places, in order, at or within each of those stretches: none, of most pages."""
    places: list[int] = []
    if text and known.odd & BLANKS:
        begins = np.frombuffer((b" %b " % known.data).translate(ASCII), np.uint8)  # see `goldwire.text.scan`
        both = begins[1:] + begins[:-1]
        blank = (both == _SIDE_BY_SIDE[0]) | (both == _SIDE_BY_SIDE[1])
        found = np.concatenate((np.maximum(blank.nonzero()[0] - 1, 0), (begins == ODD).nonzero()[0] - 1))
        further = (np.frombuffer(known.data, np.int8) < -0x40).nonzero()[0]  # bytes that begin no character
        places = (found - further.searchsorted(found)).tolist()
    if known.odd & UNUSUAL:
        places += [one.start() for one in _ODD_BEYOND.finditer(text)]
    return sorted(places)


def _joined(text: str, place: int) -> bool:
    code = ord(text[place]) if 0 <= place < len(text) else 0
    return code >= _JOINED[0][0] and any(low <= code <= high for low, high in _JOINED)


@lru_cache(maxsize=4096)
def _tidied(blank: str, first: bool, last: bool, joined: bool) -> tuple[tuple[str, int, int, bool], ...]:
    """Tidy a stretch of blanks: each character left, the stretch that it stands for, and whether it is the same.

    `first` and `last` say that the text begins or ends with it; `joined`, that a joiner joins what is around it.
    """
    kept = [place for place, character in enumerate(blank) if _KINDS[character] != "drop"]
    # A joiner stays between two that join: in a stretch of several, none of them is.
    if not (joined and len(kept) == 1):
        kept = [place for place in kept if blank[place] not in _JOINERS]
    following = [*(blank[place] for place in kept[1:]), ""]
    kept = [p for p, next_one in zip(kept, following, strict=False) if (blank[p], next_one) != ("\r", "\n")]
    ahead = ["break" if first else "", *(_KINDS[blank[place]] for place in kept)]
    kept = [p for p, kind in zip(kept, ahead, strict=False) if _KINDS[blank[p]] != "space" or kind not in _NO_SPACE]
    behind = [*(_KINDS[blank[place]] for place in kept[1:]), "break" if last else ""]
    kept = [p for p, kind in zip(kept, behind, strict=False) if (_KINDS[blank[p]], kind) != ("space", "break")]
    found = []
    for place, until in zip(kept, [*kept[1:], len(blank)], strict=False):
        kind = _KINDS[blank[place]]
        character = _MADE.get(kind, blank[place])
        # A space stands for the whole run that it replaces.
        end = until if kind == "space" else place + 1
        found.append((character, place, end, character == blank[place] and end == place + 1))
    return tuple(found)


# Characters below U+0300 never compose with what is before them, so whatever NFC changes lies within such a stretch...
_MAY_CHANGE = re.compile("[^\u0300-\U0010ffff]?[\u0300-\U0010ffff]+")


def _composed(traced: TracedText) -> TracedText:
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
                whole = traced.slice(start, end).pieces
                one = ((0, len(composed), whole[0][2], whole[-1][3], False),)
                pieces += [traced.slice(done, start), TracedText(composed, one, traced.raw, traced.encoding)]
                done = end
    return join([*pieces, traced.slice(done, len(traced.text))], "")


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
