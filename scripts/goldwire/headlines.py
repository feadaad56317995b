"""Find the headline among the lines above a body: the one that the page repeats, or that stands where one stands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from goldwire.residue import name_line

__all__ = ["find", "folded", "fuller", "glued", "same"]

_ABOVE = 60  # lines: a headline stands no further above its article
_FEW = 15  # characters: a shorter headline would be found in any line by chance
_MORE = 80  # characters of breadcrumb before it or of the outlet's name after it
_CRUMBS = re.compile(r"(?:[^»›«\s]{2,25}(?:Â?»|›|â€º))+(?=\S)")
_FULLER = re.compile(r"[;,:] \w| [a-z(]")  # how a headline goes on; an outlet's name stands behind a bar or a dash
_CRUMB = 25  # characters of a section's name
_WORDS = (3, 40)
_STOP = re.compile(r"[.:;,…][\"”’»)\]]*$")
_QUOTES = '‘’‚“”„«»´`"'


def folded(text: str) -> str:
    """Give a text with one kind of quotes and no case."""
    for quote in _QUOTES:
        text = text.replace(quote, "'")
    return text.casefold()


def same(text: str, title: str) -> bool:
    """Tell whether a line is the headline once more, perhaps with a breadcrumb before it or an outlet's name after."""
    return len(title) >= _FEW and len(text) <= len(title) + _MORE and folded(title) in folded(text)


def fuller(text: str, title: str) -> bool:
    """Tell whether a line is the headline and more of it, which another copy on the page left out."""
    return text.startswith(title) and _FULLER.match(text, len(title)) is not None


def glued(title: str, above: Sequence[str]) -> int:
    """Count the characters of a breadcrumb glued before a headline: `Home`, then names of lines above it.

    `HomeNationRiver rises` below the lines `Home` and `Nation` gives 10, and so does `World»Sea»River rises`; 0 where
    nothing is glued.
    """
    parted = _CRUMBS.match(title)
    if parted is not None:
        return parted.end()
    names = sorted({line for line in above if len(line) <= _CRUMB} | {"Home"}, key=lambda name: (-len(name), name))
    size = 0
    while True:
        rest = title[size:]
        name = next((name for name in names if rest.startswith(name) and len(rest) > len(name)), None)
        if name is None or not (rest[len(name)].isupper() or rest[len(name)].isdigit()):
            return size
        size += len(name)


def find(all_lines: Sequence[str], told: str = "") -> int | None:
    """Find the headline in the lines down to the first of the body, that one included; gives its index.

    A headline told from beside the page is looked for as it is, or without the outlet's name.
    """
    if told:
        found = [i for i, line in enumerate(all_lines) if folded(line) == folded(told) or same(told, line)]
        return found[-1] if found else None
    lines = all_lines[-_ABOVE:]
    above = len(all_lines) - len(lines)
    whole = folded("\n".join(lines))
    fold = whole.split("\n")
    able = [index for index, line in enumerate(lines) if _able(line)]
    for index in reversed(able):
        # Counting in all lines at once is what makes this fast: hardly any line is there twice.
        if len(fold[index]) >= _FEW and whole.count(fold[index]) > 1 and name_line(lines[index]) is None:
            longest = len(fold[index]) + _MORE
            if any(fold[index] in line and len(line) <= longest for i, line in enumerate(fold) if i != index):
                return above + index
    plain = [index for index in able if not _STOP.search(lines[index])]
    alone = _alone([index for index in plain if index < len(lines) - 1], lines)
    if alone is None and len(lines) - 1 in plain:
        alone = len(lines) - 1  # nothing above it: the page begins with its headline
    return None if alone is None else above + alone


def _able(line: str) -> bool:
    words = line.count(" ") + 1
    return _WORDS[0] <= words <= _WORDS[1] and " | " not in line


def _alone(able: list[int], lines: Sequence[str]) -> int | None:
    """Choose the last that stands right above a byline or date, else the last that is as long as headlines are."""
    for index in reversed(able):
        below = name_line(lines[index + 1]) if name_line(lines[index]) is None else None
        if below is not None and below[0] in ("byline", "dateline"):
            return index
    for fewest in (4, 0):  # spaces
        for index in reversed(able):
            if lines[index].count(" ") >= fewest and name_line(lines[index]) is None:
                return index
    return None
