"""Agreement corrected for chance, kappa and its kin, for any number of raters with gaps (Gwet 2014, ch. 2-5).

All are (pa - pe)/(1 - pe) and differ in pe, the agreement that chance would give. pa is the mean over items with two
ratings or more of the share of their rater pairs that agree; with weights, of how nearly they agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.bootstrap import BootstrapOptions, Estimate, measure, quotient
from goldwire.agreement.ratings import Patterns, Ratings, collapse, parse, without_raters
from goldwire.agreement.weights import WeightsLike, weight_matrix
from goldwire.records import Agreement

__all__ = [
    "KappaName",
    "brennan_prediger",
    "cohen_kappa",
    "conger_kappa",
    "fleiss_kappa",
    "gwet_ac",
    "kappa_estimate",
    "light_kappa",
    "percent_agreement",
    "randolph_kappa",
    "scott_pi",
]

Matrix = NDArray[np.float64]
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
Value = Callable[[Matrix], Matrix]
_ONE_LABEL = "chance alone would agree always: all ratings are one label"
_NO_PAIR = "no item has two ratings"


def percent_agreement(
    ratings: Any, weights: Any = "identity", labels: Sequence[Any] | None = None, **options: Any
) -> Agreement:
    """Share of rater pairs that agree, averaged over items with two ratings or more; not corrected for chance.

    `options`, here and below: n_boot, seed, method (`percentile` or `bca`) and groups, each item's article.
    """
    return _measured("percent_agreement", ratings, weights, labels, options)


def cohen_kappa(
    ratings: Any, weights: Any = "identity", labels: Sequence[Any] | None = None, **options: Any
) -> Agreement:
    """Cohen's kappa of two raters over the items that both rated (Cohen 1960; 1968 with weights).

    pe = sum over k, l of w_kl p_k. p_.l, from each rater's own use of the labels.
    """
    return _measured("cohen_kappa", ratings, weights, labels, options)


def scott_pi(ratings: Any, weights: Any = "identity", labels: Sequence[Any] | None = None, **options: Any) -> Agreement:
    """Scott's pi of two raters over the items that both rated (Scott 1955): pe from both raters' use of the labels."""
    return _measured("scott_pi", ratings, weights, labels, options)


def fleiss_kappa(
    ratings: Any, weights: Any = "identity", labels: Sequence[Any] | None = None, **options: Any
) -> Agreement:
    """Fleiss' kappa of any number of raters (Fleiss 1971); with gaps as Gwet 2014: pe from all rated items."""
    return _measured("fleiss_kappa", ratings, weights, labels, options)


def conger_kappa(
    ratings: Any, weights: Any = "identity", labels: Sequence[Any] | None = None, **options: Any
) -> Agreement:
    """Conger's kappa, Cohen's for more raters (Conger 1980): pe is the mean over pairs of raters of Cohen's pe."""
    return _measured("conger_kappa", ratings, weights, labels, options)


def gwet_ac(ratings: Any, weights: Any = "identity", labels: Sequence[Any] | None = None, **options: Any) -> Agreement:
    """Gwet's AC1, or AC2 with weights (Gwet 2008): pe = (sum of w)/(q(q-1)) x sum of pi_k(1 - pi_k), q labels."""
    return _measured("gwet_ac", ratings, weights, labels, options)


def brennan_prediger(
    ratings: Any, weights: Any = "identity", labels: Sequence[Any] | None = None, **options: Any
) -> Agreement:
    """Brennan and Prediger's kappa (1981), Bennett's S: chance takes each of q labels alike, pe = (sum of w)/q^2.

    Give `labels` where some were on offer and nobody used them: they count.
    """
    return _measured("brennan_prediger", ratings, weights, labels, options)


def randolph_kappa(ratings: Any, labels: Sequence[Any] | None = None, **options: Any) -> Agreement:
    """Randolph's free-marginal kappa (2005): Brennan and Prediger's, unweighted, for any number of raters."""
    return _measured("randolph_kappa", ratings, "identity", labels, options)


