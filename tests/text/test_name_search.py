"""Names are found as whole words, whatever the script."""

from __future__ import annotations

import pytest

from goldwire.text.name_search import find_name, replace_name


@pytest.mark.parametrize(
    ("name", "text", "starts"),
    [
        ("Ito", "Ito, Itoko and (Ito)", [0, 16]),
        ("Ito", "ITO ito", []),
        ("U.S.", "the U.S. and U.S.A.", [4]),
        ("é", "é e\u0301 é\u0301", [0]),
        ("نی", "نی نی\u200cها", [0]),
        ("", "any text", []),
        ("$5", "$5 $50 a$5", [0]),
    ],
)
def test_names_are_whole_words(name: str, text: str, starts: list[int]) -> None:
    assert [start for start, _ in find_name(name, text)] == starts
    assert all(text[start:end] == name for start, end in find_name(name, text))


def test_names_are_replaced() -> None:
    assert replace_name("Ito", "Ito met Itoko and Ito.", "X") == "X met Itoko and X."
    assert replace_name("", "Ito", "X") == "Ito"
