"""A text in UTF-8, and what may be odd in it: looked for once, for all who mend it. Nothing is, in most pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

import msgspec
import numpy as np

__all__ = [
    "ASCII",
    "BLANKS",
    "END",
    "ODD",
    "SPACE",
    "SUSPECTS",
    "UNUSUAL",
    "TextScan",
    "mojibake_lines",
    "scan",
]

# ftfy's encodings, those together of which it mends mixtures. It reads 5 MB/s: what holds no two characters that one of
# these makes of a first and a further byte of UTF-8 is not looked at; and patterns in turn are faster than one of all.
_WINDOWS = ("latin-1", "cp1252", "cp1250", "cp1254", "cp1257", "iso8859-2")
_ENCODINGS = (_WINDOWS, ("mac-roman",), ("cp437",))
_NO_FIRST = "–—―‘’“”•…"  # of Mac OS Roman: with what follows them here, quotes and dashes are just that
_FIRST, _FURTHER = bytes(range(0xC2, 0xF5)), bytes(range(0x80, 0xC0))
_PAIRS = tuple(
    (
        frozenset("".join(_FIRST.decode(name, "ignore") for name in names)) - frozenset(_NO_FIRST),
        frozenset("".join(_FURTHER.decode(name, "ignore") for name in names)),
    )
    for names in _ENCODINGS
)
# Of alphabets, whose letters are first bytes and stand before quotes in every other line: only what makes a whole
# sequence, of two bytes none with a letter, which ftfy does not mind either, or what begins a quote or dash, whose last
# byte often was lost.
_ALPHABETS = ("cp1251", "cp1253")
_LEADS = tuple(
    frozenset("".join(bytes(leads).decode(name, "ignore") for name in _ALPHABETS))
    for leads in (range(0xC2, 0xE0), range(0xE0, 0xF0), range(0xF0, 0xF5))  # of two bytes, three and four
)
_FOLLOWING = frozenset("".join(_FURTHER.decode(name, "ignore") for name in _ALPHABETS))
_SECOND = frozenset(one for one in _FOLLOWING if not "\u0400" <= one <= "\u04ff")
_QUOTE = tuple(frozenset(bytes((byte,)).decode(name) for name in _ALPHABETS) for byte in b"\xe2\x80")


def _one_of(characters: frozenset[str]) -> str:
    return f"[{re.escape(''.join(sorted(characters)))}]"


@cache
def _suspect() -> tuple[re.Pattern[str], ...]:
    """Give what mojibake has somewhere."""
    two = "".join(map(_one_of, (_LEADS[0], _SECOND)))
    more = (f"{_one_of(lead)}{_one_of(_FOLLOWING)}{{{size}}}" for size, lead in enumerate(_LEADS[1:], 2))
    return (
        *(re.compile(_one_of(first) + _one_of(further)) for first, further in _PAIRS),
        re.compile("[\x80-\x9f]"),
        re.compile("[ÂÃ] "),
        re.compile("|".join((two, *more, "".join(map(_one_of, _QUOTE))))),
    )


# All but ASCII and what is neither blank nor invisible, nor changed by NFC, by itself or after what is before it:
# Latin, Greek and Cyrillic letters, signs, kana, ideographs, emoji. Nine pages in ten have nothing else.
_UNUSUAL = re.compile(
    "[^\x00-\x7f\xa1-\xac\xae-\u02ff\u0388-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2070-\u20bf\u2100-\u2125"
    "\u2190-\u22ff\u2460-\u27ff\u3001-\u3029\u3041-\u3096\u30a0-\u30ff\u4e00-\u9fff\uff01-\uff60\U0001f300-\U0001faff]"
)
SUSPECTS, UNUSUAL, BLANKS = 0x3F, 0x40, 0x80
"""The bits of what mojibake has, a pattern each, of characters that cleaning may change, and of blanks that it may."""
# ASCII by what it is: nothing here, a line end, a space, or odd. Two side by side that make more than two line ends do
# not stay.
END, SPACE, ODD = 2, 3, 16
ASCII = bytes({0x0A: END, 0x20: SPACE}.get(byte, ODD if byte < 0x20 or byte == 0x7F else 0) for byte in range(256))


class TextScan(msgspec.Struct, frozen=True):
    """A text's bytes, and what may be odd in it: SUSPECTS, UNUSUAL and BLANKS."""

    data: bytes
    odd: int


def scan(text: str, data: bytes | None = None) -> TextScan:
    """Encode a text, half a surrogate pair too, and look for what may be odd. `data` is its UTF-8, where at hand."""
    if data is None:
        data = text.encode("utf-8", "surrogatepass")
    return TextScan(data, _flags(text, data))


def _flags(text: str, data: bytes) -> int:
    """Return the flags of a text, from its regular expressions."""
    beyond = _beyond(text, data)
    found = sum(1 << number for number, pattern in enumerate(_suspect()) if pattern.search(beyond))
    found |= UNUSUAL if _UNUSUAL.search(beyond) else 0
    # A space on both sides makes a blank at the text's end one of two.
    begins = np.frombuffer((b" %b " % data).translate(ASCII), np.uint8)
    return found | (BLANKS if (begins[1:] + begins[:-1]).max() > 2 * END else 0)


def mojibake_lines(text: str) -> Sequence[Sequence[int]]:
    """Give where the lines that have what mojibake has start and end."""
    return list(_suspect_lines(text))


def _suspect_lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        if any(pattern.search(line) for pattern in _suspect()):
            yield start, start + len(line)
        start += len(line) + 1


def _beyond(text: str, data: bytes) -> str:
    """Give what is not ASCII, each stretch with the one character behind it: a twentieth of a page."""
    if text.isascii():
        return ""
    kept = np.frombuffer(data, np.int8) < 0
    kept[1:] |= kept[:-1]
    return np.frombuffer(data, np.uint8)[kept].tobytes().decode("utf-8", "surrogatepass")
