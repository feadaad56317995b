"""Observed agreement and the agreement expected by chance: what all coefficients of the kappa family are made of.

All are (pa - pe)/(1 - pe). pa is the mean over items with two ratings or more of the share of their rater pairs that
agree (with weights: of their mean weight). The coefficients differ in pe, the agreement expected by chance.

References
----------
Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, 4th ed., ch. 2-5.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.estimates import Estimate, IntervalOptions, quotient
from goldwire.agreement.intervals import measure
from goldwire.agreement.ratings import LabelsLike, Patterns, Ratings, RatingsLike, collapse, parse, without_raters
from goldwire.agreement.weights import WeightsLike, weight_matrix
from goldwire.records import Agreement

__all__ = ["KappaName", "kappa_estimate", "measure_kappa", "pattern_agreement"]

KappaName = Literal[
    "percent_agreement",
    "cohen_kappa",
    "scott_pi",
    "fleiss_kappa",
    "conger_kappa",
    "gwet_ac",
    "brennan_prediger",
    "randolph_kappa",
    "light_kappa",
]
Matrix = NDArray[np.float64]
Value = Callable[[Matrix], Matrix]
"""From pattern frequencies (replicates, patterns) to values (replicates,)."""

_ALTERNATIVES = {"cohen_kappa": "conger_kappa or light_kappa", "scott_pi": "fleiss_kappa"}
_ONE_LABEL = "all ratings are one label, so that chance alone always agrees"
_NO_PAIR = "no item has two ratings"


def measure_kappa(
    name: KappaName,
    ratings: RatingsLike,
    weights: WeightsLike,
    labels: LabelsLike | None,
    options: IntervalOptions,
) -> Agreement:
    """Return a coefficient of the kappa family with its interval; `name` is that of its function."""
    return measure(kappa_estimate(name, parse(ratings, labels), weights), options)


def kappa_estimate(name: KappaName, ratings: Ratings, weights: WeightsLike = "identity") -> Estimate:
    """Return a coefficient of the kappa family, ready to be evaluated on parts of the data."""
    if name in _ALTERNATIVES:
        ratings = _rated_by_both(name, ratings)
    rater_patterns, matrix = collapse(ratings), weight_matrix(ratings, weights)
    patterns = rater_patterns if name in _BY_RATER else without_raters(rater_patterns, len(matrix))
    label_counts = patterns.label_counts(len(matrix))
    if name in _BY_RATER:
        value = _BY_RATER[name](patterns, matrix)
    else:
        value = _from_label_counts(label_counts, matrix, _EXPECTED[name])
    has_pair = label_counts.sum(axis=1) >= 2
    n_items = int(patterns.frequencies[has_pair].sum())
    return Estimate(
        coefficient=name,
        frequencies=patterns.frequencies,
        value=value,
        n_items=n_items,
        n_raters=int((rater_patterns.codes >= 0).any(axis=0).sum()),
        undefined_reason=_ONE_LABEL if n_items else _NO_PAIR,
        row_of_item=patterns.pattern_of_item,
        row_sizes=has_pair.astype(np.float64),
        max_disagreement=1.0 if name == "percent_agreement" else 2.0,
    )


def _rated_by_both(name: str, ratings: Ratings) -> Ratings:
    """Return the ratings of two raters, all missing in items that only one of them rated."""
    n_raters = ratings.codes.shape[1]
    if n_raters != 2:
        raise ValueError(f"{name} compares two raters, not {n_raters}; for more use {_ALTERNATIVES[name]}")
    # The items stay in their rows, so that `groups` still fits.
    both = np.all(ratings.codes >= 0, axis=1, keepdims=True)
    return Ratings(np.where(both, ratings.codes, -1), ratings.labels)


def pattern_agreement(label_counts: Matrix, matrix: Matrix) -> tuple[Matrix, Matrix]:
    """Return each pattern's mean weight over its rater pairs (0 if it has no pair), and 1 where it has a pair, else 0.

    Parameters
    ----------
    label_counts : array of shape (patterns, labels)
    matrix : array of shape (labels, labels)
    """
    n_ratings = label_counts.sum(axis=1)
    n_pairs = np.maximum(n_ratings * (n_ratings - 1), 1.0)
    weight_sums = ((label_counts @ matrix.T) * label_counts).sum(axis=1) - label_counts @ np.diag(matrix)
    return np.where(n_ratings >= 2, weight_sums / n_pairs, 0.0), (n_ratings >= 2).astype(np.float64)


def _chance_corrected(observed: Matrix, expected: Matrix) -> Matrix:
    """Return (pa - pe)/(1 - pe), nan where chance alone always agrees."""
    return quotient(observed - expected, 1 - expected, np.isfinite(observed) & (expected < 1 - 1e-12))


def _share(part: Matrix, total: Matrix) -> Matrix:
    return quotient(part, total, total > 0)


# Coefficients that depend only on how many raters gave each label.


def _from_label_counts(label_counts: Matrix, matrix: Matrix, expected: Callable[[Matrix, Matrix], Matrix]) -> Value:
    agreement, has_pair = pattern_agreement(label_counts, matrix)
    n_ratings = label_counts.sum(axis=1)
    label_shares = label_counts / np.maximum(n_ratings, 1.0)[:, None]
    columns = np.column_stack([agreement, has_pair, n_ratings > 0, label_shares])

    def value(frequencies: Matrix) -> Matrix:
        sums = frequencies @ columns
        agreement_sum, pair_sum, rated_sum, share_sums = sums[:, 0], sums[:, 1], sums[:, 2:3], sums[:, 3:]
        prevalence = share_sums / np.maximum(rated_sum, 1.0)
        return _chance_corrected(_share(agreement_sum, pair_sum), expected(prevalence, matrix))

    return value


def _expected_zero(prevalence: Matrix, matrix: Matrix) -> Matrix:  # noqa: ARG001 - one signature for all
    return np.zeros(len(prevalence))


def _expected_fleiss(prevalence: Matrix, matrix: Matrix) -> Matrix:
    return np.asarray(((prevalence @ matrix) * prevalence).sum(axis=1))


def _expected_gwet(prevalence: Matrix, matrix: Matrix) -> Matrix:
    n_labels = len(matrix)
    if n_labels < 2:
        return np.ones(len(prevalence))
    scale = matrix.sum() / (n_labels * (n_labels - 1))
    return np.asarray(scale * (prevalence * (1 - prevalence)).sum(axis=1))


def _expected_uniform(prevalence: Matrix, matrix: Matrix) -> Matrix:
    return np.full(len(prevalence), matrix.sum() / max(1, len(matrix)) ** 2)


_EXPECTED: dict[str, Callable[[Matrix, Matrix], Matrix]] = {
    "percent_agreement": _expected_zero,
    "scott_pi": _expected_fleiss,
    "fleiss_kappa": _expected_fleiss,
    "gwet_ac": _expected_gwet,
    "brennan_prediger": _expected_uniform,
    "randolph_kappa": _expected_uniform,
}
"""pe from the prevalence of the labels (replicates, labels) and the weights (labels, labels)."""


# Coefficients that depend on which rater gave which label.


def _conger(patterns: Patterns, matrix: Matrix) -> Value:
    agreement, has_pair = pattern_agreement(patterns.label_counts(len(matrix)), matrix)
    one_hot = np.equal.outer(patterns.codes, np.arange(len(matrix))).astype(np.float64)  # (patterns, raters, labels)
    columns = np.column_stack([agreement, has_pair, one_hot.reshape(len(one_hot), -1)])

    def value(frequencies: Matrix) -> Matrix:
        sums = frequencies @ columns
        by_rater = sums[:, 2:].reshape(len(sums), *one_hot.shape[1:])  # (replicates, raters, labels)
        n_rated = by_rater.sum(axis=2)
        prevalence = by_rater / np.maximum(n_rated, 1.0)[:, :, None]
        n_raters = (n_rated > 0).sum(axis=1)
        total = prevalence.sum(axis=1)
        with_self = np.einsum("brk,kl,brl->b", prevalence, matrix, prevalence)
        with_others = ((total @ matrix) * total).sum(axis=1) - with_self
        expected = with_others / np.maximum(n_raters * (n_raters - 1), 1)
        return _chance_corrected(_share(sums[:, 0], sums[:, 1]), expected)

    return value


def _light(patterns: Patterns, matrix: Matrix) -> Value:
    rater_pairs = list(combinations(range(patterns.codes.shape[1]), 2))
    kappas = [_cohen_of_pair(patterns.codes[:, list(pair)], matrix) for pair in rater_pairs]

    def value(frequencies: Matrix) -> Matrix:
        values = np.array([kappa(frequencies) for kappa in kappas]).reshape(len(kappas), len(frequencies))
        return _share(np.nansum(values, axis=0), (~np.isnan(values)).sum(axis=0))

    return value


def _cohen(patterns: Patterns, matrix: Matrix) -> Value:
    return _cohen_of_pair(patterns.codes, matrix)


def _cohen_of_pair(codes: NDArray[np.int64], matrix: Matrix) -> Value:
    both = np.minimum(codes[:, 0], codes[:, 1]) >= 0
    n_labels = len(matrix)
    cells = np.where(both, codes[:, 0] * n_labels + codes[:, 1], -1)
    columns = np.equal.outer(cells, np.arange(n_labels * n_labels)).astype(np.float64)

    def value(frequencies: Matrix) -> Matrix:
        table = (frequencies @ columns).reshape(len(frequencies), n_labels, n_labels)
        total = table.sum(axis=(1, 2))
        observed = _share((table * matrix).sum(axis=(1, 2)), total)
        first, second = (table.sum(axis=axis) / np.maximum(total, 1.0)[:, None] for axis in (2, 1))
        return _chance_corrected(observed, ((first @ matrix) * second).sum(axis=1))

    return value


_BY_RATER: dict[str, Callable[[Patterns, Matrix], Value]] = {
    "cohen_kappa": _cohen,
    "conger_kappa": _conger,
    "light_kappa": _light,
}
