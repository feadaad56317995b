"""Gamma: agreement on where units are and what they are, all at once, through their best alignment.

1 - (disorder of the best alignment)/(mean disorder of chance's best alignments) (Mathet, Widlocher and Metivier 2015).
`cat` looks at labels only, the nearer two aligned units the more, and `k` at the units of one label (Mathet 2017, The
agreement measure gamma-cat, Computational Linguistics 43(3):661-681; unaligned units as pygamma-agreement has them).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.alignment import Alignment, Dissimilarity, align, positional
from goldwire.agreement.bootstrap import Estimate, Options, measure, quotient
from goldwire.agreement.chance_texts import SAMPLERS
from goldwire.agreement.continuum import read_articles
from goldwire.agreement.matching import Span
from goldwire.records import Agreement

__all__ = ["GammaOptions", "best_disorder", "gamma"]

Matrix = NDArray[np.float64]
Units = Sequence[Sequence[Span]]
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
    [by] = read_articles(annotations).values()
    return align([list(by.values())], _dissimilarity(GammaOptions(**options)))[0].disorder


def gamma(
    annotations: Any, kind: Literal["gamma", "cat", "k"] = "gamma", *, label: str | None = None, **options: Any
) -> Agreement:
    """Gamma of one article's spans by annotator, of a sequence of such, or of layers (confirmed ones).

    Several articles weigh by their mean number of units an annotator. `label` names the label of kind `k`; `options`
    as `GammaOptions`. n_items counts units. nan where no article has two annotators and a unit.
    """
    if kind not in ("gamma", "cat", "k") or (kind == "k") != (label is not None):
        raise ValueError("kind is gamma, cat, or k with a label")
    wanted = GammaOptions(**options)
    articles = [by for by in read_articles(annotations).values() if len(by) > 1 and any(by.values())]
    found = [_measured(list(by.values()), kind, label, wanted) for by in articles]
    value = measure(_estimate(found, articles, kind, label), Options(n_boot=wanted.n_boot, seed=wanted.seed))
    return value if wanted.n_boot or np.isnan(value.value) else _with_interval(value, found)


def _dissimilarity(options: GammaOptions) -> Dissimilarity:
    return Dissimilarity(alpha=options.alpha, beta=options.beta, delta_empty=options.delta_empty)


def _measured(units: Units, kind: str, label: str | None, options: GammaOptions) -> _Article:
    if options.sampler not in SAMPLERS:
        raise ValueError(f"no sampler {options.sampler!r}: choose from {', '.join(SAMPLERS)}")
    random, dissimilarity = np.random.default_rng(options.seed), _dissimilarity(options)
    texts: list[Units] = [units, *(SAMPLERS[options.sampler](units, random) for _ in range(options.n_samples))]
    disorders = _disorders(texts, kind, label, dissimilarity)
    observed, chance = disorders[0], disorders[1:]
    if options.precision and chance.mean() > 0:
        wanted = int(np.ceil((1.96 * chance.std() / chance.mean() / options.precision) ** 2))
        more: list[Units] = [SAMPLERS[options.sampler](units, random) for _ in range(wanted - len(chance))]
        chance = np.concatenate([chance, _disorders(more, kind, label, dissimilarity)])
    spread = chance.std(ddof=1) / np.sqrt(len(chance)) if len(chance) > 1 else 0.0
    return _Article(float(observed), float(chance.mean()), float(spread), sum(map(len, units)) / len(units))


def _disorders(texts: Sequence[Units], kind: str, label: str | None, measure: Dissimilarity) -> Matrix:
    return np.array(list(_each_disorder(texts, kind, label, measure)))


def _each_disorder(texts: Sequence[Units], kind: str, label: str | None, measure: Dissimilarity) -> Iterator[float]:
    for start in range(0, len(texts), _AT_ONCE):
        part = texts[start : start + _AT_ONCE]
        for units, best in zip(part, align(part, measure), strict=True):
            yield best.disorder if kind == "gamma" else _label_disorder(units, best, label, measure)


def _label_disorder(units: Units, best: Alignment, label: str | None, measure: Dissimilarity) -> float:
    """Mean label dissimilarity of aligned pairs, weighted by how near they are and by 1/(units aligned - 1)."""
    disorder, weight, seen, paired = 0.0, 0.0, False, False
    for row in best.tuples:
        members = [units[who][place] if place >= 0 else None for who, place in enumerate(row)]
        share = 1 / max(1, sum(unit is not None for unit in members) - 1)
        for a, b in combinations(members, 2):
            if (a is None and b is None) or (label and not any(u is not None and u.label == label for u in (a, b))):
                continue
            seen = True
            if a is None or b is None:
                disorder += measure.delta_empty**2
                weight += measure.delta_empty
                continue
            paired = True
            near = share * max(0.0, 1 - measure.alpha * measure.delta_empty * positional(a, b))
            disorder += near * measure.delta_empty * (a.label != b.label)
            weight += near
    if not paired:
        return 0.0 if seen else 1.0
    return disorder / weight if disorder else 0.0


def _estimate(
    found: Sequence[_Article], articles: Sequence[Mapping[str, Any]], kind: str, label: str | None
) -> Estimate:
    sums = np.array([[a.weight * a.observed, a.weight * a.expected] for a in found]).reshape(-1, 2)

    def value(weights: Matrix) -> Matrix:
        observed, expected = (weights @ sums).T
        # No disorder at all is agreement, even where chance has none either.
        return np.where((observed == 0) & weights.any(axis=1), 1.0, 1 - quotient(observed, expected, expected > 0))

    return Estimate(
        coefficient={"gamma": "gamma", "cat": "gamma_cat"}.get(kind, f"gamma_k[{label}]"),
        weight=np.ones(len(found), dtype=np.int64),
        value=value,
        n_items=sum(len(units) for by in articles for units in by.values()),
        n_raters=len({name for by in articles for name in by}),
        undefined="no article with two annotators and a unit" if not found else "chance has no disorder either",
        of_item=np.arange(len(found)),
    )


def _with_interval(value: Agreement, found: Sequence[_Article]) -> Agreement:
    expected = sum(a.weight * a.expected for a in found)
    observed = sum(a.weight * a.observed for a in found)
    error = 1.96 * float(np.sqrt(sum((a.weight * a.error) ** 2 for a in found)))
    if not observed or error >= expected:
        return msgspec.structs.replace(value, low=value.value, high=value.value) if not observed else value
    low, high = 1 - observed / (expected - error), 1 - observed / (expected + error)
    return msgspec.structs.replace(value, low=low, high=high)
