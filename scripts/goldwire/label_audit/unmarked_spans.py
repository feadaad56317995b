"""Spans that a tagger finds and nobody marked, and marked spans in which it finds nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.baselines.tagger import tag_probabilities
from goldwire.label_audit.suspects import LabelSuspect
from goldwire.records import AnnotationLayer, Article
from goldwire.text.bio_tags import bio_tags
from goldwire.text.tokenization import tokens

__all__ = ["unmarked_span_suspects"]

_SURE = 0.8  # mean probability of a label over a span's tokens
_NOTHING = 0.9  # mean probability of no label, from which a marked span is in doubt
# Taggers find many spans that guidelines exclude: of the sample's first 50 at full weight most were titles.
_WEIGHT = 0.6

Probabilities = NDArray[np.float64]


def unmarked_span_suspects(
    articles: Mapping[str, Article], layers: Sequence[AnnotationLayer], folds: Mapping[str, int]
) -> Iterator[LabelSuspect]:
    """Yield spans that a tagger of the other folds finds where nothing is marked, and marked ones that it rejects.

    Parameters
    ----------
    articles : mapping of str to Article
    layers : sequence of AnnotationLayer
        One layer per article.
    folds : mapping of str to int
        The fold of each article.
    """
    cuts = [tokens(articles[layer.article_id].text) for layer in layers]
    rows = [
        {
            "tokens": [articles[layer.article_id].text[start:end] for start, end in cut],
            "ner_tags": bio_tags(cut, layer.spans),
        }
        for layer, cut in zip(layers, cuts, strict=True)
    ]
    rejected: list[LabelSuspect] = []
    for fold in sorted({folds[layer.article_id] for layer in layers}):
        held = [n for n, layer in enumerate(layers) if folds[layer.article_id] == fold]
        rest = [row for row, layer in zip(rows, layers, strict=True) if folds[layer.article_id] != fold]
        labels, found = tag_probabilities(rest, [rows[n] for n in held])
        for number, probabilities in zip(held, found, strict=True):
            if len(labels) > 1 and len(probabilities):
                article = articles[layers[number].article_id]
                yield from _missing(article, layers[number], cuts[number], labels, probabilities)
                rejected += _rejected(layers[number], cuts[number], labels, probabilities)
    yield from _weighted(rejected, layers)


def _missing(
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


def _rejected(
    layer: AnnotationLayer, cut: Sequence[tuple[int, int]], labels: Sequence[str], probabilities: Probabilities
) -> Iterator[LabelSuspect]:
    nothing = labels.index("") if "" in labels else None
    for span in layer.spans if nothing is not None else ():
        inside = [n for n, (start, end) in enumerate(cut) if start < span.end and span.start < end]
        share = float(probabilities[inside, nothing].mean()) if inside else 0.0
        if share >= _NOTHING:
            yield LabelSuspect(
                article_id=layer.article_id,
                kind="span-doubtful",
                start=span.start,
                end=span.end,
                text=span.text,
                label=span.label,
                item=span.id,
                score=round(_WEIGHT * share, 4),
                reasons=(f"a tagger trained on other articles marks nothing there, with {share:.2f}",),
            )


def _weighted(rejected: Sequence[LabelSuspect], layers: Sequence[AnnotationLayer]) -> Iterator[LabelSuspect]:
    """Yield rejected spans with less weight for a label of which the tagger rejects many: it does not know it."""
    totals = Counter(span.label for layer in layers for span in layer.spans)
    counts = Counter(suspect.label for suspect in rejected)
    for suspect in rejected:
        share = counts[suspect.label] / totals[suspect.label or ""]
        yield msgspec.structs.replace(suspect, score=round(suspect.score * (1 - share) ** 2, 4))
