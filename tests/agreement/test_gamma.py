from __future__ import annotations

from math import isnan
from typing import Any

import msgspec
import numpy as np
import pytest

from goldwire.agreement import best_disorder, gamma
from goldwire.agreement.estimates import IntervalOptions
from goldwire.agreement.gamma import GammaOptions, gamma_family
from goldwire.agreement.gamma_alignment import Dissimilarity, best_alignments, positional_dissimilarity
from goldwire.alignment.span_matching import Span
from goldwire.release.markdown import agreement_table
from goldwire.report.phrasing import meaning
from goldwire.stages.agree import AgreeReport


def test_gamma_is_one_for_identical_units_and_lower_the_more_they_differ() -> None:
    units = [(0, 4, "x"), (10, 15, "y"), (30, 34, "x")]
    moved = [(1, 5, "x"), (12, 17, "y"), (30, 34, "y")]
    identical = gamma({"a": units, "b": units})
    different = gamma({"a": units, "b": moved})
    assert identical.value == 1
    assert isnan(identical.low)
    assert identical.reason == "no interval: there is only one article or group"
    assert different.low < different.value < different.high < 1


def test_a_bound_below_minus_one_is_replaced_by_the_reason_in_every_output() -> None:
    same = {"a": [(0, 9, "x"), (20, 30, "y")], "b": [(0, 9, "x"), (20, 30, "y")]}
    other = {"a": [(0, 4, "x"), (50, 60, "y")], "b": [(30, 34, "y"), (80, 88, "x")]}
    value = gamma([same, other])
    reason = "no interval: with so few groups (2) it would reach below -1"
    assert 0 < value.value < 1
    assert (isnan(value.low), isnan(value.high), value.reason) == (True, True, reason)
    printed = AgreeReport(batch="b01", articles=2, annotators=("A1", "A2"), unconfirmed=0, values=(value,)).to_text()
    assert printed.splitlines()[-1] == f"gamma: {reason}"
    assert f"| {value.value:.3f} | {reason} |" in agreement_table([value])
    reliable = msgspec.structs.replace(value, value=0.9)
    assert meaning(reliable) == f"Reliable (alpha of .800 or more). No{reason[2:]}."


def test_the_least_gamma_is_where_no_unit_has_a_counterpart() -> None:
    for n in (2, 3, 5):
        apart = {f"a{number}": [(1000 * number, 1000 * number + 3, "x")] for number in range(n)}
        assert best_disorder(apart, delta_empty=0.5) == pytest.approx(0.5 * n)


def test_the_seed_decides_the_samples() -> None:
    units = {"a": [(0, 4, "x"), (10, 15, "y")], "b": [(1, 5, "x"), (12, 17, "y")]}
    assert repr(gamma(units)) == repr(gamma(units))
    assert repr(gamma(units)) != repr(gamma(units, seed=1))


def test_gamma_is_undefined_without_an_article_of_two_annotators() -> None:
    assert isnan(gamma([{"a": [(0, 3, "x")]}, {"b": [(0, 3, "x")]}]).value)


def test_a_required_precision_draws_more_samples() -> None:
    units = {"a": [(0, 4, "x"), (10, 15, "y")], "b": [(1, 5, "x"), (12, 17, "y")]}
    rough, fine = gamma(units), gamma(units, precision=0.01)
    assert rough.interval == fine.interval == "chance-sampling"
    assert fine.high - fine.low < rough.high - rough.low


@pytest.mark.parametrize("n_texts", [1, 6])
@pytest.mark.parametrize("method", ["jackknife", "percentile"])
def test_a_higher_confidence_widens_the_interval(n_texts: int, method: Any) -> None:
    texts = [{"a": [(n, n + 4, "x")], "b": [(2 * n, 2 * n + 5, "x")], "c": [(n, n + 5, "y")]} for n in range(n_texts)]
    narrow, wide = (
        gamma(texts, method=method, n_boot=200, n_samples=10, confidence=confidence) for confidence in (0.8, 0.95)
    )
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


