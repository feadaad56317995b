"""Krippendorff's alpha: agreement of any number of raters, with gaps, at any level of measurement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.bootstrap import BootstrapOptions, Estimate, IntervalMethod, measure, quotient
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

_DENSE = 4_000_000  # patterns x labels held as they are, 32 MB

Level = Literal["nominal", "ordinal", "interval", "ratio", "circular", "bipolar", "linear", "radical", "masi"]
LevelLike: TypeAlias = Level | LabelDistance | NDArray[Any] | Sequence[Sequence[float]]
"""A level of measurement by name, a distance between labels, or a (labels, labels) matrix of distances."""

LEVELS: tuple[Level, ...] = get_args(Level)


def krippendorff_alpha(
    ratings: RatingsLike,
    level: LevelLike = "nominal",
    labels: LabelsLike | None = None,
    *,
    weights: WeightsLike | None = None,
    n_boot: int = 0,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod = "percentile",
    groups: GroupsLike | None = None,
) -> Agreement:
    """Krippendorff's alpha of items x raters, None or NaN = missing (Krippendorff 2011, Computing alpha-reliability).

    1 - (observed disagreement)/(expected disagreement) over the values that can be paired: items with one rating
    say nothing and are dropped. `level` is one of `LEVELS`, a distance or a matrix of distances; `labels` gives the
    labels' order (for text labels at the ordinal level). `weights` names a scheme of Gwet's instead of a level.
    With `n_boot` replicates over items, or over `groups` of items, low and high bound the 95% interval.
    nan where nothing can be paired or all values are one label.
    """
    estimate = alpha_estimate(parse(ratings, labels), level, weights=weights)
    options = BootstrapOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    return measure(estimate, options)


def alpha_estimate(ratings: Ratings, level: LevelLike = "nominal", *, weights: WeightsLike | None = None) -> Estimate:
    """Alpha of parsed ratings, ready to be measured or resampled."""
    everybody = collapse(ratings)
    patterns = without_raters(everybody, len(ratings.labels))
    rated = (patterns.codes >= 0).sum(axis=1)
    pairable = Patterns(
        np.where(rated[:, None] >= 2, patterns.codes, -1), patterns.frequencies, patterns.pattern_of_item
    )
    items = int(patterns.frequencies[rated >= 2].sum())
    return Estimate(
        coefficient="krippendorff_alpha" if not isinstance(level, str) else f"krippendorff_alpha_{level}",
        frequencies=patterns.frequencies,
        value=_value(ratings, pairable, level, weights),
        n_items=items,
        n_raters=int((everybody.codes >= 0).any(axis=0).sum()),
        undefined_reason="no item has two ratings" if not items else "all ratings are one label",
        row_of_item=patterns.pattern_of_item,
    )


def _value(
    ratings: Ratings, patterns: Patterns, level: LevelLike, weights: WeightsLike | None
) -> Callable[[Matrix], Matrix]:
    if weights is None and isinstance(level, str):
        if level not in LEVELS:
            raise ValueError(f"no level {level!r}: choose from {', '.join(LEVELS)}, or give a distance or a matrix")
        if level in ("interval", "ratio") and not ratings.is_numeric and ratings.labels:
            raise ValueError(f"the {level} level needs numbers, not {ratings.labels[0]!r}")
        if level == "interval":
            return _interval(patterns, ratings.scale)
        if level in ("nominal", "ordinal"):
            return (_nominal if level == "nominal" else _ordinal)(_counts(patterns, len(ratings.labels)))
    return _by_distance(patterns.label_counts(len(ratings.labels)), _distance(ratings, level, weights))


def _counts(patterns: Patterns, labels: int) -> Any:
    """How many raters gave each label, (patterns, labels): sparse where a fine scale would make it huge."""
    if len(patterns.codes) * labels <= _DENSE:
        return patterns.label_counts(labels)
    from scipy.sparse import csr_matrix

    rows, columns = np.nonzero(patterns.codes >= 0)
    shape = (len(patterns.codes), labels)
    return csr_matrix((np.ones(len(rows)), (rows, patterns.codes[rows, columns])), shape=shape)


def _distance(ratings: Ratings, level: LevelLike, weights: WeightsLike | None) -> Matrix:
    if weights is not None:
        return 1.0 - weight_matrix(ratings, weights)
    if not isinstance(level, str):
        return 1.0 - weight_matrix(ratings, level) if callable(level) else weight_matrix(ratings, level)
    if level == "masi":
        return 1.0 - weight_matrix(ratings, masi)
    return 1.0 - SCHEMES["identity" if level == "nominal" else level](ratings.scale)


def _ratio(observed: Matrix, expected: Matrix, total: Matrix) -> Matrix:
    """1 - (n - 1) observed/expected, nan where nothing is expected to differ (to the last 12 digits)."""
    return 1.0 - quotient((total - 1) * observed, expected, expected > 1e-12 * np.maximum(total, 1.0) ** 2)


def _by_distance(counts: Matrix, distance: Matrix) -> Callable[[Matrix], Matrix]:
    spread = ((counts @ distance) * counts).sum(axis=1) - counts @ np.diag(distance)
    rows = np.column_stack([spread / np.maximum(counts.sum(axis=1) - 1.0, 1.0), counts])

    def value(weights: Matrix) -> Matrix:
        sums = weights @ rows
        observed, often = sums[:, 0], sums[:, 1:]
        return _ratio(observed, ((often @ distance) * often).sum(axis=1), often.sum(axis=1))

    return value


def _nominal(counts: Any) -> Callable[[Matrix], Matrix]:
    rated = np.asarray(counts.sum(axis=1)).ravel()
    squares = np.asarray((counts.power(2) if hasattr(counts, "power") else counts**2).sum(axis=1)).ravel()
    spread = (rated**2 - squares) / np.maximum(rated - 1.0, 1.0)

    def value(weights: Matrix) -> Matrix:
        often = np.asarray((counts.T @ weights.T).T)
        total = often.sum(axis=1)
        return _ratio(weights @ spread, total**2 - (often**2).sum(axis=1), total)

    return value


def _interval(patterns: Patterns, places: Matrix) -> Callable[[Matrix], Matrix]:
    """Squared differences through moments: no table of labels, so that a fine scale costs nothing."""
    there = patterns.codes >= 0
    used = places[patterns.codes[there]] if there.any() else np.zeros(0)
    centred = np.zeros(patterns.codes.shape)
    centred[there] = used - used.mean() if used.size else used
    centred /= abs(centred).max(initial=0.0) or 1.0
    rated, first, second = there.sum(axis=1), centred.sum(axis=1), (centred**2).sum(axis=1)
    rows = np.column_stack([2 * (rated * second - first**2) / np.maximum(rated - 1.0, 1.0), rated, first, second])

    def value(weights: Matrix) -> Matrix:
        observed, total, once, twice = (weights @ rows).T
        return _ratio(observed, 2 * (total * twice - once**2), total)

    return value


def _ordinal(counts: Any) -> Callable[[Matrix], Matrix]:
    """Krippendorff's ordinal distance is the squared difference of mid-ranks, which each resample ranks anew."""
    rated = np.asarray(counts.sum(axis=1)).ravel()
    less = np.maximum(rated - 1.0, 1.0)

    def value(weights: Matrix) -> Matrix:
        often = np.asarray((counts.T @ weights.T).T)
        total = often.sum(axis=1)
        ranks = (often.cumsum(axis=1) - often / 2) / np.maximum(total, 1.0)[:, None]
        first, second = (np.asarray((counts @ each.T).T) for each in (ranks, ranks**2))
        observed = (weights * (2 * (rated * second - first**2) / less)).sum(axis=1)
        once, twice = (often * ranks).sum(axis=1), (often * ranks**2).sum(axis=1)
        return _ratio(observed, 2 * (total * twice - once**2), total)

    return value
