"""Characters that a text must not contain."""

from __future__ import annotations

import pytest

from goldwire.checks.rules.text import character_name, character_problems


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("one\r\ntwo", "text-carriage-return", "text: 1, the first at offset 3"),
        ("a\tb\tc", "text-control-character", "text: U+0009 at offset 1, 2 in total"),
        ("a\u202eb", "text-bidi-control", "text: U+202E RIGHT-TO-LEFT OVERRIDE at offset 1"),
        ("a\u200bb", "text-invisible-character", "text: U+200B ZERO WIDTH SPACE at offset 1"),
        ("a\u200db", "text-invisible-character", "text: U+200D ZERO WIDTH JOINER at offset 1"),
        ("cafe\u0301", "text-not-nfc", "text: 'fe\u0301' at offset 3 is not NFC"),
    ],
)
def test_a_forbidden_character_is_found_at_its_first_offset(text: str, code: str, message: str) -> None:
    assert [(rule.code, problem) for rule, problem in character_problems("text", text)] == [(code, message)]


@pytest.mark.parametrize("text", ["plain\n\ntext", "caf\u00e9", "\U0001f469\u200d\U0001f467", "\u0646\u200c\u0647"])
def test_joiners_in_emoji_and_arabic_are_allowed(text: str) -> None:
    assert list(character_problems("text", text)) == []


def test_character_name() -> None:
    assert character_name("\u200b") == "U+200B ZERO WIDTH SPACE"
    assert character_name("\x07") == "U+0007"
