"""A threshold of confidence holds its promise in nearly all samples, also where errors come by article."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from goldwire.certification import selective_risk
from support.simulated_machines import labels_with_confidence


def test_p_values_are_binomial_without_groups() -> None:
    confidences = np.linspace(1, 0, 200)
    wrong = np.arange(200) % 20 == 19
    risk = selective_risk(confidences.tolist(), wrong.tolist(), max_error=0.1)
    for point in risk.curve:
        expected = stats.binom.cdf(point.n_wrong, point.n_accepted, 0.1)
        assert point.p_value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("max_error", [0.02, 0.1, 0.3])
def test_the_exact_p_value_is_never_above_the_bound_of_hoeffding_and_bentkus(max_error: float) -> None:
    random = np.random.default_rng(4)
    wrong = random.random(300) < max_error / 2
    for point in selective_risk(random.random(300).tolist(), wrong.tolist(), max_error=max_error).curve:
        n, share = point.n_accepted, min(point.n_wrong / point.n_accepted, max_error)
        terms = [(share, max_error), (1 - share, 1 - max_error)]
        hoeffding = np.exp(-n * sum(a * np.log(a / b) for a, b in terms if a > 0))
        bentkus = np.e * stats.binom.cdf(point.n_wrong, n, max_error)
        assert point.p_value <= min(hoeffding, bentkus, 1) + 1e-12


def test_a_sequence_hands_its_share_of_delta_on_to_the_next() -> None:
    """A quarter of delta would not do for all labels: the three sequences before have reached that far."""
    confidences = np.linspace(1, 0, 400)
    wrong = np.zeros(400, dtype=bool)
    wrong[[250, 300, 330, 350, 360, *range(379, 399, 2)]] = True
    risk = selective_risk(confidences.tolist(), wrong.tolist(), max_error=0.06, delta=0.05)
    assert 0.05 / 4 < risk.curve[-1].p_value < 0.05
    assert risk.n_accepted == 400


def test_the_threshold_separates_the_labels_that_are_wrong() -> None:
    confidences = [1 - number / 1000 for number in range(1000)]
    risk = selective_risk(confidences, [value < 0.6 for value in confidences], max_error=0.05)
    assert risk.threshold is not None
    assert 0.58 < risk.threshold < 0.62
    assert risk.n_wrong / risk.n_accepted < 0.05
    assert risk.coverage == risk.n_accepted / 1000


def test_without_enough_right_labels_there_is_no_threshold() -> None:
    assert selective_risk([0.9] * 40, [False] * 40, max_error=0.05).threshold is None
    assert selective_risk([0.9] * 200, [False] * 200, max_error=0.05).threshold == 0.9
    assert selective_risk([0.9] * 200, [True] * 200, max_error=0.05).threshold is None
    assert selective_risk([], []).threshold is None
    assert selective_risk([0.5] * 300, [False] * 300, groups=["one article"] * 300).threshold is None


@pytest.mark.parametrize("clustered", [False, True])
def test_the_promise_holds_in_nearly_all_samples(clustered: bool) -> None:
    """With delta 10%, no more than 10% of 150 calibrations, but for chance, accept more than 10% wrong labels."""

    def true_risk(threshold: float) -> float:
        confidence, wrong, _ = labels_with_confidence(np.random.default_rng(0), 4000, clustered=clustered)
        return float(wrong[confidence >= threshold].mean())

    grid: NDArray[np.float64] = np.linspace(0, 1, 101)
    risks = np.array([true_risk(value) if value < 1 else 0.0 for value in grid])
    broken = found = 0
    for seed in range(150):
        confidence, wrong, articles = labels_with_confidence(np.random.default_rng(seed + 1), 60, clustered=clustered)
        risk = selective_risk(confidence.tolist(), wrong.tolist(), max_error=0.1, delta=0.1, groups=articles.tolist())
        if risk.threshold is not None:
            found += 1
            broken += np.interp(risk.threshold, grid, risks) > 0.1
    assert broken <= 24  # 15 expected at most, three standard errors more
    assert found > 30


def test_wrong_input() -> None:
    with pytest.raises(ValueError, match="same length"):
        selective_risk([0.5], [])
    with pytest.raises(ValueError, match="nan"):
        selective_risk([float("nan")], [False])
    with pytest.raises(ValueError, match="max_error"):
        selective_risk([0.5], [False], max_error=0)
