"""Match lines with the boilerplate patterns that their words allow."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from goldwire.extraction.plaintext.boilerplate_patterns import ABOUT, NAMED
from goldwire.extraction.plaintext.captions import CAPTION, is_caption
from goldwire.extraction.plaintext.named import Named

__all__ = ["FIRST", "KEYS", "MAY_BE_CAPTION", "MAY_PRESENT", "may_be", "name_line", "rows_of"]

_LONGEST = 400  # characters: a longer line is prose, whatever words it holds
_ROWS = (*NAMED, CAPTION)
_WORD = re.compile(r"([^\W_]{1,4})[^\W_]*")
_SIGNS = "/©✉"
_DIGIT = re.compile(r"\d")


def rows_of(*zones: str) -> int:
    """Give the rows of these zones, a bit each."""
    return sum(1 << number for number, row in enumerate(_ROWS) if row.zone in zones)


MAY_BE_CAPTION = rows_of("caption")
MAY_PRESENT = 1 << len(_ROWS)  # the author: not told by the words alone
_Clues = dict[str, int]


def _clues(keys: Callable[[Named], tuple[str, ...]]) -> _Clues:
    """Give for each key, as a bit each, the rows that it is a key of."""
    found: _Clues = {}
    for number, row in enumerate((*_ROWS, ABOUT)):
        for key in keys(row):
            found[key] = found.get(key, 0) | 1 << number
    return found


KEYS, FIRST = _clues(lambda row: row.keys), _clues(lambda row: row.first)
"""For each beginning of a word, and of a line's first word, the rows (a bit each) that a line with it may be of."""


@lru_cache(1 << 13)  # a source's menus and boxes stand on all its pages
def name_line(line: str, may: int = -1) -> tuple[str, str] | None:
    """Name the zone of a line that says what it is, and why; None where its words alone do not tell.

    `may` are the rows that it may be of, where they are known (`goldwire.extraction.plaintext.prefilter`).
    """
    if len(line) > _LONGEST:
        return None
    for has, matches, name in _rows(may_be(line) if may < 0 else may):
        if (not has or _has_one(line.lower(), has)) and matches(line):
            return name
    return None


def _has_one(small: str, has: tuple[str, ...]) -> bool:
    for words in has:  # noqa: SIM110 - any() takes twice as long
        if words in small:
            return True
    return False


def may_be(line: str) -> int:
    """Tell by a line's words which rows it may be of, a bit each: none of them, for half of all lines."""
    may = 0
    words = _WORD.findall(line.lower())
    for word in words:
        may |= KEYS.get(word, 0)
    if words:
        may |= FIRST.get("0" if words[0][0].isdigit() else words[0], 0)
    if "-" in line[2:5]:
        may |= KEYS["-"]
    for sign in _SIGNS:
        if sign in line:
            may |= KEYS[sign]
    return may | KEYS["0"] if _DIGIT.search(line) is not None else may


@lru_cache(1 << 12)
def _rows(may: int) -> tuple[tuple[tuple[str, ...], Callable[[str], object], tuple[str, str]], ...]:
    """Give of each row what a line of it has, what tells that it is of it, and its name."""
    return tuple(
        (row.has, is_caption if row is CAPTION else row.pattern.fullmatch, (row.zone, row.why))
        for number, row in enumerate(_ROWS)
        if may >> number & 1
    )
