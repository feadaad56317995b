"""Which articles teach most: those of which a model of the gold so far is least sure, and people differed on the like.

A model's entropy is what counts; how far annotators differed on similar articles counts a quarter of that. On public
data (see tests/benchmarks/bench_uncertain.py) entropy alone learns faster than chance and such disagreement alone does
not: in equal parts it takes away half of the gain, as a quarter next to nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.annotations import spans_by_article
from goldwire.agreement.span_f1 import count_matches
from goldwire.agreement.stance import stance_units
from goldwire.baselines import tagger
from goldwire.baselines.stance_context import context
from goldwire.records import AnnotationLayer, StanceLabel
from goldwire.text.bio_tags import bio_tags
from goldwire.text.name_search import find_name
from goldwire.text.tokenization import tokens

__all__ = ["Known", "disagreement", "entity_doubts", "expected", "scores", "stance_doubts"]

Floats = NDArray[np.float64]
_MOST = 2_000  # articles that a model learns from: a tagger's features of more do not fit beside the rest in 4 GB
_DIFFERED = 0.25
_WORD = r"\w+|[^\w\s]"  # one letter and signs, too: a text of nothing else would leave no vocabulary
_PLACES = 3  # where a target stands that are read


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What was annotated so far: gold, all annotators' layers, and the texts of both by article id."""

    gold: Sequence[AnnotationLayer]
    layers: Sequence[AnnotationLayer]
    texts: Mapping[str, str]


def scores(
    known: Known, texts: Mapping[str, str], targets: Mapping[str, Sequence[str]] | None = None
) -> dict[str, float]:
    """How much each of `texts` (by article id) would teach, in standard deviations: of entities, or of the stance to
    its `targets`. Raises ValueError where gold has nothing that a model could learn."""
    gold = [layer for layer in known.gold if layer.article_id in known.texts]
    if targets is None:
        train = [_row(known.texts[layer.article_id], layer) for layer in gold if layer.spans][:_MOST]
        doubts = entity_doubts(train, [_row(text, None) for text in texts.values()])
    else:
        drawn = [(layer, stance) for layer in gold[:_MOST] for stance in layer.stances]
        seen = [(_read(known.texts[layer.article_id], layer, one), one.stance) for layer, one in drawn]
        asked = [(name, _named(texts[name], target)) for name in texts for target in targets[name]]
        each = stance_doubts([text for text, _ in seen], [label for _, label in seen], [text for _, text in asked])
        doubts = _means(texts, [name for name, _ in asked], each)
    differed = disagreement(known.layers)
    told = {name: value for name, value in differed.items() if name in known.texts}
    total = _standard(doubts)
    if told:
        similar = [known.texts[name] for name in told]
        total = total + _DIFFERED * _standard(expected(similar, list(told.values()), list(texts.values())))
    return dict(zip(texts, total.round(6).tolist(), strict=True))


def entity_doubts(train: Sequence[tagger.Row], rows: Sequence[tagger.Row]) -> Floats:
    """The mean entropy of the tags of each of `rows` (of `tokens`), by a tagger that learnt from `train`."""
    if len({tag for row in train for tag in row["ner_tags"]}) < 2:
        raise ValueError("no spans")
    return np.array(tagger.unsureness(train, rows))


def stance_doubts(seen: Sequence[str], answers: Sequence[str], asked: Sequence[str]) -> Floats:
    """The entropy of the stance in each text `asked`, by a model that learnt `answers` to the texts `seen`."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    if len(set(answers)) < 2:
        raise ValueError("fewer than two different stances")
    # The words of what is asked are known too: idf needs no labels.
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD).fit([*seen, *asked])
    model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=2_000)
    said = model.fit(vectors.transform(seen), answers).predict_proba(vectors.transform(asked))
    entropy: Floats = -(said * np.log(said + 1e-12)).sum(axis=1)
    return entropy


def disagreement(layers: Iterable[AnnotationLayer]) -> dict[str, float]:
    """How far annotators differ on each article that two confirmed, from 0 to 1: the mean of 1 - F1 of their spans, and
    of the share of pairs who gave one unit different stances, as far as there are spans and units."""
    layers = list(layers)
    found: dict[str, list[float]] = defaultdict(list)
    for article, by in spans_by_article(layers).items():
        counts = [count_matches(by[a], by[b], "exact") for a, b in combinations(by, 2)]
        found[article] += [
            1 - 2 * one.matched / (one.first_total + one.second_total)
            for one in counts
            if one.first_total + one.second_total
        ]
    for unit in stance_units(layers):
        found[unit.article_id] += [float(a != b) for (_, a), (_, b) in combinations(unit.stances, 2)]
    return {article: float(np.mean(values)) for article, values in sorted(found.items()) if values}


def expected(similar: Sequence[str], values: Sequence[float], texts: Sequence[str]) -> Floats:
    """The value that each of `texts` is likely to have, by the values of texts that have its words (TF-IDF cosine).

    The mean of all counts as one text that is wholly alike: what resembles nothing is expected to be like most.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(sublinear_tf=True, token_pattern=_WORD).fit([*similar, *texts])
    alike = vectors.transform(texts) @ vectors.transform(similar).T
    known = np.array(values)
    guess: Floats = (alike @ known + known.mean()) / (np.asarray(alike.sum(axis=1)).ravel() + 1)
    return guess


def _row(text: str, gold: AnnotationLayer | None) -> dict[str, Any]:
    cut = tokens(text)
    row: dict[str, Any] = {"tokens": [text[start:end] for start, end in cut]}
    return row if gold is None else row | {"ner_tags": bio_tags(cut, gold.spans)}


def _read(text: str, layer: AnnotationLayer, stance: StanceLabel) -> str:
    """What a stance of gold is read from."""
    spans = {span.id: span for span in layer.spans}
    holder, target = spans.get(stance.holder or ""), spans.get(stance.target or "")
    if target is None:
        return _named(text, stance.target_name or "")
    ends = {"holder_start": holder and holder.start, "holder_end": holder and holder.end}
    row = {"text": text, "holder": holder and holder.text, "target": target.text, **ends}
    return context(row | {"target_start": target.start, "target_end": target.end}).marked


def _named(text: str, name: str) -> str:
    """The sentences that name a target, the first of them, with the target marked."""
    row = {"text": text, "target": name, "holder": None, "holder_start": None, "holder_end": None}
    found: list[tuple[int, int] | tuple[None, None]] = [*find_name(name, text)]
    return " ".join(
        context(row | {"target_start": start, "target_end": end}).marked
        for start, end in found[:_PLACES] or [(None, None)]
    )


def _means(names: Iterable[str], of: Sequence[str], values: Floats) -> Floats:
    by: dict[str, list[float]] = defaultdict(list)
    for name, value in zip(of, values.tolist(), strict=True):
        by[name].append(value)
    return np.array([np.mean(by[name]) for name in names])


def _standard(values: Floats) -> Floats:
    """In standard deviations from the mean; 0 where all are alike."""
    spread = float(values.std())
    standard: Floats = (values - values.mean()) / spread if spread > 1e-9 else np.zeros_like(values)
    return standard
