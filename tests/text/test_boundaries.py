"""Positions that split a word or a character."""

from __future__ import annotations

import pytest

from goldwire.text.boundaries import splits_grapheme, splits_word, token_around
from goldwire.text.tokenization import tokens


@pytest.mark.parametrize(
    ("left", "right", "splits"),
    [
        ("fer", "ry", True),
        ("ferry", " boat", False),
        ("A", "1", True),
        ("ferry", "’s", False),
        ("渡", "船", False),  # no spaces between words
        ("фер", "ри", True),
    ],
)
def test_positions_within_words(left: str, right: str, splits: bool) -> None:
    assert splits_word(left + right, len(left)) is splits


@pytest.mark.parametrize(
    ("left", "right", "splits"),
    [
        ("e", "\u0301", True),
        ("\r", "\n", True),
        ("a", "b", False),
        ("👩", "\u200d🚀", True),
        ("👩\u200d", "🚀", True),
        ("👩", "🚀", False),
        ("👍", "🏽", True),
        ("🇪", "🇺", True),
        ("🇪🇺", "🇫🇷", False),
        ("ᄒ", "ᅡ", True),
        ("하", "ᆫ", True),
        ("한", "국", False),
        ("क", "ि", True),
    ],
)
def test_positions_within_grapheme_clusters(left: str, right: str, splits: bool) -> None:
    assert splits_grapheme(left + right, len(left)) is splits


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("the school-run did", 10, "school-run"),
        ("the school-run did", 14, ""),
        ("Roe’s plan", 3, ""),
        ("in the U.S. Senate", 9, "U.S."),
        ("met Mr. Roe", 6, "Mr."),
        ("นายสมชายเดินทาง", 3, ""),
        ("นายสมชายเดินทาง", 5, "สมชาย"),
    ],
)
def test_tokens_around_a_position(text: str, offset: int, expected: str) -> None:
    assert token_around(text, offset) == expected


def test_the_token_around_a_position_is_that_of_the_whole_text() -> None:
    text = "“I do n't”, Putin 's U.S. aide said - 20-year-old Mr. J. Roe... at a@b.example 5 p.m.\n\nสวัสดีครับ 渡し船"
    whole = tokens(text)
    for offset in range(1, len(text)):
        expected = [text[start:end] for start, end in whole if start < offset < end]
        assert token_around(text, offset) == "".join(expected), offset
