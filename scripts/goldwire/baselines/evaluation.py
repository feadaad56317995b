"""Train simple models on a release and score them beside the majority class and probes for annotation artefacts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from goldwire.baselines import tagger
from goldwire.baselines.scores import Baseline, Candidate, Model, Role, Score, artefact_warnings, f1_score
from goldwire.baselines.stance_context import stance_context
from goldwire.baselines.stance_models import FULL_MODEL, PROBES, FeatureSet, choose_features, classify

__all__ = ["measure"]

Row = Mapping[str, Any]
SplitRows = Mapping[str, Sequence[Row]]
"""Rows by split, labels as names."""

_MAX_TRAIN_ARTICLES = 2_000  # the tagger's features of more do not fit beside the rest in 4 GB
_EVALUATION_SPLITS = ("validation", "test")


def measure(rows: Mapping[str, SplitRows]) -> Baseline:
    """Train on train; score on validation and test.

    Parameters
    ----------
    rows : mapping
        Rows of the configs `entities` and `stance`, by config and split, with their texts.

    Returns
    -------
    Baseline
        The same scores for the same rows, in whatever order they are.
    """
    articles = {
        split: sorted(split_rows, key=lambda row: row["article_id"]) for split, split_rows in rows["entities"].items()
    }
    stances = {
        split: sorted(split_rows, key=lambda row: (row["article_id"], row["id"]))
        for split, split_rows in rows["stance"].items()
    }
    train = articles.get("train", [])[:_MAX_TRAIN_ARTICLES]
    train_ids = {row["article_id"] for row in train}
    train_stances = [row for row in stances.get("train", []) if row["article_id"] in train_ids]
    skipped = {}
    if len({row["label"] for row in train_stances}) < 2:
        skipped["stance"] = "train has fewer than two labels"
    if not any(row["spans"] for row in train):
        skipped["entities"] = "train has no spans"
    stance_models, candidates = ((), ()) if "stance" in skipped else _stance_models(train_stances, stances)
    entity_models = () if "entities" in skipped else _entity_models(train, articles)
    return Baseline(
        n_train_articles=len(train),
        stance=stance_models,
        stance_features=candidates,
        entities=entity_models,
        warnings=(*artefact_warnings("stance", stance_models), *artefact_warnings("entities", entity_models)),
        skipped=skipped,
    )


def _stance_models(train: Sequence[Row], rows: SplitRows) -> tuple[tuple[Model, ...], tuple[Candidate, ...]]:
    """Return the models with their scores, and the features among which those of the full model were chosen."""
    evaluated = {split: list(rows.get(split, ())) for split in _EVALUATION_SPLITS}
    train_contexts = [stance_context(row) for row in train]
    train_labels = [row["label"] for row in train]
    contexts = {split: [stance_context(row) for row in split_rows] for split, split_rows in evaluated.items()}
    majority = min(Counter(train_labels).items(), key=lambda item: (-item[1], item[0]))[0]

    def train_f1(predicted: Sequence[str]) -> float:
        score = _macro_f1(train, predicted)
        return 0.0 if score is None else score.value

    features, candidates = choose_features(train_contexts, train_labels, [row["article_id"] for row in train], train_f1)
    predictions: dict[tuple[str, Role], dict[str, list[str]]] = {
        ("majority class", "majority"): {split: [majority] * len(split_rows) for split, split_rows in evaluated.items()}
    }
    models: list[tuple[str, Role, FeatureSet]] = [(FULL_MODEL, "full", features)]
    models += [(probe.name, "probe", probe) for probe in PROBES]
    for name, role, seen in models:
        predictions[name, role] = {
            split: classify(seen, train_contexts, train_labels, split_contexts)
            for split, split_contexts in contexts.items()
        }
    scored = tuple(
        Model(
            name=name,
            role=role,
            scores=_scores({split: _macro_f1(evaluated[split], labels) for split, labels in by_split.items()}),
        )
        for (name, role), by_split in predictions.items()
    )
    return scored, candidates


def _macro_f1(rows: Sequence[Row], predicted: Sequence[str]) -> Score | None:
    """The macro-F1 over the labels that the rows have."""
    labels, articles = (sorted({row[name] for row in rows}) for name in ("label", "article_id"))
    label_index = {label: i for i, label in enumerate(labels)}
    article_index = {article: i for i, article in enumerate(articles)}
    hits, wrong, missed = np.zeros((3, len(articles), len(labels)), dtype=int)
    for row, label in zip(rows, predicted, strict=True):
        article = article_index[row["article_id"]]
        if label == row["label"]:
            hits[article, label_index[label]] += 1
            continue
        missed[article, label_index[row["label"]]] += 1
        if label in label_index:
            wrong[article, label_index[label]] += 1
    return f1_score(hits, wrong, missed)


def _scores(scores: Mapping[str, Score | None]) -> dict[str, Score]:
    return {split: score for split, score in scores.items() if score is not None}


def _entity_models(train: Sequence[Row], rows: SplitRows) -> tuple[Model, ...]:
    evaluated = [(split, row) for split in _EVALUATION_SPLITS for row in rows.get(split, ())]
    names = tagger.collect_names(train)
    predictions: dict[tuple[str, Role], list[set[tagger.TokenSpan]]] = {
        ("majority class", "majority"): [set() for _ in evaluated],
        ("linear tagger", "full"): tagger.tag(train, [row for _, row in evaluated]),
        ("names seen in train", "probe"): [tagger.find_names(names, row["tokens"]) for _, row in evaluated],
    }
    return tuple(
        Model(
            name=name,
            role=role,
            scores=_scores({split: _span_f1(split, evaluated, spans) for split in _EVALUATION_SPLITS}),
        )
        for (name, role), spans in predictions.items()
    )


def _span_f1(
    split: str, evaluated: Sequence[tuple[str, Row]], predicted: Sequence[set[tagger.TokenSpan]]
) -> Score | None:
    """The micro-F1 of exact spans in a split."""
    pairs = [
        (tagger.spans_of_tags(row["ner_tags"]), spans)
        for (row_split, row), spans in zip(evaluated, predicted, strict=True)
        if row_split == split
    ]
    return f1_score(
        hits=_column(len(gold & spans) for gold, spans in pairs),
        wrong=_column(len(spans - gold) for gold, spans in pairs),
        missed=_column(len(gold - spans) for gold, spans in pairs),
    )


def _column(counts: Iterable[int]) -> np.ndarray:
    return np.array(list(counts), dtype=int).reshape(-1, 1)
