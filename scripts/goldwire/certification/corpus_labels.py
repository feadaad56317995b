"""Labels of a corpus by a machine, and by people in part, and the estimators of a ratio of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.estimates import tail_quantiles

__all__ = [
    "CorpusLabels",
    "best_weight",
    "calibrated_labels",
    "design_mean",
    "influence_of_items",
    "interval_bounds",
    "ratio",
    "variance_of_sum",
    "weighted_mean",
]

Vector = NDArray[np.float64]
_N_FOLDS = 5  # of the regression of people's values on the machine's


class CorpusLabels(msgspec.Struct, frozen=True):
    """Numerators and denominators of the machine and of people, one row per item.

    `people_part` and `people_whole` are 0 where `weights` is: `weights` are 1 / inclusion probability of items that
    people labelled, and 0 for all others.
    """

    machine_part: Vector
    machine_whole: Vector
    people_part: Vector
    people_whole: Vector
    weights: Vector
    groups: NDArray[np.int64]

    @property
    def is_labelled(self) -> NDArray[np.bool_]:
        """Whether people labelled each item."""
        return self.weights > 0

    @property
    def is_share(self) -> bool:
        """Whether every part is within 0 and its whole."""
        pairs = ((self.machine_part, self.machine_whole), (self.people_part, self.people_whole))
        return all(bool(((part >= 0) & (part <= whole)).all()) for part, whole in pairs)

    @property
    def columns(self) -> tuple[tuple[Vector, Vector], tuple[Vector, Vector]]:
        """(machine, people) of the parts, then of the wholes."""
        return (self.machine_part, self.people_part), (self.machine_whole, self.people_whole)


def ratio(part: float, whole: float) -> float:
    """Return part / whole; nan of nothing."""
    return part / whole if whole > 0 else math.nan


def weighted_mean(data: CorpusLabels, predicted: Vector, observed: Vector) -> float:
    """Return the mean of the predictions, corrected by the weighted mean error."""
    return float(predicted.mean() + data.weights @ (observed - predicted) / data.weights.sum())


def design_mean(data: CorpusLabels, predicted: Vector, observed: Vector) -> float:
    """Return the mean of the design-adjusted labels of Egami et al. (2023)."""
    return float((predicted + data.weights * (observed - predicted)).mean())


def influence_of_items(
    data: CorpusLabels, predicted: Sequence[Vector], value: float, *, is_design: bool
) -> tuple[Vector, float]:
    """Return how each item moves the ratio, shape (items,), and the least standard error of its residual part."""
    n = len(data.weights)
    g = predicted[0] - value * predicted[1]
    y = data.people_part - value * data.people_whole
    weights = data.weights if is_design else data.weights * n / data.weights.sum()
    residual = np.where(data.is_labelled, y - g, 0.0)
    if not is_design:
        residual = np.where(data.is_labelled, residual - data.weights @ residual / data.weights.sum(), 0.0)
    wholes = [design_mean, weighted_mean][not is_design](data, predicted[1], data.people_whole)
    labelled_groups = len(np.unique(data.groups[data.is_labelled]))
    # A mean and a weight, or a regression, are fitted to the residuals.
    fitted = math.sqrt(labelled_groups / (labelled_groups - 2))
    influence = (g - g.mean() + fitted * weights * residual) / (n * wholes)
    if is_design:
        influence = influence - influence.mean()
    # Half a label of one group: one thing of a share, or the largest deviation of an item.
    scale = max(value, 1 - value, 0.0) if data.is_share else float(np.abs(y[data.is_labelled]).max(initial=0.0))
    return influence, 0.5 * scale / (wholes * labelled_groups)


def variance_of_sum(influence: Vector, groups: NDArray[np.int64]) -> float:
    """Return the variance of a sum over groups."""
    sums = np.bincount(groups, influence)
    return float(len(sums) / (len(sums) - 1) * (sums**2).sum()) if len(sums) > 1 else math.nan


def best_weight(data: CorpusLabels, share: float) -> float:
    """Return the weight of the machine with the least variance, by groups, within 0 to 1.

    The influence of each item is linear in the weight, so that the variance is a parabola.
    """
    zero = np.zeros_like(data.weights)
    at_zero, _ = influence_of_items(data, (zero, zero), share, is_design=False)
    n = len(data.weights)
    f = data.machine_part - share * data.machine_whole
    weights = data.weights * n / data.weights.sum()
    centred = np.where(data.is_labelled, f - data.weights @ f / data.weights.sum(), 0.0)
    whole = float(data.weights @ data.people_whole / data.weights.sum())
    slope = (f - f.mean() - weights * centred) / (n * whole)
    a, b = np.bincount(data.groups, at_zero), np.bincount(data.groups, slope)
    return float(np.clip(-(a @ b) / (b @ b), 0.0, 1.0)) if b @ b > 0 else 0.0


def calibrated_labels(data: CorpusLabels, machine: Vector, people: Vector) -> Vector:
    """Return the regression of people's values on the machine's, each fold of groups by the other folds."""
    labelled = np.unique(data.groups[data.is_labelled])
    fold_of_group = np.arange(data.groups.max() + 1) % _N_FOLDS
    fold_of_group[labelled] = np.arange(len(labelled)) % _N_FOLDS
    folds = fold_of_group[data.groups]
    predicted = np.zeros_like(machine)
    for fold in range(_N_FOLDS):
        weights = np.where(folds != fold, data.weights, 0.0)
        total = weights.sum()
        mean_f, mean_y = weights @ machine / total, weights @ people / total
        spread = weights @ (machine - mean_f) ** 2
        slope = weights @ ((machine - mean_f) * (people - mean_y)) / spread if spread > 0 else 0.0
        predicted[folds == fold] = mean_y + slope * (machine[folds == fold] - mean_f)
    return predicted


def interval_bounds(
    data: CorpusLabels, value: float, error: float, n_labelled_groups: int, confidence: float
) -> tuple[float, float]:
    """Return the bounds of the interval of `debiased_mean`."""
    from scipy.special import stdtrit

    counts = np.bincount(data.groups[data.is_labelled], data.weights[data.is_labelled])
    counts = counts[counts > 0]
    freedom = max(1.0, min(n_labelled_groups - 1, float(counts.sum() ** 2 / (counts**2).sum()) - 1))
    t = float(stdtrit(freedom, tail_quantiles(confidence)[1]))
    if not data.is_share:
        return value - t * error, value + t * error
    if not 0 < value < 1:
        bound = min(max(value, 0.0), 1.0)
        return max(0.0, bound - t * error), min(1.0, bound + t * error)
    logit, scale = math.log(value / (1 - value)), t * error / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-min(700.0, max(-700.0, logit + sign * scale)))) for sign in (-1, 1))
    return low, high
