"""L1: the characters of a text: composed, visible, without controls."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding
from goldwire.text.characters import BIDI_CONTROLS, CONTROLS, JOINERS, LINE_BREAKS, ZERO_WIDTH, character_class

__all__ = ["CHECKS", "INVISIBLE", "character_faults", "show"]

# Control characters, and white space that is neither a space nor a line feed. CR has a rule of its own.
_CONTROL = re.compile(character_class({*CONTROLS, *LINE_BREAKS, 0x09} - {0x0A, 0x0D}))
_BIDI = re.compile(character_class(BIDI_CONTROLS))
# A joiner (U+200C, U+200D) belongs between letters of Arabic or Indic scripts and between emoji, not after Latin ones.
INVISIBLE = re.compile(rf"{character_class(ZERO_WIDTH)}|(?<![\u0600-\U0010ffff]){character_class(JOINERS)}")
"""A character that no reader sees and every comparison does."""


def show(character: str) -> str:
    """`U+202E RIGHT-TO-LEFT OVERRIDE`."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}{' ' + name if name else ''}"


def characters(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each kind of character that a text, title or caption should not have, at its first place."""
    for entry in snapshot.articles:
        article = entry.record
        for name, text in (("text", article.text), ("title", article.title), *_captions(article.captions)):
            for code, message in character_faults(name, text):
                yield entry.finding(code, article.id, message)


def _captions(captions: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield from ((f"captions[{number}]", caption) for number, caption in enumerate(captions))


def character_faults(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield a code and a message for each kind of character that `text` should not have; `name` says what it is."""
    if "\r" in text:
        yield "text-carriage-return", f"{name}: {text.count(chr(13))}, the first at {text.index(chr(13))}"
    yield from _first("text-control-character", _CONTROL, name, text)
    if text.isascii():  # nine texts in ten: nothing below can be in them
        return
    yield from _first("text-bidi-control", _BIDI, name, text)
    yield from _first("text-invisible-character", INVISIBLE, name, text)
    if not unicodedata.is_normalized("NFC", text):
        at = _first_difference(text, unicodedata.normalize("NFC", text))
        yield "text-not-nfc", f"{name}: {text[max(at - 1, 0) : at + 2]!r} at {at} is not composed"


def _first(code: str, pattern: re.Pattern[str], name: str, text: str) -> Iterator[tuple[str, str]]:
    found = pattern.search(text)
    if found:
        count = sum(1 for _ in pattern.finditer(text))
        yield code, f"{name}: {show(found[0])} at {found.start()}{f', {count} in all' if count > 1 else ''}"


def _first_difference(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


CHECKS = (characters,)
