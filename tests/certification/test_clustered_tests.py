"""One-sided tests over articles: their parts, and what copies of an item and unequal articles change."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from goldwire.certification.clustered_tests import clustered_mean, clustered_test

VALUES = np.random.default_rng(2).normal(0.1, 1, 40)


def test_symmetric_values_have_the_t_test_but_for_half_an_item() -> None:
    values = np.concatenate([VALUES, -VALUES])
    test = clustered_test(clustered_mean(values, None))
    unseen = 0.75 * max(abs(values)) / 2 / 79 + 0.6 * 0.5 / 80
    assert (test.unseen_above, test.unseen_below) == (pytest.approx(unseen), pytest.approx(unseen))
    assert (test.error, test.freedom) == (pytest.approx(stats.sem(values)), pytest.approx(79))
    assert test.p_below(0.3) == pytest.approx(test.p_above(-0.3))
    assert test.p_below(0.3) == pytest.approx(stats.t.cdf((unseen - 0.3) / np.hypot(test.error, unseen), 79))


def test_bounds_of_the_interval_are_those_that_are_just_rejected() -> None:
    test = clustered_test(clustered_mean(VALUES**2, [n // 4 for n in range(40)]))
    low, high = test.interval(0.05)
    assert test.p_below(high) == pytest.approx(0.05)
    assert test.p_above(low) == pytest.approx(0.05)
    assert test.unseen_above > test.unseen_below  # one article is far above the others


def test_copies_of_an_item_change_the_allowance_alone() -> None:
    once, copied = (
        clustered_test(clustered_mean(np.repeat(VALUES, n), np.repeat(np.arange(40), n).tolist())) for n in (1, 10)
    )
    assert (copied.value, copied.error, copied.freedom) == pytest.approx((once.value, once.error, once.freedom))
    assert copied.unseen_above < once.unseen_above


def test_articles_of_unequal_length_count_for_fewer() -> None:
    sizes = np.array([10, 6, *[1] * 24])
    groups = np.repeat(np.arange(26), sizes)
    test = clustered_test(clustered_mean(VALUES, groups.tolist()))
    # The covariance of articles' residuals, if items of one article have a correlation of .2.
    centring = np.eye(26) - np.outer(sizes / 40, np.ones(26))
    covariance = centring @ np.diag(sizes * (1 + 0.2 * (sizes - 1))) @ centring.T
    assert test.n_groups == 26
    assert test.freedom == pytest.approx(np.trace(covariance) ** 2 / np.trace(covariance @ covariance))
    assert test.freedom < 40**2 / (sizes**2).sum() - 1  # that for a variance in proportion to size
    residuals = np.bincount(groups, VALUES - VALUES.mean())
    factor = (sizes * (1 + 0.2 * (sizes - 1))).sum() / np.trace(covariance)
    assert test.error == pytest.approx(np.sqrt(factor * (residuals**2).sum()) / 40)


def test_the_variance_of_articles_of_unequal_length_is_unbiased() -> None:
    random = np.random.default_rng(4)
    groups = np.repeat(np.arange(8), [60, 20, 10, 6, 6, 4, 4, 2])
    drawn = random.normal(size=(2000, 8))[:, groups] * np.sqrt(0.2) + random.normal(size=(2000, 112)) * np.sqrt(0.8)
    tests = [clustered_test(clustered_mean(values, groups.tolist())) for values in drawn]
    assert np.mean([test.error**2 for test in tests]) == pytest.approx(np.var([test.value for test in tests]), rel=0.1)


def test_without_a_difference_half_an_item_is_unsure() -> None:
    test = clustered_test(clustered_mean(np.zeros(50), None))
    assert (test.error, test.unseen_above) == (0.01, 0.006)
    one_article = clustered_test(clustered_mean(np.zeros(50), ["a1"] * 50))
    assert np.isnan(one_article.error)
    assert one_article.n_groups == 1
