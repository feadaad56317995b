"""Gamma: agreement on where units are and what they are, all at once, through their best alignment.

1 - (disorder of the best alignment)/(mean disorder of chance's best alignments) (Mathet, Widlocher and Metivier 2015).
`cat` looks at labels only, the nearer two aligned units the more, and `k` at the units of one label (Mathet 2017, The
agreement measure gamma-cat, Computational Linguistics 43(3):661-681; unaligned units as pygamma-agreement has them).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.annotations import spans_by_article
from goldwire.agreement.bootstrap import BootstrapOptions, Estimate, measure, quotient
from goldwire.agreement.gamma_alignment import Alignment, Dissimilarity, align, positional
from goldwire.agreement.gamma_sampling import SAMPLERS
from goldwire.alignment.span_matching import Span
from goldwire.records import Agreement

__all__ = ["GammaOptions", "best_disorder", "gamma", "gamma_family"]

Matrix = NDArray[np.float64]
Units = Sequence[Sequence[Span]]
GammaKind = Literal["gamma", "cat", "k"]
Kinds = Sequence[tuple[GammaKind, str | None]]
_AT_ONCE = 31  # alignments in one call of the solver: its overhead is spread, and its time still linear


class GammaOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How gamma is measured: the dissimilarity's weights, the samples and how they are drawn, and the interval.

    `precision` draws more samples until chance's mean disorder is known to that share (at 95%). Without `n_boot` the
    interval is that of the sampling; with it, articles are resampled as well. `sampler` `statistical` is what
    pygamma-agreement does unless told otherwise, `shuffle` what the paper describes.
    """

    alpha: float = 1.0
    beta: float = 1.0
    delta_empty: float = 1.0
    n_samples: int = 30
    precision: float | None = None
    sampler: Literal["statistical", "shuffle"] = "statistical"
    seed: int = 0
    n_boot: int = 0


class _Article(msgspec.Struct, frozen=True):
    """Observed and expected disorder of an article, the latter's standard error, and how much it weighs."""

    observed: float
    expected: float
    error: float
    weight: float


def best_disorder(annotations: Mapping[str, Any], **options: Any) -> float:
    """The disorder of one article's best alignment: exact, no chance in it. `options` as `GammaOptions`."""
    [by] = spans_by_article(annotations).values()
    return align([list(by.values())], _dissimilarity(GammaOptions(**options)))[0].disorder


def gamma(annotations: Any, kind: GammaKind = "gamma", *, label: str | None = None, **options: Any) -> Agreement:
    """Gamma of one article's spans by annotator, of a sequence of such, or of layers (confirmed ones).

    Several articles weigh by their mean number of units an annotator. `label` names the label of kind `k`; `options`
    as `GammaOptions`. n_items counts units. nan where no article has two annotators and a unit.
    """
    return gamma_family(annotations, [(kind, label)], **options)[0]


def gamma_family(annotations: Any, kinds: Kinds, **options: Any) -> list[Agreement]:
    """Several kinds of gamma, each with its label or None, from one round of alignments: those take the time."""
    for kind, label in kinds:
        if kind not in ("gamma", "cat", "k") or (kind == "k") != (label is not None):
            raise ValueError("kind is gamma, cat, or k with a label")
    wanted = GammaOptions(**options)
    articles = [by for by in spans_by_article(annotations).values() if len(by) > 1 and any(by.values())]
    measured = [_measured(list(by.values()), kinds, wanted) for by in articles]
    values = []
    for place, (kind, label) in enumerate(kinds):
        found = [each[place] for each in measured]
        value = measure(
            _estimate(found, articles, kind, label), BootstrapOptions(n_boot=wanted.n_boot, seed=wanted.seed)
        )
        values.append(value if wanted.n_boot or np.isnan(value.value) else _with_interval(value, found))
    return values


def _dissimilarity(options: GammaOptions) -> Dissimilarity:
    return Dissimilarity(alpha=options.alpha, beta=options.beta, delta_empty=options.delta_empty)


def _measured(units: Units, kinds: Kinds, options: GammaOptions) -> list[_Article]:
    """The article by each kind."""
    if options.sampler not in SAMPLERS:
        raise ValueError(f"no sampler {options.sampler!r}: choose from {', '.join(SAMPLERS)}")
    random, dissimilarity = np.random.default_rng(options.seed), _dissimilarity(options)
    texts: list[Units] = [units, *(SAMPLERS[options.sampler](units, random) for _ in range(options.n_samples))]
    disorders = _disorders(texts, kinds, dissimilarity)
    observed, chance = disorders[:, 0], disorders[:, 1:]
    if options.precision and chance.mean(axis=1).max(initial=0) > 0:
        spread = 1.96 * quotient(chance.std(axis=1), chance.mean(axis=1), chance.mean(axis=1) > 0)
        wanted = int(np.ceil(np.nanmax((spread / options.precision) ** 2)))
        more: list[Units] = [SAMPLERS[options.sampler](units, random) for _ in range(wanted - chance.shape[1])]
        chance = np.hstack([chance, _disorders(more, kinds, dissimilarity)])
    drawn = chance.shape[1]
    errors = chance.std(axis=1, ddof=1) / np.sqrt(drawn) if drawn > 1 else np.zeros(len(kinds))
    weight = sum(map(len, units)) / len(units)
    rows = zip(observed.tolist(), chance.mean(axis=1).tolist(), errors.tolist(), strict=True)
    return [_Article(seen, expected, error, weight) for seen, expected, error in rows]


