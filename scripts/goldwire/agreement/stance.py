"""Do annotators agree on who supports or opposes whom?

Annotators mark their own spans, so first their mentions are brought together: spans that overlap, at most one of each
annotator, the most alike first. A unit is then a holder (a mention, or the article's voice) and a target (a mention, or
a name that was asked about) in one article. Alpha is over the units that two or more annotators drew: the stance given
that the pair was found. Whether pairs are found at all shows in the F1 of whole triples.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import msgspec

from goldwire.agreement.annotations import LayersLike, pair_articles
from goldwire.agreement.bootstrap import BootstrapOptions, IntervalMethod, measure
from goldwire.agreement.krippendorff import Level, alpha_estimate
from goldwire.agreement.ratings import parse
from goldwire.agreement.span_f1 import MatchCounts, f1_estimate
from goldwire.alignment.span_matching import Match, Span, match_spans, overlap
from goldwire.records import Agreement, AnnotationLayer

__all__ = [
    "Mention",
    "StanceUnit",
    "count_triples",
    "group_mentions",
    "mean_stance_f1",
    "stance_alpha",
    "stance_confusion",
    "stance_f1",
    "stance_ratings",
    "stance_units",
    "units_alpha",
]

VOICE = "the article's voice"


class Mention(msgspec.Struct, frozen=True):
    """What annotators marked as one thing: each one's span id, and the span of the first in (start, end, label)."""

    spans: tuple[tuple[str, str], ...]  # (annotator, span id)
    place: Span


class StanceUnit(msgspec.Struct, frozen=True):
    """A holder and a target in one article, and the stance that each annotator gave. A target may be a bare name."""

    article_id: str
    holder: Mention | None
    target: Mention | str
    stances: tuple[tuple[str, str], ...]  # (annotator, stance)


class _Marked(NamedTuple):
    span: Span
    annotator: str
    id: str


def group_mentions(layers: Sequence[AnnotationLayer]) -> list[Mention]:
    """Bring the spans of one article's layers together, in (start, end) order; each span is in one mention."""
    marked = sorted(
        _Marked(Span(s.start, s.end, s.label), layer.annotator, s.id) for layer in layers for s in layer.spans
    )
    groups = {place: {place} for place in range(len(marked))}
    of = list(range(len(marked)))
    for _, _, i, j in sorted(_likeness(marked)):
        a, b = groups[of[i]], groups[of[j]]
        if a is not b and not {marked[p].annotator for p in a} & {marked[p].annotator for p in b}:
            a |= b
            del groups[of[j]]
            for place in b:
                of[place] = of[i]
    return sorted(
        (
            Mention(tuple((marked[p].annotator, marked[p].id) for p in sorted(g)), marked[min(g)].span)
            for g in groups.values()
        ),
        key=lambda mention: (mention.place, mention.spans),
    )


def _likeness(marked: Sequence[_Marked]) -> Iterable[tuple[float, bool, int, int]]:
    for i, a in enumerate(marked):
        for j in range(i + 1, len(marked)):
            b = marked[j]
            if b.span.start >= a.span.end:
                break
            if a.annotator != b.annotator and (shared := overlap(a.span, b.span)):
                whole = max(a.span.end, b.span.end) - a.span.start
                yield (-shared / whole, a.span.label != b.span.label, i, j)


def stance_units(layers: Iterable[AnnotationLayer]) -> list[StanceUnit]:
    """Every holder-target pair of every article that somebody drew, of confirmed layers, in article and text order.

    An annotator who drew two different stances between one pair has said nothing usable of it, and counts as not asked.
    """
    by_article: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for layer in layers:
        if layer.confirmed:
            by_article[layer.article_id].append(layer)
    return [unit for article in sorted(by_article) for unit in _article_units(article, by_article[article])]


