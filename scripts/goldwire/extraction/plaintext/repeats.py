"""Find pull quotes: short lines whose words a paragraph has too, all in order or but for a few left out."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import cache

from goldwire.extraction.plaintext.headline import folded

__all__ = ["find"]

_WORD = re.compile(r"\w+")
_LONGEST = 200  # characters: no editor pulls more
_FEWEST = 3, 6  # words: in quotes, and without
_MOST = 2  # a page with more of those without quotes has a summary or a list of recipes
_LEFT_OUT = 4  # words that the paragraph may have in between ("she said")
_TWICE = re.compile(r"â€\S?")  # quotes of text that was decoded twice
_LAST = frozenset("”\"»’'.,")
_QUOTED = re.compile(r"\W*(?:â€œ|[“\"«‘']).+(?:â€.?|[”\"»’'])[.,]?")


def find(lines: Sequence[str], quoted: Sequence[bool] | None = None) -> set[int]:
    """Give which of a body's lines only repeat what a longer one says, but for a few words left out.

    A line that is no quotation has to end a sentence, and its like has to be rare on the page. `quoted`, where it is
    known, tells the lines that have all their words in one longer line: no other is a pull quote.
    """
    likely = (
        range(1, len(lines)) if quoted is None else (index for index, it_is in enumerate(quoted) if it_is and index)
    )
    short = [index for index in likely if len(lines[index]) <= _LONGEST and _able(lines[index])]
    if not short:
        return set()
    fold = folded("\n".join(lines)).split("\n")
    words, by_length = cache(_words), sorted(fold, key=len)
    found = {index for index in short if _is_said(words(fold[index]), by_length, words)}
    plain = {index for index in found if not _QUOTED.fullmatch(lines[index])}
    return found - plain if len(plain) > _MOST else found


def _is_said(own: list[str], lines: Sequence[str], words: Callable[[str], list[str]]) -> bool:
    """Tell whether a line, of these by length, has the words of a quote and as many more."""
    if not own:
        return False
    fewest = 2 * max(len(own), _FEWEST[0])
    shortest = sum(map(len, own)) + (fewest - len(own)) + fewest - 1  # characters: words of one, and blanks
    rare, first = max(own, key=len), bisect_left(lines, shortest, key=len)
    for line in [line for line in lines[first:] if rare in line]:
        if _in_order(own, line):
            there = words(line)
            if len(there) >= fewest and _within(own, there):
                return True
    return False


def _in_order(words: list[str], line: str) -> bool:
    """Tell whether a line has these letters in order: to cut one into words takes 30 times as long."""
    place = 0
    for word in words:
        place = line.find(word, place)
        if place < 0:
            return False
        place += len(word)
    return True


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
    start = -1
    for _ in range(other.count(own[0])):
        start = other.index(own[0], start + 1)
        window = iter(other[start : start + len(own) + _LEFT_OUT])
        for word in own:
            if word not in window:
                break
        else:
            return True
    return False
