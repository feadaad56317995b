"""Positions that split a word or a character."""

from __future__ import annotations

import pytest

from goldwire.text.boundaries import splits_grapheme, splits_word


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
