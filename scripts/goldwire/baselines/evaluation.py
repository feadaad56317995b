"""Train simple models on a release and score them beside the majority class and probes for annotation artefacts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from goldwire.baselines import tagger
from goldwire.baselines.human_ceiling import entity_counts, stance_answers
from goldwire.baselines.label_f1 import macro_f1, macro_f1_difference
from goldwire.baselines.scores import (
    Baseline,
    Candidate,
    Model,
    Role,
    Score,
    SoftModel,
    artefact_warnings,
    f1_score,
)
from goldwire.baselines.soft_labels import AGAINST_THE_REST, measure_soft
from goldwire.baselines.stance_context import stance_context
from goldwire.baselines.stance_models import FULL_MODEL, PROBES, StanceModel, classify
from goldwire.baselines.stance_selection import choose_model

__all__ = ["measure"]

Row = Mapping[str, Any]
SplitRows = Mapping[str, Sequence[Row]]
"""Rows by split, labels as names."""

_MAX_TRAIN_ARTICLES = 2_000  # the tagger's features of more do not fit beside the rest in 4 GB
_EVALUATION_SPLITS = ("validation", "test")


def measure(rows: Mapping[str, SplitRows], label_names: Sequence[str] = ()) -> Baseline:
    """Train on train; score on validation and test.

    Parameters
    ----------
    rows : mapping
        Rows of the configs `entities` and `stance`, by config and split, with their texts. With `stance_candidates` and
        `entity_candidates`, annotators are scored beside the models, and models of soft labels.
    label_names : sequence of str
        The names of the stances, in the order of `stance_shares`. Default: no models of soft labels.

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
    by_pair, by_mention = (
        _shared_candidates(rows.get("stance_candidates", {})),
        _shared_candidates(rows.get("entity_candidates", {})),
    )
    stance = None if "stance" in skipped else _stance_models(train_stances, stances, by_pair)
    soft: tuple[SoftModel, ...] = ()
    if stance is not None and label_names:
        train_pairs = [
            row for row in _sort_rows(rows["stance_candidates"].get("train", ())) if row["article_id"] in train_ids
        ]
        soft = measure_soft(train_pairs, by_pair, label_names, stance.full)
    entity_models, shared_entity_models = (
        ((), ()) if "entities" in skipped else _entity_models(train, articles, by_mention)
    )
    stance_models = () if stance is None else stance.models
    return Baseline(
        n_train_articles=len(train),
        stance=stance_models,
        stance_features=() if stance is None else stance.candidates,
        stance_leads=() if stance is None else stance.leads,
        stance_shared=() if stance is None else stance.shared,
        soft_stance=soft,
        entities=entity_models,
        entities_shared=shared_entity_models,
        warnings=(*artefact_warnings("stance", stance_models), *artefact_warnings("entities", entity_models)),
        skipped=skipped,
    )


def _sort_rows(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["article_id"], row["id"]))


def _shared_candidates(rows: SplitRows) -> dict[str, list[Row]]:
    """The candidates of the splits that are scored, if two or more annotators saw them."""
    return {
        split: [row for row in _sort_rows(rows.get(split, ())) if row["n_annotators"] > 1]
        for split in _EVALUATION_SPLITS
    }


class _StanceScores(msgspec.Struct, frozen=True):
    """The models with their scores, those on the articles of several annotators, and how the full model was chosen."""

    models: tuple[Model, ...]
    leads: tuple[Model, ...]
    shared: tuple[Model, ...]
    full: StanceModel
    candidates: tuple[Candidate, ...]


