"""L1: characters that a text must not contain: control and invisible characters, and text that is not NFC."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding
from goldwire.text.characters import BIDI_CONTROLS, CONTROLS, JOINERS, LINE_BREAKS, ZERO_WIDTH, character_class

__all__ = ["INVISIBLE", "character_name", "character_problems", "forbidden_characters"]

TEXT_CARRIAGE_RETURN = Rule(
    code="text-carriage-return",
    level=1,
    severity="error",
    summary="a text has carriage returns",
    why="Doccano, browsers and other tools count CR LF as one character or as two: offsets after it differ.",
    fix="Run `goldwire ingest` again, which converts line ends to LF.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format error [text-carriage-return] text: 1, the "
        "first at offset 105"
    ),
)
TEXT_CONTROL_CHARACTER = Rule(
    code="text-control-character",
    level=1,
    severity="error",
    summary="a text has control characters",
    why="They are invisible, end lines or strings early in other tools, and some databases refuse them.",
    fix="Run `goldwire ingest` again, which removes them.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format error [text-control-character] text: U+0007 "
        "at offset 105"
    ),
)
TEXT_BIDI_CONTROL = Rule(
    code="text-bidi-control",
    level=1,
    severity="error",
    summary="a text has characters that control the writing direction",
    why="Characters are displayed in another order than they are stored: a span shows other words than it holds.",
    fix="Run `goldwire ingest` again, which removes them.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format error [text-bidi-control] text: U+202E "
        "RIGHT-TO-LEFT OVERRIDE at offset 106"
    ),
)
TEXT_INVISIBLE_CHARACTER = Rule(
    code="text-invisible-character",
    level=1,
    severity="warning",
    summary="a text has invisible characters",
    why="Two words that look the same differ, which splits the vocabulary and hides duplicates.",
    fix="Run `goldwire ingest` again before annotation, which removes them.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format warning [text-invisible-character] text: "
        "U+200B ZERO WIDTH SPACE at offset 108"
    ),
)
TEXT_NOT_NFC = Rule(
    code="text-not-nfc",
    level=1,
    severity="error",
    summary="a text, title or caption is not in Unicode normalization form C (NFC)",
    why="The same letter can be one code point or two: the offsets of tools that normalize differ.",
    fix="Run `goldwire ingest` again. The automatic fix applies only to articles that nothing refers to yet.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format error [text-not-nfc] text: 'hü' at offset "
        "118 is not NFC"
    ),
    fixable=True,
)

# Control characters, and white space that is neither a space nor a line feed. CR has a rule of its own.
_CONTROL = re.compile(character_class({*CONTROLS, *LINE_BREAKS, 0x09} - {0x0A, 0x0D}))
_BIDI = re.compile(character_class(BIDI_CONTROLS))
# A joiner (U+200C, U+200D) belongs between letters of Arabic or Indic scripts and between emoji, not after Latin ones.
INVISIBLE = re.compile(rf"{character_class(ZERO_WIDTH)}|(?<![\u0600-\U0010ffff]){character_class(JOINERS)}")
"""A character that readers cannot see but comparisons can."""


@check(TEXT_CARRIAGE_RETURN, TEXT_CONTROL_CHARACTER, TEXT_BIDI_CONTROL, TEXT_INVISIBLE_CHARACTER, TEXT_NOT_NFC)
def forbidden_characters(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each kind of forbidden character in a text, title or caption, at its first offset."""
    for entry in snapshot.articles:
        article = entry.record
        captions = ((f"captions[{number}]", caption) for number, caption in enumerate(article.captions))
        for field, text in (("text", article.text), ("title", article.title), *captions):
            for rule, message in character_problems(field, text):
                yield entry.finding(rule, article.id, message)


def character_problems(field: str, text: str) -> Iterator[tuple[Rule, str]]:
    """Yield a rule and a message for each kind of forbidden character in the text of a field."""
    if "\r" in text:
        yield TEXT_CARRIAGE_RETURN, f"{field}: {text.count(chr(13))}, the first at offset {text.index(chr(13))}"
    yield from _first_match(TEXT_CONTROL_CHARACTER, _CONTROL, field, text)
    if text.isascii():  # nine texts in ten, which cannot contain any of the following
        return
    yield from _first_match(TEXT_BIDI_CONTROL, _BIDI, field, text)
    yield from _first_match(TEXT_INVISIBLE_CHARACTER, INVISIBLE, field, text)
    if not unicodedata.is_normalized("NFC", text):
        offset = _first_difference(text, unicodedata.normalize("NFC", text))
        yield TEXT_NOT_NFC, f"{field}: {text[max(offset - 1, 0) : offset + 2]!r} at offset {offset} is not NFC"


def _first_match(rule: Rule, pattern: re.Pattern[str], field: str, text: str) -> Iterator[tuple[Rule, str]]:
    match = pattern.search(text)
    if match:
        count = sum(1 for _ in pattern.finditer(text))
        total = f", {count} in total" if count > 1 else ""
        yield rule, f"{field}: {character_name(match[0])} at offset {match.start()}{total}"


def character_name(character: str) -> str:
    """Return the code point and name of a character: `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}{' ' + name if name else ''}"


def _first_difference(first: str, second: str) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    return next((offset for offset, (a, b) in pairs if a != b), min(len(first), len(second)))
