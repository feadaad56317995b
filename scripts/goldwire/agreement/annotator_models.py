"""How able each annotator is, and which way each leans, found from their answers alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.ratings import Patterns, collapse, parse

__all__ = ["AnnotatorModel", "dawid_skene", "mace"]

Matrix = NDArray[np.float64]
_LEAST = 1e-10


class AnnotatorModel(msgspec.Struct, frozen=True):
    """Labels with their probabilities, and each annotator's ability.

    `truth` (items, labels): probability of each label; rows of items without a rating are nan. `share` (labels,): how
    frequent each truly is. `confusion` (annotators, true label, label given): rows sum to 1; None for MACE.
    `competence` (annotators,): probability of a right answer (Dawid-Skene: over `share`; MACE: of not guessing).
    """

    labels: tuple[Any, ...]
    posteriors: Matrix
    class_priors: Matrix
    confusion_matrices: Matrix | None
    competence: Matrix

    def most_likely_labels(self) -> list[Any]:
        """Each item's most probable label (the first in order on a tie), None where nobody rated it."""
        known = ~np.isnan(self.posteriors).any(axis=1)
        codes = np.where(known, np.nan_to_num(self.posteriors).argmax(axis=1), -1)
        return [self.labels[code] if code >= 0 else None for code in codes]


def dawid_skene(
    ratings: Any, labels: Sequence[Any] | None = None, *, n_iter: int = 100, tol: float = 1e-5
) -> AnnotatorModel:
    """Dawid and Skene (1979), Applied Statistics 28:20-28: EM from majority votes over items x annotators.

    Equal rows are one row, so that an iteration costs as many steps as there are distinct rows. Stops after `n_iter`
    iterations, or where the mean log-likelihood of an item rises by less than `tol` (0: never).
    """
    parsed = parse(ratings, labels)
    patterns, size = collapse(parsed), len(parsed.labels)
    often = patterns.frequencies.astype(np.float64)
    votes = patterns.label_counts(size)
    truth = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1.0)
    often = often * (votes.sum(axis=1) > 0)
    share, confusion = _maximise(patterns, truth, often, size)
    before = -np.inf
    for _ in range(n_iter):
        truth, likely = _expect(patterns, share, confusion, often)
        share, confusion = _maximise(patterns, truth, often, size)
        if abs(likely - before) < tol:
            break
        before = likely
    truth = np.where(votes.sum(axis=1, keepdims=True) > 0, truth, np.nan)
    right = np.einsum("k,rkk->r", share, confusion)
    return AnnotatorModel(parsed.labels, truth[patterns.pattern_of_item], share, confusion, right)


def _maximise(patterns: Patterns, truth: Matrix, often: Matrix, size: int) -> tuple[Matrix, Matrix]:
    weighted = truth * often[:, None]
    confusion = np.empty((patterns.codes.shape[1], size, size))
    for rater in range(patterns.codes.shape[1]):
        codes = patterns.codes[:, rater]
        there = np.flatnonzero(codes >= 0)
        for true in range(size):
            confusion[rater, true] = np.bincount(codes[there], weighted[there, true], size)
    # Off zero, as crowd-kit does: what an annotator never did once is unlikely, not impossible. A true label that they
    # never met comes out as guessing.
    confusion = np.maximum(confusion, _LEAST)
    return weighted.sum(axis=0) / max(1.0, weighted.sum()), confusion / confusion.sum(axis=2, keepdims=True)


def _expect(patterns: Patterns, share: Matrix, confusion: Matrix, often: Matrix) -> tuple[Matrix, float]:
    score = np.repeat(np.log(np.maximum(share, _LEAST))[None], len(often), axis=0)
    logs = np.log(confusion)
    for rater in range(patterns.codes.shape[1]):
        codes = patterns.codes[:, rater]
        there = np.flatnonzero(codes >= 0)
        score[there] += logs[rater].T[codes[there]]
    top = score.max(axis=1, keepdims=True, initial=-1e300)
    truth = np.exp(score - top)
    total = truth.sum(axis=1, keepdims=True)
    likely = float((often * (np.log(total) + top)[:, 0]).sum() / max(1.0, often.sum()))
    return truth / total, likely


