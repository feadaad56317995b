"""Krippendorff's alpha: agreement of any number of raters, with gaps, at any level of measurement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.bootstrap import Estimate, Options, measure, quotient
from goldwire.agreement.ratings import Patterns, Ratings, collapse, parse
from goldwire.agreement.weights import SCHEMES, masi, weight_matrix
from goldwire.records import Agreement

__all__ = ["LEVELS", "alpha_estimate", "krippendorff_alpha"]

Matrix = NDArray[np.float64]

LEVELS = ("nominal", "ordinal", "interval", "ratio", "circular", "bipolar", "linear", "radical", "masi")
"""Levels by name; an own distance `f(label, label)` or matrix of distances will do as well."""


def krippendorff_alpha(
    ratings: Any,
    level: Any = "nominal",
    labels: Sequence[Any] | None = None,
    n_boot: int = 0,
    seed: int = 0,
    *,
    weights: Any = None,
    method: Any = "percentile",
    groups: Sequence[Any] | None = None,
) -> Agreement:
    """Krippendorff's alpha of items x raters, None or NaN = missing (Krippendorff 2011, Computing alpha-reliability).

    1 - (observed disagreement)/(expected disagreement) over the values that can be paired: items with one rating
    say nothing and are dropped. `level` is one of `LEVELS`, a distance or a matrix of distances; `labels` gives the
    labels' order (for text labels at the ordinal level). `weights` names a scheme of Gwet's instead of a level.
    With `n_boot` replicates over items, or over `groups` of items, low and high bound the 95% interval.
    nan where nothing can be paired or all values are one label.
    """
    estimate = alpha_estimate(parse(ratings, labels), level, weights=weights)
    return measure(estimate, Options(n_boot=n_boot, seed=seed, method=method, groups=groups))


def alpha_estimate(ratings: Ratings, level: Any = "nominal", *, weights: Any = None) -> Estimate:
    """Alpha of parsed ratings, ready to be measured or resampled."""
    patterns = collapse(ratings)
    counts = patterns.counts(len(ratings.labels))
    pairable = counts.sum(axis=1) >= 2
    items = int(patterns.weight[pairable].sum())
    return Estimate(
        coefficient="krippendorff_alpha" if not isinstance(level, str) else f"krippendorff_alpha_{level}",
        weight=patterns.weight,
        value=_value(ratings, np.where(pairable[:, None], counts, 0.0), level, weights),
        n_items=items,
        n_raters=_raters(patterns),
        undefined="no item has two ratings" if not items else "all ratings are one label",
        of_item=patterns.of_item,
    )


def _raters(patterns: Patterns) -> int:
    return int((patterns.codes >= 0).any(axis=0).sum())


def _value(ratings: Ratings, counts: Matrix, level: Any, weights: Any) -> Callable[[Matrix], Matrix]:
    if weights is None and isinstance(level, str):
        if level not in LEVELS:
            raise ValueError(f"no level {level!r}: choose from {', '.join(LEVELS)}, or give a distance or a matrix")
        if level == "ordinal":
            return _ordinal(counts)
        if level in ("interval", "ratio") and not ratings.numeric and ratings.labels:
            raise ValueError(f"the {level} level needs numbers, not {ratings.labels[0]!r}")
        if level == "interval":
            return _interval(counts, ratings.values)
    return _by_distance(counts, _distance(ratings, level, weights))


def _distance(ratings: Ratings, level: Any, weights: Any) -> Matrix:
    if weights is not None:
        return 1.0 - weight_matrix(ratings, weights)
    if not isinstance(level, str):
        return 1.0 - weight_matrix(ratings, level) if callable(level) else weight_matrix(ratings, level)
    if level == "masi":
        return 1.0 - weight_matrix(ratings, masi)
    return 1.0 - SCHEMES["identity" if level == "nominal" else level](ratings.values)


def _one_less(counts: Matrix) -> Matrix:
    """Ratings of each pattern less one, and 1 for what has none."""
    return np.asarray(np.maximum(counts.sum(axis=1) - 1.0, 1.0))


def _ratio(observed: Matrix, expected: Matrix, total: Matrix) -> Matrix:
    """1 - (n - 1) observed/expected, nan where nothing is expected to differ (to the last 12 digits)."""
    return 1.0 - quotient((total - 1) * observed, expected, expected > 1e-12 * np.maximum(total, 1.0) ** 2)


def _by_distance(counts: Matrix, distance: Matrix) -> Callable[[Matrix], Matrix]:
    spread = ((counts @ distance) * counts).sum(axis=1) - counts @ np.diag(distance)
    rows = np.column_stack([spread / _one_less(counts), counts])

    def value(weights: Matrix) -> Matrix:
        sums = weights @ rows
        observed, often = sums[:, 0], sums[:, 1:]
        return _ratio(observed, ((often @ distance) * often).sum(axis=1), often.sum(axis=1))

    return value


def _interval(counts: Matrix, places: Matrix) -> Callable[[Matrix], Matrix]:
    """Squared differences through moments: no table of labels x labels, so that a fine scale costs nothing."""
    rated = counts.sum(axis=1)
    centred = places - (rated.sum() and (counts.sum(axis=0) @ places) / rated.sum())
    centred = centred / (abs(centred[counts.any(axis=0)]).max(initial=0.0) or 1.0)
    first, second = counts @ centred, counts @ centred**2
    rows = np.column_stack([2 * (rated * second - first**2) / _one_less(counts), rated, first, second])

    def value(weights: Matrix) -> Matrix:
        observed, total, once, twice = (weights @ rows).T
        return _ratio(observed, 2 * (total * twice - once**2), total)

    return value


def _ordinal(counts: Matrix) -> Callable[[Matrix], Matrix]:
    """Krippendorff's ordinal distance is the squared difference of mid-ranks, which each resample ranks anew."""
    rated, less = counts.sum(axis=1), _one_less(counts)

    def value(weights: Matrix) -> Matrix:
        often = weights @ counts
        total = often.sum(axis=1)
        ranks = (often.cumsum(axis=1) - often / 2) / np.maximum(total, 1.0)[:, None]
        first, second = ranks @ counts.T, ranks**2 @ counts.T
        observed = (weights * (2 * (rated * second - first**2) / less)).sum(axis=1)
        once, twice = (often * ranks).sum(axis=1), (often * ranks**2).sum(axis=1)
        return _ratio(observed, 2 * (total * twice - once**2), total)

    return value
