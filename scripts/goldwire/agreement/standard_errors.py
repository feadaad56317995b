"""Analytic standard errors of percent agreement, kappas and alpha, beside the bootstrap.

Each item's linearised contribution is (n/n')(pa_i - pe)/(1 - pe) - 2(1 - k)(pe_i - pe)/(1 - pe), with k the
coefficient, n rated items and n' items with two ratings or more; the variance of k is that of the mean contribution
(Gwet 2014, ch. 5; 2021). Cohen's kappa of two raters has the standard error of Fleiss, Cohen and Everitt (1969).
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.chance_agreement import pattern_agreement
from goldwire.agreement.estimates import tail_quantiles
from goldwire.agreement.ratings import LabelsLike, Patterns, RatingsLike, collapse, parse
from goldwire.agreement.weights import WeightsLike, weight_matrix
from goldwire.records import Agreement

__all__ = ["analytic_interval", "standard_error"]

Matrix = NDArray[np.float64]
Influence = tuple[Matrix, float]
"""Each pattern's contribution minus the coefficient (patterns,), and the number of items n."""


class _PatternSums(msgspec.Struct, frozen=True):
    """The distinct rows of some ratings with what all formulas need of each row."""

    patterns: Patterns
    weights: Matrix  # (labels, labels)
    label_counts: Matrix  # (patterns, labels)
    n_ratings: Matrix  # (patterns,)
    frequencies: Matrix  # (patterns,)
    agreement: Matrix  # pa of each pattern, (patterns,)
    n_rated: float  # items with a rating
    n_paired: float  # items with two ratings or more


def standard_error(
    ratings: RatingsLike,
    coefficient: str,
    weights: WeightsLike = "identity",
    labels: LabelsLike | None = None,
) -> float:
    """Return the analytic standard error of a coefficient.

    Parameters
    ----------
    ratings : nested sequences, array or data frame of shape (items, raters)
        None and NaN are missing.
    coefficient : str
        "percent_agreement", "cohen_kappa", "scott_pi", "fleiss_kappa", "conger_kappa", "gwet_ac", "brennan_prediger",
        "randolph_kappa" or "krippendorff_alpha".
    weights : str, callable or array of shape (labels, labels), default "identity"
        Agreement weights: the name of a scheme of `agreement.weights`, a distance `f(label, label)`, or a matrix.
    labels : sequence, optional
        The labels in order. Default: the labels that occur, sorted.

    Returns
    -------
    float
        nan where the coefficient is undefined.

    Raises
    ------
    ValueError
        If there is no formula for the coefficient.

    Notes
    -----
    sqrt(sum_i (k_i - k)^2 / (n (n - 1))), with k_i the linearised contribution of item i (see the module); for Cohen's
    kappa n^2 stands below the sum.

    References
    ----------
    Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, 4th ed., ch. 5.

    Gwet, K. L. (2021). Large-sample variance of Fleiss generalized kappa. Educational and Psychological Measurement
    81:781-790.

    Fleiss, J. L., Cohen, J. and Everitt, B. S. (1969). Large sample standard errors of kappa and weighted kappa.
    Psychological Bulletin 72:323-327.

    Examples
    --------
    >>> from goldwire.agreement import standard_error
    >>> ratings = [["yes", "yes"]] * 20 + [["no", "no"]] * 15 + [["yes", "no"]] * 5
    >>> round(standard_error(ratings, "cohen_kappa"), 4)
    0.1013
    """
    return _standard_error(ratings, coefficient, weights, labels)[0]


