"""Windows of long articles: the part that a task asks about, and the context that is shown with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from goldwire.text.sentences import sentences

__all__ = ["Window", "WindowUnit", "split_into_windows"]

WindowUnit = Literal["whole", "paragraphs", "sentences"]
_PARAGRAPH = re.compile(r"\S(?:.*?\S)??(?=\s*\n\s*\n|\s*\Z)", re.DOTALL)


class Window(msgspec.Struct, frozen=True):
    """A part of a text in code points; `context` is the larger range that is shown, if there is one."""

    start: int
    end: int
    context: tuple[int, int] | None = None


def split_into_windows(
    text: str, unit: WindowUnit, size: int, context: int, language: str = "en"
) -> tuple[Window, ...]:
    """Split a text into windows of at most `size` units (the headline is the first paragraph), as even as possible.

    Each window shows `context` more units on each side. Everything but white space is in exactly one window; a text of
    at most `size` units is one window. `language` is the text's, for its abbreviations.
    """
    pieces = _units(text, unit, language)
    if len(pieces) <= size:
        return (Window(0, len(text)),)
    count = -(-len(pieces) // size)
    ends = [len(pieces) * number // count for number in range(count + 1)]
    return tuple(_window(pieces, first, last - 1, context) for first, last in pairwise(ends))


def _units(text: str, unit: WindowUnit, language: str) -> Sequence[tuple[int, int]]:
    if unit == "whole":
        return ()
    return sentences(text, language) if unit == "sentences" else [match.span() for match in _PARAGRAPH.finditer(text)]


def _window(pieces: Sequence[tuple[int, int]], first: int, last: int, context: int) -> Window:
    start, end = pieces[first][0], pieces[last][1]
    extended = (pieces[max(first - context, 0)][0], pieces[min(last + context, len(pieces) - 1)][1])
    return Window(start, end, None if extended == (start, end) else extended)
