"""The agreement values of a batch: all coefficients, of the whole and of its parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations
from math import ceil, comb

import msgspec

from goldwire.agreement.annotations import articles_with_values, layers_by_article, spans_by_article
from goldwire.agreement.batch_context import BatchContext
from goldwire.agreement.continuum import build_continuum
from goldwire.agreement.estimates import IntervalOptions
from goldwire.agreement.gamma import GammaKind, GammaOptions, gamma_family
from goldwire.agreement.intervals import measure
from goldwire.agreement.prelabel_effect import prelabel_values
from goldwire.agreement.span_comparisons import SpanComparisons
from goldwire.agreement.span_f1 import MATCHES, MatchCounts, f1_estimate, sum_counts
from goldwire.agreement.stance import existence_alpha, pairs_alpha, pairs_by_target, readers_by_article
from goldwire.agreement.stance_f1 import count_triples, stance_f1_estimate
from goldwire.agreement.token_alpha import token_alpha
from goldwire.agreement.unitizing_alpha import UnitizingKind, unitizing_estimate
from goldwire.alignment.mentions import StancePair
from goldwire.alignment.span_matching import Match
from goldwire.quantities import quantity
from goldwire.records import Agreement, AnnotationLayer

__all__ = ["batch_values", "lists_pairs"]

_GAMMA_SAMPLES = 10  # per article: the mean by chance is over all articles' samples, so ten of each suffice
_LEAST_GAMMA_SAMPLES = 300  # of all articles: with 90 of three articles, gamma-cat was 0.11 to 0.42
_GAMMA_PAIRS = 500_000  # of spans by two annotators: b01 of the sample has 99,522, which take 1.1 s
_LISTED_PAIRS = 120  # of annotators, all of 16: the 81 of a crowd are 3,240, with 40 values each
_GAMMA_RATERS = 5  # of one article: alignments grow as the product of their spans, 1 s per article at 5, 3 s at 6


def batch_values(
    layers: Sequence[AnnotationLayer],
    comparisons: SpanComparisons,
    pairs: Sequence[StancePair],
    context: BatchContext,
    options: IntervalOptions,
) -> Iterator[Agreement]:
    """Yield all coefficients in the order in which reports list them."""
    used = {span.label for layer in layers for span in layer.spans}
    labels = [*context.labels, *sorted(used - set(context.labels))]
    annotators = sorted({layer.annotator for layer in layers})
    readers = readers_by_article(layers)
    yield from _span_values(comparisons, annotators, labels, options)
    yield from _stance_f1_values(layers, annotators, options)
    yield from _stance_alphas(pairs, annotators, readers, context, options)
    yield from _text_values(layers, context, labels, options)
    if context.gamma:
        yield from _gamma_values(layers, [label for label in labels if label in used], options)
    yield from prelabel_values(layers, options, context.suggested)
    yield from _stance_breakdown(pairs, readers, context, options)


def _span_values(
    comparisons: SpanComparisons, annotators: Sequence[str], labels: Sequence[str], options: IntervalOptions
) -> Iterator[Agreement]:
    """Yield span F1 of the whole, of each label and of each pair of annotators: sums of the counts of articles."""
    pairs, are_listed = _annotator_pairs(annotators, [{*chain(*of_article)} for of_article in comparisons.values()])
    columns = {pair: column for column, pair in enumerate(pairs)}
    nothing: dict[Match, dict[str, MatchCounts]] = {match: {} for match in MATCHES}
    table = [
        {column: of_article[pair].counts for column, pair in sorted((columns[pair], pair) for pair in of_article)}
        for of_article in comparisons.values()
    ]
    for match in MATCHES:
        rows = [{column: sum_counts(cell[match].values()) for column, cell in row.items()} for row in table]
        yield measure(f1_estimate(f"span_f1_{match}", rows, len(annotators)), options)
    for label in labels:
        for match in MATCHES:
            rows = [
                {column: cell[match][label] for column, cell in row.items() if label in cell[match]} for row in table
            ]
            value = measure(f1_estimate(f"span_f1_{match}", rows, len(annotators)), options)
            yield msgspec.structs.replace(value, label=label)
    for column, pair in enumerate(pairs if are_listed else ()):
        for match in MATCHES:
            of_pair = [[sum_counts(row.get(column, nothing)[match].values())] for row in table]
            value = measure(f1_estimate(f"span_f1_{match}", of_pair, 2), options)
            yield msgspec.structs.replace(value, annotators=pair)


def lists_pairs(annotators: Sequence[str]) -> bool:
    """Whether each pair of these annotators gets values of its own."""
    return comb(len(annotators), 2) <= _LISTED_PAIRS


def _annotator_pairs(
    annotators: Sequence[str], by_article: Iterable[Collection[str]]
) -> tuple[list[tuple[str, str]], bool]:
    """Return the pairs of annotators, and whether each pair gets values of its own.

    In a crowd most pairs have no article in common, and would be most of the work.
    """
    if lists_pairs(annotators):
        return list(combinations(annotators, 2)), True
    return sorted({pair for names in by_article for pair in combinations(sorted(names), 2)}), False


def _pairs_of(
    by_annotator: Collection[str], columns: Mapping[tuple[str, str], int]
) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield the pairs of annotators of one article with their columns, in ascending order."""
    yield from sorted((columns[pair], pair) for pair in combinations(sorted(by_annotator), 2))


