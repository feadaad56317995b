"""Uncertainty of articles: how much each would teach a model of the gold so far.

The score is the model's entropy plus a quarter of the disagreement that is expected from similar annotated articles. On
public data (see tests/benchmarks/bench_uncertain.py) entropy alone learns faster than a random order, and disagreement
alone does not: in equal parts it removes half of the gain, as a quarter almost nothing.
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
from goldwire.agreement.stance import stance_pairs
from goldwire.baselines import tagger
from goldwire.baselines.stance_context import stance_context
from goldwire.records import AnnotationLayer, StanceLabel
from goldwire.text.bio_tags import bio_tags
from goldwire.text.name_search import find_name
from goldwire.text.tokenization import tokens

__all__ = [
    "AnnotatedData",
    "disagreement",
    "entity_uncertainty",
    "expected_disagreement",
    "stance_uncertainty",
    "uncertainty_scores",
]

Floats = NDArray[np.float64]
_MAX_TRAINING_ARTICLES = 2_000  # the features of more do not fit into 4 GB beside the rest
_DISAGREEMENT_WEIGHT = 0.25
_WORD = r"\w+|[^\w\s]"  # includes single letters and signs: a text of nothing else would leave no vocabulary
_MAX_OCCURRENCES = 3  # of a target that are read


class AnnotatedData(msgspec.Struct, frozen=True, kw_only=True):
    """Everything annotated so far: gold, all annotators' layers, and the texts of both by article id."""

    gold: Sequence[AnnotationLayer]
    layers: Sequence[AnnotationLayer]
    texts: Mapping[str, str]


def uncertainty_scores(
    annotated: AnnotatedData, texts: Mapping[str, str], targets: Mapping[str, Sequence[str]] | None = None
) -> dict[str, float]:
    """Return how much each of `texts` would teach a model, in standard deviations.

    Parameters
    ----------
    annotated
        The articles that the model learns from.
    texts
        The candidates, by article id.
    targets
        The targets of each candidate, by article id, if the model predicts stances. Default: it predicts entities.

    Raises
    ------
    ValueError
        The gold layers have no labels to learn from; the message names what is missing.
    """
    gold = [layer for layer in annotated.gold if layer.article_id in annotated.texts]
    if targets is None:
        labelled = [layer for layer in gold if layer.spans][:_MAX_TRAINING_ARTICLES]
        train = [_row(annotated.texts[layer.article_id], layer) for layer in labelled]
        model_uncertainty = entity_uncertainty(train, [_row(text, None) for text in texts.values()])
    else:
        drawn = [(layer, stance) for layer in gold[:_MAX_TRAINING_ARTICLES] for stance in layer.stances]
        train_texts = [_stance_text(annotated.texts[layer.article_id], layer, stance) for layer, stance in drawn]
        candidates = [(name, _target_text(texts[name], target)) for name in texts for target in targets[name]]
        by_candidate = stance_uncertainty(
            train_texts, [stance.stance for _, stance in drawn], [text for _, text in candidates]
        )
        model_uncertainty = _group_means(texts, [name for name, _ in candidates], by_candidate)
    total = _standardize(model_uncertainty)
    measured = {name: value for name, value in disagreement(annotated.layers).items() if name in annotated.texts}
    if measured:
        similar = [annotated.texts[name] for name in measured]
        expected = expected_disagreement(similar, list(measured.values()), list(texts.values()))
        total = total + _DISAGREEMENT_WEIGHT * _standardize(expected)
    return dict(zip(texts, total.round(6).tolist(), strict=True))


def entity_uncertainty(train: Sequence[tagger.Row], rows: Sequence[tagger.Row]) -> Floats:
    """Return the mean entropy of the tags of each of `rows` (of `tokens`), by a tagger trained on `train`."""
    if len({tag for row in train for tag in row["ner_tags"]}) < 2:
        raise ValueError("no spans")
    return np.array(tagger.token_entropy(train, rows))


