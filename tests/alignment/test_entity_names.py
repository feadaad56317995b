"""Names of one article that mean the same entity."""

from __future__ import annotations

from itertools import permutations

import pytest

from goldwire.alignment.entity_names import fullest_names, name_words


@pytest.mark.parametrize(
    "form",
    ["Port League", "the Port League", "PORT  LEAGUE", "Port League's", "Port League\N{RIGHT SINGLE QUOTATION MARK}s"],
)
def test_case_space_article_and_possessive_do_not_matter(form: str) -> None:
    assert name_words(form) == ("port", "league")


def test_a_last_name_belongs_to_the_one_full_name() -> None:
    assert fullest_names(["Ada Brook", "Brook"])["Brook"] == ("ada", "brook")
    assert fullest_names(["Ada Brook", "Nils Brook", "Brook"])["Brook"] == ("brook",)


def test_a_chain_of_longer_names_is_one_entity() -> None:
    for names in permutations(["Mrs Ada Brook", "Ada Brook", "Brook"]):
        assert set(fullest_names(names).values()) == {("mrs", "ada", "brook")}


def test_a_name_of_white_space_joins_nothing() -> None:
    assert fullest_names([" ", "Ada"]) == {" ": (), "Ada": ("ada",)}
