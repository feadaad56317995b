"""How near two labels are: agreement weights, 1 for the same label and less the farther apart (Gwet 2014, ch. 3).

With x the labels' places on their scale (their numbers, or 1, 2, 3... in order) and R = max x - min x:
`linear` 1 - |x-y|/R; `quadratic` 1 - (x-y)^2/R^2; `radical` 1 - sqrt(|x-y|/R); `ordinal` 1 - m(m-1)/2 over its maximum,
m the number of ranks from one to the other, both counted; `ratio` ((x-y)/(x+y))^2, `circular` sin(pi(x-y)/(R+1))^2 and
`bipolar` (x-y)^2/((x+y-2min)(2max-x-y)), each taken from 1 after division by its maximum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.ratings import Ratings

__all__ = ["SCHEMES", "LabelDistance", "WeightScheme", "WeightsLike", "masi", "weight_matrix"]

Matrix = NDArray[np.float64]
WeightScheme = Literal["identity", "linear", "quadratic", "radical", "ordinal", "ratio", "circular", "bipolar"]
LabelDistance: TypeAlias = Callable[[Any, Any], float]
"""A distance between two labels: 0 for equal ones, 1 for those that do not agree at all."""
WeightsLike: TypeAlias = WeightScheme | LabelDistance | NDArray[Any] | Sequence[Sequence[float]]
"""A weighting scheme by name, a distance between labels, or a (labels, labels) matrix of weights."""


def weight_matrix(ratings: Ratings, weights: WeightsLike | None = "identity") -> Matrix:
    """The (labels, labels) matrix of a scheme's name, of an own matrix, or of an own distance `f(label, label)`.

    A distance is turned into a weight by taking it from 1. None means `identity`.
    """
    labels = ratings.labels
    if callable(weights):
        return 1.0 - np.array([[float(weights(a, b)) for b in labels] for a in labels]).reshape(len(labels), -1)
    if weights is not None and not isinstance(weights, str):
        matrix = np.asarray(weights, dtype=np.float64)
        if matrix.shape != (len(labels), len(labels)):
            raise ValueError(f"weights must be {len(labels)} x {len(labels)}, one row a label, not {matrix.shape}")
        return matrix
    name = weights or "identity"
    if name not in SCHEMES:
        raise ValueError(f"no weights {name!r}: choose from {', '.join(SCHEMES)}, or give a matrix or a distance")
    return SCHEMES[name](ratings.values)


def masi(a: Any, b: Any) -> float:
    """MASI distance of two label sets, 1 - Jaccard x monotonicity (Passonneau 2006); two empty sets agree."""
    a, b = frozenset(a), frozenset(b)
    if a == b:
        return 0.0
    both = len(a & b)
    monotonicity = 2 / 3 if a < b or b < a else 1 / 3 if both else 0.0
    return 1.0 - both / len(a | b) * monotonicity


def _from_one(distance: Matrix) -> Matrix:
    greatest = distance.max(initial=0.0)
    return 1.0 - distance / greatest if greatest > 0 else 1.0 - distance


def _identity(x: Matrix) -> Matrix:
    return np.eye(len(x))


def _linear(x: Matrix) -> Matrix:
    return _from_one(abs(np.subtract.outer(x, x)))


def _quadratic(x: Matrix) -> Matrix:
    return _from_one(np.subtract.outer(x, x) ** 2)


def _radical(x: Matrix) -> Matrix:
    return _from_one(np.sqrt(abs(np.subtract.outer(x, x))))


def _ordinal(x: Matrix) -> Matrix:
    ranks = abs(np.subtract.outer(np.arange(len(x)), np.arange(len(x)))) + 1.0
    return _from_one(ranks * (ranks - 1) / 2)


def _ratio(x: Matrix) -> Matrix:
    return _from_one(_divide(np.subtract.outer(x, x), np.add.outer(x, x)) ** 2)


def _circular(x: Matrix) -> Matrix:
    if not len(x):
        return np.eye(0)
    return _from_one(np.sin(np.pi * np.subtract.outer(x, x) / (x.max() - x.min() + 1)) ** 2)


def _bipolar(x: Matrix) -> Matrix:
    if not len(x):
        return np.eye(0)
    sums = np.add.outer(x, x)
    return _from_one(_divide(np.subtract.outer(x, x) ** 2, (sums - 2 * x.min()) * (2 * x.max() - sums)))


def _divide(above: Matrix, below: Matrix) -> Matrix:
    # 0/0 is a label against itself at the end of its scale: no distance.
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)


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
"""The weights by name."""
