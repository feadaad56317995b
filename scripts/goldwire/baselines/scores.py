"""Scores of the baselines and the warnings that follow from them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import isnan
from typing import Literal, TypeAlias

import msgspec
import numpy as np

from goldwire.agreement.estimates import Estimate, IntervalOptions
from goldwire.agreement.intervals import measure

__all__ = [
    "Baseline",
    "Candidate",
    "Counts",
    "Model",
    "Role",
    "Score",
    "SoftModel",
    "SoftScore",
    "artefact_warnings",
    "f1_difference",
    "f1_score",
    "format_difference",
    "format_interval",
    "format_score",
    "format_soft_score",
]

Role = Literal["full", "majority", "probe", "human"]
Counts: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Numbers of true positives, false positives and false negatives, each by article and label."""

_MIN_ARTICLES = 5  # an interval over fewer says nothing: over 3 articles it is most of [0, 1]
_CLOSE = 0.8  # share of the model's gain over the majority class


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """An F1 score, or how much higher one is than another.

    Attributes
    ----------
    value
        The score, or the difference.
    low, high
        Its 95% jackknife interval over articles; None for fewer than five articles.
    n
        Number of gold labels.
    """

    value: float
    low: float | None
    high: float | None
    n: int


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A model with its scores by split; a split without gold labels has none.

    `role` is `full` for the model of the task, `majority` for the majority class, `probe` for a model that gets too
    little input to solve the task, `human` for the annotators.
    """

    name: str
    role: Role
    scores: dict[str, Score]


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A set of features, its cross-validated macro-F1 on train, and whether the full model has it.

    Attributes
    ----------
    low, high
        The 95% jackknife interval of the score over articles; None for fewer than five.
    lead
        How much higher the score of the full model is; None where `stance_leads` is empty.
    """

    features: str
    score: float
    chosen: bool
    low: float | None = None
    high: float | None = None
    lead: Score | None = None


class SoftScore(msgspec.Struct, frozen=True, kw_only=True):
    """Mean distances of predicted from annotated distributions; lower is better.

    Attributes
    ----------
    cross_entropy
        In nats; None for an annotator, whose single answer gives everything else the probability 0.
    manhattan
        Sum of the absolute differences, from 0 to 2.
    wasserstein
        Of the stances in their order, among those who drew one; None where nobody did.
    n
        Number of pairs.
    """

    cross_entropy: float | None
    manhattan: float
    wasserstein: float | None
    n: int


class SoftModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model of distributions with its scores by split."""

    name: str
    scores: dict[str, SoftScore]


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """Scores of simple models on a release (`baseline.json`).

    Attributes
    ----------
    n_train_articles
        Number of train articles that the models were trained on.
    stance
        Macro-F1 of models of the stance, over the labels that occur in the split.
    stance_shared, entities_shared
        The scores on articles that two or more annotators confirmed, of each annotator against the rest and of the
        same models.
    soft_stance
        Distances from the distributions of stances, where two or more annotators were asked.
    stance_features
        The sets of features from which that of the full model was chosen, on train alone.
    stance_leads
        How much higher the full model scores than each probe; none in versions whose models were chosen otherwise.
    entities
        Micro-F1 of taggers, over exact spans.
    warnings
        Where a model does not beat the majority class, or hardly beats a probe.
    skipped
        The reason for each task that has no model.
    """

    n_train_articles: int
    stance: tuple[Model, ...]
    entities: tuple[Model, ...]
    warnings: tuple[str, ...]
    skipped: dict[str, str] = {}
    stance_features: tuple[Candidate, ...] = ()
    stance_shared: tuple[Model, ...] = ()
    entities_shared: tuple[Model, ...] = ()
    soft_stance: tuple[SoftModel, ...] = ()
    stance_leads: tuple[Model, ...] = ()


def f1_score(hits: np.ndarray, wrong: np.ndarray, missed: np.ndarray) -> Score | None:
    """Return the F1 score of counts by article and label.

    Parameters
    ----------
    hits, wrong, missed : ndarray of shape (n_articles, n_labels)
        Numbers of true positives, false positives and false negatives. A single column gives micro-F1.

    Returns
    -------
    Score or None
        The mean F1 over the labels that gold or model has; None if there is no gold label. The interval leaves out
        articles, because labels of one article are correlated; see `goldwire.agreement.jackknife`.
    """
    counts = np.stack([hits, wrong, missed]).astype(float)
    return _score("f1", lambda weights: _weighted_f1(weights, counts), counts, max_disagreement=1.0)


def f1_difference(counts: Counts, others: Counts) -> Score | None:
    """Return how much higher the F1 score of `counts` is than that of `others`, on the same articles and labels.

    Returns
    -------
    Score or None
        None if there is no gold label. Each article is left out of both scores at once, so that what is hard for both
        models does not widen the interval.
    """
    first, second = (np.stack(side).astype(float) for side in (counts, others))

    def difference(weights: np.ndarray) -> np.ndarray:
        result: np.ndarray = _weighted_f1(weights, first) - _weighted_f1(weights, second)
        return result

    return _score("f1_difference", difference, first, max_disagreement=2.0)


def _score(
    name: str, value: Callable[[np.ndarray], np.ndarray], counts: np.ndarray, *, max_disagreement: float
) -> Score | None:
    """Return a value with its interval; `counts` is (hits, wrong, missed) x articles x labels."""
    n_labels = int(counts[[0, 2]].sum())
    if not n_labels:
        return None
    sizes = counts.sum(axis=(0, 2))
    n_articles = len(sizes)
    estimate = Estimate(
        coefficient=name,
        frequencies=np.ones(n_articles, dtype=np.int64),
        value=value,
        n_items=n_articles,
        n_raters=2,
        undefined_reason="no label",
        row_of_item=np.arange(n_articles),
        row_sizes=sizes,
        max_disagreement=max_disagreement,
    )
    has_interval = np.count_nonzero(sizes) >= _MIN_ARTICLES
    measured = measure(estimate, IntervalOptions(method="jackknife" if has_interval else None))
    low, high = (None if isnan(bound) else round(bound, 4) for bound in (measured.low, measured.high))
    return Score(value=round(measured.value, 4), low=low, high=high, n=n_labels)


def _weighted_f1(weights: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the mean F1 in each row of weights of the articles."""
    return _mean_f1(np.einsum("ra,cal->crl", weights, counts))


