"""A gazetteer of settled labels."""

from __future__ import annotations

import pytest

from goldwire.prelabeling import gazetteer
from support import factories


def learned(*texts: tuple[str, list[tuple[str, str]]], min_share: float = 0.8) -> gazetteer.Gazetteer:
    """From texts in which each of these names is marked once, at its first place."""
    articles, layers = {}, []
    for number, (text, names) in enumerate(texts):
        article = factories.article(text, id=f"wire-{number:012d}")
        articles[article.id] = text
        places = [(text.index(name), text.index(name) + len(name), label) for name, label in names]
        layers.append(factories.layer(article, places, annotator="gold"))
    return gazetteer.build_gazetteer(layers, articles, min_share)


def found(names: gazetteer.Gazetteer, text: str) -> list[tuple[str, str]]:
    return [(text[start:end], label) for start, end, label in names.find(text)]


def test_names_are_found_from_left_to_right_the_longest_first() -> None:
    names = learned(("Rail met Rail Union.", [("Rail Union", "ORG")]), ("Tal Aviv of Aviv", [("Tal Aviv", "PER")]))
    text = "Tal Aviv and the Rail Union; Aviv; Tal Aviv."
    assert found(names, text) == [("Tal Aviv", "PER"), ("Rail Union", "ORG"), ("Tal Aviv", "PER")]


@pytest.mark.parametrize(
    "text",
    ["Norwayside", "preNorway", "Norway\u0301", "Norway\u200dx", "norway", "Nor way", "", "Norwa"],
)
def test_a_name_is_a_word_as_it_was_written(text: str) -> None:
    assert found(learned(("Norway", [("Norway", "GPE")])), text) == []


@pytest.mark.parametrize(
    "text", ["Norway's", "(Norway)", "\N{GRINNING FACE}Norway", "“Norway”", "Norway", "North-Norway"]
)
def test_signs_end_a_word(text: str) -> None:
    assert found(learned(("Norway", [("Norway", "GPE")])), text) == [("Norway", "GPE")]


def test_marks_that_belong_to_a_letter_do_not_end_a_word() -> None:
    names = learned(("दिल में", [("दिल", "LOC")]))
    assert found(names, "दिल और दिल्ली") == [("दिल", "LOC")]


def test_a_name_that_is_mostly_not_labelled_is_left_out() -> None:
    often = ("May met May and May.", [("May", "PER")])  # one of three
    assert learned(often).labels == {}
    assert learned(often, min_share=0.3).labels == {"May": "PER"}


def test_a_name_inside_a_longer_one_does_not_count_against_it() -> None:
    text = "Oslo. The Oslo Times, the Oslo Times."
    names = learned((text, [("Oslo", "GPE"), ("Oslo Times", "ORG")]), min_share=0.5)
    assert names.labels == {"Oslo": "GPE", "Oslo Times": "ORG"}


def test_the_more_frequent_label_is_suggested_if_its_share_suffices() -> None:
    texts = [(f"{n} Ada", [("Ada", "PER")]) for n in range(4)] + [("5 Ada", [("Ada", "ORG")])]
    assert learned(*texts).labels == {"Ada": "PER"}
    assert learned(*texts, min_share=0.9).labels == {}


def test_layers_without_their_text_teach_nothing() -> None:
    layer = factories.layer(factories.article("Ada"), [(0, 3, "PER")])
    assert gazetteer.build_gazetteer([layer], {}).labels == {}