def _disorders(texts: Sequence[Units], kinds: Kinds, measure: Dissimilarity) -> Matrix:
    """Shape (kinds, texts)."""
    found = np.array(list(_each_disorder(texts, kinds, measure)), dtype=np.float64).reshape(-1, len(kinds))
    return np.ascontiguousarray(found.T)


def _each_disorder(texts: Sequence[Units], kinds: Kinds, measure: Dissimilarity) -> Iterator[list[float]]:
    of_labels = any(kind != "gamma" for kind, _ in kinds)
    for start in range(0, len(texts), _AT_ONCE):
        part = texts[start : start + _AT_ONCE]
        for units, best in zip(part, align(part, measure), strict=True):
            sums = _label_sums(units, best, measure) if of_labels else {}
            yield [best.disorder if kind == "gamma" else sums.get(label, _Sums()).disorder() for kind, label in kinds]


@dataclass
class _Sums:
    """Of aligned pairs: their label dissimilarity and weight, and whether any was there, and was of two units."""

    disorder_sum: float = 0.0
    weight: float = 0.0
    seen: bool = False
    paired: bool = False

    def add(self, disorder: float, weight: float, *, paired: bool) -> None:
        self.disorder_sum += disorder
        self.weight += weight
        self.seen = True
        self.paired |= paired

    def disorder(self) -> float:
        if not self.paired:
            return 0.0 if self.seen else 1.0
        return self.disorder_sum / self.weight if self.disorder_sum else 0.0


def _label_sums(units: Units, best: Alignment, measure: Dissimilarity) -> dict[str | None, _Sums]:
    """Label dissimilarity of aligned pairs, weighted by how near they are and by 1/(units aligned - 1).

    Of all pairs under None, and under each label of those in which a unit has it.
    """
    found: dict[str | None, _Sums] = defaultdict(_Sums)
    for row in best.tuples.tolist():
        members = [units[who][place] if place >= 0 else None for who, place in enumerate(row)]
        share = 1 / max(1, sum(unit is not None for unit in members) - 1)
        for a, b in combinations(members, 2):
            labels = {unit.label for unit in (a, b) if unit is not None}
            if a is not None and b is not None:
                near = share * max(0.0, 1 - measure.alpha * measure.delta_empty * positional(a, b))
                weighed = near * measure.delta_empty * (a.label != b.label), near
            elif labels:
                weighed = measure.delta_empty**2, measure.delta_empty
            for label in (None, *labels) if labels else ():
                found[label].add(*weighed, paired=a is not None and b is not None)
    return found


def _estimate(
    found: Sequence[_Article], articles: Sequence[Mapping[str, Any]], kind: GammaKind, label: str | None
) -> Estimate:
    sums = np.array([[a.weight * a.observed, a.weight * a.expected] for a in found]).reshape(-1, 2)

    def value(weights: Matrix) -> Matrix:
        observed, expected = (weights @ sums).T
        # No disorder at all is agreement, even where chance has none either.
        return np.where((observed == 0) & weights.any(axis=1), 1.0, 1 - quotient(observed, expected, expected > 0))

    return Estimate(
        coefficient={"gamma": "gamma", "cat": "gamma_cat"}.get(kind, f"gamma_k[{label}]"),
        frequencies=np.ones(len(found), dtype=np.int64),
        value=value,
        n_items=sum(len(units) for by in articles for units in by.values()),
        n_raters=len({name for by in articles for name in by}),
        undefined_reason="no article with two annotators and a unit" if not found else "chance has no disorder either",
        row_of_item=np.arange(len(found)),
    )


def _with_interval(value: Agreement, found: Sequence[_Article]) -> Agreement:
    expected = sum(a.weight * a.expected for a in found)
    observed = sum(a.weight * a.observed for a in found)
    error = 1.96 * float(np.sqrt(sum((a.weight * a.error) ** 2 for a in found)))
    if not observed or error >= expected:
        return msgspec.structs.replace(value, low=value.value, high=value.value) if not observed else value
    low, high = 1 - observed / (expected - error), 1 - observed / (expected + error)
    return msgspec.structs.replace(value, low=low, high=high)