def light_kappa(
    ratings: Any, weights: Any = "identity", labels: Sequence[Any] | None = None, **options: Any
) -> Agreement:
    """Light's kappa (1971): the mean of Cohen's kappa over the pairs of raters for which it is defined."""
    return _measured("light_kappa", ratings, weights, labels, options)


def _measured(
    name: KappaName, ratings: Any, weights: Any, labels: Sequence[Any] | None, options: dict[str, Any]
) -> Agreement:
    return measure(kappa_estimate(name, parse(ratings, labels), weights), BootstrapOptions(**options))


def kappa_estimate(name: KappaName, ratings: Ratings, weights: WeightsLike = "identity") -> Estimate:
    """A coefficient, by its function's name, of parsed ratings, ready to be measured or resampled."""
    if name in ("cohen_kappa", "scott_pi"):
        ratings = _both(name, ratings)
    everybody, matrix = collapse(ratings), weight_matrix(ratings, weights)
    patterns = everybody if name in _BY_PATTERN else without_raters(everybody, len(matrix))
    counts = patterns.counts(len(matrix))
    items = int(patterns.frequencies[counts.sum(axis=1) >= 2].sum())
    return Estimate(
        coefficient=name,
        frequencies=patterns.frequencies,
        value=_BY_PATTERN[name](patterns, matrix)
        if name in _BY_PATTERN
        else _by_counts(counts, matrix, _EXPECTED[name]),
        n_items=items,
        n_raters=int((everybody.codes >= 0).any(axis=0).sum()),
        undefined_reason=_ONE_LABEL if items else _NO_PAIR,
        row_of_item=patterns.pattern_of_item,
    )


def _both(name: str, ratings: Ratings) -> Ratings:
    if ratings.codes.shape[1] != 2:
        other = "conger_kappa or light_kappa" if name == "cohen_kappa" else "fleiss_kappa"
        raise ValueError(f"{name} compares two raters, not {ratings.codes.shape[1]}; for more use {other}")
    # An item that one rater skipped stays in its row, so that groups still fit, but counts for neither.
    both = np.all(ratings.codes >= 0, axis=1, keepdims=True)
    return Ratings(np.where(both, ratings.codes, -1), ratings.labels)


def _agreeing(counts: Matrix, matrix: Matrix) -> tuple[Matrix, Matrix]:
    """Each pattern's share of agreeing pairs (0 where it has no pair), and whether it has one."""
    rated = counts.sum(axis=1)
    pairs = np.maximum(rated * (rated - 1), 1.0)
    agree = ((counts @ matrix.T) * counts).sum(axis=1) - counts @ np.diag(matrix)
    return np.where(rated >= 2, agree / pairs, 0.0), (rated >= 2).astype(np.float64)


def _chance_corrected(agree: Matrix, chance: Matrix) -> Matrix:
    defined = np.isfinite(agree) & (chance < 1 - 1e-12)
    return quotient(agree - chance, 1 - chance, defined)


def _share(part: Matrix, whole: Matrix) -> Matrix:
    return quotient(part, whole, whole > 0)


def _by_counts(counts: Matrix, matrix: Matrix, expected: Callable[[Matrix, Matrix], Matrix]) -> Value:
    """For coefficients that only ask how many raters gave each label."""
    agree, paired = _agreeing(counts, matrix)
    rated = counts.sum(axis=1)
    shares = counts / np.maximum(rated, 1.0)[:, None]
    rows = np.column_stack([agree, paired, rated > 0, shares])

    def value(weights: Matrix) -> Matrix:
        sums = weights @ rows
        use = sums[:, 3:] / np.maximum(sums[:, 2:3], 1.0)
        return _chance_corrected(_share(sums[:, 0], sums[:, 1]), expected(use, matrix))

    return value


