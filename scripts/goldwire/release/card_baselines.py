"""The section of the dataset card on baselines: models, probes, annotators and soft labels. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.baselines.scores import (
    Baseline,
    Model,
    format_difference,
    format_interval,
    format_score,
    format_soft_score,
)
from goldwire.quantities import quantity
from goldwire.release.card_data import CardData
from goldwire.release.markdown import markdown_table

__all__ = ["baseline_rows", "baseline_section", "feature_sentences"]

_STANCE, _ENTITIES = "stance, macro-F1", "entities, micro-F1 of exact spans"
_STANCE_SHARED, _ENTITIES_SHARED = "stance, macro-F1, shared articles", "entities, micro-F1, shared articles"
_SOFT_STANCE = "stance distributions"
_LEADS, _CANDIDATES = "stance, the model minus the probe", "stance, cross-validated on train"
_HEADERS = {_CANDIDATES: ("macro-F1", "the model minus it")}


def baseline_rows(baseline: Baseline) -> dict[str, list[tuple[str, str, str]]]:
    """Return the rows of each table of scores, by the title of its first column; a table without rows is not shown."""
    models = {
        _STANCE: baseline.stance,
        _ENTITIES: baseline.entities,
        _STANCE_SHARED: baseline.stance_shared,
        _ENTITIES_SHARED: baseline.entities_shared,
    }
    rows = {title: [_score_row(model) for model in of_task] for title, of_task in models.items()}
    rows[_SOFT_STANCE] = [
        (soft.name, format_soft_score(soft.scores.get("validation")), format_soft_score(soft.scores.get("test")))
        for soft in baseline.soft_stance
    ]
    rows[_LEADS] = [
        (probe.name, format_difference(probe.scores.get("validation")), format_difference(probe.scores.get("test")))
        for probe in baseline.stance_leads
        if probe.scores
    ]
    probes = {model.name for model in baseline.stance if model.role == "probe"}
    rows[_CANDIDATES] = [
        (
            f"{one.features} (probe)" if one.features in probes else one.features,
            format_interval(one),
            "chosen" if one.chosen else format_difference(one.lead),
        )
        for one in baseline.stance_features
        if one.lead is not None  # goldwire 0.5.0 had no leads, and listed the scores in a sentence
    ]
    return rows


def baseline_section(card: CardData) -> Iterator[str]:
    """Yield the paragraphs on the baselines, if they were trained."""
    baseline = card.baseline
    if baseline is None:
        return
    yield "### Baselines"
    yield (
        f"Simple models trained on train ({quantity(baseline.n_train_articles, 'article')}): F1 with its 95% jackknife "
        "interval over articles. A *probe* gets too little input to solve the task; if its score is close to the "
        "model's, labels can be predicted without reading the text."
    )
    for warning in baseline.warnings:
        yield f"**Warning:** {warning}."
    yield from _tables(baseline, _STANCE, _ENTITIES)
    yield from _shared_articles(baseline)
    yield from _soft_labels(baseline)
    if baseline.stance_leads:
        yield "How much higher the stance model scores than each probe on the same pairs:"
        yield from _tables(baseline, _LEADS)
    if baseline.stance_features:
        yield " ".join(feature_sentences(baseline))
    yield from _tables(baseline, _CANDIDATES)
    for task, reason in baseline.skipped.items():
        yield f"No {task} model: {reason}."


def feature_sentences(baseline: Baseline) -> list[str]:
    """Return what the card says on how the stance model was chosen; nothing if there was nothing to choose from."""
    chosen = next((one for one in baseline.stance_features if one.chosen), None)
    if chosen is None:
        return []
    if chosen.lead is not None:
        return [
            f"The stance model is the best of the candidates below: {chosen.features}.",
            "Scores are those of five folds of the articles of train, drawn three times; articles that share a "
            "sentence are in one fold.",
        ]
    listed = "; ".join(f"{one.features} ({one.score:.3f})" for one in baseline.stance_features)
    return [
        f"The stance model sees {chosen.features}: the best of these sets of features in cross-validation over the "
        f"articles of train (macro-F1): {listed}."
    ]


def _tables(baseline: Baseline, *titles: str) -> Iterator[str]:
    """Yield the tables of these titles that have rows."""
    rows = baseline_rows(baseline)
    for title in titles:
        if rows[title]:
            yield markdown_table((title, *_HEADERS.get(title, ("validation", "test"))), rows[title])


def _score_row(model: Model) -> tuple[str, str, str]:
    name = f"{model.name} (probe)" if model.role == "probe" else model.name
    return name, format_score(model.scores.get("validation")), format_score(model.scores.get("test"))


def _shared_articles(baseline: Baseline) -> Iterator[str]:
    """Yield the scores of annotators and models on the articles of several annotators."""
    if baseline.stance_shared or baseline.entities_shared:
        yield (
            "On the articles that two or more annotators confirmed, each annotator is scored against the answer of "
            "most of the others: a ceiling for models, which are scored against gold on the same articles. A pair that "
            "the annotator did not draw counts as wrong, although a model is given the pairs."
        )
    yield from _tables(baseline, _STANCE_SHARED, _ENTITIES_SHARED)


def _soft_labels(baseline: Baseline) -> Iterator[str]:
    """Yield the distances from the soft labels."""
    if baseline.soft_stance:
        yield (
            "Distance from the soft labels of `stance_candidates` (lower is better; pairs that two or more annotators "
            "were asked about): cross-entropy in nats and Manhattan distance over all stances and none; Wasserstein "
            "distance over the stances in their order, among those who drew one. Manhattan and Wasserstein distance "
            "are those of LeWiDi-2025 (Leonardelli et al., 2025)."
        )
        yield from _tables(baseline, _SOFT_STANCE)
