from __future__ import annotations

from math import isnan

import numpy as np
import pytest

from goldwire import agreement
from goldwire.agreement.bootstrap import BootstrapOptions, replicates
from goldwire.agreement.krippendorff import alpha_estimate
from goldwire.agreement.ratings import parse


def simulated(random: np.random.Generator, items: int) -> np.ndarray:
    """Three raters who are right 8 times in 10 and guess otherwise, among three labels; a fifth is missing."""
    truth = random.integers(0, 3, items)
    right = random.random((items, 3)) < 0.8
    ratings = np.where(right, truth[:, None], random.integers(0, 3, (items, 3))).astype(float)
    ratings[random.random(ratings.shape) < 0.2] = np.nan
    return ratings


# A pair agrees where both are right, or by the guesses' chance: alpha is .8 squared, the labels being alike frequent.
TRUTH = 0.64


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_intervals_cover_the_truth_as_often_as_they_say(method: str) -> None:
    """400 studies of 150 items: 95% means 380, and 93 to 97% is where the count falls by chance nearly always."""
    random = np.random.default_rng(11)
    covered = 0
    for study in range(400):
        found = agreement.krippendorff_alpha(simulated(random, 150), n_boot=400, seed=study, method=method)
        covered += found.low <= TRUTH <= found.high
    assert 0.93 * 400 <= covered <= 0.97 * 400


def test_intervals_by_formula_cover_the_truth() -> None:
    random = np.random.default_rng(12)
    covered = 0
    for _ in range(400):
        ratings = simulated(random, 150)
        found = agreement.analytic_interval(agreement.krippendorff_alpha(ratings), ratings)
        covered += found.low <= TRUTH <= found.high
    assert 0.93 * 400 <= covered <= 0.97 * 400


def test_an_interval_by_article_covers_where_one_by_item_is_too_narrow() -> None:
    """Ten items an article, which are right or wrong together: by item the interval holds the truth far too rarely."""
    random = np.random.default_rng(13)
    by_item = by_article = 0
    for study in range(200):
        truth = np.repeat(random.integers(0, 2, 60), 10)
        flip = np.repeat(random.random((60, 2)) < 0.15, 10, axis=0)
        ratings = np.where(flip, 1 - truth[:, None], truth[:, None])
        articles = np.repeat(np.arange(60), 10)
        target = (1 - 2 * 0.15) ** 2
        plain = agreement.krippendorff_alpha(ratings, n_boot=300, seed=study)
        grouped = agreement.krippendorff_alpha(ratings, n_boot=300, seed=study, groups=articles.tolist())
        by_item += plain.low <= target <= plain.high
        by_article += grouped.low <= target <= grouped.high
    assert by_item < 0.7 * 200
    assert by_article > 0.9 * 200


def test_resampling_patterns_is_resampling_items() -> None:
    ratings = simulated(np.random.default_rng(5), 400)
    fast = replicates(alpha_estimate(parse(ratings)), BootstrapOptions(n_boot=2000, seed=1))
    random = np.random.default_rng(2)
    slow = [agreement.krippendorff_alpha(ratings[random.integers(0, 400, 400)]).value for _ in range(600)]
    assert fast.mean() == pytest.approx(np.mean(slow), abs=0.006)
    assert fast.std() == pytest.approx(np.std(slow), rel=0.12)


def test_many_distinct_rows_are_drawn_the_other_way_and_come_out_alike() -> None:
    random = np.random.default_rng(6)
    truth = random.normal(size=300)
    ratings = truth[:, None] + 0.5 * random.normal(size=(300, 3))  # every row its own pattern
    found = agreement.krippendorff_alpha(ratings, "interval", n_boot=500)
    assert found.low < found.value < found.high
    assert found.high - found.low == pytest.approx(0.09, abs=0.04)


def test_no_interval_where_resamples_are_undefined_too_often() -> None:
    ratings = [["a", "a"]] * 9 + [["b", "b"]]
    found = agreement.krippendorff_alpha(ratings, n_boot=200)
    assert found.value == 1.0
    assert isnan(found.low)
    assert found.reason


def test_groups_must_name_each_item() -> None:
    with pytest.raises(ValueError, match="group"):
        agreement.krippendorff_alpha([["a", "b"], ["a", "a"]], n_boot=10, groups=["x"])