def analytic_interval(
    agreement: Agreement,
    ratings: RatingsLike,
    weights: WeightsLike = "identity",
    labels: LabelsLike | None = None,
    *,
    confidence: float = 0.95,
) -> Agreement:
    """Return an agreement value with the interval that its analytic standard error gives.

    Parameters
    ----------
    agreement : Agreement
        A value of `ratings` by a coefficient that `standard_error` knows.
    ratings, weights, labels
        The arguments that the coefficient was computed with. For alpha at another level than nominal, `weights` must
        express that level.
    confidence : float, default 0.95
        Confidence level of the interval.

    Returns
    -------
    Agreement
        The same value with `low` and `high` set; unchanged where the value or its standard error is undefined.

    Raises
    ------
    ValueError
        If there is no formula for the coefficient.

    Notes
    -----
    value +- t SE, with t the quantile of Student's distribution with n - 1 degrees of freedom; never above 1.

    References
    ----------
    Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, 4th ed., ch. 5.

    Examples
    --------
    >>> from goldwire.agreement import analytic_interval, cohen_kappa
    >>> ratings = [["yes", "yes"]] * 20 + [["no", "no"]] * 15 + [["yes", "no"]] * 5
    >>> kappa = analytic_interval(cohen_kappa(ratings), ratings)
    >>> round(kappa.low, 3), round(kappa.value, 3), round(kappa.high, 3)
    (0.545, 0.75, 0.955)
    """
    from scipy.stats import t

    _, upper_quantile = tail_quantiles(confidence)
    error, n_items = _standard_error(ratings, agreement.coefficient, weights, labels)
    if np.isnan(error) or np.isnan(agreement.value):
        return agreement
    margin = float(t.ppf(upper_quantile, n_items - 1)) * error
    low, high = agreement.value - margin, min(1.0, agreement.value + margin)
    return msgspec.structs.replace(agreement, low=low, high=high)


def _standard_error(
    ratings: RatingsLike, coefficient: str, weights: WeightsLike, labels: LabelsLike | None
) -> tuple[float, float]:
    """Return the standard error and the number of items n."""
    name = "krippendorff_alpha" if coefficient.startswith("krippendorff_alpha") else coefficient
    if name not in _INFLUENCES:
        raise ValueError(f"no formula for {coefficient!r}: choose from {', '.join(_INFLUENCES)}")
    parsed = parse(ratings, labels)
    sums = _pattern_sums(collapse(parsed), weight_matrix(parsed, weights))
    with np.errstate(all="ignore"):
        influence, n_items = _INFLUENCES[name](sums)
        # Two raters' kappa is linearised over the cells of a table, so it has n where the others have n - 1.
        divisor = n_items * (n_items if name == "cohen_kappa" else n_items - 1)
        return float(np.sqrt((sums.frequencies * influence**2).sum() / divisor)), n_items


def _pattern_sums(patterns: Patterns, weights: Matrix) -> _PatternSums:
    label_counts = patterns.label_counts(len(weights))
    agreement, has_pair = pattern_agreement(label_counts, weights)
    n_ratings, frequencies = label_counts.sum(axis=1), patterns.frequencies.astype(np.float64)
    return _PatternSums(
        patterns=patterns,
        weights=weights,
        label_counts=label_counts,
        n_ratings=n_ratings,
        frequencies=frequencies,
        agreement=agreement,
        n_rated=float(frequencies[n_ratings >= 1].sum()),
        n_paired=float(frequencies @ has_pair),
    )


def _influence(sums: _PatternSums, expected: float, pattern_expected: Matrix) -> Influence:
    """Return the influence from pe and each pattern's own contribution to it."""
    has_pair = sums.n_ratings >= 2
    kappa = ((sums.frequencies * sums.agreement).sum() / sums.n_paired - expected) / (1 - expected)
    observed_part = sums.n_rated / sums.n_paired * (sums.agreement - expected * has_pair) / (1 - expected)
    expected_part = 2 * (1 - kappa) * (pattern_expected - expected) / (1 - expected)
    return np.where(sums.n_ratings >= 1, observed_part - expected_part - kappa, 0.0), sums.n_rated


def _label_shares(sums: _PatternSums) -> tuple[Matrix, Matrix]:
    """Return the label shares of each pattern (patterns, labels), and their mean over items (labels,)."""
    shares = sums.label_counts / np.maximum(sums.n_ratings, 1)[:, None]
    return shares, sums.frequencies @ shares / sums.n_rated


def _percent(sums: _PatternSums) -> Influence:
    return _influence(sums, 0.0, np.zeros(len(sums.n_ratings)))


def _uniform(sums: _PatternSums) -> Influence:
    expected = float(sums.weights.sum()) / max(1, len(sums.weights)) ** 2
    return _influence(sums, expected, np.full(len(sums.n_ratings), expected))


def _fleiss(sums: _PatternSums) -> Influence:
    shares, prevalence = _label_shares(sums)
    expected = float(prevalence @ sums.weights @ prevalence)
    return _influence(sums, expected, shares @ (sums.weights + sums.weights.T) @ prevalence / 2)


