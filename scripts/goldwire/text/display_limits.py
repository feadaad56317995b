"""Limits of the texts that Doccano can store and a browser can draw."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

from goldwire.quantities import quantity

__all__ = ["MAX_MARKS", "MAX_TEXT", "unsupported_reason"]

MAX_TEXT = 200_000
"""Code points of the longest text that is pushed: longer ones take the annotator's page seconds to draw."""

MAX_MARKS = 1_000
"""Combining marks on one letter. Chromium draws 20,000 in a second, and 200,000 not in 90; writing has up to 30."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LONG_SIGN_RUN = re.compile(rf"[^\w\s]{{{MAX_MARKS + 1},}}")  # may hold too many marks: a mark is not a letter or space


def unsupported_reason(text: str) -> str | None:
    """Return why Doccano cannot store or show `text`, or None if it can."""
    if not text or text.isspace():
        return "the text is empty"
    if "\0" in text:
        return "the text has a NUL character, which PostgreSQL refuses"
    if not text.isascii() and _LONE_SURROGATE.search(text):
        return "the text has a lone surrogate, which is not valid Unicode"
    if not text.isascii() and any(_longest_mark_run(run[0]) > MAX_MARKS for run in _LONG_SIGN_RUN.finditer(text)):
        return f"the text has more than {MAX_MARKS:,} combining marks on one letter, which no browser draws"
    if len(text) > MAX_TEXT:
        return f"the text has {quantity(len(text), 'character')}; at most {MAX_TEXT:,} can be annotated"
    return None


def _longest_mark_run(signs: str) -> int:
    """Return the length of the longest run of combining marks."""
    runs = groupby(signs, key=lambda sign: unicodedata.category(sign)[0] == "M")
    return max((sum(1 for _ in run) for are_marks, run in runs if are_marks), default=0)
