"""The effect of pre-labels on agreement: how many were accepted, and agreement on everything else.

Annotators who start from the same suggestions agree on those that both accept without deciding anything themselves, so
that agreement may be overstated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import msgspec
import numpy as np

from goldwire.agreement.estimates import Estimate, IntervalOptions, quotient
from goldwire.agreement.intervals import measure
from goldwire.agreement.span_f1 import MatchCounts, count_matches, f1_estimate
from goldwire.agreement.stance import count_triples
from goldwire.alignment.span_matching import Span, read_spans
from goldwire.records import Agreement, AnnotationLayer, Prelabels

__all__ = ["ACCEPTANCE", "prelabel_values"]

ACCEPTANCE = "prelabel_acceptance"
"""The coefficient: share of suggested spans and stances that annotators accepted unchanged."""


def prelabel_values(layers: Sequence[AnnotationLayer], options: IntervalOptions) -> Iterator[Agreement]:
    """Yield how pre-labels were used in confirmed layers; nothing where no layer started from pre-labels.

    Yields
    ------
    Agreement
        `prelabel_acceptance`, of all and of each annotator: the share of suggested spans and stances that were accepted
        unchanged (`n_items` counts the suggestions). Then `span_f1_exact_excluding_prelabels` and
        `stance_f1_exact_excluding_prelabels`: the mean over pairs of annotators of their exact F1, without what both
        accepted of the same suggestion. Intervals are over articles.
    """
    confirmed = [layer for layer in layers if layer.confirmed]
    prelabelled = [layer for layer in confirmed if layer.prelabels]
    if not prelabelled:
        return
    annotators = sorted({layer.annotator for layer in prelabelled})
    yield measure(_acceptance(prelabelled, len(annotators)), options)
    for name in annotators:
        value = measure(_acceptance([layer for layer in prelabelled if layer.annotator == name], 1), options)
        yield msgspec.structs.replace(value, annotators=(name,))
    yield measure(_excluding_prelabels(confirmed, spans=True), options)
    yield measure(_excluding_prelabels(confirmed, spans=False), options)


def _acceptance(layers: Sequence[AnnotationLayer], n_raters: int) -> Estimate:
    """Return the share of suggestions that were accepted; one row per article."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])  # accepted, suggested
    for layer in layers:
        prelabels = layer.prelabels
        if isinstance(prelabels, Prelabels):
            accepted = len(prelabels.accepted)
            counts[layer.article_id][0] += accepted
            counts[layer.article_id][1] += (
                accepted + len(prelabels.changed) + prelabels.dropped_spans + prelabels.dropped_stances
            )
    rows, of_item = np.unique(np.array(sorted(counts.values()), dtype=np.float64), axis=0, return_inverse=True)
    accepted_of, suggested_of = rows.T
    return Estimate(
        coefficient=ACCEPTANCE,
        unit="prelabel",
        frequencies=np.bincount(of_item.ravel(), minlength=len(rows)),
        value=lambda weights: quotient(weights @ accepted_of, weights @ suggested_of, weights @ suggested_of > 0),
        n_items=sum(suggested for _, suggested in counts.values()),
        n_raters=n_raters,
        undefined_reason="nothing was suggested",
        row_of_item=of_item.ravel(),
        row_sizes=suggested_of,
        max_disagreement=1.0,
    )


def _excluding_prelabels(layers: Sequence[AnnotationLayer], *, spans: bool) -> Estimate:
    """Return exact F1 of spans or stances of every article and pair of annotators, without what both accepted."""
    by_article: dict[str, dict[str, AnnotationLayer]] = defaultdict(dict)
    for layer in layers:
        by_article[layer.article_id][layer.annotator] = layer
    annotators = sorted({layer.annotator for layer in layers})
    count = _count_spans if spans else _count_stances
    counts = [
        [count(by[x], by[y]) if x in by and y in by else MatchCounts() for x, y in combinations(annotators, 2)]
        for _, by in sorted(by_article.items())
    ]
    name, reason = "span" if spans else "stance", "every {} is a pre-label that both annotators accepted"
    return f1_estimate(
        f"{name}_f1_exact_excluding_prelabels",
        counts,
        len(annotators),
        reason.format(name),
        unit="span" if spans else "stance",
        condition="without-prelabels",
    )


def _count_spans(a: AnnotationLayer, b: AnnotationLayer) -> MatchCounts:
    accepted = _accepted_spans(a) & _accepted_spans(b)
    first, second = ([span for span in read_spans(layer) if span not in accepted] for layer in (a, b))
    return count_matches(first, second, "exact")


def _accepted_spans(layer: AnnotationLayer) -> set[Span]:
    accepted = _accepted_ids(layer)
    return {Span(span.start, span.end, span.label) for span in layer.spans if span.id in accepted}


def _count_stances(a: AnnotationLayer, b: AnnotationLayer) -> MatchCounts:
    accepted_a, accepted_b = _accepted_stances(a), _accepted_stances(b)
    both = accepted_a.keys() & accepted_b.keys()
    first, second = (
        _without_stances(layer, {accepted[key] for key in both})
        for layer, accepted in ((a, accepted_a), (b, accepted_b))
    )
    return count_triples(first, second, "exact")


def _without_stances(layer: AnnotationLayer, ids: set[str]) -> AnnotationLayer:
    return msgspec.structs.replace(layer, stances=tuple(stance for stance in layer.stances if stance.id not in ids))


def _accepted_stances(layer: AnnotationLayer) -> Mapping[tuple[Span | None, Span | None, str], str]:
    """Return the ids of accepted stances by holder, target and stance."""
    accepted = _accepted_ids(layer)
    spans: dict[str | None, Span] = {span.id: Span(span.start, span.end, span.label) for span in layer.spans}
    return {
        (spans.get(stance.holder), spans.get(stance.target), stance.stance): stance.id
        for stance in layer.stances
        if stance.id in accepted
    }


def _accepted_ids(layer: AnnotationLayer) -> frozenset[str]:
    return frozenset(layer.prelabels.accepted) if isinstance(layer.prelabels, Prelabels) else frozenset()