def _stance_f1_values(
    layers: Sequence[AnnotationLayer], annotators: Sequence[str], options: IntervalOptions
) -> Iterator[Agreement]:
    """Yield stance F1 of the whole and, exact only, of each pair of annotators."""
    by_article = layers_by_article(layers)
    pairs, are_listed = _annotator_pairs(annotators, by_article.values())
    columns = {pair: column for column, pair in enumerate(pairs)}
    for match in MATCHES:
        table = [
            {column: count_triples(by[a], by[b], match) for column, (a, b) in _pairs_of(by, columns)}
            for _, by in sorted(by_article.items())
        ]
        yield measure(stance_f1_estimate(match, table, len(annotators)), options)
        for column, pair in enumerate(pairs if are_listed and match == "exact" and len(pairs) > 1 else ()):
            of_pair = [[row.get(column, MatchCounts())] for row in table]
            value = measure(stance_f1_estimate(match, of_pair, 2), options)
            yield msgspec.structs.replace(value, annotators=pair)


def _stance_alphas(
    pairs: Sequence[StancePair],
    annotators: Sequence[str],
    readers: Mapping[str, Collection[str]],
    context: BatchContext,
    options: IntervalOptions,
) -> Iterator[Agreement]:
    """Yield the alphas of some pairs: with "none" as an answer, then of those that two annotators drew."""
    yield existence_alpha(pairs, annotators, readers, options)
    for level in context.levels:
        yield pairs_alpha(pairs, annotators, context.stances, level, options)


def _text_values(
    layers: Sequence[AnnotationLayer], context: BatchContext, labels: Sequence[str], options: IntervalOptions
) -> Iterator[Agreement]:
    """Yield the coefficients that need the text, or at least its length."""
    known = [layer for layer in layers if layer.article_id in context.texts]
    if not known:
        return
    lengths = {key: len(text) for key, text in context.texts.items()}
    continuum = build_continuum(articles_with_values(known, lengths, "length").values())
    kinds: tuple[UnitizingKind, ...] = ("u", "bar", "cu")
    for kind in kinds:
        yield measure(unitizing_estimate(continuum, kind), options)
    for label in labels:
        yield measure(unitizing_estimate(continuum, "ku", label), options)
    yield token_alpha(known, context.texts, method=options.method, seed=options.seed)


def _gamma_samples(*, n_articles: int, n_pairs: int) -> int:
    """Return how often chance annotates each article: more often where articles are few, as far as time allows."""
    wanted = ceil(_LEAST_GAMMA_SAMPLES / max(n_articles, 1))
    affordable = _GAMMA_SAMPLES * _GAMMA_PAIRS // max(n_pairs, 1)
    return max(_GAMMA_SAMPLES, min(wanted, affordable))


def _gamma_values(
    layers: Sequence[AnnotationLayer], labels: Sequence[str], options: IntervalOptions
) -> Iterator[Agreement]:
    """Yield gamma, gamma-cat and gamma-k, or one undefined gamma where the alignments would take long.

    What takes long is decided by counts, never by the clock, so that the same input gives the same figures.
    """
    spans_of = spans_by_article(layers)
    pairs = sum(len(a) * len(b) for spans in spans_of.values() for a, b in combinations(spans.values(), 2))
    raters = max((len(spans) for spans in spans_of.values()), default=0)
    if pairs <= _GAMMA_PAIRS and raters <= _GAMMA_RATERS:
        kinds: list[tuple[GammaKind, str | None]] = [("gamma", None), ("cat", None), *(("k", name) for name in labels)]
        n_samples = _gamma_samples(n_articles=len(spans_of), n_pairs=pairs)
        sampling = GammaOptions(n_samples=n_samples, seed=options.seed, interval=options)
        yield from gamma_family(layers, kinds, sampling)
        return
    if raters > _GAMMA_RATERS:
        cause = f"{quantity(raters, 'annotator')} of one article, more than {_GAMMA_RATERS}"
    else:
        cause = f"{quantity(pairs, 'pair')} of spans, more than {_GAMMA_PAIRS:,}"
    yield Agreement(
        coefficient="gamma",
        unit="span",
        value=float("nan"),
        low=float("nan"),
        high=float("nan"),
        n_items=sum(len(spans) for by_annotator in spans_of.values() for spans in by_annotator.values()),
        n_raters=len({name for spans in spans_of.values() for name in spans}),
        reason=f"not computed because it would take long: {cause}",
    )


def _stance_breakdown(
    pairs: Sequence[StancePair],
    readers: Mapping[str, Collection[str]],
    context: BatchContext,
    options: IntervalOptions,
) -> Iterator[Agreement]:
    """Yield the stance alphas of each pair of annotators and, where there are several, of each source and target."""
    annotators = sorted({name for names in readers.values() for name in names})
    two_by_two, are_listed = _annotator_pairs(annotators, readers.values())
    for two in two_by_two if are_listed else ():
        for value in _stance_alphas(pairs, two, readers, context, options):
            yield msgspec.structs.replace(value, annotators=two)
    by_source: dict[str, list[StancePair]] = defaultdict(list)
    for pair in pairs:
        if pair.article_id in context.sources:
            by_source[context.sources[pair.article_id]].append(pair)
    by_target = pairs_by_target(pairs, context.texts)
    for source in sorted(by_source) if len(by_source) > 1 else ():
        for value in _stance_alphas(by_source[source], annotators, readers, context, options):
            yield msgspec.structs.replace(value, source=source)
    for target in sorted(by_target) if len(by_target) > 1 else ():
        for value in _stance_alphas(by_target[target], annotators, readers, context, options):
            yield msgspec.structs.replace(value, target=target)
