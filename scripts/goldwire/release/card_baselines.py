"""The section of the dataset card on baselines: models, probes, annotators and soft labels. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.baselines.scores import Baseline, Model, format_score, format_soft_score
from goldwire.release.card_data import CardData
from goldwire.release.markdown import markdown_table

__all__ = ["baseline_section"]


def baseline_section(card: CardData) -> Iterator[str]:
    """Yield the paragraphs on the baselines, if they were trained."""
    baseline = card.baseline
    if baseline is None:
        return
    yield "### Baselines"
    yield (
        f"Simple models trained on train ({baseline.n_train_articles} articles): F1 with its 95% jackknife "
        "interval over articles. A *probe* gets too little input to solve the task; if its score is close to the "
        "model's, labels can be predicted without reading the text."
    )
    for warning in baseline.warnings:
        yield f"**Warning:** {warning}."
    tasks = (("stance, macro-F1", baseline.stance), ("entities, micro-F1 of exact spans", baseline.entities))
    for task, models in tasks:
        if models:
            yield markdown_table((task, "validation", "test"), [_score_row(model) for model in models])
    yield from _shared_articles(baseline)
    yield from _soft_labels(baseline)
    if baseline.stance_features:
        listed = "; ".join(f"{one.features} ({one.score:.3f})" for one in baseline.stance_features)
        chosen = next(one.features for one in baseline.stance_features if one.chosen)
        yield (
            f"The stance model sees {chosen}: the best of these sets of features in cross-validation over the articles "
            f"of train (macro-F1): {listed}."
        )
    for task, reason in baseline.skipped.items():
        yield f"No {task} model: {reason}."


def _score_row(model: Model) -> tuple[str, str, str]:
    name = f"{model.name} (probe)" if model.role == "probe" else model.name
    return name, format_score(model.scores.get("validation")), format_score(model.scores.get("test"))


def _shared_articles(baseline: Baseline) -> Iterator[str]:
    """Yield the scores of annotators and models on the articles of several annotators."""
    shared = (("stance, macro-F1", baseline.stance_shared), ("entities, micro-F1", baseline.entities_shared))
    if any(models for _, models in shared):
        yield (
            "On the articles that two or more annotators confirmed, each annotator is scored against the answer of "
            "most of the others: a ceiling for models, which are scored against gold on the same articles. A pair that "
            "the annotator did not draw counts as wrong, although a model is given the pairs."
        )
    for task, models in shared:
        if models:
            heading = f"{task}, shared articles"
            yield markdown_table((heading, "validation", "test"), [_score_row(model) for model in models])


def _soft_labels(baseline: Baseline) -> Iterator[str]:
    """Yield the distances from the soft labels."""
    if baseline.soft_stance:
        yield (
            "Distance from the soft labels of `stance_candidates` (lower is better; pairs that two or more annotators "
            "were asked about): cross-entropy in nats and Manhattan distance over all stances and none; Wasserstein "
            "distance over the stances in their order, among those who drew one. Manhattan and Wasserstein distance "
            "are those of LeWiDi-2025 (Leonardelli et al., 2025)."
        )
        yield markdown_table(
            ("stance distributions", "validation", "test"),
            [
                (soft.name, *(format_soft_score(soft.scores.get(split)) for split in ("validation", "test")))
                for soft in baseline.soft_stance
            ],
        )
