"""Disagreements of annotators, item by item, and the gain of adjudicating each article."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from goldwire.agreement.annotations import spans_by_article
from goldwire.agreement.breakdown import by_item
from goldwire.agreement.span_f1 import count_matches_by_label, sum_counts
from goldwire.agreement.stance import stance_pairs, stance_ratings
from goldwire.alignment.mentions import AlignedMention, StancePair, align_mentions
from goldwire.alignment.span_matching import Span
from goldwire.records import AnnotationLayer, Record, SpanLabel

__all__ = [
    "KINDS",
    "AdjudicationGain",
    "Answer",
    "Disagreement",
    "DisagreementCounts",
    "adjudication_gains",
    "count_span_disagreements",
    "find_disagreements",
]

KINDS = {
    "missing": "one annotator marked it, the other did not",
    "split": "one annotator marked one span where the other marked several with the same label",
    "boundary": "same label, different boundaries",
    "label": "same boundaries, different label",
    "boundary+label": "the spans overlap by at least half, with different boundaries and labels",
    "stance": "same holder and target, different stance",
    "stance-missing": "one annotator drew a stance, the other drew none",
}
"""The kinds of disagreement, each with a description."""


class Answer(Record, frozen=True, kw_only=True):
    """One annotator's answer: a label or a stance (empty: nothing marked or drawn) and, for a span, its text."""

    label: str = ""
    text: str = ""


class Disagreement(Record, frozen=True, kw_only=True):
    """One mention or stance on which the annotators of an article disagree, at `[start, end)` (code points).

    `kinds` are keys of `KINDS`, `labels` the labels or stances that annotators chose. `answers` gives each annotator's
    answer in the order of their names; `stance_ends` names the holder and the target of a stance.
    """

    article_id: str
    kinds: tuple[str, ...]
    labels: tuple[str, ...]
    start: int
    end: int
    answers: tuple[tuple[str, Answer], ...]
    stance_ends: str = ""


class DisagreementCounts(Record, frozen=True, kw_only=True):
    """Number of times that two annotators agree on a mention that either marked, and that they disagree, by kind."""

    agreed: int
    missing: int
    split: int
    boundary: int
    label: int
    boundary_label: int


class AdjudicationGain(Record, frozen=True, kw_only=True):
    """By how much exact span F1 and nominal stance alpha would rise if all annotators agreed on this article."""

    span_f1: float
    stance_alpha: float

    @property
    def total(self) -> float:
        """The sum of both, by which articles are ordered for adjudication."""
        return self.span_f1 + self.stance_alpha


def count_span_disagreements(layers: Iterable[AnnotationLayer]) -> DisagreementCounts:
    """Count each mention once for each two annotators who confirmed its article, if either of them marked it."""
    counts: Counter[str] = Counter()
    for _, of_article in _compared_articles(layers):
        for mention in align_mentions(of_article):
            for a, b in combinations(of_article, 2):
                if a.annotator in mention.spans or b.annotator in mention.spans:
                    counts[_span_kind(mention, a, b) or "agreed"] += 1
    return DisagreementCounts(**{name: counts[name.replace("_", "+")] for name in DisagreementCounts.__struct_fields__})


def find_disagreements(layers: Iterable[AnnotationLayer]) -> list[Disagreement]:
    """Return every mention and every stance on which not all annotators of the article agree.

    Parameters
    ----------
    layers : iterable of AnnotationLayer
        Unconfirmed layers and articles that only one annotator confirmed are left out.

    Returns
    -------
    list of Disagreement
        By article; in each article the mentions before the stances, in text order.
    """
    by_id = dict(_compared_articles(layers))
    disagreements = [disagreement for of_article in by_id.values() for disagreement in _span_disagreements(of_article)]
    for pair in stance_pairs([layer for of_article in by_id.values() for layer in of_article]):
        disagreements += _stance_disagreement(pair, by_id[pair.article_id])
    return sorted(
        disagreements, key=lambda d: (d.article_id, bool(d.stance_ends), d.start, d.end, d.kinds, d.stance_ends)
    )


def _compared_articles(layers: Iterable[AnnotationLayer]) -> list[tuple[str, list[AnnotationLayer]]]:
    """Return the confirmed layers of each article that two or more annotators confirmed, by annotator."""
    by_id: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for layer in layers:
        if layer.confirmed:
            by_id[layer.article_id].append(layer)
    return [
        (article, sorted(of_article, key=lambda layer: layer.annotator))
        for article, of_article in sorted(by_id.items())
        if len(of_article) > 1
    ]


