from __future__ import annotations

import numpy as np
import pytest

from goldwire import agreement
from support.simulated_ratings import ALPHA, simulated_ratings


def test_analytic_intervals_cover_the_true_value() -> None:
    """400 studies of 150 items: 95% are 380, and by chance the count nearly always lies within 93 to 97%."""
    random = np.random.default_rng(12)
    n_covered = 0
    for _ in range(400):
        ratings = simulated_ratings(random, 150)
        alpha = agreement.analytic_interval(agreement.krippendorff_alpha(ratings), ratings)
        n_covered += alpha.low <= ALPHA <= alpha.high
    assert 0.93 * 400 <= n_covered <= 0.97 * 400


def test_a_higher_confidence_widens_the_interval() -> None:
    ratings = simulated_ratings(np.random.default_rng(1), 100)
    kappa = agreement.fleiss_kappa(ratings)
    narrow = agreement.analytic_interval(kappa, ratings, confidence=0.8)
    wide = agreement.analytic_interval(kappa, ratings, confidence=0.99)
    assert wide.low < narrow.low < kappa.value < narrow.high < wide.high


def test_a_coefficient_without_a_formula_is_rejected() -> None:
    with pytest.raises(ValueError, match="no formula for 'light_kappa'"):
        agreement.standard_error([["a", "b"]], "light_kappa")


def test_an_undefined_value_has_no_interval() -> None:
    ratings = [["a", "a"], ["a", "a"]]
    kappa = agreement.fleiss_kappa(ratings)
    assert repr(agreement.analytic_interval(kappa, ratings)) == repr(kappa)
