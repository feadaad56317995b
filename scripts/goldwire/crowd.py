"""Models of annotators that judge ballots: who is how reliable is learnt from all of a batch together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from goldwire.judges import Ballot, Judge, Verdict

__all__ = ["dawid_skene", "mace", "model_judge"]

_ROUNDS = 100
_STILL = 1e-6  # posteriors that move less than this have arrived
_SMOOTH = 0.01  # a count added everywhere, so that no annotator is held infallible for lack of data

Model = Callable[[np.ndarray, int], np.ndarray]
"""From answers (items x annotators, a class number or -1) and the number of classes to posteriors (items x classes)."""


def model_judge(model: Model, *, min_posterior: float = 0.8, min_votes: int = 1) -> Judge:
    """Judge by a model: settled where its posterior is at least `min_posterior` and `min_votes` annotators said so."""

    def judge(ballots: Sequence[Ballot]) -> list[Verdict]:
        classes = sorted({answer for ballot in ballots for answer in ballot.answers.values() if answer is not None})
        annotators = sorted({name for ballot in ballots for name in ballot.answers})
        number = {name: i for i, name in enumerate(classes)}
        answers = np.full((len(ballots), len(annotators)), -1)
        for row, ballot in zip(answers, ballots, strict=True):
            for column, name in enumerate(annotators):
                row[column] = number.get(ballot.answers.get(name) or "", -1)
        if not classes:
            return [Verdict(None, 0) for _ in ballots]
        posteriors = model(answers, len(classes))
        verdicts = []
        for ballot, posterior in zip(ballots, posteriors, strict=True):
            best = int(posterior.argmax())
            votes = sum(answer == classes[best] for answer in ballot.answers.values())
            sure = posterior[best] >= min_posterior and votes >= min_votes
            verdicts.append(Verdict(classes[best] if sure else None, votes, round(float(posterior[best]), 6)))
        return verdicts

    return judge


def dawid_skene(answers: np.ndarray, classes: int) -> np.ndarray:
    """Posteriors by Dawid and Skene (1979): each annotator has a confusion matrix; EM from the shares of votes."""
    patterns, weights, back = _patterns(answers)
    said = np.stack([patterns == c for c in range(classes)], axis=-1).astype(float)  # patterns x annotators x classes
    posterior = _shares(said)
    for _ in range(_ROUNDS):
        weighted = posterior * weights[:, None]
        prior = weighted.sum(axis=0) + _SMOOTH
        confusion: np.ndarray = np.einsum("ik,iac->akc", weighted, said) + _SMOOTH
        confusion /= confusion.sum(axis=2, keepdims=True)
        before, posterior = posterior, _normal(np.log(prior) + np.einsum("iac,akc->ik", said, np.log(confusion)))
        if np.abs(posterior - before).max() < _STILL:
            break
    return np.asarray(posterior[back])


def mace(answers: np.ndarray, classes: int) -> np.ndarray:
    """Posteriors by MACE (Hovy et al. 2013): each annotator knows the answer with a probability or else spams; EM."""
    patterns, weights, back = _patterns(answers)
    said = np.stack([patterns == c for c in range(classes)], axis=-1).astype(float)
    posterior = _shares(said)
    knows = np.full(patterns.shape[1], 0.8)
    spam = np.full((patterns.shape[1], classes), 1 / classes)
    for _ in range(_ROUNDS):
        guess = (said * spam * (1 - knows)[:, None]).sum(axis=2)  # patterns x annotators: this answer, by spamming
        right = knows / np.where(guess > 0, knows + guess, 1)  # that an answer which is the truth was known
        known = weights[:, None] * right * np.einsum("ik,iak->ia", posterior, said)
        spammed = weights[:, None, None] * said - known[:, :, None] * said
        knows = (known.sum(axis=0) + _SMOOTH) / (known.sum(axis=0) + spammed.sum(axis=(0, 2)) + 2 * _SMOOTH)
        spam = spammed.sum(axis=0) + _SMOOTH
        spam /= spam.sum(axis=1, keepdims=True)
        guess = (said * spam * (1 - knows)[:, None]).sum(axis=2)
        # An annotator who did not answer says nothing: a factor of 1 for every class.
        factor = np.where((patterns >= 0)[:, :, None], said * knows[:, None] + guess[:, :, None], 1)
        before, posterior = posterior, _normal(np.log(factor).sum(axis=1))
        if np.abs(posterior - before).max() < _STILL:
            break
    return np.asarray(posterior[back])


def _patterns(answers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Items that were answered alike are one with a weight: 100,000 have some 1,000 patterns."""
    found, back, counts = np.unique(answers, axis=0, return_inverse=True, return_counts=True)
    return found, counts.astype(float), back.reshape(-1)


def _shares(said: np.ndarray) -> np.ndarray:
    votes = said.sum(axis=1) + _SMOOTH
    shares: np.ndarray = votes / votes.sum(axis=1, keepdims=True)
    return shares


def _normal(logs: np.ndarray) -> np.ndarray:
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    normal: np.ndarray = weights / weights.sum(axis=1, keepdims=True)
    return normal