def _span_kind(mention: AlignedMention, a: AnnotationLayer, b: AnnotationLayer) -> str | None:
    """Return how two annotators disagree on a mention; None where they agree, or neither marked it."""
    x, y = mention.spans.get(a.annotator), mention.spans.get(b.annotator)
    if x is not None and y is not None:
        boundary = "boundary" if (x.start, x.end) != (y.start, y.end) else ""
        label = "label" if x.label != y.label else ""
        return "+".join(filter(None, (boundary, label))) or None
    marked, other = (x, b) if x is not None else (y, a)
    if marked is None:
        return None
    same_label = any(span.label == marked.label and _overlaps(span, marked) for span in other.spans)
    return "split" if same_label else "missing"


def _overlaps(a: SpanLabel, b: SpanLabel | Span) -> bool:
    return a.start < b.end and b.start < a.end


def _span_disagreements(layers: Sequence[AnnotationLayer]) -> Iterator[Disagreement]:
    for mention in align_mentions(layers):
        kinds = {_span_kind(mention, a, b) for a, b in combinations(layers, 2)} - {None}
        if kinds:
            yield Disagreement(
                article_id=layers[0].article_id,
                kinds=tuple(kind for kind in KINDS if kind in kinds),
                labels=tuple(sorted({span.label for span in mention.spans.values()})),
                start=min(span.start for span in mention.spans.values()),
                end=max(span.end for span in mention.spans.values()),
                answers=tuple((layer.annotator, _span_answer(mention, layer)) for layer in layers),
            )


def _span_answer(mention: AlignedMention, layer: AnnotationLayer) -> Answer:
    """Return the annotator's span of the mention, else another span with its label that overlaps it, else nothing."""
    span = mention.spans.get(layer.annotator)
    if span is None:
        extent = mention.extent
        others = (other for other in layer.spans if other.label == extent.label and _overlaps(other, extent))
        span = next(others, None)
    return Answer() if span is None else Answer(label=span.label, text=span.text)


def _stance_disagreement(pair: StancePair, layers: Sequence[AnnotationLayer]) -> Iterator[Disagreement]:
    answers = pair.answers
    stances = set(answers.values())
    missing = any(layer.annotator not in answers for layer in layers)
    if len(stances) < 2 and not missing:
        return
    extents = [end.extent for end in (pair.holder, pair.target) if end is not None]
    yield Disagreement(
        article_id=pair.article_id,
        kinds=tuple(kind for kind, applies in (("stance", len(stances) > 1), ("stance-missing", missing)) if applies),
        labels=tuple(sorted(stances)),
        start=min((extent.start for extent in extents), default=0),
        end=max((extent.end for extent in extents), default=0),
        answers=tuple((layer.annotator, Answer(label=answers.get(layer.annotator, ""))) for layer in layers),
        stance_ends=f"{_surface(pair.holder)} to {pair.target_name or _surface(pair.target)}",
    )


def _surface(mention: AlignedMention | None) -> str:
    if mention is None:
        return "the article"
    extent = mention.extent
    return next(span.text for span in mention.spans.values() if Span(span.start, span.end, span.label) == extent)


def adjudication_gains(layers: Sequence[AnnotationLayer]) -> dict[str, AdjudicationGain]:
    """Return the gain of adjudicating each article that two annotators confirmed.

    After adjudication an article is taken to have as many spans as each two annotators have now on average, and the
    stances that most of them chose.
    """
    spans_of = {article: spans for article, spans in spans_by_article(layers).items() if len(spans) > 1}
    compared = [layer for layer in layers if layer.confirmed and layer.article_id in spans_of]
    spans, stances = _span_gains(spans_of), _stance_gains(compared)
    return {
        article: AdjudicationGain(span_f1=spans.get(article, 0.0), stance_alpha=stances.get(article, 0.0))
        for article in spans_of
    }


def _span_gains(spans_of: Mapping[str, Mapping[str, Sequence[Span]]]) -> dict[str, float]:
    annotators = sorted({name for by_annotator in spans_of.values() for name in by_annotator})
    pairs = list(combinations(annotators, 2))
    matched, total = np.zeros((2, len(spans_of), len(pairs)))
    for row, by_annotator in enumerate(spans_of.values()):
        for column, (a, b) in enumerate(pairs):
            if a in by_annotator and b in by_annotator:
                counts = sum_counts(count_matches_by_label(by_annotator[a], by_annotator[b])["exact"].values())
                matched[row, column], total[row, column] = 2 * counts.matched, counts.first_total + counts.second_total
    marked = total.sum(axis=0) > 0
    if not marked.any():
        return {}
    # F1 is matched/total, summed over articles: agreement on an article adds the unmatched rest of its total.
    missed = (total[:, marked] - matched[:, marked]) / total[:, marked].sum(axis=0)
    return dict(zip(spans_of, missed.mean(axis=1).tolist(), strict=True))


def _stance_gains(layers: Sequence[AnnotationLayer]) -> dict[str, float]:
    rows, articles = stance_ratings(layers)
    gains: dict[str, float] = defaultdict(float)
    for article, gain in zip(articles, by_item(rows), strict=True):
        gains[article] += 0.0 if np.isnan(gain) else gain
    return gains