def stance_uncertainty(train_texts: Sequence[str], stances: Sequence[str], texts: Sequence[str]) -> Floats:
    """Return the entropy of the stance in each of `texts`, by a model trained on `train_texts` and `stances`."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    if len(set(stances)) < 2:
        raise ValueError("fewer than two different stances")
    # The vocabulary includes the candidates' words: idf needs no labels.
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD)
    vectorizer.fit([*train_texts, *texts])
    model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=2_000)
    model.fit(vectorizer.transform(train_texts), stances)
    probabilities = model.predict_proba(vectorizer.transform(texts))
    entropy: Floats = -(probabilities * np.log(probabilities + 1e-12)).sum(axis=1)
    return entropy


def disagreement(layers: Iterable[AnnotationLayer]) -> dict[str, float]:
    """Return how much annotators differ on each article that two confirmed, from 0 to 1.

    It is the mean of 1 - F1 of each pair's spans, and of the share of pairs with different stances for one unit, as far
    as the article has spans and stance units.
    """
    layers = list(layers)
    values: dict[str, list[float]] = defaultdict(list)
    for article, spans in spans_by_article(layers).items():
        counts = [count_matches(spans[a], spans[b], "exact") for a, b in combinations(spans, 2)]
        values[article] += [
            1 - 2 * count.matched / (count.first_total + count.second_total)
            for count in counts
            if count.first_total + count.second_total
        ]
    for pair in stance_pairs(layers):
        values[pair.article_id] += [float(a != b) for a, b in combinations(pair.answers.values(), 2)]
    return {article: float(np.mean(numbers)) for article, numbers in sorted(values.items()) if numbers}


def expected_disagreement(similar: Sequence[str], values: Sequence[float], texts: Sequence[str]) -> Floats:
    """Return the value expected for each of `texts`, from the `values` of `similar` texts (TF-IDF cosine as weight).

    The mean of all values counts as one text with a cosine of 1, so that a text without similar ones gets the mean.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, token_pattern=_WORD).fit([*similar, *texts])
    cosines = vectorizer.transform(texts) @ vectorizer.transform(similar).T
    known = np.array(values)
    expected: Floats = (cosines @ known + known.mean()) / (np.asarray(cosines.sum(axis=1)).ravel() + 1)
    return expected


def _row(text: str, gold: AnnotationLayer | None) -> dict[str, Any]:
    ranges = tokens(text)
    row: dict[str, Any] = {"tokens": [text[start:end] for start, end in ranges]}
    return row if gold is None else row | {"ner_tags": bio_tags(ranges, gold.spans)}


def _stance_text(text: str, layer: AnnotationLayer, stance: StanceLabel) -> str:
    """Return the sentences around a gold stance, with holder and target marked."""
    spans = {span.id: span for span in layer.spans}
    holder, target = spans.get(stance.holder or ""), spans.get(stance.target or "")
    if target is None:
        return _target_text(text, stance.target_name or "")
    ends = {"holder_start": holder and holder.start, "holder_end": holder and holder.end}
    row = {"text": text, "holder": holder and holder.text, "target": target.text, **ends}
    return stance_context(row | {"target_start": target.start, "target_end": target.end}).marked


def _target_text(text: str, name: str) -> str:
    """Return the first sentences that name a target, with the target marked."""
    row = {"text": text, "target": name, "holder": None, "holder_start": None, "holder_end": None}
    ranges: list[tuple[int, int] | tuple[None, None]] = [*find_name(name, text)]
    return " ".join(
        stance_context(row | {"target_start": start, "target_end": end}).marked
        for start, end in ranges[:_MAX_OCCURRENCES] or [(None, None)]
    )


def _group_means(names: Iterable[str], groups: Sequence[str], values: Floats) -> Floats:
    by_group: dict[str, list[float]] = defaultdict(list)
    for group, value in zip(groups, values.tolist(), strict=True):
        by_group[group].append(value)
    return np.array([np.mean(by_group[name]) for name in names])


def _standardize(values: Floats) -> Floats:
    """Return the values in standard deviations from their mean; 0 if all are equal."""
    spread = float(values.std())
    standard: Floats = (values - values.mean()) / spread if spread > 1e-9 else np.zeros_like(values)
    return standard