def test_the_interval_of_several_articles_is_over_them() -> None:
    random = np.random.default_rng(0)
    texts = []
    for _ in range(10):
        starts = np.cumsum(random.integers(8, 20, 4))
        texts.append({n: [(int(s), int(s) + 4 + int(random.integers(0, 3)), "x") for s in starts] for n in "abc"})
    value = gamma(texts)
    assert value.low < value.value < value.high
    assert (value.interval, value.n_groups, value.n_items, value.n_raters) == ("jackknife", 10, 120, 3)


@pytest.mark.parametrize("method", [None, "jackknife"])
def test_kinds_computed_together_equal_those_computed_separately(method: Any) -> None:
    texts = [
        {"a": [(0, 4, "x"), (6, 9, "y")], "b": [(0, 5, "x"), (6, 9, "x")], "c": [(1, 4, "y")]},
        {"a": [(2, 8, "x")], "b": [(2, 8, "x"), (20, 30, "y")]},
    ]
    kinds: list[Any] = [("gamma", None), ("cat", None), ("k", "x"), ("k", "y"), ("k", "z")]
    together = gamma_family(texts, kinds, GammaOptions(interval=IntervalOptions(method=method)))
    assert list(map(repr, together)) == [repr(gamma(texts, kind, label=label, method=method)) for kind, label in kinds]
    assert [value.name for value in together[1:4]] == ["gamma_cat", "gamma_k[x]", "gamma_k[y]"]


@pytest.mark.parametrize("options", [{"kind": "k"}, {"label": "x"}, {"kind": "other"}, {"sampler": "other"}])
def test_an_unknown_kind_or_sampler_and_a_misplaced_label_are_rejected(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"kind|sampler"):
        gamma({"a": [(0, 3, "x")], "b": [(0, 3, "x")]}, **options)


def test_the_best_alignment_has_every_unit_once() -> None:
    units = [[Span(0, 4, "x"), Span(10, 15, "y")], [Span(1, 5, "x")], [Span(11, 15, "y"), Span(40, 44, "x")]]
    [alignment] = best_alignments([units], Dissimilarity())
    assert sorted(alignment.tuples.tolist()) == [[-1, -1, 1], [0, 0, -1], [1, -1, 0]]
    assert alignment.disorder == pytest.approx(alignment.costs.sum() / (5 / 3))


def test_identical_units_have_no_disorder() -> None:
    assert best_disorder({"a": [(0, 4, "x")], "b": [(0, 4, "x")]}) == 0
    assert best_disorder({"a": [(0, 4, "x")], "b": []}) == pytest.approx(2)


def test_no_other_alignment_of_two_annotators_costs_less() -> None:
    random = np.random.default_rng(1)
    dissimilarity = Dissimilarity(alpha=2, beta=1, delta_empty=0.5)
    for _ in range(60):
        sides = []
        for _ in range(2):
            starts = random.integers(0, 40, random.integers(1, 5)).tolist()
            sides.append([Span(s, s + int(random.integers(1, 20)), "AB"[random.integers(2)]) for s in starts])
        [alignment] = best_alignments([sides], dissimilarity)
        assert alignment.costs.sum() == pytest.approx(least_cost(*sides, dissimilarity))
        for side, units in enumerate(sides):
            assert sorted(index for index in alignment.tuples[:, side].tolist() if index >= 0) == [*range(len(units))]


def least_cost(first: list[Span], second: list[Span], options: Dissimilarity) -> float:
    """Return the least cost over all alignments, one by one."""
    if not first:
        return options.delta_empty * len(second)
    unit, rest = first[0], first[1:]
    costs = [options.delta_empty + least_cost(rest, second, options)]
    for index, other in enumerate(second):
        labels_differ = options.beta * (unit.label != other.label)
        cost = options.delta_empty * (options.alpha * positional_dissimilarity(unit, other) + labels_differ)
        costs.append(cost + least_cost(rest, [*second[:index], *second[index + 1 :]], options))
    return min(costs)
