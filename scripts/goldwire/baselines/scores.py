"""What a baseline scored beside the majority class and the probes, and what that warns of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from goldwire.release.datasheet import markdown_table

__all__ = ["Baseline", "Model", "Score", "described", "f1_score", "section", "warnings_of"]

_RESAMPLES = 1000
_FEWEST = 5  # articles to resample: of fewer an interval says nothing, of one it has no width
_CLOSE = 0.8  # of what the model gains over the majority class


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """An F1 with its 95% interval (resampled articles; None of too few) and the units of gold it is over."""

    value: float
    low: float | None
    high: float | None
    n: int


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A `full` model, the `majority` class, or a `probe`; its scores by split, where that has units."""

    name: str
    role: str
    scores: dict[str, Score]


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """What simple models score that were trained on `articles` articles of train.

    `stance` is macro-F1 over the labels that the split holds; `entities` is micro-F1 of exact spans. `skipped` says
    of a task without a model why.
    """

    articles: int
    stance: tuple[Model, ...]
    entities: tuple[Model, ...]
    warnings: tuple[str, ...]
    skipped: dict[str, str] = {}


def f1_score(hits: np.ndarray, wrong: np.ndarray, missed: np.ndarray, *, seed: int = 0) -> Score | None:
    """F1 of counts by article and label (articles x labels): the mean over the labels that gold or model has.

    One column gives micro-F1. The interval resamples articles (percentile bootstrap), since units of one article
    are alike. None where there is no unit.
    """
    units = int((hits + missed).sum())
    if not units:
        return None
    counted = np.stack([hits, wrong, missed]).astype(float)
    articles = counted.shape[1]
    value = round(float(_mean_f1(counted.sum(axis=1)[:, None, :])[0]), 4)
    if articles < _FEWEST:
        return Score(value=value, low=None, high=None, n=units)
    draws = np.random.default_rng(seed).multinomial(articles, np.full(articles, 1 / articles), size=_RESAMPLES)
    drawn = _mean_f1(np.einsum("ra,cal->crl", draws, counted))
    low, high = np.nanpercentile(drawn, (2.5, 97.5))
    return Score(value=value, low=round(float(low), 4), high=round(float(high), 4), n=units)


def _mean_f1(counts: np.ndarray) -> np.ndarray:
    hits, wrong, missed = counts
    total = 2 * hits + wrong + missed
    found = np.where(total > 0, 2 * hits / np.maximum(total, 1), 0.0)
    known = (total > 0).sum(axis=-1)
    mean: np.ndarray = np.where(known > 0, found.sum(axis=-1) / np.maximum(known, 1), np.nan)
    return mean


def warnings_of(task: str, models: Sequence[Model]) -> Iterator[str]:
    """Say where a model does not beat the majority class, and where a probe comes close to it.

    Close is at least 80% of what the model gains over the majority class. On test, or on validation where test has
    no unit.
    """
    full = next((model for model in models if model.role == "full"), None)
    majority = next((model for model in models if model.role == "majority"), None)
    split = next((s for s in ("test", "validation") if full and s in full.scores), None)
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


def described(score: Score | None) -> str:
    """A score with its interval and n, as people read it: `.612 [.540, .688], n=212`."""
    if score is None:
        return ""
    interval = "" if score.low is None or score.high is None else f" [{score.low:.3f}, {score.high:.3f}]"
    return f"{score.value:.3f}{interval}, n={score.n}"


def section(found: Baseline) -> Iterator[str]:
    """The card's section on it, in Markdown."""
    yield "### Baselines"
    yield (
        f"Simple models trained on train ({found.articles} articles), each F1 with its 95% interval over resampled "
        "articles. A *probe* sees less than the answer takes: where it comes close to the model, labels can be had "
        "without reading."
    )
    for warning in found.warnings:
        yield f"**Warning:** {warning}."
    for task, models in (("stance, macro-F1", found.stance), ("entities, micro-F1 of exact spans", found.entities)):
        if models:
            yield markdown_table((task, "validation", "test"), [_scored(model) for model in models])
    for task, reason in found.skipped.items():
        yield f"No model of {task}: {reason}."


def _scored(model: Model) -> tuple[str, str, str]:
    name = f"{model.name} (probe)" if model.role == "probe" else model.name
    return name, described(model.scores.get("validation")), described(model.scores.get("test"))
