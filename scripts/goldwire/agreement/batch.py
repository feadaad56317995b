"""All that is measured of a batch, in one record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import msgspec

from goldwire.agreement.annotations import articles_with_values, spans_by_article
from goldwire.agreement.annotator_report import AnnotatorPart, measure_people
from goldwire.agreement.bootstrap import BootstrapOptions, measure
from goldwire.agreement.breakdown import prevalence
from goldwire.agreement.continuum import build_continuum
from goldwire.agreement.disagreements import Kinds, span_kinds
from goldwire.agreement.gamma import GammaKind as GammaKind
from goldwire.agreement.gamma import GammaOptions, gamma_family
from goldwire.agreement.krippendorff import Level
from goldwire.agreement.prelabel_effect import measure_prelabels
from goldwire.agreement.span_f1 import MATCHES, MatchCounts, count_matches_by_label, f1_estimate, sum_counts
from goldwire.agreement.stance import StanceUnit, mean_stance_f1, stance_confusion, stance_units, units_alpha
from goldwire.agreement.surfaces import by_target
from goldwire.agreement.token_alpha import token_alpha
from goldwire.agreement.unitizing_alpha import UnitizingKind, unitizing_estimate
from goldwire.alignment.span_matching import Match
from goldwire.records import Agreement, AnnotationLayer, Record

__all__ = ["BatchAgreement", "Confusion", "Material", "measure_batch"]

_STANCE_LEVELS: tuple[Level, ...] = ("nominal", "ordinal")
_GAMMA_SAMPLES = 10  # an article: chance's mean is of all articles' samples, hence steady with ten of each
_GAMMA_PAIRS = 500_000  # of spans by two annotators: b01 of the sample has 99,522, which take 1.1 s
_GAMMA_RATERS = 5  # of one article: alignments grow as the product of their spans, 1 s an article at 5, 3 s at 6


class Confusion(Record, frozen=True, kw_only=True):
    """How often a pair of annotators gave these two stances to one holder-target pair, in either order."""

    stances: tuple[str, str]
    times: int


class BatchAgreement(Record, frozen=True, kw_only=True):
    """Agreement of a batch: annotations/agreement/<batch>.json.

    Coefficients of the whole batch have plain names (`span_f1_exact`); those of a label, a pair of annotators, a
    source or a target have it in brackets (`span_f1_exact[PER]`, `span_f1_exact[A1+A2]`, `stance_alpha_nominal[source
    wire]`). Intervals resample articles. `warnings` are sentences on figures that mislead.
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
    people: tuple[AnnotatorPart, ...]
    warnings: tuple[str, ...]


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch is measured by: labels in the schema's order, stances from against to in favour, texts and sources
    by article id, article ids in the order in which they were annotated, and gold layers where there are some.
    Gamma, which takes as long as all else together, is measured only with `gamma`.
    """

    labels: Sequence[str]
    stances: Sequence[str]
    texts: Mapping[str, str] = {}
    sources: Mapping[str, str] = {}
    order: Sequence[str] = ()
    gold: Sequence[AnnotationLayer] = ()
    gamma: bool = False


def measure_batch(
    batch: str, layers: Iterable[AnnotationLayer], material: Material, *, n_boot: int = 1000, seed: int = 0
) -> BatchAgreement:
    """Measure a batch's layers."""
    everything = list(layers)
    shared = _shared(everything)
    names = sorted({layer.annotator for layer in shared})
    options = BootstrapOptions(n_boot=n_boot, seed=seed)
    units = stance_units(shared)
    return BatchAgreement(
        batch=batch,
        annotators=tuple(sorted({layer.annotator for layer in everything})),
        articles=len({layer.article_id for layer in shared}),
        unconfirmed=sum(not layer.confirmed for layer in everything),
        n_boot=n_boot,
        seed=seed,
        values=tuple(_values(shared, units, material, options)),
        kinds=span_kinds(shared),
        confusion=tuple(
            Confusion(stances=pair, times=count) for pair, count in sorted(stance_confusion(units).items())
        ),
        people=measure_people(shared, order=material.order, gold=material.gold, n_boot=n_boot, seed=seed),
        warnings=tuple(filter(None, [prevalence([_padded(unit, names) for unit in units])])),
    )


def _shared(layers: Iterable[AnnotationLayer]) -> list[AnnotationLayer]:
    """Confirmed layers of articles that two annotators confirmed: one alone has nothing to be compared with."""
    confirmed = [layer for layer in layers if layer.confirmed]
    times: dict[str, int] = defaultdict(int)
    for layer in confirmed:
        times[layer.article_id] += 1
    return [layer for layer in confirmed if times[layer.article_id] > 1]


def _padded(unit: StanceUnit, names: Sequence[str]) -> list[str | None]:
    given = dict(unit.stances)
    return [given.get(name) for name in names]