def mace(
    ratings: Any, labels: Sequence[Any] | None = None, *, n_iter: int = 50, restarts: int = 10, seed: int = 0
) -> AnnotatorModel:
    """MACE (Hovy, Berg-Kirkpatrick, Vaswani and Hovy 2013, NAACL): who answers, and who guesses.

    Variational Bayes with the authors' and crowd-kit's priors: Beta(.5, .5) on not guessing, Dirichlet(10) on what a
    guesser says. Of `restarts` random starts the likeliest end.
    """
    parsed = parse(ratings, labels)
    patterns = collapse(parsed)
    random, shape = np.random.default_rng(seed), (patterns.codes.shape[1], len(parsed.labels))
    best: tuple[float, Matrix, Matrix] | None = None
    for _ in range(restarts):
        knows, says = random.uniform(1, 1.5, (shape[0], 2)), random.uniform(1, 1.5, shape)
        knows, says = knows / knows.sum(axis=1, keepdims=True), says / says.sum(axis=1, keepdims=True)
        for _ in range(n_iter):
            _, _, guessed, known = _explain(patterns, knows, says)
            knows = _variational(np.column_stack([guessed.sum(axis=1), known]), 0.5)
            says = _variational(guessed, 10.0)
        truth, likely, _, _ = _explain(patterns, knows, says)
        if best is None or likely > best[0]:
            best = (likely, truth, knows)
    truth, knows = (best[1], best[2]) if best else (np.zeros((0, shape[1])), np.zeros((0, 2)))
    rated = patterns.label_counts(shape[1]).sum(axis=1, keepdims=True) > 0
    share = patterns.frequencies @ np.where(rated, truth, 0.0)
    truth = np.where(rated, truth, np.nan)[patterns.pattern_of_item]
    return AnnotatorModel(parsed.labels, truth, share / max(1.0, share.sum()), None, knows[:, 1] / knows.sum(axis=1))


def _explain(patterns: Patterns, knows: Matrix, says: Matrix) -> tuple[Matrix, float, Matrix, Matrix]:
    """Truth of each pattern, the log-likelihood, and how often each annotator guessed each label and knew."""
    labels = says.shape[1]
    score = np.zeros((len(patterns.codes), labels))
    given = [(np.flatnonzero(codes >= 0), codes[codes >= 0]) for codes in np.moveaxis(patterns.codes, 1, 0)]
    for rater, (rows, codes) in enumerate(given):
        guess = knows[rater, 0] * says[rater, codes]
        score[rows] += np.log(guess)[:, None]
        score[rows, codes] += np.log(guess + knows[rater, 1]) - np.log(guess)
    top = score.max(axis=1, keepdims=True, initial=-1e300)
    truth = np.exp(score - top)
    total = truth.sum(axis=1, keepdims=True)
    likely = float((patterns.frequencies * (np.log(total / labels) + top)[:, 0]).sum())
    truth /= total
    guessed, known = np.zeros_like(says), np.zeros(len(says))
    for rater, (rows, codes) in enumerate(given):
        guess = knows[rater, 0] * says[rater, codes]
        aware = truth[rows, codes] * knows[rater, 1] / (guess + knows[rater, 1])
        known[rater] = (patterns.frequencies[rows] * aware).sum()
        guessed[rater] = np.bincount(codes, patterns.frequencies[rows] * (1 - aware), labels)
    return truth, likely, guessed, known


def _variational(counts: Matrix, prior: float) -> Matrix:
    from scipy.special import digamma

    counts = counts + prior
    return np.asarray(np.exp(digamma(counts) - digamma(counts.sum(axis=1, keepdims=True))))