def _gwet(sums: _PatternSums) -> Influence:
    shares, prevalence = _label_shares(sums)
    n_labels = len(sums.weights)
    scale = float(sums.weights.sum()) / (n_labels * (n_labels - 1))
    expected = scale * float((prevalence * (1 - prevalence)).sum())
    return _influence(sums, expected, scale * shares @ (1 - prevalence))


def _conger(sums: _PatternSums) -> Influence:
    codes, n_labels = sums.patterns.codes, len(sums.weights)
    one_hot = np.equal.outer(codes, np.arange(n_labels)).astype(np.float64)  # (patterns, raters, labels)
    is_rated = (codes >= 0).astype(np.float64)
    n_by_rater = sums.frequencies @ is_rated
    prevalence = np.einsum("p,prk->rk", sums.frequencies, one_hot) / n_by_rater[:, None]
    n_raters, total = len(n_by_rater), prevalence.sum(axis=0)
    with_self = sum(float(rater @ sums.weights @ rater) for rater in prevalence)
    expected = (float(total @ sums.weights @ total) - with_self) / (n_raters * (n_raters - 1))
    deviation = one_hot - (is_rated - n_by_rater / sums.n_rated)[:, :, None] * prevalence
    weighted = np.einsum("kl,prl->prk", sums.weights, deviation * (sums.n_rated / n_by_rater)[None, :, None])
    of_others = total[None, None] - prevalence[None]
    return _influence(sums, expected, (weighted * of_others).sum(axis=(1, 2)) / (n_raters * (n_raters - 1)))


def _cohen(sums: _PatternSums) -> Influence:
    codes = sums.patterns.codes
    both = codes.min(axis=1) >= 0
    one_hot = np.equal.outer(codes, np.arange(len(sums.weights))).astype(np.float64)  # (patterns, raters, labels)
    frequencies, n_items = sums.frequencies * both, float((sums.frequencies * both).sum())
    first, second = (frequencies @ one_hot[:, rater] / n_items for rater in (0, 1))
    agreement = sums.weights[codes[:, 0], codes[:, 1]]
    observed = float((frequencies * agreement).sum()) / n_items
    expected = float(first @ sums.weights @ second)
    kappa = (observed - expected) / (1 - expected)
    expected_part = one_hot[:, 0] @ sums.weights @ second + one_hot[:, 1] @ sums.weights.T @ first
    centre = observed - 2 * (1 - kappa) * expected
    return np.where(both, (agreement - (1 - kappa) * expected_part - centre) / (1 - expected), 0.0), n_items


def _alpha(sums: _PatternSums) -> Influence:
    has_pair = sums.n_ratings >= 2
    frequencies, n_items = sums.frequencies * has_pair, sums.n_paired
    mean_ratings = float((frequencies * sums.n_ratings).sum()) / n_items
    prevalence = frequencies @ sums.label_counts / (n_items * mean_ratings)
    agreement = sums.agreement * sums.n_ratings / mean_ratings
    uncorrected = float((frequencies * agreement).sum()) / n_items
    epsilon = 1 / (n_items * mean_ratings)  # alpha's correction for small samples
    observed = (1 - epsilon) * uncorrected + epsilon
    expected = float(prevalence @ sums.weights @ prevalence)
    alpha = (uncorrected - expected) / (1 - expected)
    excess = (sums.n_ratings - mean_ratings) / mean_ratings
    symmetric = (sums.weights + sums.weights.T) / 2
    pattern_expected = sums.label_counts @ symmetric @ prevalence / mean_ratings - expected * excess
    observed_part = (agreement - observed * excess - expected) / (1 - expected)
    expected_part = 2 * (1 - alpha) * (pattern_expected - expected) / (1 - expected)
    return np.where(has_pair, observed_part - expected_part - alpha, 0.0), n_items


_INFLUENCES: dict[str, Callable[[_PatternSums], Influence]] = {
    "percent_agreement": _percent,
    "cohen_kappa": _cohen,
    "scott_pi": _fleiss,
    "fleiss_kappa": _fleiss,
    "conger_kappa": _conger,
    "gwet_ac": _gwet,
    "brennan_prediger": _uniform,
    "randolph_kappa": _uniform,
    "krippendorff_alpha": _alpha,
}
