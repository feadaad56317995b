"""Properties of every coefficient of ratings."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire import agreement
from goldwire.records import Agreement

LABELS = "abcd"
Coefficient = Callable[..., Agreement]

COEFFICIENTS: list[Coefficient] = [
    agreement.krippendorff_alpha,
    agreement.percent_agreement,
    agreement.fleiss_kappa,
    agreement.conger_kappa,
    agreement.gwet_ac,
    agreement.brennan_prediger,
    agreement.randolph_kappa,
    agreement.light_kappa,
]
TWO_RATERS: list[Coefficient] = [agreement.cohen_kappa, agreement.scott_pi]


def matrices(raters: int | None = None) -> st.SearchStrategy[list[list[str | None]]]:
    width = st.just(raters) if raters else st.integers(2, 5)
    cell = st.one_of(st.none(), st.sampled_from(LABELS))
    return width.flatmap(lambda n: st.lists(st.lists(cell, min_size=n, max_size=n), min_size=1, max_size=12))


def every(coefficients: list[Coefficient]) -> Any:
    return pytest.mark.parametrize("coefficient", coefficients, ids=lambda f: f.__name__)


def is_same(a: Agreement, b: Agreement) -> bool:
    return (isnan(a.value) and isnan(b.value)) or a.value == pytest.approx(b.value, abs=1e-9)


@every(COEFFICIENTS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_the_order_of_raters_and_items_and_the_names_of_labels_do_not_matter(
    coefficient: Coefficient, data: Any
) -> None:
    ratings = data.draw(matrices())
    raters = data.draw(st.permutations(range(len(ratings[0]))))
    items = data.draw(st.permutations(range(len(ratings))))
    names = dict(zip(LABELS, data.draw(st.permutations("wxyz")), strict=True))
    moved = [[ratings[item][rater] for rater in raters] for item in items]
    renamed = [[names[label] if label else None for label in row] for row in moved]
    assert is_same(coefficient(ratings), coefficient(renamed))


@every(TWO_RATERS)
@given(ratings=matrices(2))
@settings(max_examples=40, deadline=None)
def test_the_order_of_two_raters_does_not_matter(coefficient: Coefficient, ratings: Any) -> None:
    assert is_same(coefficient(ratings), coefficient([row[::-1] for row in ratings]))


@every([*COEFFICIENTS, *TWO_RATERS])
@given(labels=st.lists(st.sampled_from(LABELS), min_size=2, max_size=12))
@settings(max_examples=30, deadline=None)
def test_full_agreement_is_one_or_undefined_with_a_single_label(coefficient: Coefficient, labels: Any) -> None:
    value = coefficient([[label, label] for label in labels])
    if len(set(labels)) > 1 or coefficient is agreement.percent_agreement:
        assert value.value == pytest.approx(1.0)
    else:
        assert isnan(value.value)
        assert value.reason


@every([*COEFFICIENTS, *TWO_RATERS])
@given(ratings=matrices(2))
@settings(max_examples=40, deadline=None)
def test_a_value_is_at_most_one_and_an_undefined_value_has_a_reason(coefficient: Coefficient, ratings: Any) -> None:
    value = coefficient(ratings)
    if isnan(value.value):
        assert value.reason
    else:
        assert value.reason is None or value.reason.startswith("no interval: ")
        assert value.value <= 1.0 + 1e-9


@given(ratings=matrices())
@settings(max_examples=40, deadline=None)
def test_alpha_ignores_items_with_one_rating(ratings: Any) -> None:
    single = [["a"] + [None] * (len(ratings[0]) - 1)]
    assert is_same(agreement.krippendorff_alpha(ratings), agreement.krippendorff_alpha(ratings + single))


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio", "circular", "bipolar"])
@given(ratings=st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), min_size=2, max_size=12))
@settings(max_examples=30, deadline=None)
def test_the_interval_is_ordered_at_most_one_and_reproducible(level: str, ratings: Any) -> None:
    first = agreement.krippendorff_alpha(ratings, level, n_boot=200, seed=3)
    assert repr(first) == repr(agreement.krippendorff_alpha(ratings, level, n_boot=200, seed=3))
    if not isnan(first.low):
        assert first.low <= first.high <= 1.0 + 1e-9


@given(
    ratings=st.integers(2, 4).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 30), min_size=n, max_size=n), min_size=2, max_size=10)
    )
)
@settings(max_examples=40, deadline=None)
def test_the_interval_level_is_the_squared_difference(ratings: Any) -> None:
    by_distance = agreement.krippendorff_alpha(ratings, lambda a, b: (a - b) ** 2)
    assert is_same(agreement.krippendorff_alpha(ratings, "interval"), by_distance)
