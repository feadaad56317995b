from __future__ import annotations

import numpy as np
import pytest

from goldwire import agreement
from support.published_tables import COHEN_1960


def test_each_label_against_all_others() -> None:
    by_label = agreement.by_label([["a", "a"], ["b", "c"], ["c", "b"], ["a", "a"]])
    assert by_label["a"].value == 1.0
    assert by_label["b"].value < 0


def test_a_rater_who_guesses_stands_out() -> None:
    random = np.random.default_rng(3)
    truth = random.integers(0, 3, 200)
    ratings = np.column_stack([truth, truth, random.integers(0, 3, 200)])
    raters = agreement.by_rater(ratings)
    assert [rater.rater for rater in raters] == [0, 1, 2]
    assert raters[2].with_others.value < 0.2
    assert raters[2].without.value == 1.0
    assert raters[2].with_others.low < raters[2].with_others.value < raters[2].with_others.high


def test_the_gain_of_an_item_is_the_rise_of_alpha_if_its_raters_agree() -> None:
    ratings = [["a", "a", "b"], ["b", "b", "b"], ["a", "b", None], ["a", "a", "a"]]
    gains = agreement.by_item(ratings)
    agreed = [["a", "a", "a"], *ratings[1:]]
    alpha = agreement.krippendorff_alpha(ratings).value
    assert gains[0] == pytest.approx(agreement.krippendorff_alpha(agreed).value - alpha)
    assert gains[1] == gains[3] == 0


def test_the_warning_of_prevalence_has_its_figures() -> None:
    ratings = [["n", "n"]] * 96 + [["n", "y"]] * 2 + [["y", "n"]] * 2
    warning = agreement.prevalence_warning(ratings)
    assert warning is not None
    assert "98%" in warning
    assert agreement.prevalence_warning(COHEN_1960) is None