def _mean_f1(counts: np.ndarray) -> np.ndarray:
    """Return the mean F1 over the labels that occur; `counts` is (hits, wrong, missed) x samples x labels."""
    hits, wrong, missed = counts
    total = 2 * hits + wrong + missed
    f1 = np.where(total > 0, 2 * hits / np.maximum(total, 1), 0.0)
    n_labels = (total > 0).sum(axis=-1)
    mean: np.ndarray = np.where(n_labels > 0, f1.sum(axis=-1) / np.maximum(n_labels, 1), np.nan)
    return mean


def artefact_warnings(task: str, models: Sequence[Model]) -> Iterator[str]:
    """Yield a warning if the model does not beat the majority class, and for each probe that comes close to it.

    Close is at least 80% of the model's gain over the majority class. Scores are those on test, or on validation if
    test has no gold label.
    """
    full = next((model for model in models if model.role == "full"), None)
    majority = next((model for model in models if model.role == "majority"), None)
    split = next((split for split in ("test", "validation") if full and split in full.scores), None)
    if full is None or majority is None or split is None:
        return
    best, least, n = full.scores[split].value, majority.scores[split].value, full.scores[split].n
    if best <= least:
        yield f"{task}: {full.name} does not beat the majority class on {split} ({best:.3f} and {least:.3f}, n={n})"
        return
    for model in models:
        score = model.scores[split].value
        if model.role == "probe" and score - least >= _CLOSE * (best - least):
            yield f"{task}: the probe `{model.name}` scores {score:.3f} on {split}, {full.name} {best:.3f} (n={n})"


def format_score(score: Score | None) -> str:
    """Format a score with its interval and n: `0.612 [0.540, 0.688], n=212`; empty for None."""
    return "" if score is None else f"{format_interval(score)}, n={score.n}"


def format_interval(score: Score | Candidate | None) -> str:
    """Format a score with its interval: `0.612 [0.540, 0.688]`; empty for None."""
    if score is None:
        return ""
    value = score.score if isinstance(score, Candidate) else score.value
    return f"{value:.3f}{_bounds(score)}"


def format_difference(score: Score | None) -> str:
    """Format a difference with its interval: `+0.033 [-0.021, 0.087]`; empty for None."""
    return "" if score is None else f"{score.value:+.3f}{_bounds(score)}"


def _bounds(score: Score | Candidate) -> str:
    return "" if score.low is None or score.high is None else f" [{score.low:.3f}, {score.high:.3f}]"


def format_soft_score(score: SoftScore | None) -> str:
    """Format distances with n: `cross-entropy 0.81, Manhattan 0.62, Wasserstein 0.40, n=212`; empty for None."""
    if score is None:
        return ""
    values = (
        ("cross-entropy", score.cross_entropy),
        ("Manhattan", score.manhattan),
        ("Wasserstein", score.wasserstein),
    )
    return ", ".join([*(f"{name} {value:.3f}" for name, value in values if value is not None), f"n={score.n}"])
