"""Find the headline among the lines above a body: the one that the page repeats, or that stands where one stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from goldwire.extraction.plaintext.boilerplate import rows_of
from goldwire.extraction.repeats import casefold_quotes

__all__ = ["Namer", "copies", "find", "fuller", "glued", "is_fuller_in", "is_straight"]

_ABOVE = 60  # lines: a headline stands no further above its article
_FEW = 15  # characters: a shorter headline would be found in any line by chance
_MORE = 80  # characters of breadcrumb before it or of the outlet's name after it
_CRUMBS = re.compile(r"(?:[^»›«\s]{2,25}(?:Â?»|›|â€º))+(?=\S)")
_FULLER = re.compile(r"[;,:] \w| [a-z(]")  # how a headline goes on; an outlet's name stands behind a bar or a dash
_CRUMB = 25  # characters of a section's name
_GLUE = re.compile(r"\S[^\W_a-z]")  # a capital or a digit right behind something: four headlines in five have none
_SPACES = (2, 39)  # of 3 to 40 words
_STOPS, _CLOSING = frozenset(".:;,…"), '"”’»)]'
_BELOW = ("byline", "publication-date")
_MAY_BE_BELOW = rows_of(*_BELOW)


class Namer(Protocol):
    """Names the lines of a page."""

    def __call__(self, index: int, rows: int = -1, /) -> tuple[str, str] | None:
        """Name a line by its words: zone and why; None, too, where they allow none of `rows` (bits, see `residue`)."""


def copies(title: str, lines: Sequence[str]) -> set[int]:
    """Give which lines are this headline once more, perhaps with a breadcrumb before or a name behind."""
    if len(title) < _FEW:
        return set()
    fold, longest = casefold_quotes(title), len(title) + _MORE
    fewest = len(fold)  # but for letters that fold into two
    able = [i for i, line in enumerate(lines) if len(line) <= longest and (len(line) >= fewest or not line.isascii())]
    folds = casefold_quotes("\n".join([lines[index] for index in able])).split("\n")
    return {index for index, line in zip(able, folds, strict=False) if fold in line}


def is_straight(title: str) -> bool:
    """Tell whether a headline has quotes that are not typographic."""
    return "'" in title or '"' in title


def fuller(text: str, title: str) -> bool:
    """Tell whether a line is the headline and more of it, which another copy on the page left out."""
    return text.startswith(title) and _FULLER.match(text, len(title)) is not None


def is_fuller_in(text: str, title: str) -> bool:
    """Tell whether a line of a text is fuller."""
    lines, place = f"\n{text}\n", 0
    while title and (place := lines.find(f"\n{title}", place)) >= 0:
        place += 1
        if fuller(lines[place : lines.index("\n", place)], title):
            return True
    return False


def glued(title: str, above: Sequence[str]) -> int:
    """Count the characters of a breadcrumb glued before a headline: `Home`, then names of lines above it.

    `HomeNationRiver rises` below the lines `Home` and `Nation` gives 10, and so does `World»Sea»River rises`; 0 where
    nothing is glued.
    """
    parted = _CRUMBS.match(title)
    if parted is not None:
        return parted.end()
    if _GLUE.search(title, 0, _CRUMB + 1) is None:
        return 0
    names = {line for line in above if len(line) <= _CRUMB} | {"Home"}
    size = 0
    while True:
        longest = min(size + _CRUMB, len(title) - 1)
        end = next((end for end in range(longest, size, -1) if title[size:end] in names), None)
        if end is None or not (title[end].isupper() or title[end].isdigit()):
            return size
        size = end


def find(all_lines: Sequence[str], told: str, named: Namer) -> int | None:
    """Find the headline in the lines down to the first of the body, that one included; gives its index.

    A headline told from beside the page is looked for as it is, or without the outlet's name.
    """
    if told:
        return _told(all_lines, told)
    above = max(len(all_lines) - _ABOVE, 0)
    lines = all_lines[above:]
    whole = casefold_quotes("\n".join(lines))
    fold_of = whole.split("\n")
    for index in range(len(lines) - 1, -1, -1):
        fold = fold_of[index]
        # Counting in all lines at once is what makes this fast: hardly any line is there twice.
        if len(fold) >= _FEW and _is_able(lines[index]) and whole.count(fold) > 1:
            own = sum(map(len, fold_of[:index])) + index
            if _is_elsewhere(fold, whole, own) and named(above + index) is None:
                return above + index
    able = [index for index, line in enumerate(lines) if _is_able(line)]
    plain = [above + index for index in able if lines[index].rstrip(_CLOSING)[-1:] not in _STOPS]
    last = len(all_lines) - 1
    alone = _alone([index for index in plain if index < last], all_lines, named)
    if alone is None and last in plain:
        return last  # nothing above it: the page begins with its headline
    return alone


def _is_able(line: str) -> bool:
    return _SPACES[0] <= line.count(" ") <= _SPACES[1] and " | " not in line


def _is_elsewhere(line: str, text: str, own: int) -> bool:
    """Tell whether a line of a text, which begins at `own`, is in another that is not much longer."""
    place = text.find(line)
    while place >= 0:
        start, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
        if start != own and (end if end >= 0 else len(text)) - start <= len(line) + _MORE:
            return True
        place = text.find(line, place + 1)
    return False


def _told(lines: Sequence[str], told: str) -> int | None:
    """Find the last line that is this headline, or all of it but for the outlet's name."""
    fold, fewest = casefold_quotes(told), max(_FEW, len(told) - _MORE)
    for index, line in reversed(list(enumerate(casefold_quotes("\n".join(lines)).split("\n")))):
        if line == fold or (len(lines[index]) >= fewest and line in fold):
            return index
    return None


def _alone(able: list[int], lines: Sequence[str], named: Namer) -> int | None:
    """Choose the last that stands right above a byline or date, else the last that is as long as headlines are."""
    for index in reversed(able):
        below = named(index + 1, _MAY_BE_BELOW)
        if below is not None and below[0] in _BELOW and named(index) is None:
            return index
    for fewest in (4, 0):  # spaces
        for index in reversed(able):
            if lines[index].count(" ") >= fewest and named(index) is None:
                return index
    return None
