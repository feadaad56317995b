"""Long articles in parts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.sampling import windows

TEXT = "Head\n\nA b. C d.\nE f.\n\nG.\n\n\nH."
PIECES = st.sampled_from(["A b. C d.", "x", "\n", "\n\n", " ", "\r\n", "é\N{GRINNING FACE}. Q"])
TEXTS = st.lists(PIECES, max_size=30).map("".join)


@given(TEXTS, st.sampled_from(["paragraphs", "sentences"]), st.integers(1, 4), st.integers(0, 2))
def test_all_but_white_space_is_in_exactly_one_window(
    text: str, unit: windows.WindowUnit, size: int, context: int
) -> None:
    windows_of_text = windows.split_into_windows(text, unit, size, context)
    ends = [0, *(end for one in windows_of_text for end in (one.start, one.end)), len(text)]
    assert ends == sorted(ends)
    between = "".join(text[start:end] for start, end in list(pairwise(ends))[::2])
    assert not between.strip()
    for one in windows_of_text:
        first, last = one.context or (one.start, one.end)
        assert 0 <= first <= one.start <= one.end <= last <= len(text)


def test_sentences_are_those_of_the_language() -> None:
    text = "Das kostet z. B. 3 Euro. Mehr nicht."
    assert [(w.start, w.end) for w in windows.split_into_windows(text, "sentences", 1, 0, "de")] == [(0, 24), (25, 36)]


def test_the_context_is_as_many_units_more() -> None:
    shown = [
        TEXT[slice(*(w.context or (w.start, w.end)))] for w in windows.split_into_windows(TEXT, "paragraphs", 1, 1)
    ]
    assert shown == ["Head\n\nA b. C d.\nE f.", TEXT[:24], TEXT[6:], "G.\n\n\nH."]
    assert [TEXT[w.start : w.end] for w in windows.split_into_windows(TEXT, "sentences", 2, 0)] == [
        "Head\n\nA b.",
        "C d.\nE f.",
        "G.\n\n\nH.",
    ]
    assert {w.context for w in windows.split_into_windows(TEXT, "sentences", 2, 0)} == {None}


@pytest.mark.parametrize(("unit", "size"), [("whole", 1), ("paragraphs", 4), ("sentences", 6)])
def test_a_text_no_longer_than_a_window_is_one_window(unit: windows.WindowUnit, size: int) -> None:
    assert windows.split_into_windows(TEXT, unit, size, 2) == (windows.Window(0, len(TEXT)),)


def test_windows_are_even() -> None:
    text = "\n\n".join("abcdefghij")
    assert [text[w.start : w.end].count("\n\n") + 1 for w in windows.split_into_windows(text, "paragraphs", 4, 1)] == [
        3,
        3,
        4,
    ]
