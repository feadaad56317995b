"""Paragraphs that a scraper, or a mail, broke into lines of one width: mended where the whole page is so broken."""

from __future__ import annotations

from collections.abc import Sequence

from goldwire.text.provenance import TracedText, join, join_wrapped_lines

__all__ = ["unwrap"]

_WIDEST = 120  # characters: a page with a longer line was not broken to fit one
_NARROWEST = 40
_FULL = 0.8  # of the text that another line follows had no room for its first word
_FEWEST = 3  # such lines
_GOES_ON = 0.4  # of them go on in lower case: two thirds do in English, half in German, none in a list


def unwrap(page: TracedText) -> TracedText:
    """Join the lines of each paragraph of a page that was broken to a width; any other page stays as it is.

    A line was broken where the first word of the next would not have fitted.
    """
    if _is_wide(page.text):
        return page
    lines = page.text.split("\n")
    above = [row for row in range(len(lines) - 1) if lines[row] and lines[row + 1]]
    width = max((len(lines[row]) for row in above), default=0)
    if width < _NARROWEST:
        return page
    broken = {row for row in above if len(lines[row]) + 1 + len(lines[row + 1].split(" ", 1)[0]) > width}
    goes_on = sum(lines[row + 1][0].islower() for row in broken)
    full = sum(len(lines[row]) for row in broken) >= _FULL * sum(len(lines[row]) for row in above)
    if not full or len(broken) < _FEWEST or goes_on < _GOES_ON * len(broken):
        return page
    return _joined(page, lines, broken)


def _is_wide(text: str) -> bool:
    """Tell whether a line is longer than any width, from one line end to the last that is near enough."""
    place = -1
    while len(text) - place > _WIDEST + 1:
        place = text.rfind("\n", place + 1, place + _WIDEST + 2)
        if place < 0:
            return True
    return False


def _joined(page: TracedText, lines: Sequence[str], broken: set[int]) -> TracedText:
    parts: list[TracedText] = []
    together: list[TracedText] = []
    place = 0
    for row, line in enumerate(lines):
        end = place + len(line)
        together.append(page.slice(place, end))
        place = end + 1
        if row in broken:
            continue
        parts.append(join_wrapped_lines(together))
        if row < len(lines) - 1:
            parts.append(page.slice(end, place))
        together = []
    return join(parts, "")
