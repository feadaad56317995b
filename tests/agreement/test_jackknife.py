"""Intervals by the jackknife over articles."""

from __future__ import annotations

from math import isnan
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire import agreement
from goldwire.agreement import fleiss_kappa, krippendorff_alpha, mean_span_f1, percent_agreement, span_f1
from goldwire.agreement.chance_agreement import kappa_estimate
from goldwire.agreement.estimates import IntervalOptions
from goldwire.agreement.jackknife import IntervalBasis, LeaveOneOut, jackknife_interval, leave_one_out
from goldwire.agreement.krippendorff import alpha_estimate
from goldwire.agreement.ratings import parse
from support.factories import article, layer
from support.simulated_ratings import simulated_ratings


def ratings_by_article(n_articles: int, n_items: int, error: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two raters; in every article, the second one errs more or less often."""
    random = np.random.default_rng(seed)
    articles = np.repeat(np.arange(n_articles), n_items)
    chance = random.beta(2 * error, 2 * (1 - error), n_articles) if error else np.zeros(n_articles)
    first = random.integers(0, 3, len(articles))
    errs = random.random(len(articles)) < chance[articles]
    return np.column_stack([first, np.where(errs, (first + 1) % 3, first)]), articles


def plain_error(left_out: LeaveOneOut) -> float:
    """The standard error of Efron and Stein (1981)."""
    n = left_out.n_groups
    return float(np.sqrt((n - 1) / n * (left_out.counts * (left_out.values - left_out.mean()) ** 2).sum()))


def test_the_values_without_each_article_are_those_of_the_other_articles() -> None:
    ratings, articles = ratings_by_article(6, 5, 0.3)
    left_out = leave_one_out(alpha_estimate(parse(ratings)), articles)
    expected = [krippendorff_alpha(ratings[articles != article]).value for article in range(6)]
    assert left_out.values == pytest.approx(expected)
    assert left_out.sizes.tolist() == [5] * 6
    assert left_out.n_groups == 6


def test_without_groups_each_item_is_left_out_and_equal_items_are_computed_once() -> None:
    ratings = simulated_ratings(np.random.default_rng(3), 60)
    left_out = leave_one_out(alpha_estimate(parse(ratings)), None)
    rated_twice = (~np.isnan(ratings)).sum(axis=1) > 1
    expected = [krippendorff_alpha(np.delete(ratings, row, axis=0)).value for row in np.flatnonzero(rated_twice)]
    assert len(left_out.values) < len(expected) == left_out.n_groups
    assert sorted(np.repeat(left_out.values, left_out.counts.astype(int))) == pytest.approx(sorted(expected))


def test_the_standard_error_is_that_of_the_jackknife() -> None:
    ratings, articles = ratings_by_article(9, 8, 0.3)
    left_out = leave_one_out(alpha_estimate(parse(ratings)), articles)
    value = krippendorff_alpha(ratings).value
    assert left_out.weighted_error(value) == pytest.approx(plain_error(left_out), rel=0.02)  # articles of one length


def test_articles_in_which_nothing_is_compared_do_not_count() -> None:
    ratings: list[list[Any]] = [["a", "a"], ["a", "b"], ["b", "b"], ["a", None]]
    alpha = krippendorff_alpha(ratings, groups=["x", "y", "z", "w"])
    assert alpha.n_groups == 3
    assert repr(alpha) == repr(krippendorff_alpha(ratings[:3], groups=["x", "y", "z"]))


@pytest.mark.parametrize("n_articles", [2, 8, 16, 78])
def test_perfect_agreement_has_a_bound_that_depends_on_the_number_of_articles(n_articles: int) -> None:
    ratings, articles = ratings_by_article(n_articles, 10, 0.0)
    alpha = krippendorff_alpha(ratings, groups=articles)
    assert alpha.value == alpha.high == 1
    assert 0 < alpha.low < 1 - 3 / (n_articles * 10)  # the rule of three would hold if items were independent


def test_the_bound_of_perfect_agreement_is_about_that_of_the_rule_of_three_for_independent_items() -> None:
    n = 300
    percent = percent_agreement([["a", "a"]] * n)
    exact = 1 - 0.025 ** (1 / n)  # Clopper and Pearson's upper bound at 97.5% where nothing was seen in n trials
    assert 1 - percent.low == pytest.approx(exact, rel=0.1)


def test_the_bound_of_perfect_agreement_grows_little_with_items_of_the_same_articles() -> None:
    few, many = (krippendorff_alpha(r, groups=g) for r, g in (ratings_by_article(10, n, 0.0) for n in (10, 1000)))
    assert few.low < many.low < 0.99


def test_total_disagreement_has_a_bound_too() -> None:
    one, other = [(0, 5, "PER")], [(0, 6, "PER")]
    f1 = span_f1([one] * 8, [other] * 8)
    assert f1.value == f1.low == 0
    assert 0 < f1.high < 1


def test_where_agreement_is_low_the_upper_bound_allows_for_a_better_article() -> None:
    poor = IntervalBasis(
        value=0.4, max_disagreement=1.0, error=0.05, excess=0.02, gain=0.0, next_item=0.002, freedom=15.0, n_groups=16
    )
    uneven = msgspec.structs.replace(poor, gain=0.03)
    assert poor.bounds(0.95)[1] < uneven.bounds(0.95)[1]
    assert poor.bounds(0.95)[0] < uneven.bounds(0.95)[0]  # good articles were seen, so that bad ones are not typical
    good, uneven = (msgspec.structs.replace(basis, value=0.98, error=0.005) for basis in (poor, uneven))
    assert uneven.bounds(0.95)[1] - good.bounds(0.95)[1] < 0.001


def test_articles_that_differ_both_ways_alike_add_little_to_the_interval() -> None:
    one_sided = IntervalBasis(
        value=0.9, max_disagreement=1.0, error=0.02, excess=0.02, gain=0.0, next_item=0.002, freedom=15.0, n_groups=16
    )
    balanced = msgspec.structs.replace(one_sided, gain=0.02)
    none = msgspec.structs.replace(one_sided, excess=0.0)
    added = [none.bounds(0.95)[0] - basis.bounds(0.95)[0] for basis in (one_sided, balanced)]
    assert 0 < added[1] < 0.6 * added[0]


def test_the_error_of_articles_of_unequal_length_is_not_that_of_leaving_out_the_long_ones() -> None:
    random = np.random.default_rng(2)
    weighted, plain = [], []
    for _ in range(200):
        articles = np.repeat(np.arange(8), [60, 20, 10, 6, 6, 4, 4, 2])
        wrong = random.random(len(articles)) < 0.3
        ratings = np.column_stack([np.zeros(len(articles)), wrong.astype(float)])
        value = percent_agreement(ratings, method=None).value
        left_out = leave_one_out(kappa_estimate("percent_agreement", parse(ratings)), articles)
        weighted.append(left_out.weighted_error(value) ** 2)
        plain.append(plain_error(left_out) ** 2)
    true_variance = 0.3 * 0.7 / 112
    assert np.mean(weighted) == pytest.approx(true_variance, rel=0.1)
    assert np.mean(plain) > 1.4 * true_variance


def test_one_article_has_no_interval() -> None:
    f1 = span_f1([(0, 5, "PER")], [(0, 5, "PER"), (8, 9, "ORG")])
    assert isnan(f1.low)
    assert f1.interval is None
    assert (f1.n_groups, f1.reason) == (1, "no interval: there is only one article or group")


def test_there_is_no_interval_if_the_value_is_undefined_without_an_article() -> None:
    alpha = krippendorff_alpha([["a", "a"], ["a", "a"], ["a", "b"]])
    assert alpha.value == 0
    assert isnan(alpha.low)
    assert alpha.reason == "no interval: the value is undefined without one of the articles or groups"


def test_no_interval_is_computed_on_request() -> None:
    alpha = krippendorff_alpha([["a", "a"], ["a", "b"], ["b", "b"]], method=None)
    assert isnan(alpha.low)
    assert (alpha.interval, alpha.reason) == (None, None)


def test_articles_of_unequal_size_give_fewer_degrees_of_freedom() -> None:
    ratings, articles = ratings_by_article(10, 12, 0.3)
    estimate = alpha_estimate(parse(ratings))
    value = krippendorff_alpha(ratings).value
    equal = jackknife_interval(estimate, IntervalOptions(groups=articles), value)
    sizes = np.where(articles == 0, 8.0, 1.0)  # weights of the items: the first article counts like eight others
    rows = np.zeros(len(estimate.frequencies))
    np.add.at(rows, estimate.row_of_item, sizes)
    heavier = agreement.krippendorff_alpha(
        np.vstack([ratings, *[ratings[articles == 0]] * 7]), groups=[*articles, *[0] * 84]
    )
    assert heavier.high - heavier.low > equal[1] - equal[0]


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.99])
def test_the_interval_widens_with_the_confidence(confidence: float) -> None:
    ratings, articles = ratings_by_article(12, 6, 0.2)
    narrow = krippendorff_alpha(ratings, groups=articles, confidence=confidence - 0.05)
    wide = krippendorff_alpha(ratings, groups=articles, confidence=confidence)
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


def test_thousands_of_articles_are_left_out_in_blocks() -> None:
    ratings, articles = ratings_by_article(3000, 2, 0.2)
    alpha = krippendorff_alpha(ratings, groups=articles)
    bootstrap = krippendorff_alpha(ratings, groups=articles, method="percentile")
    assert alpha.n_groups == 3000
    assert alpha.high - alpha.low == pytest.approx(bootstrap.high - bootstrap.low, rel=0.15)


def test_the_order_of_articles_does_not_matter() -> None:
    ratings, articles = ratings_by_article(7, 5, 0.2)
    order = np.random.default_rng(1).permutation(len(articles))
    first, second = (
        krippendorff_alpha(ratings, groups=articles),
        krippendorff_alpha(ratings[order], groups=articles[order]),
    )
    assert (first.low, first.high) == pytest.approx((second.low, second.high))


def test_layers_of_articles_give_an_interval_over_articles() -> None:
    texts = [article(f"Story {n}\n\nAda Brook met Nils Orr.", id=f"wire-{n:012d}") for n in range(9)]
    layers = [
        layer(text, [(9, 18, "PER")] if name == "A1" or n % 4 else [], annotator=name)
        for n, text in enumerate(texts)
        for name in ("A1", "A2")
    ]
    f1 = mean_span_f1(layers)
    assert (f1.interval, f1.n_groups) == ("jackknife", 9)
    assert 0 < f1.low < f1.value < f1.high < 1


def few_answers() -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.lists(st.sampled_from("abc"), min_size=2, max_size=2), min_size=2, max_size=15)


@pytest.mark.parametrize("coefficient", [krippendorff_alpha, fleiss_kappa, percent_agreement])
@given(ratings=few_answers())
@settings(max_examples=60, deadline=None)
def test_the_interval_contains_the_value_and_has_a_width(coefficient: Any, ratings: list[list[str]]) -> None:
    value = coefficient(ratings)
    if value.interval is not None:
        assert -1 <= value.low <= value.value + 1e-9
        assert value.value - 1e-9 <= value.high <= 1
        assert value.low < value.high
