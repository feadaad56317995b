"""Agreement weights of pairs of labels: 1 for equal labels, less the greater the distance of two labels.

With x and y the positions of two labels on their scale (their numbers, or 1, 2, 3... in order), min and max the ends of
the scale and R = max - min:

- `identity`: 1 if x = y, else 0
- `linear`: 1 - |x - y| / R
- `quadratic`: 1 - (x - y)^2 / R^2
- `radical`: 1 - sqrt(|x - y| / R)
- `ordinal`: 1 - m(m - 1)/2 divided by its maximum, m the number of ranks from one label to the other, both included
- `ratio`: 1 - ((x - y) / (x + y))^2 divided by its maximum
- `circular`: 1 - sin(pi (x - y) / (R + 1))^2 divided by its maximum
- `bipolar`: 1 - (x - y)^2 / ((x + y - 2 min)(2 max - x - y)) divided by its maximum

References
----------
Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, 4th ed., ch. 3.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.ratings import Ratings

__all__ = ["SCHEMES", "LabelDistance", "WeightScheme", "WeightsLike", "masi", "weight_matrix"]

Matrix = NDArray[np.float64]
WeightScheme = Literal["identity", "linear", "quadratic", "radical", "ordinal", "ratio", "circular", "bipolar"]
LabelDistance: TypeAlias = Callable[[Any, Any], float]
"""A distance between two labels: 0 for equal labels, 1 for labels that do not agree at all."""
WeightsLike: TypeAlias = WeightScheme | LabelDistance | NDArray[Any] | Sequence[Sequence[float]]
"""The name of a weighting scheme, a distance between labels, or a (labels, labels) matrix of weights."""


def weight_matrix(ratings: Ratings, weights: WeightsLike | None = "identity") -> Matrix:
    """Return the (labels, labels) matrix of weights; a distance d becomes the weight 1 - d, None means `identity`.

    Raises
    ------
    ValueError
        If the name is unknown or the matrix has another shape.
    """
    labels = ratings.labels
    if callable(weights):
        return 1.0 - np.array([[float(weights(a, b)) for b in labels] for a in labels]).reshape(len(labels), -1)
    if weights is not None and not isinstance(weights, str):
        matrix = np.asarray(weights, dtype=np.float64)
        if matrix.shape != (len(labels), len(labels)):
            raise ValueError(f"weights must have the shape ({len(labels)}, {len(labels)}), not {matrix.shape}")
        return matrix
    name = weights or "identity"
    if name not in SCHEMES:
        raise ValueError(f"unknown weights {name!r}: choose from {', '.join(SCHEMES)}, or pass a matrix or a distance")
    return SCHEMES[name](ratings.scale)


def masi(a: Collection[Hashable], b: Collection[Hashable]) -> float:
    """Return the MASI distance of two sets of labels.

    Parameters
    ----------
    a, b : collection of labels
        Two empty sets are equal.

    Returns
    -------
    float
        Between 0 (equal sets) and 1 (disjoint sets).

    Notes
    -----
    1 - J M, with J the Jaccard index of the sets and M their monotonicity: 1 for equal sets, 2/3 if one contains the
    other, 1/3 if they overlap otherwise, 0 if they are disjoint.

    References
    ----------
    Passonneau, R. (2006). Measuring agreement on set-valued items (MASI) for semantic and pragmatic annotation. LREC.

    Examples
    --------
    >>> from goldwire.agreement.weights import masi
    >>> round(masi({"economy"}, {"economy", "health"}), 4)
    0.6667
    """
    first, second = frozenset(a), frozenset(b)
    if first == second:
        return 0.0
    shared = len(first & second)
    monotonicity = 2 / 3 if first < second or second < first else 1 / 3 if shared else 0.0
    return 1.0 - shared / len(first | second) * monotonicity


def _to_weights(distances: Matrix) -> Matrix:
    """Return 1 - distance / greatest distance."""
    greatest = distances.max(initial=0.0)
    return 1.0 - distances / greatest if greatest > 0 else 1.0 - distances


def _identity(x: Matrix) -> Matrix:
    return np.eye(len(x))


def _linear(x: Matrix) -> Matrix:
    return _to_weights(abs(np.subtract.outer(x, x)))


def _quadratic(x: Matrix) -> Matrix:
    return _to_weights(np.subtract.outer(x, x) ** 2)


def _radical(x: Matrix) -> Matrix:
    return _to_weights(np.sqrt(abs(np.subtract.outer(x, x))))


def _ordinal(x: Matrix) -> Matrix:
    ranks = abs(np.subtract.outer(np.arange(len(x)), np.arange(len(x)))) + 1.0
    return _to_weights(ranks * (ranks - 1) / 2)


def _ratio(x: Matrix) -> Matrix:
    return _to_weights(_divide(np.subtract.outer(x, x), np.add.outer(x, x)) ** 2)


def _circular(x: Matrix) -> Matrix:
    if not len(x):
        return np.eye(0)
    return _to_weights(np.sin(np.pi * np.subtract.outer(x, x) / (x.max() - x.min() + 1)) ** 2)


def _bipolar(x: Matrix) -> Matrix:
    if not len(x):
        return np.eye(0)
    sums = np.add.outer(x, x)
    return _to_weights(_divide(np.subtract.outer(x, x) ** 2, (sums - 2 * x.min()) * (2 * x.max() - sums)))


def _divide(numerator: Matrix, denominator: Matrix) -> Matrix:
    # 0/0 is a label at the end of its scale compared with itself: no distance.
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator != 0)


SCHEMES: dict[str, Callable[[Matrix], Matrix]] = {
    "identity": _identity,
    "linear": _linear,
    "quadratic": _quadratic,
    "radical": _radical,
    "ordinal": _ordinal,
    "ratio": _ratio,
    "circular": _circular,
    "bipolar": _bipolar,
}
"""From names to weighting schemes: functions of the labels' positions on their scale."""
