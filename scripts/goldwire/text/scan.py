"""UTF-8 bytes of a text, and the kinds of characters in it that cleaning may have to repair.

Computed once per page and shared by the cleaners (`mojibake.repair`, `normalization.normalize`); most pages have none
of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["LINE_END", "SPACE", "UNWANTED", "TextScan", "ascii_classes", "mojibake_lines", "scan"]


class TextScan(msgspec.Struct, frozen=True):
    """A text, its UTF-8 bytes (a lone surrogate as three bytes), and which kinds of characters it has.

    Attributes
    ----------
    text : str
    data : bytes
    may_have_mojibake : bool
        Whether it has a sequence of characters that text decoded in a wrong encoding has.
    has_uncommon : bool
        Whether it has a non-ASCII character that is white space, invisible, or may be changed by NFC.
    """

    text: str
    data: bytes
    may_have_mojibake: bool
    has_uncommon: bool

    @property
    def has_whitespace(self) -> bool:
        """Whether it has ASCII white space other than one space or line ends between words, or a control character.

        Computed when it is read: texts that are only searched for mojibake do not need it.
        """
        classes = ascii_classes(self.data)
        return bool((classes[1:] + classes[:-1]).max() > 2 * LINE_END)


def scan(text: str, data: bytes | None = None) -> TextScan:
    """Return the text's UTF-8 bytes and the kinds of its characters; pass `data` if the text is already encoded."""
    if data is None:
        data = text.encode("utf-8", "surrogatepass")
    may_have_mojibake = has_uncommon = False
    if not text.isascii():
        sample = _non_ascii(data)
        may_have_mojibake = any(pattern.search(sample) for pattern in _mojibake_patterns())
        has_uncommon = _UNCOMMON.search(sample) is not None
    return TextScan(text, data, may_have_mojibake, has_uncommon)


def mojibake_lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield the offsets of each line that matches a mojibake pattern."""
    start = 0
    for line in text.split("\n"):
        if any(pattern.search(line) for pattern in _mojibake_patterns()):
            yield start, start + len(line)
        start += len(line) + 1


# Classes of ASCII bytes. Two neighbours whose classes add up to more than two line ends need cleaning.
LINE_END, SPACE, UNWANTED = 2, 3, 16
_ASCII_CLASSES = bytes(
    {0x0A: LINE_END, 0x20: SPACE}.get(byte, UNWANTED if byte < 0x20 or byte == 0x7F else 0) for byte in range(256)
)


def ascii_classes(data: bytes) -> NDArray[np.uint8]:
    """Return the class of each byte of `data`, with a space added at both ends.

    The added spaces make white space at the text's ends one of two neighbours, as between words.
    """
    return np.frombuffer((b" %b " % data).translate(_ASCII_CLASSES), np.uint8)


def _non_ascii(data: bytes) -> str:
    """Return the non-ASCII characters, each run with the one ASCII character after it: a twentieth of a page."""
    selected = np.frombuffer(data, np.int8) < 0
    selected[1:] |= selected[:-1]
    return np.frombuffer(data, np.uint8)[selected].tobytes().decode("utf-8", "surrogatepass")


# ftfy repairs mixtures of these single-byte encodings, at 5 MB/s. Only text with two neighbouring characters that one
# of the encodings makes of a leading and a continuation byte of UTF-8 is passed to it. Several patterns in turn are
# faster than one alternation of all.
_WESTERN = ("latin-1", "cp1252", "cp1250", "cp1254", "cp1257", "iso8859-2")
_ENCODINGS = (_WESTERN, ("mac-roman",), ("cp437",))
_PLAIN_PUNCTUATION = "–—―‘’“”•…"  # Mac OS Roman has these as leading bytes; mostly they are just punctuation
_LEADING, _CONTINUATION = bytes(range(0xC2, 0xF5)), bytes(range(0x80, 0xC0))
_PAIRS = tuple(
    (
        frozenset("".join(_LEADING.decode(name, "ignore") for name in names)) - frozenset(_PLAIN_PUNCTUATION),
        frozenset("".join(_CONTINUATION.decode(name, "ignore") for name in names)),
    )
    for names in _ENCODINGS
)
# In Cyrillic and Greek encodings the letters themselves are leading bytes and stand before quotes in every other line.
# There only whole sequences count: of two bytes, those without a letter as second (ftfy leaves these alone as well), or
# the first two bytes of a quote or dash, whose last byte often was lost.
_ALPHABETS = ("cp1251", "cp1253")
_LEADS = tuple(
    frozenset("".join(bytes(leads).decode(name, "ignore") for name in _ALPHABETS))
    for leads in (range(0xC2, 0xE0), range(0xE0, 0xF0), range(0xF0, 0xF5))  # of two, three and four bytes
)
_FOLLOWING = frozenset("".join(_CONTINUATION.decode(name, "ignore") for name in _ALPHABETS))
_SECOND = frozenset(character for character in _FOLLOWING if not "\u0400" <= character <= "\u04ff")
_QUOTE = tuple(frozenset(bytes((byte,)).decode(name) for name in _ALPHABETS) for byte in b"\xe2\x80")


@cache
def _mojibake_patterns() -> tuple[re.Pattern[str], ...]:
    """Return patterns; any mojibake matches at least one of them."""
    two_bytes = "".join(map(_any_of, (_LEADS[0], _SECOND)))
    more_bytes = (f"{_any_of(lead)}{_any_of(_FOLLOWING)}{{{size}}}" for size, lead in enumerate(_LEADS[1:], 2))
    return (
        *(re.compile(_any_of(leading) + _any_of(continuation)) for leading, continuation in _PAIRS),
        re.compile("[\x80-\x9f]"),
        re.compile("[ÂÃ] "),
        re.compile("|".join((two_bytes, *more_bytes, "".join(map(_any_of, _QUOTE))))),
    )


def _any_of(characters: frozenset[str]) -> str:
    """Return a regular expression that matches one of `characters`."""
    return f"[{re.escape(''.join(sorted(characters)))}]"


# All characters but ASCII and those that are neither white space nor invisible and that NFC never changes, by
# themselves or after the character before them: Latin, Greek and Cyrillic letters, signs, kana, ideographs, emoji.
# Nine pages in ten have nothing else.
_UNCOMMON = re.compile(
    "[^\x00-\x7f\xa1-\xac\xae-\u02ff\u0388-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2070-\u20bf\u2100-\u2125"
    "\u2190-\u22ff\u2460-\u27ff\u3001-\u3029\u3041-\u3096\u30a0-\u30ff\u4e00-\u9fff\uff01-\uff60\U0001f300-\U0001faff]"
)