def _stance_models(train: Sequence[Row], rows: SplitRows, by_pair: SplitRows) -> _StanceScores:
    evaluated = {split: list(rows.get(split, ())) for split in _EVALUATION_SPLITS}
    train_contexts = [stance_context(row) for row in train]
    train_labels = [row["label"] for row in train]
    contexts = {split: [stance_context(row) for row in split_rows] for split, split_rows in evaluated.items()}
    majority = min(Counter(train_labels).items(), key=lambda item: (-item[1], item[0]))[0]
    selection = choose_model(train_contexts, train_labels, [row["article_id"] for row in train])
    predictions: dict[tuple[str, Role], dict[str, list[str]]] = {
        ("majority class", "majority"): {split: [majority] * len(split_rows) for split, split_rows in evaluated.items()}
    }
    models: list[tuple[str, Role, StanceModel]] = [(FULL_MODEL, "full", selection.model)]
    models += [(probe.name, "probe", probe) for probe in PROBES]
    for name, role, model in models:
        predictions[name, role] = {
            split: classify(model, train_contexts, train_labels, split_contexts)
            for split, split_contexts in contexts.items()
        }
    shared_articles = {row["article_id"] for split_rows in by_pair.values() for row in split_rows}
    shared = [*_human_stances(by_pair), *_score_stances(evaluated, predictions, shared_articles)]
    return _StanceScores(
        models=tuple(_score_stances(evaluated, predictions)),
        leads=tuple(_leads(evaluated, predictions)),
        shared=tuple(shared) if shared_articles else (),
        full=selection.model,
        candidates=selection.candidates,
    )


def _leads(rows: SplitRows, predictions: Mapping[tuple[str, Role], Mapping[str, Sequence[str]]]) -> Iterator[Model]:
    """Yield the probes with how much higher the full model scores."""
    full = predictions[FULL_MODEL, "full"]
    for (name, role), by_split in predictions.items():
        if role == "probe":
            leads = {split: macro_f1_difference(rows[split], full[split], labels) for split, labels in by_split.items()}
            yield Model(name=name, role=role, scores=_scores(leads))


def _score_stances(
    rows: SplitRows,
    predictions: Mapping[tuple[str, Role], Mapping[str, Sequence[str]]],
    articles: Collection[str] | None = None,
) -> Iterator[Model]:
    """Yield the models with their scores on all pairs, or on those of some articles."""
    for (name, role), by_split in predictions.items():
        scores = {}
        for split, labels in by_split.items():
            pairs = [
                (row, label)
                for row, label in zip(rows[split], labels, strict=True)
                if articles is None or row["article_id"] in articles
            ]
            scores[split] = macro_f1([row for row, _ in pairs], [label for _, label in pairs])
        yield Model(name=name, role=role, scores=_scores(scores))


def _human_stances(by_pair: SplitRows) -> Iterator[Model]:
    """Yield the scores of each annotator against the rest."""
    for name, if_drawn in ((AGAINST_THE_REST, False), (f"{AGAINST_THE_REST}, of the pairs that they drew", True)):
        answers = {split: stance_answers(rows, if_drawn=if_drawn) for split, rows in by_pair.items()}
        scores = _scores({split: macro_f1(*given) for split, given in answers.items()})
        yield Model(name=name, role="human", scores=scores)


def _scores(scores: Mapping[str, Score | None]) -> dict[str, Score]:
    return {split: score for split, score in scores.items() if score is not None}


def _entity_models(
    train: Sequence[Row], rows: SplitRows, by_mention: SplitRows
) -> tuple[tuple[Model, ...], tuple[Model, ...]]:
    """Return the models with their scores, and with those on the articles of several annotators."""
    evaluated = [(split, row) for split in _EVALUATION_SPLITS for row in rows.get(split, ())]
    names = tagger.collect_names(train)
    predictions: dict[tuple[str, Role], list[set[tagger.TokenSpan]]] = {
        ("majority class", "majority"): [set() for _ in evaluated],
        ("linear tagger", "full"): tagger.tag(train, [row for _, row in evaluated]),
        ("names seen in train", "probe"): [tagger.find_names(names, row["tokens"]) for _, row in evaluated],
    }
    shared_ids = {row["article_id"] for split_rows in by_mention.values() for row in split_rows}

    def scored(*, is_shared: bool) -> Iterator[Model]:
        for (name, role), spans in predictions.items():
            pairs = [
                (place, found)
                for place, found in zip(evaluated, spans, strict=True)
                if not is_shared or place[1]["article_id"] in shared_ids
            ]
            places, found_spans = [place for place, _ in pairs], [found for _, found in pairs]
            scores = {split: _span_f1(split, places, found_spans) for split in _EVALUATION_SPLITS}
            yield Model(name=name, role=role, scores=_scores(scores))

    human = Model(
        name=AGAINST_THE_REST,
        role="human",
        scores=_scores({split: f1_score(*entity_counts(split_rows)) for split, split_rows in by_mention.items()}),
    )
    return tuple(scored(is_shared=False)), (human, *scored(is_shared=True)) if shared_ids else ()


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