def _expected_none(use: Matrix, matrix: Matrix) -> Matrix:  # noqa: ARG001 - one signature for all
    return np.zeros(len(use))


def _expected_fleiss(use: Matrix, matrix: Matrix) -> Matrix:
    return np.asarray(((use @ matrix) * use).sum(axis=1))


def _expected_gwet(use: Matrix, matrix: Matrix) -> Matrix:
    labels = len(matrix)
    if labels < 2:
        return np.ones(len(use))
    return np.asarray(matrix.sum() / (labels * (labels - 1)) * (use * (1 - use)).sum(axis=1))


def _expected_uniform(use: Matrix, matrix: Matrix) -> Matrix:
    return np.full(len(use), matrix.sum() / max(1, len(matrix)) ** 2)


_EXPECTED: dict[str, Callable[[Matrix, Matrix], Matrix]] = {
    "percent_agreement": _expected_none,
    "scott_pi": _expected_fleiss,
    "fleiss_kappa": _expected_fleiss,
    "gwet_ac": _expected_gwet,
    "brennan_prediger": _expected_uniform,
    "randolph_kappa": _expected_uniform,
}


def _one_hot(codes: NDArray[np.int64], labels: int) -> Matrix:
    """Shape (patterns, raters, labels)."""
    return np.equal.outer(codes, np.arange(labels)).astype(np.float64)


def _conger(patterns: Patterns, matrix: Matrix) -> Value:
    agree, paired = _agreeing(patterns.counts(len(matrix)), matrix)
    given = _one_hot(patterns.codes, len(matrix))
    rows = np.column_stack([agree, paired, given.reshape(len(given), -1)])

    def value(weights: Matrix) -> Matrix:
        sums = weights @ rows
        often = sums[:, 2:].reshape(len(sums), *given.shape[1:])
        rated = often.sum(axis=2)
        use = often / np.maximum(rated, 1.0)[:, :, None]
        raters = (rated > 0).sum(axis=1)
        together = use.sum(axis=1)
        own = np.einsum("brk,kl,brl->b", use, matrix, use)
        between = ((together @ matrix) * together).sum(axis=1) - own
        return _chance_corrected(_share(sums[:, 0], sums[:, 1]), between / np.maximum(raters * (raters - 1), 1))

    return value


def _light(patterns: Patterns, matrix: Matrix) -> Value:
    pairs = [
        _cohen_of(patterns.codes[:, pair], matrix)
        for pair in map(list, combinations(range(patterns.codes.shape[1]), 2))
    ]

    def value(weights: Matrix) -> Matrix:
        kappas = np.array([kappa(weights) for kappa in pairs]).reshape(len(pairs), len(weights))
        return _share(np.nansum(kappas, axis=0), (~np.isnan(kappas)).sum(axis=0))

    return value


def _cohen(patterns: Patterns, matrix: Matrix) -> Value:
    return _cohen_of(patterns.codes, matrix)


def _cohen_of(codes: NDArray[np.int64], matrix: Matrix) -> Value:
    both = np.minimum(codes[:, 0], codes[:, 1]) >= 0
    labels = len(matrix)
    cell = np.where(both, codes[:, 0] * labels + codes[:, 1], -1)
    rows = np.equal.outer(cell, np.arange(labels * labels)).astype(np.float64)

    def value(weights: Matrix) -> Matrix:
        table = (weights @ rows).reshape(len(weights), labels, labels)
        total = table.sum(axis=(1, 2))
        agree = _share((table * matrix).sum(axis=(1, 2)), total)
        first, second = (table.sum(axis=axis) / np.maximum(total, 1.0)[:, None] for axis in (2, 1))
        return _chance_corrected(agree, ((first @ matrix) * second).sum(axis=1))

    return value


_BY_PATTERN: dict[str, Callable[[Patterns, Matrix], Value]] = {
    "cohen_kappa": _cohen,
    "conger_kappa": _conger,
    "light_kappa": _light,
}
