"""The effect of pre-labels: how many were accepted, agreement on everything else, and the articles without any.

Annotators who start from the same suggestions agree on those that both accept without deciding anything themselves, so
that agreement may be overstated. By how much, only articles that start blank at random can show: `push --holdout`.

References
----------
Fort, K. and Sagot, B. (2010). Influence of pre-annotation on POS-tagged corpus development. LAW 2010.
Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general approach.
Statistics in Medicine 27(10), 1693-1702.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import exp, hypot, isnan, nan, sqrt

import msgspec
import numpy as np

from goldwire.agreement.annotations import layers_by_article
from goldwire.agreement.estimates import Estimate, IntervalOptions, quotient
from goldwire.agreement.intervals import measure
from goldwire.agreement.span_f1 import MatchCounts, count_matches, count_pairs, f1_estimate, sum_counts
from goldwire.agreement.stance_f1 import count_triples
from goldwire.alignment.span_matching import Span, read_spans
from goldwire.records import Agreement, AnnotationLayer, Prelabels

__all__ = ["ACCEPTANCE", "EFFECT_ON_AGREEMENT", "EFFECT_ON_LABELS", "TimeEffect", "prelabel_values", "time_effect"]

ACCEPTANCE = "prelabel_acceptance"
"""The coefficient: share of suggested spans and stances that annotators accepted unchanged."""


EFFECT_ON_LABELS = "prelabel_effect_on_labels"
"""Exact F1 of the annotators' spans with the suggestions: of articles that started with them, minus the holdout."""

EFFECT_ON_AGREEMENT = "prelabel_effect_on_agreement"
"""Exact F1 of spans between annotators: of articles that started with suggestions, minus the holdout."""

_MIN_TIMES = 5  # of each kind per annotator


