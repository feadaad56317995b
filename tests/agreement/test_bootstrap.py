from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pytest

from goldwire.agreement import krippendorff_alpha
from goldwire.agreement.bootstrap import replicates
from goldwire.agreement.estimates import IntervalOptions
from goldwire.agreement.krippendorff import alpha_estimate
from goldwire.agreement.ratings import parse
from support.simulated_ratings import ALPHA, simulated_ratings


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_intervals_cover_the_true_value(method: Any) -> None:
    """400 studies of 150 items: 95% are 380, and by chance the count nearly always lies within 93 to 97%."""
    random = np.random.default_rng(11)
    n_covered = 0
    for study in range(400):
        alpha = krippendorff_alpha(simulated_ratings(random, 150), n_boot=400, seed=study, method=method)
        n_covered += alpha.low <= ALPHA <= alpha.high
    assert 0.93 * 400 <= n_covered <= 0.97 * 400


def test_intervals_by_article_cover_the_true_value_where_those_by_item_are_too_narrow() -> None:
    """The ten items of an article are right or wrong together: intervals by item contain the true value too rarely."""
    random = np.random.default_rng(13)
    n_covered_by_item = n_covered_by_article = 0
    for study in range(200):
        truth = np.repeat(random.integers(0, 2, 60), 10)
        is_wrong = np.repeat(random.random((60, 2)) < 0.15, 10, axis=0)
        ratings = np.where(is_wrong, 1 - truth[:, None], truth[:, None])
        articles = np.repeat(np.arange(60), 10)
        true_value = (1 - 2 * 0.15) ** 2
        by_item = krippendorff_alpha(ratings, method="percentile", n_boot=300, seed=study)
        by_article = krippendorff_alpha(ratings, method="percentile", n_boot=300, seed=study, groups=articles)
        n_covered_by_item += by_item.low <= true_value <= by_item.high
        n_covered_by_article += by_article.low <= true_value <= by_article.high
    assert n_covered_by_item < 0.7 * 200
    assert n_covered_by_article > 0.9 * 200


def test_resampling_patterns_has_the_distribution_of_resampling_items() -> None:
    ratings = simulated_ratings(np.random.default_rng(5), 400)
    by_pattern = replicates(alpha_estimate(parse(ratings)), IntervalOptions(n_boot=2000, seed=1))
    random = np.random.default_rng(2)
    by_item = [krippendorff_alpha(ratings[random.integers(0, 400, 400)]).value for _ in range(600)]
    assert by_pattern.mean() == pytest.approx(np.mean(by_item), abs=0.006)
    assert by_pattern.std() == pytest.approx(np.std(by_item), rel=0.12)


def test_rows_that_are_all_distinct_are_resampled_too() -> None:
    random = np.random.default_rng(6)
    truth = random.normal(size=300)
    ratings = truth[:, None] + 0.5 * random.normal(size=(300, 3))
    alpha = krippendorff_alpha(ratings, "interval", method="percentile", n_boot=500)
    assert alpha.low < alpha.value < alpha.high
    assert alpha.high - alpha.low == pytest.approx(0.09, abs=0.04)


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_a_higher_confidence_widens_the_interval(method: Any) -> None:
    ratings = simulated_ratings(np.random.default_rng(7), 200)
    narrow, default, wide = (
        krippendorff_alpha(ratings, n_boot=300, method=method, confidence=confidence)
        for confidence in (0.8, 0.95, 0.99)
    )
    assert wide.low < default.low < narrow.low < narrow.value < narrow.high < default.high < wide.high
    assert repr(default) == repr(krippendorff_alpha(ratings, n_boot=300, method=method))


def test_the_interval_is_undefined_if_too_many_resamples_are() -> None:
    ratings = [["a", "a"]] * 9 + [["b", "b"]]
    alpha = krippendorff_alpha(ratings, method="percentile", n_boot=200)
    assert alpha.value == 1.0
    assert isnan(alpha.low)
    assert alpha.reason == "no interval: too many of the 200 resamples are undefined"


def test_groups_must_have_one_entry_per_item() -> None:
    with pytest.raises(ValueError, match="group"):
        krippendorff_alpha([["a", "b"], ["a", "a"]], n_boot=10, groups=["x"])


@pytest.mark.parametrize("options", [{"confidence": 95}, {"confidence": 0}, {"method": "normal"}])
def test_an_unknown_method_or_confidence_is_rejected(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"confidence|method"):
        krippendorff_alpha([["a", "b"], ["a", "a"]], n_boot=10, **options)
