"""Positions at which a span splits a word, a token or a grapheme cluster (a character as people see it)."""

from __future__ import annotations

from goldwire.text.tokenization import tokens
from goldwire.text.words import has_unspaced

__all__ = ["splits_grapheme", "splits_word", "token_around"]

_MAX_CLUSTER = 64  # code points: the longest emoji sequence has 10, and Zalgo text is cut


def splits_word(text: str, offset: int) -> bool:
    """Whether `offset` (0 < offset < len(text)) is between two letters or digits of one word."""
    before, after = text[offset - 1], text[offset]
    if not (before.isalnum() and after.isalnum()):
        return False
    # Without spaces between words, two letters beside each other are not a sign of one word.
    return not (has_unspaced(before) or has_unspaced(after))


def token_around(text: str, offset: int) -> str:
    """Return the token that has `offset` (0 < offset < len(text)) inside it; "" if none has."""
    if text[offset - 1].isspace() or text[offset].isspace():
        return ""
    # No rule of tokens looks farther than the words around: all tokens of a text of 3,000 characters take 7 ms.
    start = _word_start(text, _word_start(text, offset))
    end = _word_end(text, _word_end(text, offset))
    around = text[start:end]
    return next((around[first:last] for first, last in tokens(around) if first < offset - start < last), "")


def _word_start(text: str, offset: int) -> int:
    """Return the start of the word at or before `offset`."""
    while offset > 0 and text[offset - 1].isspace():
        offset -= 1
    while offset > 0 and not text[offset - 1].isspace():
        offset -= 1
    return offset


def _word_end(text: str, offset: int) -> int:
    """Return the end of the word at or after `offset`."""
    while offset < len(text) and text[offset].isspace():
        offset += 1
    while offset < len(text) and not text[offset].isspace():
        offset += 1
    return offset


def splits_grapheme(text: str, offset: int) -> bool:
    """Whether `offset` (0 < offset < len(text)) is within an extended grapheme cluster (Unicode Annex 29)."""
    if text[offset] < "\u0300":
        return text[offset - 1 : offset + 1] == "\r\n"
    from icu4py.breakers import CharacterBreaker

    start = max(0, offset - _MAX_CLUSTER)
    around = text[start : offset + 1].encode("utf-8", "replace").decode()  # ICU refuses lone surrogates
    return len(list(CharacterBreaker(around, "en"))[-1]) > 1
