from __future__ import annotations

from math import isnan

import pytest

from goldwire import agreement


@pytest.mark.parametrize("coefficient", [agreement.cohen_kappa, agreement.scott_pi])
def test_coefficients_of_two_raters_reject_three_and_name_the_alternative(coefficient) -> None:
    with pytest.raises(ValueError, match=r"for more use (conger|fleiss)_kappa"):
        coefficient([["a", "b", "a"]])


def test_cohens_kappa_ignores_items_that_one_rater_skipped() -> None:
    ratings = [["a", "a"], ["a", "b"], ["b", "b"]]
    with_gaps = agreement.cohen_kappa([*ratings, ["b", None], [None, "a"]])
    assert repr(with_gaps) == repr(agreement.cohen_kappa(ratings))
    assert with_gaps.n_items == 3


def test_conger_and_light_are_cohens_kappa_of_two_raters() -> None:
    ratings = [["a", "a"], ["a", "b"], ["b", "b"], ["c", "b"]]
    cohen = agreement.cohen_kappa(ratings).value
    assert agreement.conger_kappa(ratings).value == pytest.approx(cohen)
    assert agreement.light_kappa(ratings).value == pytest.approx(cohen)


def test_fleiss_is_scotts_pi_of_two_raters() -> None:
    ratings = [["a", "a"], ["a", "b"], ["b", "b"], ["c", "b"]]
    assert agreement.fleiss_kappa(ratings).value == pytest.approx(agreement.scott_pi(ratings).value)


def test_lights_kappa_leaves_out_pairs_of_raters_without_a_kappa() -> None:
    ratings = [["a", "a", None], ["a", "b", None], ["b", "b", None]]
    expected = agreement.cohen_kappa([row[:2] for row in ratings]).value
    assert agreement.light_kappa(ratings).value == pytest.approx(expected)


def test_one_label_is_undefined_with_a_reason() -> None:
    kappa = agreement.fleiss_kappa([["a", "a"], ["a", "a"]])
    assert isnan(kappa.value)
    assert kappa.reason == "all ratings are one label, so that chance alone always agrees"
