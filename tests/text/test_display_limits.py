"""Texts that Doccano can store and a browser can show."""

from __future__ import annotations

import pytest

from goldwire.text.display_limits import MAX_MARKS, MAX_TEXT, unsupported_reason


@pytest.mark.parametrize(
    ("text", "is_supported"),
    [
        ("a", True),
        ("\N{GRINNING FACE}\u202e<script>\u0007", True),
        ("x" * MAX_TEXT, True),
        ("x" * (MAX_TEXT + 1), False),
        ("a\0b", False),
        ("a\ud800b", False),
        (" \n\t", False),
        ("", False),
        ("a" + "\u0301" * MAX_MARKS, True),
        ("a" + "\u0301" * (MAX_MARKS + 1), False),
    ],
)
def test_unsupported_texts_have_a_reason(text: str, is_supported: bool) -> None:
    assert (unsupported_reason(text) is None) is is_supported