def _article_units(article: str, layers: Sequence[AnnotationLayer]) -> list[StanceUnit]:
    mentions = group_mentions(layers)
    of = {span: place for place, mention in enumerate(mentions) for span in mention.spans}
    drawn: dict[tuple[int, int, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for layer in layers:
        for stance in layer.stances:
            holder = -1 if stance.holder is None else of.get((layer.annotator, stance.holder))
            target = -1 if stance.target is None else of.get((layer.annotator, stance.target))
            if holder is not None and target is not None:  # a reference to no span is for `check` to find
                drawn[holder, target, stance.target_name or ""][layer.annotator].add(stance.stance)
    return [
        StanceUnit(
            article_id=article,
            holder=None if holder < 0 else mentions[holder],
            target=name if target < 0 else mentions[target],
            stances=tuple((who, min(said)) for who, said in sorted(by.items()) if len(said) == 1),
        )
        for (holder, target, name), by in sorted(drawn.items())
    ]


def stance_ratings(layers: Iterable[AnnotationLayer]) -> tuple[list[list[str | None]], list[str]]:
    """Units x annotators (in order of their names), None where the annotator drew none, and each unit's article."""
    layers = list(layers)
    units = stance_units(layers)
    return _rows(units, sorted({layer.annotator for layer in layers})), [unit.article_id for unit in units]


def _rows(units: Sequence[StanceUnit], names: Sequence[str]) -> list[list[str | None]]:
    given = (dict(unit.stances) for unit in units)
    return [[each.get(name) for name in names] for each in given]


def stance_alpha(
    layers: Iterable[AnnotationLayer],
    stances: Sequence[str],
    level: Level = "nominal",
    *,
    n_boot: int = 0,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod = "percentile",
) -> Agreement:
    """Krippendorff's alpha of the stance over units that two annotators drew; `stances` from against to in favour.

    Intervals resample articles.
    """
    layers = list(layers)
    names = sorted({layer.annotator for layer in layers})
    options = BootstrapOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method)
    return units_alpha(stance_units(layers), names, stances, level, options)


def units_alpha(
    units: Sequence[StanceUnit], names: Sequence[str], stances: Sequence[str], level: Level, options: BootstrapOptions
) -> Agreement:
    """`stance_alpha` of units that were brought together before, over the annotators `names`."""
    rows = _rows(units, names)
    used = {stance for row in rows for stance in row if stance is not None}
    estimate = alpha_estimate(parse(rows, [*stances, *sorted(used - set(stances))]), level)
    reason = "no holder-target pair that two annotators drew" if not estimate.n_items else estimate.undefined_reason
    estimate = msgspec.structs.replace(estimate, coefficient=f"stance_alpha_{level}", undefined_reason=reason)
    return measure(estimate, msgspec.structs.replace(options, groups=[unit.article_id for unit in units]))


def stance_f1(
    a: LayersLike,
    b: LayersLike,
    match: Match = "exact",
    *,
    n_boot: int = 0,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod = "percentile",
) -> Agreement:
    """F1 of whole triples (holder, target, stance) between two annotators' layers, by article that both confirmed.

    Mentions correspond as `match` has it (see `span_f1`); for `overlap` a triple counts by how much its mentions
    coincide (2 x shared/(a + b) characters, the mean of holder and target). Intervals resample articles.
    """
    counts = [[count_triples(x, y, match)] for x, y in pair_articles(a, b)]
    estimate = f1_estimate(f"stance_f1_{match}", counts, 2, "neither annotator drew a stance")
    return measure(estimate, BootstrapOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method))


def mean_stance_f1(
    layers: Iterable[AnnotationLayer],
    match: Match = "exact",
    *,
    n_boot: int = 0,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod = "percentile",
) -> Agreement:
    """The mean over pairs of annotators of their `stance_f1`; resampled are articles."""
    found: dict[str, dict[str, AnnotationLayer]] = defaultdict(dict)
    for layer in layers:
        if layer.confirmed:
            found[layer.article_id][layer.annotator] = layer
    names = sorted({name for each in found.values() for name in each})
    counts = [
        [
            count_triples(each[x], each[y], match) if x in each and y in each else MatchCounts()
            for x, y in combinations(names, 2)
        ]
        for _, each in sorted(found.items())
    ]
    estimate = f1_estimate(f"stance_f1_{match}", counts, len(names), "no annotator drew a stance")
    return measure(estimate, BootstrapOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method))


def count_triples(a: AnnotationLayer, b: AnnotationLayer, match: Match) -> MatchCounts:
    """Count the triples of one article on which two layers agree, as `stance_f1` does."""
    first, second = ([Span(s.start, s.end, s.label) for s in layer.spans] for layer in (a, b))
    likeness: dict[tuple[Any, Any], float] = {}
    for i, j in match_spans(first, second, match):
        x, y = first[i], second[j]
        alike = 2 * overlap(x, y) / (x.end - x.start + y.end - y.start) if match == "overlap" else 1.0
        likeness[a.spans[i].id, b.spans[j].id] = alike
    mine = {(s.holder, s.target, s.target_name, s.stance) for s in a.stances}
    theirs = {(s.holder, s.target, s.target_name, s.stance) for s in b.stances}
    shared = [
        (_alike(likeness, x[0], y[0]) + (_alike(likeness, x[1], y[1]))) / 2
        for x in sorted(mine, key=repr)
        for y in theirs
        if x[2:] == y[2:] and _alike(likeness, x[0], y[0]) and _alike(likeness, x[1], y[1])
    ]
    return MatchCounts(sum(shared), len(mine), len(theirs), len(mine) + len(theirs) - len(shared))


def _alike(likeness: dict[tuple[Any, Any], float], x: str | None, y: str | None) -> float:
    if x is None or y is None:
        return 1.0 if x is y else 0.0
    return likeness.get((x, y), 0.0)


def stance_confusion(units: Iterable[StanceUnit]) -> dict[tuple[str, str], int]:
    """How often pairs of annotators gave one unit these two stances, the pair in alphabetical order."""
    times: dict[tuple[str, str], int] = defaultdict(int)
    for unit in units:
        for (_, x), (_, y) in combinations(unit.stances, 2):
            times[min(x, y), max(x, y)] += 1
    return dict(times)