def _values(
    layers: Sequence[AnnotationLayer], units: Sequence[StanceUnit], material: Material, options: BootstrapOptions
) -> Iterator[Agreement]:
    used = {span.label for layer in layers for span in layer.spans}
    labels = [*material.labels, *sorted(used - set(material.labels))]
    names = sorted({layer.annotator for layer in layers})
    yield from _span_values(layers, labels, options)
    for level in _STANCE_LEVELS:
        yield units_alpha(units, names, material.stances, level, options)
    for match in MATCHES:
        yield mean_stance_f1(layers, match, n_boot=options.n_boot, seed=options.seed)
    yield from _text_values(layers, material, labels, options)
    if material.gamma:
        yield from _gamma(layers, [label for label in labels if label in used], options)
    yield from measure_prelabels(layers, options)
    yield from _stance_parts(units, names, material, options)


def _span_values(
    layers: Sequence[AnnotationLayer], labels: Sequence[str], options: BootstrapOptions
) -> Iterator[Agreement]:
    """Every article and pair of annotators is matched once; all F1 values are sums of that."""
    found = spans_by_article(layers)
    names = sorted({name for each in found.values() for name in each})
    pairs = list(combinations(names, 2))
    nothing: dict[Match, dict[str, MatchCounts]] = {match: {} for match in MATCHES}
    table = [
        [count_matches_by_label(each[a], each[b]) if a in each and b in each else nothing for a, b in pairs]
        for each in found.values()
    ]
    for match in MATCHES:
        rows = [[sum_counts(cell[match].values()) for cell in row] for row in table]
        yield measure(f1_estimate(f"span_f1_{match}", rows, len(names)), options)
    for label in labels:
        for match in MATCHES:
            rows = [[cell[match].get(label, MatchCounts()) for cell in row] for row in table]
            yield _named(measure(f1_estimate(f"span_f1_{match}", rows, len(names)), options), label)
    for column, (a, b) in enumerate(pairs):
        for match in MATCHES:
            rows = [[sum_counts(row[column][match].values())] for row in table]
            yield _named(measure(f1_estimate(f"span_f1_{match}", rows, 2), options), f"{a}+{b}")


def _text_values(
    layers: Sequence[AnnotationLayer], material: Material, labels: Sequence[str], options: BootstrapOptions
) -> Iterator[Agreement]:
    """Coefficients that need to know the text, or at least how long it is."""
    known = [layer for layer in layers if layer.article_id in material.texts]
    if not known:
        return
    lengths = {key: len(text) for key, text in material.texts.items()}
    continuum = build_continuum(articles_with_values(known, lengths, "length").values())
    kinds: tuple[UnitizingKind, ...] = ("u", "bar", "cu")
    for kind in kinds:
        yield measure(unitizing_estimate(continuum, kind), options)
    for label in labels:
        yield measure(unitizing_estimate(continuum, "ku", label), options)
    yield token_alpha(known, material.texts, n_boot=options.n_boot, seed=options.seed)


def _gamma(layers: Sequence[AnnotationLayer], labels: Sequence[str], options: BootstrapOptions) -> Iterator[Agreement]:
    """Gamma, -cat and -k, or where alignments would take long nan and why: told by counts, never by the clock."""
    found = spans_by_article(layers)
    pairs = sum(len(a) * len(b) for by in found.values() for a, b in combinations(by.values(), 2))
    together = max((len(by) for by in found.values()), default=0)
    if pairs <= _GAMMA_PAIRS and together <= _GAMMA_RATERS:
        kinds: list[tuple[GammaKind, str | None]] = [("gamma", None), ("cat", None), *(("k", name) for name in labels)]
        sampling = GammaOptions(n_samples=_GAMMA_SAMPLES, n_boot=options.n_boot, seed=options.seed)
        yield from gamma_family(layers, kinds, sampling)
        return
    much = f"{pairs:,} pairs of spans, more than {_GAMMA_PAIRS:,}"
    many = f"{together} annotators of one article, more than {_GAMMA_RATERS}"
    yield Agreement(
        coefficient="gamma",
        value=float("nan"),
        low=float("nan"),
        high=float("nan"),
        n_items=sum(len(spans) for by in found.values() for spans in by.values()),
        n_raters=len({name for by in found.values() for name in by}),
        reason=f"not measured, it would take long: {many if together > _GAMMA_RATERS else much}",
    )


def _stance_parts(
    units: Sequence[StanceUnit], names: Sequence[str], material: Material, options: BootstrapOptions
) -> Iterator[Agreement]:
    """Stance by pair of annotators and, where there is more than one, by source and by target."""
    for pair in combinations(names, 2):
        for level in _STANCE_LEVELS:
            yield _named(units_alpha(units, pair, material.stances, level, options), "+".join(pair))
    sources: dict[str, list[StanceUnit]] = defaultdict(list)
    for unit in units:
        if unit.article_id in material.sources:
            sources[material.sources[unit.article_id]].append(unit)
    for what, by in (("source", sources), ("target", by_target(units, material.texts))):
        for name in sorted(by) if len(by) > 1 else ():
            for level in _STANCE_LEVELS:
                yield _named(units_alpha(by[name], names, material.stances, level, options), f"{what} {name}")


def _named(value: Agreement, part: str) -> Agreement:
    return msgspec.structs.replace(value, coefficient=f"{value.coefficient}[{part}]")
