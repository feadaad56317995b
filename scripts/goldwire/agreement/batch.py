"""All agreement figures of a batch, in one record."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import isnan, nan

import msgspec

from goldwire.agreement.annotations import required_layer
from goldwire.agreement.annotator_report import AnnotatorReport, annotator_reports
from goldwire.agreement.batch_context import LEVELS, BatchContext
from goldwire.agreement.batch_values import batch_values, lists_pairs
from goldwire.agreement.breakdown import prevalence_warning
from goldwire.agreement.disagreements import DisagreementCounts, count_span_disagreements
from goldwire.agreement.estimates import IntervalMethod, IntervalOptions
from goldwire.agreement.span_comparisons import compare_spans
from goldwire.agreement.stance import (
    stance_confusion,
    stance_pairs,
)
from goldwire.quantities import quantity
from goldwire.records import Agreement, AnnotationLayer, AnnotatorMinutes, Record, has_vote

__all__ = ["BatchAgreement", "StanceConfusion", "measure_batch", "report"]

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
    comparisons = compare_spans(shared)
    values = batch_values(shared, comparisons, pairs, context, options)
    prevalence = prevalence_warning(
        [[answers.get(name) for name in annotators] for answers in (pair.answers for pair in pairs)]
    )
    crowd = f"{quantity(len(annotators), 'annotator')}: pairs of them have no values of their own"
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
        annotator_reports=annotator_reports(
            shared, order=context.order, gold=context.gold, interval=options, comparisons=comparisons
        ),
        warnings=(*(() if lists_pairs(annotators) else (crowd,)), *((prevalence,) if prevalence is not None else ())),
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
    answered = [layer for layer in map(required_layer, layers) if has_vote(layer.annotator)]
    batches = {layer.batch for layer in answered}
    used = {stance.stance for layer in answered for stance in layer.stances}
    scale = stances or _scale(used)
    levels = LEVELS if scale or not used else LEVELS[:1]
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
