"""How far pre-labels pulled annotators together: how much of them was kept, and how people agree without that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import msgspec
import numpy as np

from goldwire.agreement.bootstrap import BootstrapOptions, Estimate, measure, quotient
from goldwire.agreement.span_f1 import MatchCounts, count_matches, f1_estimate
from goldwire.agreement.stance import count_triples
from goldwire.alignment.span_matching import read_spans
from goldwire.records import Agreement, AnnotationLayer, Prelabels

__all__ = ["KEPT", "measure_prelabels"]

KEPT = "prelabels_kept"

Place = tuple[int, int, str] | None


def measure_prelabels(layers: Sequence[AnnotationLayer], options: BootstrapOptions) -> Iterator[Agreement]:
    """Of confirmed layers, nothing where none of them began with pre-labels.

    `prelabels_kept`, of all and of each annotator: the share of the suggested spans and stances that stands as it was
    suggested; n_items counts what was suggested. `span_f1_exact_without_kept` and `stance_f1_exact_without_kept`: the
    mean over pairs of annotators of their F1 over all but what both kept of the same suggestion, where they agree
    without a word of their own. Intervals resample articles.
    """
    confirmed = [layer for layer in layers if layer.confirmed]
    given = [layer for layer in confirmed if layer.prelabels]
    if not given:
        return
    names = sorted({layer.annotator for layer in given})
    yield measure(_kept(KEPT, given, len(names)), options)
    for name in names:
        yield measure(_kept(f"{KEPT}[{name}]", [layer for layer in given if layer.annotator == name], 1), options)
    for what in ("span", "stance"):
        yield measure(_without(what, confirmed), options)


def _kept(name: str, layers: Sequence[AnnotationLayer], raters: int) -> Estimate:
    """The share of what was suggested that was kept; a row is an article."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for layer in layers:
        if isinstance(layer.prelabels, Prelabels):
            one, kept = layer.prelabels, len(layer.prelabels.accepted)
            found[layer.article_id][0] += kept
            found[layer.article_id][1] += kept + len(one.changed) + one.dropped_spans + one.dropped_stances
    rows, of_item = np.unique(np.array(sorted(found.values()), dtype=np.float64), axis=0, return_inverse=True)
    below = rows[:, 1]
    return Estimate(
        coefficient=name,
        frequencies=np.bincount(of_item.ravel(), minlength=len(rows)),
        value=lambda weights: quotient(weights @ rows[:, 0], weights @ below, weights @ below > 0),
        n_items=sum(total for _, total in found.values()),
        n_raters=raters,
        undefined_reason="nothing was suggested",
        row_of_item=of_item.ravel(),
    )


def _without(what: str, layers: Sequence[AnnotationLayer]) -> Estimate:
    """F1 of exact `what` in every article and pair of annotators, less what both kept."""
    by_article: dict[str, dict[str, AnnotationLayer]] = defaultdict(dict)
    for layer in layers:
        by_article[layer.article_id][layer.annotator] = layer
    names = sorted({layer.annotator for layer in layers})
    count = _count_spans if what == "span" else _count_stances
    counts = [
        [count(by[x], by[y]) if x in by and y in by else MatchCounts() for x, y in combinations(names, 2)]
        for _, by in sorted(by_article.items())
    ]
    reason = f"no {what} but such as both kept"
    return f1_estimate(f"{what}_f1_exact_without_kept", counts, len(names), reason)


def _count_spans(a: AnnotationLayer, b: AnnotationLayer) -> MatchCounts:
    both = _kept_spans(a) & _kept_spans(b)
    first, second = (
        [span for span in read_spans(one) if (span.start, span.end, span.label) not in both] for one in (a, b)
    )
    return count_matches(first, second, "exact")


def _kept_spans(layer: AnnotationLayer) -> set[tuple[int, int, str]]:
    kept = _ids(layer)
    return {(span.start, span.end, span.label) for span in layer.spans if span.id in kept}


def _count_stances(a: AnnotationLayer, b: AnnotationLayer) -> MatchCounts:
    mine, theirs = _kept_stances(a), _kept_stances(b)
    both = mine.keys() & theirs.keys()
    first, second = (_less(one, {said[key] for key in both}) for one, said in ((a, mine), (b, theirs)))
    return count_triples(first, second, "exact")


def _less(layer: AnnotationLayer, gone: set[str]) -> AnnotationLayer:
    left = tuple(stance for stance in layer.stances if stance.id not in gone)
    return msgspec.structs.replace(layer, stances=left)


def _kept_stances(layer: AnnotationLayer) -> Mapping[tuple[Place, Place, str], str]:
    """Kept stances by what they say: their ids."""
    kept = _ids(layer)
    place: dict[str | None, Place] = {span.id: (span.start, span.end, span.label) for span in layer.spans}
    return {
        (place.get(one.holder), place.get(one.target), one.stance): one.id for one in layer.stances if one.id in kept
    }


def _ids(layer: AnnotationLayer) -> frozenset[str]:
    return frozenset(layer.prelabels.accepted) if isinstance(layer.prelabels, Prelabels) else frozenset()
