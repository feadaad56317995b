"""Find pull quotes: short lines whose words a paragraph has too, all in order or but for a few left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from goldwire.headlines import folded

__all__ = ["find"]

_WORD = re.compile(r"\w+")
_LONGEST = 200  # characters: no editor pulls more
_FEWEST = 3  # words
_LEFT_OUT = 4  # words that the paragraph may have in between ("she said")
_MARKS = re.compile(r"â€.?|[^\w\s]")  # quotes, also those of text that was decoded twice
_QUOTED = re.compile(r"\W*(?:â€œ|[“\"«‘']).+(?:â€.?|[”\"»’'])[.,]?")


def find(lines: Sequence[str]) -> set[int]:
    """Give which of a body's lines only repeat what a longer one says.

    A line in quotes and a line that ends a sentence may leave a few words out; any other has to be there whole.
    """
    short = [index for index, line in enumerate(lines) if len(line) <= _LONGEST]
    if not short:
        return set()
    words = [_WORD.findall(_MARKS.sub(" ", folded(line))) for line in lines]
    known = [set(line) for line in words]
    found = set()
    for index in short:
        own = words[index]
        if len(own) < _FEWEST:
            continue
        left_out = _LEFT_OUT if _QUOTED.fullmatch(lines[index]) or lines[index][-1] in ".!?" else 0
        for other, there in enumerate(known):
            if len(words[other]) > len(own) + 2 and known[index] <= there and _within(own, words[other], left_out):
                found.add(index)
                break
    return found


def _within(own: list[str], other: list[str], left_out: int) -> bool:
    """Tell whether words stand in a list in their order, with at most so many others in between."""
    for start in (place for place, word in enumerate(other) if word == own[0]):
        window = iter(other[start : start + len(own) + left_out])
        if all(word in window for word in own):
            return True
    return False
