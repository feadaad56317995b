"""How able each annotator is, and which way each leans, found from their answers alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.ratings import Patterns, collapse, parse

__all__ = ["Competence", "dawid_skene", "mace"]

Matrix = NDArray[np.float64]


class Competence(msgspec.Struct, frozen=True):
    """Labels with their probabilities, and each annotator's ability.

    `truth` (items, labels): probability of each label; rows of items without a rating are nan. `share` (labels,): how
    frequent each truly is. `confusion` (annotators, true label, label given): rows sum to 1; None for MACE.
    `competence` (annotators,): probability of a right answer (Dawid-Skene: over `share`; MACE: of not guessing).
    """

    labels: tuple[Any, ...]
    truth: Matrix
    share: Matrix
    confusion: Matrix | None
    competence: Matrix

    def best(self) -> list[Any]:
        """Each item's most probable label (the first in order on a tie), None where nobody rated it."""
        known = ~np.isnan(self.truth).any(axis=1)
        codes = np.where(known, np.nan_to_num(self.truth).argmax(axis=1), -1)
        return [self.labels[code] if code >= 0 else None for code in codes]


def dawid_skene(
    ratings: Any, labels: Sequence[Any] | None = None, *, n_iter: int = 100, tol: float = 1e-5
) -> Competence:
    """Dawid and Skene (1979), Applied Statistics 28:20-28: EM from majority votes over items x annotators.

    Equal rows are one row, so that an iteration costs as many steps as there are distinct rows. Stops after `n_iter`
    iterations, or where the mean log-likelihood of an item rises by less than `tol` (0: never).
    """
    parsed = parse(ratings, labels)
    patterns, size = collapse(parsed), len(parsed.labels)
    often = patterns.weight.astype(np.float64)
    votes = patterns.counts(size)
    truth = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1.0)
    share, confusion = _maximise(patterns, truth, often, size)
    before = -np.inf
    for _ in range(n_iter):
        truth, likely = _expect(patterns, share, confusion, often)
        share, confusion = _maximise(patterns, truth, often, size)
        if abs(likely - before) < tol:
            break
        before = likely
    truth = np.where(votes.any(axis=1)[:, None], truth, np.nan)
    right = np.einsum("k,rkk->r", share, confusion)
    return Competence(parsed.labels, truth[patterns.of_item], share, confusion, right)


def _maximise(patterns: Patterns, truth: Matrix, often: Matrix, size: int) -> tuple[Matrix, Matrix]:
    rated = np.minimum(1, patterns.codes.max(axis=1, initial=-1) + 1)
    weighted = truth * (often * rated)[:, None]
    confusion = np.empty((patterns.codes.shape[1], size, size))
    for rater, codes in enumerate(patterns.codes.T):
        there = codes >= 0
        for true in range(size):
            confusion[rater, true] = np.bincount(codes[there], weighted[there, true], size)
    total = confusion.sum(axis=2, keepdims=True)
    # A label that an annotator never met says nothing of them: as good as guessing.
    confusion = np.divide(confusion, total, out=np.full_like(confusion, 1 / max(1, size)), where=total > 0)
    return weighted.sum(axis=0) / max(1.0, weighted.sum()), confusion


def _expect(patterns: Patterns, share: Matrix, confusion: Matrix, often: Matrix) -> tuple[Matrix, float]:
    with np.errstate(divide="ignore"):
        score = np.repeat(np.log(share)[None], len(often), axis=0)
        logs = np.log(np.maximum(confusion, 1e-300))
    for rater, codes in enumerate(patterns.codes.T):
        there = codes >= 0
        score[there] += logs[rater].T[codes[there]]
    top = score.max(axis=1, keepdims=True, initial=-1e300)
    truth = np.exp(score - top)
    total = truth.sum(axis=1, keepdims=True)
    likely = float((often * (np.log(total) + top)[:, 0]).sum() / max(1.0, often.sum()))
    return truth / total, likely


def mace(ratings: Any, labels: Sequence[Any] | None = None, *, seed: int = 0, n_iter: int = 50) -> Competence:
    """MACE (Hovy et al. 2013, NAACL), through crowd-kit (the extra `audit`): who answers, and who guesses.

    Raises ModuleNotFoundError where crowd-kit is missing.
    """
    import pandas as pd
    from crowdkit.aggregation import MACE

    parsed = parse(ratings, labels)
    items, raters = np.nonzero(parsed.codes >= 0)
    table = pd.DataFrame({"task": items, "worker": raters, "label": parsed.codes[items, raters]})
    # crowd-kit numbers annotators as they appear: by annotator, so that they come back in order.
    table = table.sort_values(["worker", "task"], ignore_index=True)
    model: Any = MACE(n_iter=n_iter, random_state=seed).fit(table)
    found = model.probas_
    truth = np.full((len(parsed.codes), len(parsed.labels)), np.nan)
    truth[found.index] = 0.0
    for code in found.columns:
        truth[found.index, code] = found[code]
    able = np.full(parsed.codes.shape[1], np.nan)
    able[np.sort(table["worker"].unique())] = _trust(model)
    return Competence(parsed.labels, truth, np.nan_to_num(truth).mean(axis=0), None, able)


def _trust(model: Any) -> Matrix:
    """Probability that each annotator does not guess, in order of annotator."""
    spam = np.asarray(model.spamming_)
    return np.asarray(spam[:, 1] / spam.sum(axis=1))
