"""Offsets in code points and UTF-16 units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.text import offsets

# Any text, lone surrogates too, with many of the hard characters of news pages.
TEXTS = st.lists(
    st.one_of(st.characters(), st.sampled_from(["\r\n", "\N{GRINNING FACE}", "e\u0301", "👩‍👩‍👧", "a", " ", "\u200f"]))
).map("".join)


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(TEXTS)
def test_an_offset_is_the_length_of_the_text_before_it(text: str) -> None:
    index = offsets.index_offsets(text)
    for point in range(len(text) + 1):
        assert index.to_utf16(point) == utf16(text[:point])


@given(TEXTS)
def test_converting_there_and_back_is_the_same_offset(text: str) -> None:
    index = offsets.index_offsets(text)
    for point in range(len(text) + 1):
        assert index.from_utf16(index.to_utf16(point)) == point


@given(TEXTS)
def test_an_offset_within_a_character_raises_an_error(text: str) -> None:
    index = offsets.index_offsets(text)
    units = {index.to_utf16(point) for point in range(len(text) + 1)}
    for unit in set(range(-1, max(units) + 2)) - units:
        with pytest.raises(offsets.OffsetError):
            index.from_utf16(unit)


@pytest.mark.parametrize("point", [-1, 4])
def test_a_code_point_outside_the_text_raises_an_error(point: int) -> None:
    with pytest.raises(offsets.OffsetError):
        offsets.index_offsets("abc").to_utf16(point)
