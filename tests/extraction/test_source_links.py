"""Lines that are web addresses, and articles that list them."""

from __future__ import annotations

import pytest

from goldwire.extraction.source_links import is_address_line, lists_addresses


@pytest.mark.parametrize(
    ("line", "is_address"),
    [
        ("https://shop.example/1", True),
        ("http://shop.example", True),
        ("https://", False),
        ("https://shop.example/1 and more", False),
        ("See https://shop.example/1", False),
        ("", False),
    ],
)
def test_an_address_line_is_nothing_but_an_address(line: str, is_address: bool) -> None:
    assert is_address_line(line) == is_address


def test_more_than_two_addresses_are_a_list() -> None:
    addresses = [f"https://shop.example/{number}" for number in range(3)]
    assert lists_addresses(["A lamp", *addresses])
    assert not lists_addresses(["A lamp", *addresses[:2]])
