"""Agreement of annotators with themselves, and with gold, on repeated sentences."""

from __future__ import annotations

from math import isnan

import pytest

from goldwire.agreement.repeated_sentences import gold_check_agreement, self_agreement
from support import factories

SENTENCE = "Ada Brook of the Port League spoke to Nils Orr on the quay on Monday."
FIRST = f"Harbour row\n\n{SENTENCE} It rained in Lanthe all day, and nobody else came to the quay."
SECOND = f"Row at the harbour goes on\n\nNobody knows why. {SENTENCE}"
ADA, LEAGUE, NILS = (0, 9, "PER"), (17, 28, "ORG"), (38, 46, "PER")


def layer(text: str, article: str, *spans: tuple[int, int, str], annotator: str = "A1", confirmed: bool = True):
    at = text.index(SENTENCE)
    moved = [(start + at, end + at, label) for start, end, label in spans]
    return factories.layer(factories.article(text, id=article), moved, annotator=annotator, confirmed=confirmed)


def measured(*layers):
    return self_agreement(layers, {"wire-000000000001": FIRST, "wire-000000000002": SECOND})


def test_spans_are_compared_in_the_repeated_sentence_only() -> None:
    outside = FIRST.index("Lanthe") - FIRST.index(SENTENCE)
    one = layer(FIRST, "wire-000000000001", ADA, LEAGUE, NILS, (outside, outside + 6, "GPE"))
    two = layer(SECOND, "wire-000000000002", ADA, (17, 28, "GPE"))
    value = measured(one, two)["A1"]
    assert value.value == pytest.approx(2 * 1 / 5)  # 1 of 3 and of 2
    assert (value.n_items, value.n_raters, value.unit) == (4, 1, "span")


def test_others_and_unconfirmed_layers_are_left_out() -> None:
    one = layer(FIRST, "wire-000000000001", ADA)
    assert measured(one, layer(SECOND, "wire-000000000002", annotator="A2")) == {}
    assert measured(one, layer(SECOND, "wire-000000000002", confirmed=False)) == {}


def test_nothing_marked_is_undefined_and_not_perfect() -> None:
    value = measured(layer(FIRST, "wire-000000000001"), layer(SECOND, "wire-000000000002"))["A1"]
    assert isnan(value.value)
    assert value.reason == "no span in a sentence of two articles"


def test_gold_checks_compare_with_the_gold_of_the_other_article_only() -> None:
    texts = {"wire-000000000001": FIRST, "wire-000000000002": SECOND}
    gold = layer(FIRST, "wire-000000000001", ADA, LEAGUE, NILS, annotator="gold")
    own_gold = layer(SECOND, "wire-000000000002", NILS, annotator="gold")
    two = layer(SECOND, "wire-000000000002", ADA, NILS)
    late = layer(SECOND, "wire-000000000002", ADA, annotator="A2", confirmed=False)
    value = gold_check_agreement([two, late], [gold], texts)["A1"]
    assert value.value == pytest.approx(2 * 2 / 5)
    assert gold_check_agreement([two, late], [gold, own_gold], texts) == {"A1": value}
    first = layer(FIRST, "wire-000000000001", ADA)
    assert gold_check_agreement([first], [own_gold], texts)["A1"].value == 0
    assert gold_check_agreement([two], [own_gold], texts) == {}
