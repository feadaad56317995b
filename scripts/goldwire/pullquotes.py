"""Find pull quotes: short lines whose words a paragraph has too, all in order or but for a few left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from goldwire.headlines import folded

__all__ = ["find"]

_WORD = re.compile(r"\w+")
_LONGEST = 200  # characters: no editor pulls more
_FEWEST = 3, 6  # words: in quotes, and without
_MOST = 2  # a page with more of those without quotes has a summary or a list of recipes
_LEFT_OUT = 4  # words that the paragraph may have in between ("she said")
_MARKS = re.compile(r"â€\S?|[^\w\s]")  # quotes, also those of text that was decoded twice
_QUOTED = re.compile(r"\W*(?:â€œ|[“\"«‘']).+(?:â€.?|[”\"»’'])[.,]?")


def find(lines: Sequence[str]) -> set[int]:
    """Give which of a body's lines only repeat what a longer one says, but for a few words left out.

    A line that is no quotation has to end a sentence, and its like has to be rare on the page.
    """
    short = [index for index, line in enumerate(lines) if index and len(line) <= _LONGEST and _able(line)]
    if not short:
        return set()
    words = [_WORD.findall(line) for line in _MARKS.sub(" ", folded("\n".join(lines))).split("\n")]
    long = [(there, set(there)) for there in words if len(there) >= 2 * _FEWEST[0]]
    found = set()
    for index in short:
        own, wanted = words[index], 2 * len(words[index])
        likely = (there for there, known in long if len(there) >= wanted and known.issuperset(own))
        if own and any(_within(own, there) for there in likely):
            found.add(index)
    plain = {index for index in found if not _QUOTED.fullmatch(lines[index])}
    return found - plain if len(plain) > _MOST else found


def _able(line: str) -> bool:
    number = line.count(" ") + 1
    if _QUOTED.fullmatch(line):
        return number >= _FEWEST[0]
    return number >= _FEWEST[1] and line[-1] in ".!?"


def _within(own: list[str], other: list[str]) -> bool:
    """Tell whether words stand in a list in their order, with at most a few others in between."""
    for start in (place for place, word in enumerate(other) if word == own[0]):
        window = iter(other[start : start + len(own) + _LEFT_OUT])
        if all(word in window for word in own):
            return True
    return False
