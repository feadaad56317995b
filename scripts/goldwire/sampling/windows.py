"""Long articles in parts: what each task asks about, and the stretch either side that is only to be read. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from goldwire.text.tokenization import sentences

__all__ = ["Unit", "Window", "cut"]

Unit = Literal["whole", "paragraphs", "sentences"]
_PARAGRAPH = re.compile(r"\S(?:.*?\S)??(?=\s*\n\s*\n|\s*\Z)", re.DOTALL)


class Window(msgspec.Struct, frozen=True):
    """A stretch of a text that is asked about; `shown` is what is to be read with it, where that is more."""

    start: int
    end: int
    shown: tuple[int, int] | None = None


def cut(text: str, unit: Unit, size: int, context: int) -> tuple[Window, ...]:
    """Cut a text into windows of at most `size` units (the headline is the first paragraph), as even as can be.

    With each, `context` units either side are shown. All but white space is in exactly one window; a text of no more
    than `size` units is one window, whole.
    """
    pieces = _pieces(text, unit)
    if len(pieces) <= size:
        return (Window(0, len(text)),)
    number = -(-len(pieces) // size)
    ends = [len(pieces) * window // number for window in range(number + 1)]
    return tuple(_window(pieces, first, last - 1, context) for first, last in pairwise(ends))


def _pieces(text: str, unit: Unit) -> Sequence[tuple[int, int]]:
    if unit == "whole":
        return ()
    return sentences(text) if unit == "sentences" else [found.span() for found in _PARAGRAPH.finditer(text)]


def _window(pieces: Sequence[tuple[int, int]], first: int, last: int, context: int) -> Window:
    start, end = pieces[first][0], pieces[last][1]
    shown = (pieces[max(first - context, 0)][0], pieces[min(last + context, len(pieces) - 1)][1])
    return Window(start, end, None if shown == (start, end) else shown)
