"""Krippendorff's alpha: agreement of any number of raters, with gaps, at any level of measurement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.estimates import Estimate, IntervalMethod, IntervalOptions, quotient
from goldwire.agreement.intervals import measure
from goldwire.agreement.ratings import (
    GroupsLike,
    LabelsLike,
    Patterns,
    Ratings,
    RatingsLike,
    collapse,
    parse,
    without_raters,
)
from goldwire.agreement.weights import SCHEMES, LabelDistance, WeightsLike, masi, weight_matrix
from goldwire.records import Agreement

__all__ = ["LEVELS", "Level", "LevelLike", "alpha_estimate", "krippendorff_alpha"]

Matrix = NDArray[np.float64]
Value = Callable[[Matrix], Matrix]
"""From pattern frequencies (replicates, patterns) to values (replicates,)."""

Level = Literal["nominal", "ordinal", "interval", "ratio", "circular", "bipolar", "linear", "radical", "masi"]
LevelLike: TypeAlias = Level | LabelDistance | NDArray[Any] | Sequence[Sequence[float]]
"""The name of a level of measurement, a distance between labels, or a (labels, labels) matrix of distances."""

LEVELS: tuple[Level, ...] = get_args(Level)

_MAX_DENSE_CELLS = 4_000_000  # up to this many patterns x labels, counts are a dense array of 32 MB


def krippendorff_alpha(
    ratings: RatingsLike,
    level: LevelLike = "nominal",
    labels: LabelsLike | None = None,
    *,
    weights: WeightsLike | None = None,
    n_boot: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
    groups: GroupsLike | None = None,
) -> Agreement:
    """Return Krippendorff's alpha of ratings.

    Parameters
    ----------
    ratings : nested sequences, array or data frame of shape (items, raters)
        None and NaN are missing. Items with fewer than two ratings are ignored.
    level : str, callable or array of shape (labels, labels), default "nominal"
        The level of measurement, which sets the distance between labels: "nominal", "ordinal", "interval", "ratio",
        "circular", "bipolar", "linear" or "radical"; "masi" for labels that are sets; or a distance `f(label, label)`,
        or a matrix of distances.
    labels : sequence, optional
        The labels in order, which the ordinal level of text labels needs. Default: the labels that occur, sorted.
    weights : str, callable or array of shape (labels, labels), optional
        Agreement weights of `agreement.weights`, instead of a level.
    n_boot : int, default 1000
        Number of bootstrap replicates over items, for "percentile" and "bca".
    seed : int, default 0
        Random seed of the bootstrap.
    confidence : float, default 0.95
        Confidence level of the interval.
    method : {"jackknife", "percentile", "bca"} or None, default "jackknife"
        How the interval is computed: by the jackknife, which holds its confidence level with few articles too; by the
        bootstrap, of which "bca" corrects for bias and skewness; or not at all.
    groups : sequence of length items, optional
        Group (article) of each item: the interval then is over groups, because items of one group are correlated.

    Returns
    -------
    Agreement
        `value` with its interval [`low`, `high`]; `n_items` counts items with two ratings or more. The value is nan,
        and `reason` says why, where no item has two ratings or all ratings are one label.

    Raises
    ------
    ValueError
        If rows differ in length, a rating is not among `labels`, the level is unknown, or it needs numbers and labels
        are none.

    Notes
    -----
    alpha = 1 - Do/De = 1 - (n - 1) sum_kl o_kl d_kl / sum_kl n_k n_l d_kl

    with o_kl the coincidences of labels k and l (each pair of ratings of an item counts 1/(its ratings - 1)), n_k the
    number of ratings k, n their sum and d_kl the distance. Ratings of items with a single rating do not count in n.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.

    Examples
    --------
    >>> from goldwire.agreement import krippendorff_alpha
    >>> ratings = [["supports", "supports"], ["neutral", "opposes"], ["opposes", "opposes"], ["neutral", None]]
    >>> alpha = krippendorff_alpha(ratings, "ordinal", labels=["opposes", "neutral", "supports"])
    >>> round(alpha.value, 4), alpha.n_items
    (0.7778, 3)
    """
    estimate = alpha_estimate(parse(ratings, labels), level, weights=weights)
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    return measure(estimate, options)


def alpha_estimate(ratings: Ratings, level: LevelLike = "nominal", *, weights: WeightsLike | None = None) -> Estimate:
    """Return alpha of parsed ratings, ready to be evaluated on parts of them."""
    rater_patterns = collapse(ratings)
    patterns = without_raters(rater_patterns, len(ratings.labels))
    n_ratings = (patterns.codes >= 0).sum(axis=1)
    pairable_codes = np.where(n_ratings[:, None] >= 2, patterns.codes, -1)
    pairable = Patterns(pairable_codes, patterns.frequencies, patterns.pattern_of_item)
    n_items = int(patterns.frequencies[n_ratings >= 2].sum())
    return Estimate(
        coefficient="krippendorff_alpha" if not isinstance(level, str) else f"krippendorff_alpha_{level}",
        frequencies=patterns.frequencies,
        value=_value(ratings, pairable, level, weights),
        n_items=n_items,
        n_raters=int((rater_patterns.codes >= 0).any(axis=0).sum()),
        undefined_reason="all ratings are one label" if n_items else "no item has two ratings",
        row_of_item=patterns.pattern_of_item,
        row_sizes=(n_ratings >= 2).astype(np.float64),
    )


def _value(ratings: Ratings, patterns: Patterns, level: LevelLike, weights: WeightsLike | None) -> Value:
    """Return alpha as a function of pattern frequencies, by the quickest formula for its distance."""
    if weights is None and isinstance(level, str):
        if level not in LEVELS:
            raise ValueError(f"unknown level {level!r}: choose from {', '.join(LEVELS)}, a distance or a matrix")
        if level in ("interval", "ratio") and not ratings.is_numeric and ratings.labels:
            raise ValueError(f"the {level} level needs numbers, not {ratings.labels[0]!r}")
        if level == "interval":
            return _interval(patterns, ratings.scale)
        if level == "nominal":
            return _nominal(_label_counts(patterns, len(ratings.labels)))
        if level == "ordinal":
            return _ordinal(_label_counts(patterns, len(ratings.labels)))
    return _from_distances(patterns.label_counts(len(ratings.labels)), _distances(ratings, level, weights))


def _label_counts(patterns: Patterns, n_labels: int) -> Any:
    """Return how many raters gave each label, (patterns, labels): sparse where a fine scale would make it huge."""
    if len(patterns.codes) * n_labels <= _MAX_DENSE_CELLS:
        return patterns.label_counts(n_labels)
    from scipy.sparse import csr_matrix

    rows, columns = np.nonzero(patterns.codes >= 0)
    shape = (len(patterns.codes), n_labels)
    return csr_matrix((np.ones(len(rows)), (rows, patterns.codes[rows, columns])), shape=shape)


def _distances(ratings: Ratings, level: LevelLike, weights: WeightsLike | None) -> Matrix:
    """Return the (labels, labels) matrix of distances."""
    if weights is not None:
        return 1.0 - weight_matrix(ratings, weights)
    if not isinstance(level, str):
        return 1.0 - weight_matrix(ratings, level) if callable(level) else weight_matrix(ratings, level)
    if level == "masi":
        return 1.0 - weight_matrix(ratings, masi)
    return 1.0 - SCHEMES[level](ratings.scale)


def _alpha(observed: Matrix, expected: Matrix, n_values: Matrix) -> Matrix:
    """Return 1 - (n - 1) observed/expected, nan where the expected disagreement is 0 (to the last 12 digits)."""
    defined = expected > 1e-12 * np.maximum(n_values, 1.0) ** 2
    return 1.0 - quotient((n_values - 1) * observed, expected, defined)


def _from_distances(label_counts: Matrix, distances: Matrix) -> Value:
    """Return alpha for any distance."""
    disagreement = ((label_counts @ distances) * label_counts).sum(axis=1) - label_counts @ np.diag(distances)
    columns = np.column_stack([disagreement / np.maximum(label_counts.sum(axis=1) - 1.0, 1.0), label_counts])

    def value(frequencies: Matrix) -> Matrix:
        sums = frequencies @ columns
        observed, label_sums = sums[:, 0], sums[:, 1:]
        expected = ((label_sums @ distances) * label_sums).sum(axis=1)
        return _alpha(observed, expected, label_sums.sum(axis=1))

    return value


def _nominal(label_counts: Any) -> Value:
    """Return alpha for distances of 0 and 1: sums of squares instead of a matrix of distances."""
    n_ratings = np.asarray(label_counts.sum(axis=1)).ravel()
    squares = label_counts.power(2) if hasattr(label_counts, "power") else label_counts**2
    disagreement = (n_ratings**2 - np.asarray(squares.sum(axis=1)).ravel()) / np.maximum(n_ratings - 1.0, 1.0)

    def value(frequencies: Matrix) -> Matrix:
        label_sums = np.asarray((label_counts.T @ frequencies.T).T)
        n_values = label_sums.sum(axis=1)
        return _alpha(frequencies @ disagreement, n_values**2 - (label_sums**2).sum(axis=1), n_values)

    return value


def _interval(patterns: Patterns, scale: Matrix) -> Value:
    """Return alpha for squared differences, from moments: a fine scale costs no more than a coarse one."""
    is_rated = patterns.codes >= 0
    values = scale[patterns.codes[is_rated]] if is_rated.any() else np.zeros(0)
    centred = np.zeros(patterns.codes.shape)
    centred[is_rated] = values - values.mean() if values.size else values
    centred /= abs(centred).max(initial=0.0) or 1.0
    n_ratings, sums, squares = is_rated.sum(axis=1), centred.sum(axis=1), (centred**2).sum(axis=1)
    disagreement = 2 * (n_ratings * squares - sums**2) / np.maximum(n_ratings - 1.0, 1.0)
    columns = np.column_stack([disagreement, n_ratings, sums, squares])

    def value(frequencies: Matrix) -> Matrix:
        observed, n_values, total, total_squares = (frequencies @ columns).T
        return _alpha(observed, 2 * (n_values * total_squares - total**2), n_values)

    return value


def _ordinal(label_counts: Any) -> Value:
    """Return alpha for squared differences of mid-ranks, with new ranks in each part of the data."""
    n_ratings = np.asarray(label_counts.sum(axis=1)).ravel()
    n_others = np.maximum(n_ratings - 1.0, 1.0)

    def value(frequencies: Matrix) -> Matrix:
        label_sums = np.asarray((label_counts.T @ frequencies.T).T)
        n_values = label_sums.sum(axis=1)
        mid_ranks = (label_sums.cumsum(axis=1) - label_sums / 2) / np.maximum(n_values, 1.0)[:, None]
        sums, squares = (np.asarray((label_counts @ ranks.T).T) for ranks in (mid_ranks, mid_ranks**2))
        observed = (frequencies * (2 * (n_ratings * squares - sums**2) / n_others)).sum(axis=1)
        total, total_squares = (label_sums * mid_ranks).sum(axis=1), (label_sums * mid_ranks**2).sum(axis=1)
        return _alpha(observed, 2 * (n_values * total_squares - total**2), n_values)

    return value
