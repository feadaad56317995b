"""All agreement figures of a batch, in one record."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from math import isnan, nan

import msgspec

from goldwire.agreement.annotations import articles_with_values, spans_by_article
from goldwire.agreement.annotator_report import AnnotatorReport, annotator_reports
from goldwire.agreement.breakdown import prevalence_warning
from goldwire.agreement.continuum import build_continuum
from goldwire.agreement.disagreements import DisagreementCounts, count_span_disagreements
from goldwire.agreement.estimates import IntervalMethod, IntervalOptions
from goldwire.agreement.gamma import GammaKind, GammaOptions, gamma_family
from goldwire.agreement.intervals import measure
from goldwire.agreement.krippendorff import Level
from goldwire.agreement.prelabel_effect import prelabel_values
from goldwire.agreement.span_f1 import MATCHES, MatchCounts, count_matches_by_label, f1_estimate, sum_counts
from goldwire.agreement.stance import (
    count_triples,
    existence_alpha,
    pairs_alpha,
    pairs_by_target,
    readers_by_article,
    stance_confusion,
    stance_f1_estimate,
    stance_pairs,
)
from goldwire.agreement.token_alpha import token_alpha
from goldwire.agreement.unitizing_alpha import UnitizingKind, unitizing_estimate
from goldwire.alignment.mentions import StancePair
from goldwire.alignment.span_matching import Match
from goldwire.records import Agreement, AnnotationLayer, AnnotatorMinutes, Article, Record, Task, has_vote
from goldwire.workspace.label_schema import Schema

__all__ = ["BatchAgreement", "BatchContext", "StanceConfusion", "batch_context", "measure_batch", "report"]

_GAMMA_SAMPLES = 10  # per article: the mean by chance is over all articles' samples, so ten of each suffice
_GAMMA_PAIRS = 500_000  # of spans by two annotators: b01 of the sample has 99,522, which take 1.1 s
_LISTED_PAIRS = 120  # of annotators, all of 16: the 81 of a crowd are 3,240, with 40 values each
_GAMMA_RATERS = 5  # of one article: alignments grow as the product of their spans, 1 s per article at 5, 3 s at 6

_LEVELS: tuple[Level, ...] = ("nominal", "ordinal")

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_POLES = {
    **dict.fromkeys(("opposes", "oppose", "against", "con", "contra", "negative", "neg", "deny", "disagree"), -1.0),
    **dict.fromkeys(("neutral", "none", "neither", "mixed", "both", "comment", "discuss"), 0.0),
    **dict.fromkeys(("supports", "support", "favor", "favour", "for", "pro", "positive", "pos", "agree"), 1.0),
}
"""Stances that other tools and datasets use, by their place on the scale."""


class StanceConfusion(Record, frozen=True, kw_only=True):
    """Number of times that two annotators drew these two stances between one holder and target, in either order."""

    stances: tuple[str, str]
    count: int


class BatchAgreement(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Agreement of a batch: annotations/agreement/<batch>.json.

    Attributes
    ----------
    batch : str
    annotators : tuple of str
        All who have a layer in the batch.
    articles : int
        Articles that two or more annotators confirmed; all figures are over these.
    unconfirmed : int
        Layers that are not confirmed and were left out.
    seed : int
        Random seed of gamma's samples of chance.
    values : tuple of Agreement
        The coefficients of the whole batch and of its labels, pairs of annotators, sources and targets.
    disagreements : DisagreementCounts
        How often two annotators agree on a mention, and how they disagree.
    stance_confusion : tuple of StanceConfusion
    annotator_reports : tuple of AnnotatorReport
    warnings : tuple of str
        Sentences on figures that mislead.
    minutes : tuple of AnnotatorMinutes
        Working time by annotator, where it was known when the batch was measured; no layer says it.
    """

    batch: str
    annotators: tuple[str, ...]
    articles: int
    unconfirmed: int
    seed: int
    values: tuple[Agreement, ...]
    disagreements: DisagreementCounts
    stance_confusion: tuple[StanceConfusion, ...]
    annotator_reports: tuple[AnnotatorReport, ...]
    warnings: tuple[str, ...]
    minutes: tuple[AnnotatorMinutes, ...] = ()


class BatchContext(msgspec.Struct, frozen=True, kw_only=True):
    """Labels, texts, sources and gold of a batch.

    Attributes
    ----------
    labels, stances : sequence of str
        Entity labels in the schema's order; stances from against to in favour.
    texts, sources : mapping of str to str
        Text and source by article id.
    order : sequence of str
        Article ids in the order in which they were annotated.
    gold : sequence of AnnotationLayer
        Gold layers to compare annotators with; may be empty.
    gamma : bool
        Whether to compute gamma, which takes as long as all other coefficients together.
    levels : sequence of {"nominal", "ordinal"}
        The levels of the stance alphas; `ordinal` needs `stances` that are on a scale.
    suggested : mapping of str to AnnotationLayer
        Pre-labels by article id, those of the holdout included.
    """

    labels: Sequence[str]
    stances: Sequence[str]
    texts: Mapping[str, str] = {}
    sources: Mapping[str, str] = {}
    order: Sequence[str] = ()
    gold: Sequence[AnnotationLayer] = ()
    gamma: bool = False
    levels: Sequence[Level] = _LEVELS
    suggested: Mapping[str, AnnotationLayer] = {}


