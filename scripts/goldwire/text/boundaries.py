"""Where a span may begin and end: not within a character as people see it, nor within a word."""

from __future__ import annotations

import unicodedata

__all__ = ["splits_grapheme", "splits_word"]

_ZWJ = "\u200d"
# Scripts that put no space between words: there the letters beside a boundary say nothing.
_UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x2E80, 0xA4CF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


def splits_word(text: str, at: int) -> bool:
    """Whether `at` (0 < at < len(text)) lies between two letters or digits of one word."""
    before, after = text[at - 1], text[at]
    if not (before.isalnum() and after.isalnum()):
        return False
    if before < "\u0e00" and after < "\u0e00":
        return True
    return not any(low <= ord(character) <= high for character in (before, after) for low, high in _UNSPACED)


def splits_grapheme(text: str, at: int) -> bool:
    """Whether `at` (0 < at < len(text)) lies within an extended grapheme cluster.

    The rules of Unicode Standard Annex 29 that text in NFC can meet: CR LF, marks and joiners, emoji sequences with
    their modifiers and tags, flags, Hangul jamo.
    """
    before, after = text[at - 1], text[at]
    if after < "\u0300":
        return before == "\r" and after == "\n"
    if after in "\u200c\u200d" or unicodedata.category(after) in ("Mn", "Me", "Mc"):
        return before not in "\n\r\t"
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return unicodedata.category(before) in ("So", "Sk", "Mn", "Cf")
    if before == _ZWJ:
        return unicodedata.category(after) == "So"
    if _is_flag(before) and _is_flag(after):
        start = at
        while start > 0 and _is_flag(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 1
    return _joins_hangul(before, after)


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _joins_hangul(before: str, after: str) -> bool:
    leads, vowels, tails = ("\u1100", "\u115f"), ("\u1160", "\u11a7"), ("\u11a8", "\u11ff")

    def within(character: str, bounds: tuple[str, str]) -> bool:
        return bounds[0] <= character <= bounds[1]

    syllable = "\uac00" <= before <= "\ud7a3"
    if within(before, leads):
        return within(after, leads) or within(after, vowels) or "\uac00" <= after <= "\ud7a3"
    if within(after, vowels):
        return within(before, vowels) or (syllable and (ord(before) - 0xAC00) % 28 == 0)
    return within(after, tails) and (syllable or within(before, vowels) or within(before, tails))
