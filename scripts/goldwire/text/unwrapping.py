"""Join the lines of paragraphs that a scraper or a mail program wrapped to one width."""

from __future__ import annotations

from collections.abc import Sequence

from goldwire.text.provenance import TracedText, join, join_wrapped_lines

__all__ = ["unwrap"]

_MAX_WIDTH = 120  # characters: a page with a longer line was not wrapped
_MIN_WIDTH = 40
_FULL_SHARE = 0.8  # share of the text before line breaks that is in lines without room for the next line's first word
_MIN_FULL_LINES = 3
_LOWERCASE_SHARE = 0.4  # of the lines after full ones start in lower case: two thirds in English, half in German, none
# in a list


def unwrap(page: TracedText) -> TracedText:
    """Return the page with the lines of each paragraph joined if it was wrapped to a width, else unchanged.

    A line is wrapped if the first word of the next line would not have fitted.
    """
    if _has_long_line(page.text):
        return page
    lines = page.text.split("\n")
    followed = [row for row in range(len(lines) - 1) if lines[row] and lines[row + 1]]
    width = max((len(lines[row]) for row in followed), default=0)
    if width < _MIN_WIDTH:
        return page
    full = {row for row in followed if len(lines[row]) + 1 + len(lines[row + 1].split(" ", 1)[0]) > width}
    n_lowercase = sum(lines[row + 1][0].islower() for row in full)
    is_mostly_full = sum(len(lines[row]) for row in full) >= _FULL_SHARE * sum(len(lines[row]) for row in followed)
    if not is_mostly_full or len(full) < _MIN_FULL_LINES or n_lowercase < _LOWERCASE_SHARE * len(full):
        return page
    return _join_lines(page, lines, full)


def _has_long_line(text: str) -> bool:
    """Whether a line is longer than the greatest width; it jumps from a line end to the last one within the width."""
    line_end = -1
    while len(text) - line_end > _MAX_WIDTH + 1:
        line_end = text.rfind("\n", line_end + 1, line_end + _MAX_WIDTH + 2)
        if line_end < 0:
            return True
    return False


def _join_lines(page: TracedText, lines: Sequence[str], wrapped: set[int]) -> TracedText:
    """Join each line in `wrapped` with the next line."""
    parts: list[TracedText] = []
    paragraph: list[TracedText] = []
    start = 0
    for row, line in enumerate(lines):
        end = start + len(line)
        paragraph.append(page.slice(start, end))
        start = end + 1
        if row in wrapped:
            continue
        parts.append(join_wrapped_lines(paragraph))
        if row < len(lines) - 1:
            parts.append(page.slice(end, start))
        paragraph = []
    return join(parts, "")
