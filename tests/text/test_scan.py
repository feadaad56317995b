"""set[str]s of a text: most texts have none."""

from __future__ import annotations

import pytest

from goldwire.text.scan import mojibake_lines, scan


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("One line.\nAnother “line”.\n\nÉté 中文 😀", set()),
        ("line end\n", {"whitespace"}),
        ("two  spaces", {"whitespace"}),
        (" indented", {"whitespace"}),
        ("end ", {"whitespace"}),
        ("space \nbefore a line end", {"whitespace"}),
        ("carriage\rreturn", {"whitespace"}),
        ("no-break\u00a0space", {"uncommon"}),
        ("cafe\u0301", {"uncommon"}),
        ("cafÃ©", {"mojibake"}),
        ("Â£5  x", {"mojibake", "whitespace"}),
    ],
)
def test_the_kinds_of_characters_in_a_text(text: str, kinds: set[str]) -> None:
    scanned = scan(text)
    found = {
        "mojibake": scanned.may_have_mojibake,
        "uncommon": scanned.has_uncommon,
        "whitespace": scanned.has_whitespace,
    }
    assert {name for name, is_set in found.items() if is_set} == kinds


def test_given_bytes_are_used() -> None:
    data = "é".encode()
    assert scan("é", data).data is data
    assert scan("\ud800").data == b"\xed\xa0\x80"


def test_lines_with_mojibake_are_located() -> None:
    text = "plain\ncafÃ© late\n“fine”\nitâ€™s"
    assert [text[start:end] for start, end in mojibake_lines(text)] == ["cafÃ© late", "itâ€™s"]