def prelabel_values(
    layers: Sequence[AnnotationLayer],
    options: IntervalOptions,
    suggested: Mapping[str, AnnotationLayer] | None = None,
) -> Iterator[Agreement]:
    """Yield how pre-labels were used in confirmed layers; nothing where no layer started from pre-labels.

    Parameters
    ----------
    layers : sequence of AnnotationLayer
    options : IntervalOptions
    suggested : mapping of str to AnnotationLayer
        The suggestions by article id, those of the holdout included.

    Yields
    ------
    Agreement
        `prelabel_acceptance`, of all and of each annotator: the share of suggested spans and stances that were accepted
        unchanged (`n_items` counts the suggestions). Then `span_f1_exact_excluding_prelabels` and
        `stance_f1_exact_excluding_prelabels`: the mean over pairs of annotators of their exact F1, without what both
        accepted of the same suggestion. With a holdout, `prelabel_effect_on_labels` and `prelabel_effect_on_agreement`:
        differences of F1 between the articles with suggestions and the holdout. Intervals are over articles.
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
    yield from _holdout_effects(confirmed, suggested or {}, options)


def _holdout_effects(
    layers: Sequence[AnnotationLayer], suggested: Mapping[str, AnnotationLayer], options: IntervalOptions
) -> Iterator[Agreement]:
    """Yield the differences between articles with suggestions and the holdout; nothing without a holdout.

    Tasks that were on the server before their suggestions are in neither group: nobody drew them.
    """
    by_article = layers_by_article(layers)
    blank = [key for key, suggestion in suggested.items() if suggestion.holdout and key in by_article]
    shown = [key for key, by in by_article.items() if key in suggested and all(one.prelabels for one in by.values())]
    if not blank or not shown:
        return
    n_raters = len({layer.annotator for layer in layers})

    def with_suggestions(key: str) -> MatchCounts:
        own = read_spans(suggested[key])
        return sum_counts(count_matches(read_spans(layer), own, "exact") for layer in by_article[key].values())

    def among_annotators(key: str) -> MatchCounts:
        spans = [read_spans(layer) for layer in by_article[key].values()]
        return sum_counts(count_matches(a, b, "exact") for a, b in combinations(spans, 2))

    for name, count in ((EFFECT_ON_LABELS, with_suggestions), (EFFECT_ON_AGREEMENT, among_annotators)):
        arms = [
            measure(f1_estimate(name, [[count(key)] for key in sorted(keys)], n_raters), options)
            for keys in (shown, blank)
        ]
        yield _difference(*arms)


def _difference(first: Agreement, second: Agreement) -> Agreement:
    """Return the difference of two independent values, with the interval that theirs give (Zou and Donner 2008)."""
    value = first.value - second.value
    low = value - hypot(first.value - first.low, second.high - second.value)
    high = value + hypot(first.high - first.value, second.value - second.low)
    return msgspec.structs.replace(
        first,
        value=value,
        low=low,
        high=high,
        interval=None if isnan(low) else first.interval,
        n_items=first.n_items + second.n_items,
        n_groups=(first.n_groups or 0) + (second.n_groups or 0),
        reason=first.reason or second.reason,
    )


class TimeEffect(msgspec.Struct, frozen=True, kw_only=True):
    """Time of tasks with pre-labels, relative to those of the holdout.

    Parameters
    ----------
    ratio : float
        Ratio of the geometric mean times, annotator by annotator: below 1 where pre-labels save time; nan if unknown.
    low, high : float
        Bounds of its 95% interval.
    n_shown, n_blank : int
        Tasks that were compared.
    reason : str or None
        Why it is unknown.
    """

    ratio: float
    low: float
    high: float
    n_shown: int
    n_blank: int
    reason: str | None = None


def time_effect(minutes: Mapping[str, Sequence[tuple[float, bool]]]) -> TimeEffect:
    """Compare the times of tasks with pre-labels with those of the holdout.

    Parameters
    ----------
    minutes : mapping of str to sequence of (float, bool)
        Per annotator, the time of each task, and whether it started with pre-labels.

    Notes
    -----
    Logarithms of times are compared within annotators, whose differences are weighted by their numbers of tasks; the
    interval is Welch's, with Satterthwaite's degrees of freedom.

    Examples
    --------
    >>> from goldwire.agreement.prelabel_effect import time_effect
    >>> times = [(1.0, True), (2.0, False), (1.1, True), (1.8, False), (0.9, True), (2.2, False)] * 3
    >>> effect = time_effect({"A1": times})
    >>> round(effect.ratio, 2), effect.high < 1, effect.n_blank
    (0.5, True, 9)
    """
    from scipy import stats

    weights, differences = [], []
    parts: list[tuple[float, float, int]] = []  # of each mean: weight, variance, degrees of freedom
    n_shown = n_blank = 0
    for of_annotator in minutes.values():
        shown, blank = (
            np.log([time for time, is_shown in of_annotator if is_shown is arm and time > 0]) for arm in (True, False)
        )
        if min(len(shown), len(blank)) < _MIN_TIMES:
            continue
        # Weights by the numbers of tasks: by estimated variances, nominal 95% intervals cover 89%.
        weight = len(shown) * len(blank) / (len(shown) + len(blank))
        weights.append(weight)
        differences.append(float(shown.mean() - blank.mean()))
        parts += [(weight, float(times.var(ddof=1)) / len(times), len(times) - 1) for times in (shown, blank)]
        n_shown, n_blank = n_shown + len(shown), n_blank + len(blank)
    if not weights:
        reason = f"no annotator has the times of {_MIN_TIMES} tasks with pre-labels and {_MIN_TIMES} of the holdout"
        return TimeEffect(ratio=nan, low=nan, high=nan, n_shown=0, n_blank=0, reason=reason)
    total = sum(weights)
    mean = sum(weight * difference for weight, difference in zip(weights, differences, strict=True)) / total
    variance = sum((weight / total) ** 2 * part for weight, part, _ in parts)
    spread = sum(((weight / total) ** 2 * part) ** 2 / freedom for weight, part, freedom in parts)
    margin = float(stats.t.ppf(0.975, variance**2 / spread)) * sqrt(variance) if spread else 0.0
    return TimeEffect(
        ratio=exp(mean), low=exp(mean - margin), high=exp(mean + margin), n_shown=n_shown, n_blank=n_blank
    )


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
    by_article = layers_by_article(layers)
    annotators = sorted({layer.annotator for layer in layers})
    count = _count_spans if spans else _count_stances
    counts = count_pairs((by_article[key] for key in sorted(by_article)), annotators, count)
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
