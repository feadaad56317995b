"""Hints of classes, ids and tags."""

from __future__ import annotations

import pytest

from goldwire.extraction.html.class_names import CLASS_HINTS, TAGS, class_hints, is_invisible, tag_bit


def hint_names(names: str) -> set[str]:
    return {hint for number, hint in enumerate(CLASS_HINTS) if class_hints(names) >> number & 1}


def test_names_of_elements_hint_at_kinds_of_content() -> None:
    both = class_hints("article-body js-related")
    assert both & class_hints("articleBody")
    assert both & class_hints("RelatedLinks")
    assert class_hints("ad") != 0
    assert class_hints("shadow") & class_hints("ad") == 0


@pytest.mark.parametrize(
    ("names", "hints"),
    [
        ("article-body", {"article", "body"}),
        ("articleBody", {"article", "body"}),
        ("PULLQUOTE", {"pull_quote"}),
        ("ad", {"advertisement"}),
        ("shadow", set()),
        (" c169981", {"comments", "numbered"}),
        ("c12 c169981b abc169981", {"numbered"}),
        ("", set()),
    ],
)
def test_a_hint_is_a_part_of_a_word_or_a_whole_word(names: str, hints: set[str]) -> None:
    assert hint_names(names) == hints


def test_hints_and_tags_are_bits_of_one_number() -> None:
    assert len(CLASS_HINTS) < 63
    assert len(TAGS) < 63


def test_similar_tags_have_the_same_bit() -> None:
    assert tag_bit("h1") == tag_bit("h6") == tag_bit("h") != 0
    assert tag_bit("dd") == tag_bit("dl")
    assert tag_bit("span") == 0


@pytest.mark.parametrize(
    ("names", "expected"),
    [("sr-only", True), ("x visually-hidden", True), ("hidden", True), ("unhidden", False), ("link", False)],
)
def test_classes_hide_inline_elements(names: str, expected: bool) -> None:
    assert is_invisible(names) == expected
