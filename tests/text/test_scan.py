"""Flags of a text: most texts have none."""

from __future__ import annotations

import pytest

from goldwire.text.scan import Flag, mojibake_lines, scan


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("One line.\nAnother “line”.\n\nÉté 中文 😀", Flag(0)),
        ("line end\n", Flag.WHITESPACE),
        ("two  spaces", Flag.WHITESPACE),
        (" indented", Flag.WHITESPACE),
        ("end ", Flag.WHITESPACE),
        ("space \nbefore a line end", Flag.WHITESPACE),
        ("carriage\rreturn", Flag.WHITESPACE),
        ("no-break\u00a0space", Flag.UNCOMMON),
        ("cafe\u0301", Flag.UNCOMMON),
        ("cafÃ©", Flag.MOJIBAKE),
        ("Â£5  x", Flag.MOJIBAKE | Flag.WHITESPACE),
    ],
)
def test_flags(text: str, flags: Flag) -> None:
    assert scan(text).flags == flags


def test_given_bytes_are_used() -> None:
    data = "é".encode()
    assert scan("é", data).data is data
    assert scan("\ud800").data == b"\xed\xa0\x80"


def test_lines_with_mojibake_are_located() -> None:
    text = "plain\ncafÃ© late\n“fine”\nitâ€™s"
    assert [text[start:end] for start, end in mojibake_lines(text)] == ["cafÃ© late", "itâ€™s"]
