from __future__ import annotations

import pytest

from goldwire import agreement


def test_unused_labels_count_for_chance() -> None:
    ratings = [["a", "a"], ["b", "a"]]
    assert agreement.brennan_prediger(ratings).value == pytest.approx(0.0)
    assert agreement.brennan_prediger(ratings, labels=["a", "b", "c"]).value == pytest.approx(0.25)


def test_randolph_is_brennan_and_prediger_without_weights() -> None:
    ratings = [["a", "a", "b"], ["b", "a", "a"], ["c", "c", "c"]]
    assert agreement.randolph_kappa(ratings).value == agreement.brennan_prediger(ratings).value


def test_they_are_high_for_a_prevalent_label_where_kappa_is_low() -> None:
    ratings = [["no", "no"]] * 96 + [["no", "yes"]] * 2 + [["yes", "no"]] * 2
    assert agreement.percent_agreement(ratings).value == pytest.approx(0.96)
    assert agreement.gwet_ac(ratings).value > 0.95
    assert agreement.brennan_prediger(ratings).value == pytest.approx(0.92)
    assert agreement.cohen_kappa(ratings).value < 0


def test_percent_agreement_of_one_label_is_one() -> None:
    assert agreement.percent_agreement([["a", "a"]]).value == 1
