"""Find the headline of a page, and its copies, among the lines above the body.

All functions that take a `PageView` work on indices of its lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from goldwire.extraction.plaintext.boilerplate import rule_mask
from goldwire.extraction.plaintext.line_table import PageView
from goldwire.extraction.plaintext.zones import Zone, line_zone, split_breadcrumb
from goldwire.extraction.repeats import casefold_quotes
from goldwire.text.words import estimate_words

__all__ = [
    "breadcrumb_length",
    "extends",
    "find_headline",
    "has_extension",
    "has_straight_quotes",
    "headline_copies",
    "repeated_headline",
    "use_best_headline",
]

_MAX_DISTANCE = 60  # lines: a headline is no further above its article
_MIN_LENGTH = 15  # characters: a shorter headline would be found in any line by chance
_MAX_ADDITION = 80  # characters of breadcrumb before a copy, or of the outlet's name after it
_MAX_SECTION = 25  # characters of a section's name
_BREADCRUMB = re.compile(r"(?:[^»›«\s]{2,25}(?:Â?»|›|â€º))+(?=\S)")
_EXTENSION = re.compile(r"[;,:] \w| [a-z(]")  # how a headline continues; an outlet's name follows a bar or a dash
_JOINT = re.compile(r"\S[^\W_a-z]")  # a capital or a digit right behind a character: four headlines in five have none
_MIN_WORDS, _MAX_WORDS = 3, 40
_WORDY = 5  # words of most headlines
_STOPS, _CLOSING = frozenset(".:;,…"), '"”’»)]'
_BELOW_HEADLINE = ("byline", "publication-date")
_BELOW_HEADLINE_MASK = rule_mask(*_BELOW_HEADLINE)


def find_headline(page: PageView, first_body: int) -> int | None:
    """Return the index of the headline, at or above the first body line; None if there is none.

    1. A headline that was given with the page: the last line that is it, or all of it but the outlet's name.
    2. The last line that another line repeats.
    3. The last line right above a byline or date, or else the last that is as long as headlines are.
    """
    if page.given_title:
        return _find_given_title(page, first_body)
    repeated = _find_repeated(page, first_body)
    return _find_by_position(page, first_body) if repeated is None else repeated


def _find_given_title(page: PageView, first_body: int) -> int | None:
    lines = page.lines[: first_body + 1]
    folded, shortest = casefold_quotes(page.given_title), max(_MIN_LENGTH, len(page.given_title) - _MAX_ADDITION)
    for index, line in reversed(list(enumerate(casefold_quotes("\n".join(lines)).split("\n")))):
        if line == folded or (len(lines[index]) >= shortest and line in folded):
            return index
    return None


def _find_repeated(page: PageView, first_body: int) -> int | None:
    start = max(first_body + 1 - _MAX_DISTANCE, 0)
    text = casefold_quotes("\n".join(page.lines[start : first_body + 1]))
    folded = text.split("\n")
    for index in range(first_body, start - 1, -1):
        line = folded[index - start]
        # Counting in all lines at once is what makes this fast: hardly any line occurs twice.
        if len(line) >= _MIN_LENGTH and _has_headline_length(page.lines[index]) and text.count(line) > 1:
            offset = sum(map(len, folded[: index - start])) + index - start
            if _is_elsewhere(line, text, offset) and page.match_rules(index) is None:
                return index
    return None


def _is_elsewhere(line: str, text: str, offset: int) -> bool:
    """Whether a line of a text, which begins at `offset`, is also in another line that is not much longer."""
    position = text.find(line)
    while position >= 0:
        start, end = text.rfind("\n", 0, position) + 1, text.find("\n", position)
        if start != offset and (end if end >= 0 else len(text)) - start <= len(line) + _MAX_ADDITION:
            return True
        position = text.find(line, position + 1)
    return False


def _find_by_position(page: PageView, first_body: int) -> int | None:
    start = max(first_body + 1 - _MAX_DISTANCE, 0)
    candidates = [
        index
        for index in range(start, first_body + 1)
        if _has_headline_length(page.lines[index]) and page.lines[index].rstrip(_CLOSING)[-1:] not in _STOPS
    ]
    above = [index for index in candidates if index < first_body]
    for index in reversed(above):
        below = page.match_rules(index + 1, _BELOW_HEADLINE_MASK)
        if below is not None and below.zone in _BELOW_HEADLINE and page.match_rules(index) is None:
            return index
    for fewest in (_WORDY, 0):
        for index in reversed(above):
            if estimate_words(page.lines[index]) >= fewest and page.match_rules(index) is None:
                return index
    return first_body if first_body in candidates else None  # nothing above it: the page begins with its headline


def _has_headline_length(line: str) -> bool:
    return _MIN_WORDS <= estimate_words(line) <= _MAX_WORDS and " | " not in line


def headline_copies(title: str, lines: Sequence[str]) -> set[int]:
    """Return the indices of lines that repeat the headline, allowing a breadcrumb before or the outlet after it."""
    if len(title) < _MIN_LENGTH:
        return set()
    folded_title, longest = casefold_quotes(title), len(title) + _MAX_ADDITION
    shortest = len(folded_title)  # but for letters that fold into two
    indices = [
        index
        for index, line in enumerate(lines)
        if len(line) <= longest and (len(line) >= shortest or not line.isascii())
    ]
    folded = casefold_quotes("\n".join([lines[index] for index in indices])).split("\n")
    return {index for index, line in zip(indices, folded, strict=False) if folded_title in line}


def breadcrumb_length(title: str, above: Sequence[str]) -> int:
    """Return the number of characters of a breadcrumb joined to a headline: `Home`, then names of lines above it.

    `HomeNationRiver rises` below the lines `Home` and `Nation` gives 10, and so does `World»Sea»River rises`; 0 if
    nothing is joined.
    """
    separated = _BREADCRUMB.match(title)
    if separated is not None:
        return separated.end()
    if _JOINT.search(title, 0, _MAX_SECTION + 1) is None:
        return 0
    sections = {line for line in above if len(line) <= _MAX_SECTION} | {"Home"}
    size = 0
    while True:
        longest = min(size + _MAX_SECTION, len(title) - 1)
        end = next((end for end in range(longest, size, -1) if title[size:end] in sections), None)
        if end is None or not (title[end].isupper() or title[end].isdigit()):
            return size
        size = end


def has_straight_quotes(title: str) -> bool:
    """Whether a headline has quotation marks that are not typographic."""
    return "'" in title or '"' in title


def extends(text: str, title: str) -> bool:
    """Whether a line is the headline and more of it, which another copy on the page left out."""
    return text.startswith(title) and _EXTENSION.match(text, len(title)) is not None


def has_extension(text: str, title: str) -> bool:
    """Whether a line of a text extends the headline."""
    lines, position = f"\n{text}\n", 0
    while title and (position := lines.find(f"\n{title}", position)) >= 0:
        position += 1
        if extends(lines[position : lines.index("\n", position)], title):
            return True
    return False


def repeated_headline(page: PageView, index: int, title: str) -> list[Zone]:
    """Return the zones of a line that repeats the headline, perhaps with a breadcrumb before it."""
    line = line_zone(page, index, "repeated-headline", "repeats the headline")
    folded = casefold_quotes(page.lines[index])
    size = folded.find(casefold_quotes(title))
    return [line] if size <= 0 or len(folded) != len(page.lines[index]) else split_breadcrumb(line, size)


def use_best_headline(text: str, zones: list[Zone]) -> list[Zone]:
    """Exchange the headline with a copy of it that is longer, or that has typographic quotation marks."""
    number = next((number for number, zone in enumerate(zones) if zone.zone == "headline"), None)
    if number is None:
        return zones
    current = zones[number]
    title = text[current.start : current.end]
    for other_number, other in enumerate(zones):
        if other.zone != "repeated-headline":
            continue
        copy = text[other.start : other.end]
        is_typographic = (
            has_straight_quotes(title) and copy != title and casefold_quotes(copy) == casefold_quotes(title)
        )
        if is_typographic or extends(copy, title):
            exchanged = list(zones)
            exchanged[number] = msgspec.structs.replace(current, zone=other.zone, reason=other.reason)
            reason = "the fullest copy of the headline, in typographic quotation marks"
            exchanged[other_number] = msgspec.structs.replace(other, zone=current.zone, reason=reason)
            return exchanged
    return zones
