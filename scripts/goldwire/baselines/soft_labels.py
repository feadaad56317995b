"""Distances between predicted and annotated distributions of labels, and a simple model of the distributions.

The distribution of a pair is the share of the annotators who drew each stance, and of those who drew nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldwire.baselines.scores import SoftModel, SoftScore
from goldwire.baselines.stance_context import stance_context
from goldwire.baselines.stance_models import FULL_MODEL, StanceModel, predict_distributions

__all__ = ["AGAINST_THE_REST", "cross_entropy", "manhattan", "measure_soft", "wasserstein"]

AGAINST_THE_REST = "each annotator against the rest"

Row = Mapping[str, Any]
Floats = NDArray[np.float64]

_LEAST = 1e-12  # probability of what a model holds for impossible: its logarithm must be finite


def cross_entropy(annotated: Floats, predicted: Floats) -> Floats:
    """Return the cross-entropy of each pair of distributions (rows), in nats.

    Examples
    --------
    >>> import numpy as np
    >>> cross_entropy(np.array([[0.5, 0.5]]), np.array([[0.5, 0.5]])).round(4)
    array([0.6931])
    """
    result: Floats = -(annotated * np.log(np.maximum(predicted, _LEAST))).sum(axis=1)
    return result


def manhattan(annotated: Floats, predicted: Floats) -> Floats:
    """Return the sum of absolute differences of each pair of distributions (rows).

    References
    ----------
    Leonardelli et al. (2025). LeWiDi-2025 at NLPerspectives: The third edition of the Learning with Disagreements
    shared task. The mean of this distance over the items is its metric for categories.

    Examples
    --------
    >>> import numpy as np
    >>> manhattan(np.array([[0.5, 0.5, 0.0]]), np.array([[0.0, 0.5, 0.5]]))
    array([1.])
    """
    result: Floats = np.abs(annotated - predicted).sum(axis=1)
    return result


def wasserstein(annotated: Floats, predicted: Floats) -> Floats:
    """Return the Wasserstein distance of each pair of distributions over ordered labels, one step apart.

    References
    ----------
    Leonardelli et al. (2025), as in `manhattan`; the mean of this distance is its metric for scales.

    Examples
    --------
    >>> import numpy as np
    >>> wasserstein(np.array([[1.0, 0.0, 0.0]]), np.array([[0.0, 0.0, 1.0]]))
    array([2.])
    """
    result: Floats = np.abs(np.cumsum(annotated - predicted, axis=1)[:, :-1]).sum(axis=1)
    return result


def measure_soft(
    train: Sequence[Row], rows: Mapping[str, Sequence[Row]], stances: Sequence[str], model: StanceModel
) -> tuple[SoftModel, ...]:
    """Return the scores of the mean of train, of a model, and of each annotator against the rest.

    Parameters
    ----------
    train : sequence of dict
        Rows of `stance_candidates`.
    rows : mapping of str to sequence of dict
        Rows of `stance_candidates` by split; pairs that fewer than two annotators saw are left out.
    stances : sequence of str
        The names of the stances, in the order of `stance_shares`.
    model : StanceModel
        The model that is trained.
    """
    asked = [row for row in train if row["n_annotators"] and row["none_share"] is not None]
    evaluated = {
        split: [row for row in split_rows if row["n_annotators"] > 1 and row["none_share"] is not None]
        for split, split_rows in rows.items()
    }
    if not stances or not asked or not any(evaluated.values()):
        return ()
    annotated = _distributions(asked, len(stances))
    contexts = [stance_context(row) for row in asked]
    scores: dict[str, dict[str, SoftScore]] = {"mean of train": {}, FULL_MODEL: {}, AGAINST_THE_REST: {}}
    for split, split_rows in evaluated.items():
        if not split_rows:
            continue
        truth = _distributions(split_rows, len(stances))
        mean = np.repeat(annotated.mean(axis=0)[None, :], len(truth), axis=0)
        seen = predict_distributions(model, contexts, annotated, [stance_context(row) for row in split_rows])
        scores["mean of train"][split] = _score(truth, mean)
        scores[FULL_MODEL][split] = _score(truth, seen)
        rest, single = _each_against_the_rest(split_rows, stances)
        scores[AGAINST_THE_REST][split] = _score(rest, single, is_single=True)
    return tuple(SoftModel(name=name, scores=by_split) for name, by_split in scores.items())


def _distributions(rows: Sequence[Row], n_stances: int) -> Floats:
    """Return the share of each stance and, last, of nothing."""
    return np.array([[*(row["stance_shares"] or [0.0] * n_stances), row["none_share"]] for row in rows])


def _score(annotated: Floats, predicted: Floats, *, is_single: bool = False) -> SoftScore:
    drawn = (annotated[:, :-1].sum(axis=1) > 0) & (predicted[:, :-1].sum(axis=1) > 0)
    given = [table[drawn, :-1] / table[drawn, :-1].sum(axis=1, keepdims=True) for table in (annotated, predicted)]
    return SoftScore(
        cross_entropy=None if is_single else round(float(cross_entropy(annotated, predicted).mean()), 4),
        manhattan=round(float(manhattan(annotated, predicted).mean()), 4),
        wasserstein=round(float(wasserstein(*given).mean()), 4) if drawn.any() else None,
        n=len(annotated),
    )


def _each_against_the_rest(rows: Sequence[Row], stances: Sequence[str]) -> tuple[Floats, Floats]:
    """Return, for each annotator of each pair, the distribution of the others and the annotator's answer."""
    order = {label: number for number, label in enumerate((*stances, None))}
    rest, single = [], []
    for row in rows:
        answers: dict[str, list[int]] = {}
        for answer in row["answers"]:
            answers.setdefault(answer["annotator"], []).append(order[answer["label"]])
        tables = {name: np.bincount(given, minlength=len(order)) / len(given) for name, given in answers.items()}
        for name, table in tables.items():
            rest.append(np.mean([other for other_name, other in tables.items() if other_name != name], axis=0))
            single.append(table)
    return np.array(rest), np.array(single)
