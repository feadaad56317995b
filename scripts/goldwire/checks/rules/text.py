"""L1: the characters of a text: composed, visible, without controls."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding

__all__ = ["CHECKS", "INVISIBLE", "character_faults", "show"]

_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb]")
_BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# A joiner (U+200C, U+200D) belongs between letters of Arabic or Indic scripts and between emoji, not after Latin ones.
INVISIBLE = re.compile(
    r"[\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufffc]|(?<![\u0600-\U0010ffff])[\u200c\u200d]"
)
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
