"""All that is measured of a batch, in one record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

import msgspec

from goldwire.agreement.disputes import Kinds, span_kinds
from goldwire.agreement.spans import MATCHES, mean_span_f1
from goldwire.agreement.stance import mean_stance_f1, stance_alpha, stance_confusion
from goldwire.records import Agreement, AnnotationLayer, Record

__all__ = ["BatchAgreement", "Confusion", "measure_batch"]


class Confusion(Record, frozen=True, kw_only=True):
    """How often a pair of annotators gave these two stances to one holder-target pair, in either order."""

    stances: tuple[str, str]
    times: int


class BatchAgreement(Record, frozen=True, kw_only=True):
    """Agreement of a batch: annotations/agreement/<batch>.json.

    Coefficients of the whole batch have plain names (`span_f1_exact`); those of a label or a pair of annotators
    have it in brackets (`span_f1_exact[PER]`, `span_f1_exact[A1+A2]`). Intervals resample articles.
    """

    batch: str
    annotators: tuple[str, ...]
    articles: int  # that two or more annotators confirmed
    unconfirmed: int  # layers left out: not confirmed
    n_boot: int
    seed: int
    values: tuple[Agreement, ...]
    kinds: Kinds
    confusion: tuple[Confusion, ...]


def measure_batch(
    batch: str,
    layers: Iterable[AnnotationLayer],
    *,
    labels: Sequence[str],
    stances: Sequence[str],
    n_boot: int = 1000,
    seed: int = 0,
) -> BatchAgreement:
    """Measure a batch's layers; `labels` of entities in the schema's order, `stances` from against to in favour."""
    everything = list(layers)
    confirmed = [layer for layer in everything if layer.confirmed]
    times: dict[str, int] = defaultdict(int)
    for layer in confirmed:
        times[layer.article_id] += 1
    # An article that one annotator confirmed has nothing to be compared with.
    shared = [layer for layer in confirmed if times[layer.article_id] > 1]
    return BatchAgreement(
        batch=batch,
        annotators=tuple(sorted({layer.annotator for layer in everything})),
        articles=len({layer.article_id for layer in shared}),
        unconfirmed=len(everything) - len(confirmed),
        n_boot=n_boot,
        seed=seed,
        values=tuple(_values(shared, labels, stances, {"n_boot": n_boot, "seed": seed})),
        kinds=span_kinds(shared),
        confusion=tuple(
            Confusion(stances=pair, times=count) for pair, count in sorted(stance_confusion(shared).items())
        ),
    )


def _values(
    layers: Sequence[AnnotationLayer], labels: Sequence[str], stances: Sequence[str], options: dict[str, Any]
) -> Iterator[Agreement]:
    for match in MATCHES:
        yield mean_span_f1(layers, match, **options)
    for level in ("nominal", "ordinal"):
        yield stance_alpha(layers, stances, level, **options)
    for match in MATCHES:
        yield mean_stance_f1(layers, match, **options)
    used = {span.label for layer in layers for span in layer.spans}
    for label in [*labels, *sorted(used - set(labels))]:
        for match in MATCHES:
            yield _named(mean_span_f1(layers, match, label=label, **options), label)
    for a, b in combinations(sorted({layer.annotator for layer in layers}), 2):
        two = [layer for layer in layers if layer.annotator in (a, b)]
        for value in (
            mean_span_f1(two, **options),
            *(stance_alpha(two, stances, level, **options) for level in ("nominal", "ordinal")),
        ):
            yield _named(value, f"{a}+{b}")


def _named(value: Agreement, part: str) -> Agreement:
    return msgspec.structs.replace(value, coefficient=f"{value.coefficient}[{part}]")
