"""Offsets in code points, UTF-16 units and UTF-8 bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.text import offsets

# Any text, lone surrogates too, with what is hard about news pages well represented.
TEXTS = st.lists(
    st.one_of(st.characters(), st.sampled_from(["\r\n", "\N{GRINNING FACE}", "e\u0301", "👩‍👩‍👧", "a", " ", "\u200f"]))
).map("".join)


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(TEXTS)
def test_every_offset_is_the_length_of_what_stands_before_it(text: str) -> None:
    places = offsets.index_offsets(text)
    for point in range(len(text) + 1):
        head = text[:point]
        assert places.to_utf16(point) == utf16(head)
        assert places.to_utf8(point) == len(head.encode("utf-8", "surrogatepass"))


@given(TEXTS)
def test_there_and_back_is_the_same_offset(text: str) -> None:
    places = offsets.index_offsets(text)
    for point in range(len(text) + 1):
        assert places.from_utf16(places.to_utf16(point)) == point
        assert places.from_utf8(places.to_utf8(point)) == point


@given(TEXTS)
def test_an_offset_that_no_code_point_has_is_refused(text: str) -> None:
    places = offsets.index_offsets(text)
    units = {places.to_utf16(point) for point in range(len(text) + 1)}
    bytes_ = {places.to_utf8(point) for point in range(len(text) + 1)}
    for unit in set(range(-1, max(units) + 2)) - units:
        with pytest.raises(offsets.OffsetError):
            places.from_utf16(unit)
    for byte in set(range(-1, max(bytes_) + 2)) - bytes_:
        with pytest.raises(offsets.OffsetError):
            places.from_utf8(byte)


@pytest.mark.parametrize("point", [-1, 4])
def test_a_code_point_outside_the_text_is_refused(point: int) -> None:
    with pytest.raises(offsets.OffsetError):
        offsets.index_offsets("abc").to_utf16(point)
    with pytest.raises(offsets.OffsetError):
        offsets.index_offsets("abc").to_utf8(point)
