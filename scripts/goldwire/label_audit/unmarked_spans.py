"""Spans that a tagger finds and nobody marked, and marked spans in which it finds nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.baselines.tagger import tag_probabilities
from goldwire.label_audit.folds import FoldedGold
from goldwire.label_audit.suspects import LabelSuspect, span_suspect
from goldwire.records import AnnotationLayer, Article
from goldwire.text.bio_tags import bio_tags
from goldwire.text.tokenization import tokens

__all__ = ["unmarked_span_suspects"]

_SURE = 0.8  # mean probability of a label over a span's tokens
_NOTHING = 0.9  # mean probability of no label, from which a marked span is in doubt
# Taggers find many spans that guidelines exclude: of the sample's first 50 at full weight most were titles.
_WEIGHT = 0.6

Probabilities = NDArray[np.float64]


def unmarked_span_suspects(gold: FoldedGold) -> Iterator[LabelSuspect]:
    """Yield spans that a tagger of the other folds finds where nothing is marked, and marked ones that it rejects."""
    articles, layers = gold.articles, gold.layers
    fold_of = [gold.folds[layer.article_id] for layer in layers]
    cuts = [tokens(articles[layer.article_id].text) for layer in layers]
    rows = [
        {
            "tokens": [articles[layer.article_id].text[start:end] for start, end in cut],
            "ner_tags": bio_tags(cut, layer.spans),
        }
        for layer, cut in zip(layers, cuts, strict=True)
    ]
    rejected: list[LabelSuspect] = []
    for fold in sorted(set(fold_of)):
        held = [number for number, own in enumerate(fold_of) if own == fold]
        rest = [row for row, own in zip(rows, fold_of, strict=True) if own != fold]
        labels, found = tag_probabilities(rest, [rows[n] for n in held])
        for number, probabilities in zip(held, found, strict=True):
            if len(labels) > 1 and len(probabilities):
                article = articles[layers[number].article_id]
                yield from _missing_spans(article, layers[number], cuts[number], labels, probabilities)
                rejected += _rejected_spans(layers[number], cuts[number], labels, probabilities)
    yield from _weigh(rejected, layers)


def _missing_spans(
    article: Article,
    layer: AnnotationLayer,
    cut: Sequence[tuple[int, int]],
    labels: Sequence[str],
    probabilities: Probabilities,
) -> Iterator[LabelSuspect]:
    best = probabilities.argmax(axis=1)
    number = 0
    while number < len(cut):
        label = labels[best[number]]
        end = number + 1
        while end < len(cut) and label and best[end] == best[number]:
            end += 1
        if label:
            start_at, end_at = cut[number][0], cut[end - 1][1]
            share = float(probabilities[number:end, best[number]].mean())
            if share >= _SURE and all(span.end <= start_at or end_at <= span.start for span in layer.spans):
                yield LabelSuspect(
                    article_id=layer.article_id,
                    kind="span-missing",
                    start=start_at,
                    end=end_at,
                    text=article.text[start_at:end_at],
                    suggestion=label,
                    score=round(_WEIGHT * share, 4),
                    reasons=(f"a tagger trained on other articles marks it as {label} with {share:.2f}",),
                )
        number = end


def _rejected_spans(
    layer: AnnotationLayer, cut: Sequence[tuple[int, int]], labels: Sequence[str], probabilities: Probabilities
) -> Iterator[LabelSuspect]:
    nothing = labels.index("") if "" in labels else None
    for span in layer.spans if nothing is not None else ():
        inside = [n for n, (start, end) in enumerate(cut) if start < span.end and span.start < end]
        share = float(probabilities[inside, nothing].mean()) if inside else 0.0
        if share >= _NOTHING:
            reason = f"a tagger trained on other articles marks nothing there, with {share:.2f}"
            yield span_suspect(layer.article_id, span, "span-doubtful", _WEIGHT * share, reason)


def _weigh(rejected: Sequence[LabelSuspect], layers: Sequence[AnnotationLayer]) -> Iterator[LabelSuspect]:
    """Yield rejected spans with less weight for a label of which the tagger rejects many: it does not know it."""
    totals = Counter(span.label for layer in layers for span in layer.spans)
    counts = Counter(suspect.label for suspect in rejected)
    for suspect in rejected:
        share = counts[suspect.label] / totals[suspect.label or ""]
        yield msgspec.structs.replace(suspect, score=round(suspect.score * (1 - share) ** 2, 4))
