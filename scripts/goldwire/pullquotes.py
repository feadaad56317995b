"""Find pull quotes: short lines whose words a paragraph has too, all in order or but for a few left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from goldwire.headlines import folded

__all__ = ["find"]

_WORD = re.compile(r"\w+")
_LONGEST = 200  # characters: no editor pulls more
_FEWEST = 3, 6  # words: in quotes, and without
_MOST = 2  # a page with more of those without quotes has a summary or a list of recipes
_LEFT_OUT = 4  # words that the paragraph may have in between ("she said")
_TWICE = re.compile(r"â€\S?")  # quotes of text that was decoded twice
_LAST = frozenset("”\"»’'.,")
_QUOTED = re.compile(r"\W*(?:â€œ|[“\"«‘']).+(?:â€.?|[”\"»’'])[.,]?")


def find(lines: Sequence[str], said: Sequence[bool] | None = None) -> set[int]:
    """Give which of a body's lines only repeat what a longer one says, but for a few words left out.

    A line that is no quotation has to end a sentence, and its like has to be rare on the page. `said`, where it is
    known, tells the lines of which all words stand on the page twice: no other is a pull quote.
    """
    short = [index for index, line in enumerate(lines) if index and len(line) <= _LONGEST and _able(line)]
    if said is not None:
        short = [index for index in short if said[index]]
    if not short:
        return set()
    fold = folded("\n".join(lines)).split("\n")
    words = cache(_words)
    found = {index for index in short if _is_said(fold[index], fold, words)}
    plain = {index for index in found if not _QUOTED.fullmatch(lines[index])}
    return found - plain if len(plain) > _MOST else found


def _is_said(quote: str, lines: Sequence[str], words: Callable[[str], list[str]]) -> bool:
    """Tell whether a longer line has the words of a quote."""
    own = words(quote)
    longest, *more = sorted(own, key=len, reverse=True) or [""]
    for line in lines if own else ():
        if longest not in line or line is quote or not all(word in line for word in more):
            continue
        there = words(line)
        if len(there) >= 2 * max(len(own), _FEWEST[0]) and _within(own, there):
            return True
    return False


def _words(line: str) -> list[str]:
    return _WORD.findall(_TWICE.sub(" ", line) if "â€" in line else line)


def _able(line: str) -> bool:
    number = line.count(" ") + 1
    if number < _FEWEST[0]:
        return False
    if number >= _FEWEST[1] and line[-1] in ".!?":
        return True
    return (line[-1] in _LAST or "â€" in line) and _QUOTED.fullmatch(line) is not None


def _within(own: list[str], other: list[str]) -> bool:
    """Tell whether words stand in a list in their order, with at most a few others in between."""
    for start in (place for place, word in enumerate(other) if word == own[0]):
        window = iter(other[start : start + len(own) + _LEFT_OUT])
        if all(word in window for word in own):
            return True
    return False
