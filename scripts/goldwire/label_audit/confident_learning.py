"""Confident learning: which labels out-of-fold predictions contradict, given how often each label is confused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["DoubtfulLabel", "contradicted_labels", "doubtful_labels", "is_learnable", "out_of_fold"]

Floats = NDArray[np.float64]

_LEAST_ITEMS = 20  # of which a model could say nothing
_LEAST_MARGIN = 0.05  # by which another label has to be more probable


class DoubtfulLabel(msgspec.Struct, frozen=True):
    """An item whose label is likely wrong.

    `index` is its position, `suggestion` the most probable label with its `probability`, `score` an estimate of the
    probability that the label is wrong, and `is_issue` whether confident learning counts it among the errors.
    """

    index: int
    suggestion: str
    probability: float
    score: float
    is_issue: bool

    @property
    def reason(self) -> str:
        """The evidence in words."""
        share = f"{self.probability:.2f}"
        model = f"a classifier trained on other articles says {self.suggestion} with a probability of {share}"
        return model + ("; confident learning counts it among the errors" if self.is_issue else "")


def is_learnable(labels: Sequence[str], folds: Sequence[int]) -> bool:
    """Whether there are two labels to choose from, and another fold to learn them from."""
    return len(set(labels)) > 1 and len(set(folds)) > 1


def contradicted_labels(
    matrix: Any, labels: Sequence[str], folds: Sequence[int], fit: Callable[[Any, NDArray[Any]], Any]
) -> Iterator[DoubtfulLabel]:
    """Yield the labels that models of the other folds contradict; parameters as for `out_of_fold`."""
    names, probabilities = out_of_fold(matrix, labels, folds, fit)
    yield from doubtful_labels(labels, names, probabilities)


def out_of_fold(
    matrix: Any, labels: Sequence[str], folds: Sequence[int], fit: Callable[[Any, NDArray[Any]], Any]
) -> tuple[list[str], Floats]:
    """Return the sorted labels and, for each item, their probabilities by a model of the other folds.

    Parameters
    ----------
    matrix : sparse matrix of shape (n_items, n_features)
    labels : sequence of str
    folds : sequence of int
        The fold of each item.
    fit : callable
        Returns a classifier with `classes_` and `predict_proba`, trained on a matrix and labels.
    """
    names = sorted(set(labels))
    place = {name: number for number, name in enumerate(names)}
    truth, fold_of = np.array(labels, dtype=object), np.array(folds)
    probabilities = np.full((len(labels), len(names)), 1 / max(len(names), 1))
    for fold in sorted(set(folds)):
        held = np.flatnonzero(fold_of == fold)
        rest = np.flatnonzero(fold_of != fold)
        if len(set(truth[rest])) < 2:
            continue
        model = fit(matrix[rest], truth[rest])
        probabilities[held] = 0.0
        columns = np.array([place[name] for name in model.classes_])
        probabilities[held[:, None], columns] = model.predict_proba(matrix[held])
    return names, probabilities


def doubtful_labels(labels: Sequence[str], names: Sequence[str], probabilities: Floats) -> Iterator[DoubtfulLabel]:
    """Yield the labels that the probabilities contradict, in the order of the items.

    The score is the probability of the other labels, divided by the one that a right label of this kind usually
    leaves to them, so that a label that models seldom recognize is not always in doubt.

    References
    ----------
    Northcutt, Jiang and Chuang (2021). Confident learning: Estimating uncertainty in dataset labels. JAIR 70.

    Examples
    --------
    >>> list(doubtful_labels([], [], np.empty((0, 0))))
    []
    """
    if len(labels) < _LEAST_ITEMS or len(names) < 2:
        return
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    place = {name: number for number, name in enumerate(names)}
    given = np.array([place[label] for label in labels])
    issues = find_label_issues(given, probabilities, filter_by="prune_by_noise_rate", n_jobs=1)
    quality = get_label_quality_scores(given, probabilities, method="normalized_margin")
    best = probabilities.argmax(axis=1)
    own = probabilities[np.arange(len(given)), given]
    for index in np.flatnonzero((best != given) & (probabilities.max(axis=1) - own > _LEAST_MARGIN)):
        probability = float(probabilities[index].max())
        score = float(np.clip(1 - quality[index], 0, 1)) * probability
        yield DoubtfulLabel(int(index), names[best[index]], probability, score, bool(issues[index]))