def batch_context(
    schema: Schema,
    articles: Mapping[str, Article],
    tasks: Iterable[Task],
    gold: Sequence[AnnotationLayer] = (),
    *,
    gamma: bool = True,
    suggested: Mapping[str, AnnotationLayer] = {},
) -> BatchContext:
    """Return the context of a batch in a workspace: its schema, articles by id, tasks, pre-labels, gold if wanted."""
    return BatchContext(
        labels=schema.entity_labels,
        stances=schema.stance_labels,
        texts={key: article.text for key, article in articles.items()},
        sources={key: article.source for key, article in articles.items()},
        order=tuple(dict.fromkeys(task.article_id for task in tasks)),
        gold=gold,
        gamma=gamma,
        suggested=suggested,
    )


def measure_batch(
    batch: str,
    layers: Iterable[AnnotationLayer],
    context: BatchContext,
    *,
    interval: IntervalMethod | None = "jackknife",
    seed: int = 0,
) -> BatchAgreement:
    """Compute all agreement figures of a batch: all that `goldwire agree` stores.

    Equal input gives equal figures.

    Parameters
    ----------
    batch : str
        Name of the batch.
    layers : iterable of AnnotationLayer
        The annotators' layers; only confirmed ones of articles that two annotators confirmed are compared.
    context : BatchContext
        Labels, texts, sources and gold of the batch.
    interval : {"jackknife", "percentile", "bca"} or None
        How the intervals over articles are computed; None for no intervals.
    seed : int
        Random seed of gamma's samples of chance, and of a bootstrap.
    """
    layers = list(layers)
    shared = _shared_layers(layers)
    annotators = sorted({layer.annotator for layer in shared})
    options = IntervalOptions(method=interval, seed=seed)
    pairs = stance_pairs(shared)
    values = _values(shared, pairs, context, options)
    prevalence = prevalence_warning(
        [[answers.get(name) for name in annotators] for answers in (pair.answers for pair in pairs)]
    )
    crowd = f"{len(annotators)} annotators: pairs of them have no values of their own"
    is_crowd = len(annotators) * (len(annotators) - 1) // 2 > _LISTED_PAIRS
    return BatchAgreement(
        batch=batch,
        annotators=tuple(sorted({layer.annotator for layer in layers})),
        articles=len({layer.article_id for layer in shared}),
        unconfirmed=sum(not layer.confirmed for layer in layers),
        seed=seed,
        values=tuple(msgspec.structs.replace(value, batch=batch) for value in values),
        disagreements=count_span_disagreements(shared),
        stance_confusion=tuple(
            StanceConfusion(stances=stances, count=count) for stances, count in sorted(stance_confusion(pairs).items())
        ),
        annotator_reports=annotator_reports(shared, order=context.order, gold=context.gold, interval=options),
        warnings=(*((crowd,) if is_crowd else ()), *((prevalence,) if prevalence is not None else ())),
    )


def report(
    layers: Iterable[AnnotationLayer],
    *,
    texts: Mapping[str, str] | None = None,
    stances: Sequence[str] = (),
    gamma: bool = True,
    seed: int = 0,
) -> BatchAgreement:
    """Compute what `goldwire agree` computes, of any layers and without a workspace.

    Parameters
    ----------
    layers : iterable of AnnotationLayer
        Layers of any tool, at most one per annotator and article. Unconfirmed layers, gold and those of experts (`E1`)
        are left out.
    texts : mapping of str to str, optional
        Texts by article id, which unitizing alpha and the alpha of tokens need.
    stances : sequence of str
        The stances from against to in favour, for alpha on a scale. Default: those that occur, if all are numbers, or
        words such as `opposes`, `neutral` and `supports`; else there is no alpha on a scale.
    gamma : bool, default True
        Whether to compute gamma, which takes as long as all other coefficients together.
    seed : int, default 0
        Random seed of gamma's samples of chance.

    Returns
    -------
    BatchAgreement
        `batch` is the batch of the layers, or empty where they are of several.

    Examples
    --------
    >>> from goldwire import agreement
    >>> from goldwire.records import AnnotationLayer, SpanLabel
    >>> ada = SpanLabel(id="T1", start=0, end=9, label="PER", text="Ada Brook")
    >>> def layer(article, annotator, *spans):
    ...     return AnnotationLayer(
    ...         article_id=article, text_sha256="0" * 64, batch="b01", annotator=annotator,
    ...         guidelines_version="1", schema_version="1", confirmed=True, spans=spans, stances=(),
    ...     )
    >>> layers = [layer("wire-1", "A1", ada), layer("wire-1", "A2", ada)]
    >>> layers += [layer("wire-2", "A1", ada), layer("wire-2", "A2")]
    >>> measured = agreement.report(layers)
    >>> measured.articles, measured.values[0].name, round(measured.values[0].value, 3)
    (2, 'span_f1_exact', 0.667)
    """
    answered = [layer for layer in layers if has_vote(layer.annotator)]
    batches = {layer.batch for layer in answered}
    used = {stance.stance for layer in answered for stance in layer.stances}
    scale = stances or _scale(used)
    levels = _LEVELS if scale or not used else _LEVELS[:1]
    context = BatchContext(labels=(), stances=scale, texts=texts or {}, gamma=gamma, levels=levels)
    return measure_batch(batches.pop() if len(batches) == 1 else "", answered, context, seed=seed)


