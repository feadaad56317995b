"""Which texts Doccano can hold and a browser can draw. Pure."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

__all__ = ["MAX_MARKS", "MAX_TEXT", "unsupported_reason"]

MAX_TEXT = 200_000
"""Code points of the longest text that is pushed: past it the annotator's page takes seconds to draw."""

MAX_MARKS = 1_000
"""Combining marks on one letter. Chromium draws 20,000 in a second, 200,000 not in 90; writing has no more than 30."""

_LONE = re.compile("[\ud800-\udfff]")
_SIGNS = re.compile(rf"[^\w\s]{{{MAX_MARKS + 1},}}")  # where so many marks may be: marks are neither words nor blanks


def unsupported_reason(text: str) -> str | None:
    """Why Doccano cannot hold or show `text`, or None where it can."""
    if not text or text.isspace():
        return "the text is empty"
    if "\0" in text:
        return "the text holds a NUL character, which PostgreSQL refuses"
    if not text.isascii() and _LONE.search(text):
        return "the text holds half of a surrogate pair, which is not Unicode"
    if not text.isascii() and any(_marks(signs[0]) > MAX_MARKS for signs in _SIGNS.finditer(text)):
        return f"the text has more than {MAX_MARKS:,} combining marks on one letter, which no browser draws"
    if len(text) > MAX_TEXT:
        return f"the text has {len(text):,} characters and the longest that can be annotated {MAX_TEXT:,}"
    return None


def _marks(signs: str) -> int:
    """The longest run of combining marks."""
    runs = groupby(signs, key=lambda sign: unicodedata.category(sign)[0] == "M")
    return max((sum(1 for _ in run) for are_marks, run in runs if are_marks), default=0)
