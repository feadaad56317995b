"""Find a name in a text as whole words, with Unicode word boundaries that respect combining marks and joiners."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

__all__ = ["find_name", "is_word_edge", "replace_name"]

_JOINERS = "\u200c\u200d"


def find_name(name: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield the offsets of each occurrence of `name` in `text` as whole words; the search is case-sensitive."""
    matches = (match.span() for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text) if name)
    return ((start, end) for start, end in matches if is_word_edge(text, start) and is_word_edge(text, end))


def replace_name(name: str, text: str, replacement: str) -> str:
    """Return `text` with each occurrence of `name` as whole words replaced."""
    parts, done = [], 0
    for start, end in find_name(name, text):
        parts += [text[done:start], replacement]
        done = end
    return "".join((*parts, text[done:]))


def is_word_edge(text: str, offset: int) -> bool:
    """Whether a word may begin or end at `offset`: it is not between two letters, nor before a mark or at a joiner."""
    if not 0 < offset < len(text):
        return True
    before, after = text[offset - 1], text[offset]
    if after in _JOINERS or before in _JOINERS or unicodedata.category(after).startswith("M"):
        return False
    return not ((before.isalnum() or unicodedata.category(before).startswith("M")) and after.isalnum())
