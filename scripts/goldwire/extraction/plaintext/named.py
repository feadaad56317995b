"""How a line that says what it is is known: its zone, the patterns that it matches, and words that it has to have."""

from __future__ import annotations

import re

import msgspec

__all__ = ["Named", "row"]


class Named(msgspec.Struct, frozen=True):
    """A zone, why a line is said to be of it, and what the whole line has to match.

    A line that matches has one of `keys`, or its first word is one of `first`: a quick look at its words spares it most
    patterns. A key is a word, or the first four letters of longer ones; `0` is any that begins with a digit, `-` a
    hyphen after two to four characters, and another sign stands for itself. `has`, where its keys are words of prose
    too: one of these stands in the line, in small letters.
    """

    zone: str
    why: str
    pattern: re.Pattern[str]
    keys: tuple[str, ...]
    first: tuple[str, ...]
    has: tuple[str, ...] = ()

    def having(self, words: str) -> Named:
        """Give the row with its `has`, parted by bars."""
        return msgspec.structs.replace(self, has=tuple(words.split("|")))


def row(zone: str, why: str, *whole: str, keys: str = "", first: str = "", flags: int = re.IGNORECASE) -> Named:
    """Make a row of patterns, any of which a line may match."""
    return Named(zone, why, re.compile("|".join(whole), flags), tuple(keys.split()), tuple(first.split()))