def _scale(used: Collection[str]) -> list[str]:
    """Return stances in the order of the scale that they are on; empty if they are on none."""
    numbers = {stance: float(stance) for stance in used if _NUMBER.fullmatch(stance)}
    places = numbers if len(numbers) == len(used) else {name: _POLES.get(name.casefold(), nan) for name in used}
    is_scale = len(set(places.values())) == len(used) and not any(isnan(place) for place in places.values())
    return sorted(places, key=places.__getitem__) if is_scale else []


def _shared_layers(layers: Iterable[AnnotationLayer]) -> list[AnnotationLayer]:
    """Return the confirmed layers of articles that two annotators confirmed."""
    confirmed = [layer for layer in layers if layer.confirmed]
    per_article = Counter(layer.article_id for layer in confirmed)
    return [layer for layer in confirmed if per_article[layer.article_id] > 1]


def _values(
    layers: Sequence[AnnotationLayer], pairs: Sequence[StancePair], context: BatchContext, options: IntervalOptions
) -> Iterator[Agreement]:
    """Yield all coefficients in the order in which reports list them."""
    used = {span.label for layer in layers for span in layer.spans}
    labels = [*context.labels, *sorted(used - set(context.labels))]
    annotators = sorted({layer.annotator for layer in layers})
    readers = readers_by_article(layers)
    yield from _span_values(layers, labels, options)
    yield from _stance_f1_values(layers, annotators, options)
    yield from _stance_alphas(pairs, annotators, readers, context, options)
    yield from _text_values(layers, context, labels, options)
    if context.gamma:
        yield from _gamma_values(layers, [label for label in labels if label in used], options)
    yield from prelabel_values(layers, options, context.suggested)
    yield from _stance_breakdown(pairs, readers, context, options)


def _span_values(
    layers: Sequence[AnnotationLayer], labels: Sequence[str], options: IntervalOptions
) -> Iterator[Agreement]:
    """Yield span F1 of the whole, of each label and of each pair of annotators.

    Every article and pair of annotators is matched once; all F1 values are sums of these counts.
    """
    spans_of = spans_by_article(layers)
    annotators = sorted({name for by_annotator in spans_of.values() for name in by_annotator})
    pairs, are_listed = _annotator_pairs(annotators, spans_of.values())
    columns = {pair: column for column, pair in enumerate(pairs)}
    nothing: dict[Match, dict[str, MatchCounts]] = {match: {} for match in MATCHES}
    table = [
        {column: count_matches_by_label(spans[a], spans[b]) for column, (a, b) in _pairs_of(spans, columns)}
        for spans in spans_of.values()
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


def _annotator_pairs(
    annotators: Sequence[str], by_article: Iterable[Collection[str]]
) -> tuple[list[tuple[str, str]], bool]:
    """Return the pairs of annotators, and whether each pair gets values of its own.

    In a crowd most pairs have no article in common, and would be most of the work.
    """
    pairs = list(combinations(annotators, 2))
    if len(pairs) <= _LISTED_PAIRS:
        return pairs, True
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
    by_article: dict[str, dict[str, AnnotationLayer]] = defaultdict(dict)
    for layer in layers:
        by_article[layer.article_id][layer.annotator] = layer
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
        sampling = GammaOptions(n_samples=_GAMMA_SAMPLES, seed=options.seed, interval=options)
        yield from gamma_family(layers, kinds, sampling)
        return
    if raters > _GAMMA_RATERS:
        cause = f"{raters} annotators of one article, more than {_GAMMA_RATERS}"
    else:
        cause = f"{pairs:,} pairs of spans, more than {_GAMMA_PAIRS:,}"
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
