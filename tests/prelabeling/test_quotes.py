"""Offsets of quotes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.prelabeling.quotes import Quote, anchor_quotes

TEXT = (
    "Ada Brook’s plan\n\n“We win,” said Ada Brook. The East–West Line wrote to  Brook.\n"
    "CAFÉ Oda opened; Brookfield waits."
)


def found(*quotes: Quote) -> list[str]:
    return [TEXT[place[0] : place[1]] if isinstance(place, tuple) else place for place in anchor_quotes(TEXT, quotes)]


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("East–West Line", "East–West Line"),
        ("East-West line", "East–West Line"),
        ('"We win,"', "“We win,”"),
        ("wrote to Brook", "wrote to  Brook"),
        ("Café Oda", "CAFÉ Oda"),
        ("Cafe\u0301 Oda", "CAFÉ Oda"),
        ("Ada Brook", "quote-ambiguous"),
        ("Ida", "quote-not-found"),
        ("", "quote-not-found"),
        ("  ", "quote-not-found"),
    ],
)
def test_a_quote_is_found_exactly_or_in_another_form(quote: str, expected: str) -> None:
    assert found(Quote(quote)) == [expected]


def test_the_context_tells_occurrences_apart() -> None:
    places = anchor_quotes(TEXT, [Quote("Ada Brook", "said Ada Brook."), Quote("Brook", "to Brook…")])
    assert places == [
        (TEXT.index("said") + 5, TEXT.index("said") + 14),
        (TEXT.index("  Brook") + 2, TEXT.index("  Brook") + 7),
    ]


def test_a_quote_given_as_often_as_it_occurs_is_each_occurrence() -> None:
    first, second = anchor_quotes(TEXT, [Quote("Ada Brook"), Quote("Ada Brook")])
    assert (first, second) == ((0, 9), (TEXT.index("said") + 5, TEXT.index("said") + 14))


def test_a_word_is_not_found_within_a_longer_one() -> None:
    assert "Brookfield" not in {TEXT[a : b + 5] for a, b in anchor_quotes(TEXT, [Quote("Brook")] * 3)}


@given(st.text(min_size=1, max_size=60), st.text(max_size=12), st.text(max_size=30))
def test_a_place_is_always_a_range_of_the_text(text: str, quote: str, context: str) -> None:
    for place in anchor_quotes(text, [Quote(quote, context)] * 2):
        if isinstance(place, tuple):
            assert 0 <= place[0] < place[1] <= len(text)
