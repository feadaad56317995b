"""Positions at which a span splits a word or a grapheme cluster (a character as people see it)."""

from __future__ import annotations

import unicodedata

__all__ = ["splits_grapheme", "splits_word"]

_ZWJ = "\u200d"
# Scripts without spaces between words: there two letters beside each other are no sign of one word.
_UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x2E80, 0xA4CF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


def splits_word(text: str, offset: int) -> bool:
    """Whether `offset` (0 < offset < len(text)) is between two letters or digits of one word."""
    before, after = text[offset - 1], text[offset]
    if not (before.isalnum() and after.isalnum()):
        return False
    if before < "\u0e00" and after < "\u0e00":
        return True
    return not any(low <= ord(character) <= high for character in (before, after) for low, high in _UNSPACED)


def splits_grapheme(text: str, offset: int) -> bool:
    """Whether `offset` (0 < offset < len(text)) is within an extended grapheme cluster.

    Implements the rules of Unicode Standard Annex 29 that apply to text in NFC: CR LF, marks and joiners, emoji
    sequences with their modifiers and tags, flags, Hangul jamo.
    """
    before, after = text[offset - 1], text[offset]
    if after < "\u0300":
        return before == "\r" and after == "\n"
    if after in "\u200c\u200d" or unicodedata.category(after) in ("Mn", "Me", "Mc"):
        return before not in "\n\r\t"
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return unicodedata.category(before) in ("So", "Sk", "Mn", "Cf")
    if before == _ZWJ:
        return unicodedata.category(after) == "So"
    if _is_regional_indicator(before) and _is_regional_indicator(after):
        start = offset
        while start > 0 and _is_regional_indicator(text[start - 1]):
            start -= 1
        return (offset - start) % 2 == 1
    return _joins_hangul(before, after)


def _is_regional_indicator(character: str) -> bool:
    """Whether a character is half of a flag."""
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _joins_hangul(before: str, after: str) -> bool:
    """Whether two Hangul letters or syllables are of one syllable."""
    leads, vowels, tails = ("\u1100", "\u115f"), ("\u1160", "\u11a7"), ("\u11a8", "\u11ff")

    def within(character: str, bounds: tuple[str, str]) -> bool:
        return bounds[0] <= character <= bounds[1]

    syllable = "\uac00" <= before <= "\ud7a3"
    if within(before, leads):
        return within(after, leads) or within(after, vowels) or "\uac00" <= after <= "\ud7a3"
    if within(after, vowels):
        return within(before, vowels) or (syllable and (ord(before) - 0xAC00) % 28 == 0)
    return within(after, tails) and (syllable or within(before, vowels) or within(before, tails))
