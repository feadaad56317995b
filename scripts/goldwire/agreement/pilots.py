"""Pilots: what a first batch, or a guess, says about the variance of a coefficient per article.

Articles differ in how hard they are, which only more articles average out, and annotators slip within an article, which
more annotators do, too.

References
----------
W. Hoeffding (1948). A class of statistics with asymptotically normal distribution. Annals of Mathematical Statistics
19(3), 293-325.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import combinations, islice
from math import isnan, sqrt
from typing import Literal, get_args

import msgspec
import numpy as np

from goldwire.agreement.annotations import layers_by_article, spans_by_article
from goldwire.agreement.estimates import Estimate
from goldwire.agreement.jackknife import IntervalBasis, effective_items, interval_basis
from goldwire.agreement.span_f1 import count_matches, count_pairs, f1_estimate
from goldwire.agreement.stance import existence_estimate, readers_by_article, stance_pairs
from goldwire.agreement.stance_f1 import count_triples, stance_f1_estimate
from goldwire.alignment.span_matching import Match
from goldwire.records import AnnotationLayer

__all__ = ["Pilot", "PlannedCoefficient", "guessed_pilot", "pilot_of_layers"]

PlannedCoefficient = Literal["span_f1_exact", "span_f1_label", "stance_f1_exact", "stance_alpha_with_none"]
_MAX_SUBSETS = 20  # of annotators: their variances are averaged
_REFERENCE = 1000  # articles that a guess stands for: every figure is scaled from them


class Pilot(msgspec.Struct, frozen=True, kw_only=True):
    """The basis of a plan: an interval, and how its variance per article depends on the number of annotators.

    Parameters
    ----------
    coefficient : str
    basis : IntervalBasis
        The interval of the pilot.
    overlap : int
        Annotators per article in the pilot.
    shared_variance, own_variance : float
        The variance per article with k annotators is `shared_variance` + 2 `own_variance` / k.
    is_guess : bool
        Whether the figures are guesses, without a pilot.
    """

    coefficient: str
    basis: IntervalBasis
    overlap: int
    shared_variance: float
    own_variance: float
    is_guess: bool = False

    def expected(self, n_articles: int, overlap: int, inflation: float = 1.0) -> IntervalBasis:
        """Return the interval to expect from `n_articles` with `overlap` annotators each."""
        variance = self.shared_variance + self.own_variance * 2 / overlap
        of_pilot = self.shared_variance + self.own_variance * 2 / self.overlap
        ratio = variance / of_pilot if of_pilot > 0 else 1.0
        return self.basis.scaled(n_articles, ratio * inflation)


def pilot_of_layers(layers: Iterable[AnnotationLayer], coefficient: PlannedCoefficient) -> Pilot | str:
    """Return what a pilot says about a coefficient, or the reason why it says nothing.

    Parameters
    ----------
    layers : iterable of AnnotationLayer
        The layers of annotators; unconfirmed ones are left out. Those of a model and gold are a pilot for its score.
    coefficient : {"span_f1_exact", "span_f1_label", "stance_f1_exact", "stance_alpha_with_none"}

    Raises
    ------
    ValueError
        If the coefficient is unknown.
    """
    if coefficient not in get_args(PlannedCoefficient):
        raise ValueError(f"unknown coefficient {coefficient!r}: choose from {', '.join(get_args(PlannedCoefficient))}")
    confirmed = [layer for layer in layers if layer.confirmed]
    names = sorted({layer.annotator for layer in confirmed})
    if len(names) == 1:
        return f"only {names[0]} has confirmed layers"
    basis = _basis(confirmed, coefficient)
    if isinstance(basis, str):
        return basis
    per_article: dict[str, int] = defaultdict(int)
    for layer in confirmed:
        per_article[layer.article_id] += 1
    overlap = round(float(np.mean([count for count in per_article.values() if count > 1])))
    variances = dict(_variances(confirmed, names, coefficient))
    if overlap > max(variances, default=2):
        overlap = max(variances, default=2)
    shared, own = _variance_components(variances, basis.error**2 * basis.n_groups)
    return Pilot(coefficient=coefficient, basis=basis, overlap=overlap, shared_variance=shared, own_variance=own)


def _variances(
    layers: Sequence[AnnotationLayer], names: Sequence[str], coefficient: PlannedCoefficient
) -> Iterator[tuple[int, float]]:
    """Yield the variance per article with 2, 3, ... of the annotators: the mean over choices of them."""
    for size in range(2, len(names) + 1):
        found = []
        for chosen in islice(combinations(names, size), _MAX_SUBSETS):
            part = _with_overlap([layer for layer in layers if layer.annotator in chosen], size)
            basis = _basis(part, coefficient)
            if not isinstance(basis, str):
                found.append(basis.error**2 * basis.n_groups)
        if found:
            yield size, float(np.mean(found))


def _with_overlap(layers: Sequence[AnnotationLayer], size: int) -> list[AnnotationLayer]:
    """Return the layers of articles that `size` annotators confirmed."""
    readers = readers_by_article(layers)
    return [layer for layer in layers if len(readers[layer.article_id]) == size]


def _variance_components(variances: dict[int, float], otherwise: float) -> tuple[float, float]:
    """Fit variance = shared + 2 own / annotators, neither below 0; with one overlap alone, all of it is shared.

    A mean over pairs of annotators is a U-statistic: of slips that each makes alone, its variance falls as 1 / k, and
    not as that of as many independent pairs (Hoeffding 1948).
    """
    if len(variances) < 2:
        return next(iter(variances.values()), otherwise), 0.0
    x = np.array([2 / size for size in variances])
    y = np.array(list(variances.values()))
    own = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    own = min(max(own, 0.0), float(y.mean() / x.mean()))
    return max(0.0, float(y.mean() - own * x.mean())), own


def _basis(layers: Sequence[AnnotationLayer], coefficient: PlannedCoefficient) -> IntervalBasis | str:
    """Return what the interval of the coefficient depends on, or the reason why there is none."""
    estimate, groups = _estimate(layers, coefficient)
    if not estimate.n_items:
        return estimate.undefined_reason
    value = float(estimate.value(estimate.frequencies[None, :].astype(np.float64))[0])
    return estimate.undefined_reason if isnan(value) else interval_basis(estimate, groups, value)


def _estimate(
    layers: Sequence[AnnotationLayer], coefficient: PlannedCoefficient
) -> tuple[Estimate, Sequence[Hashable] | None]:
    names = sorted({layer.annotator for layer in layers})
    if coefficient == "stance_alpha_with_none":
        return existence_estimate(stance_pairs(layers), names, readers_by_article(layers))
    if coefficient == "stance_f1_exact":
        by_article = layers_by_article(layers)
        drawn = count_pairs(
            (by_article[key] for key in sorted(by_article)), names, lambda a, b: count_triples(a, b, "exact")
        )
        return stance_f1_estimate("exact", drawn, len(names)), None
    match: Match = "label" if coefficient == "span_f1_label" else "exact"
    marked = count_pairs(spans_by_article(layers).values(), names, lambda a, b: count_matches(a, b, match))
    return f1_estimate(coefficient, marked, len(names)), None


def guessed_pilot(
    value: float, *, items_per_article: float = 20, intraclass: float = 0.2, corrected_for_chance: bool = False
) -> Pilot:
    """Return what is known before any pilot: guesses.

    Parameters
    ----------
    value : float
        The coefficient that is expected.
    items_per_article : float, default: 20
        Mentions, or holder-target pairs, in an article.
    intraclass : float, default: 0.2
        How much disagreements of one article are alike: 0 not at all, 1 all or nothing.
    corrected_for_chance : bool, default: False
        Whether it is an alpha, which can be negative, or an F1 or a share.

    Raises
    ------
    ValueError
        If a guess is out of range.
    """
    most = 2.0 if corrected_for_chance else 1.0
    if not 1 - most <= value <= 1 or not 0 <= intraclass <= 1 or items_per_article < 1:
        raise ValueError(
            f"value {value} is not from {1 - most:g} to 1, intraclass {intraclass} not from 0 to 1, or "
            f"items_per_article {items_per_article} below 1"
        )
    share = (1 - value) / most
    variance = most**2 * share * (1 - share)
    shared, own = variance * intraclass, variance * (1 - intraclass) / items_per_article
    basis = IntervalBasis(
        value=value,
        max_disagreement=most,
        error=sqrt((shared + own) / _REFERENCE),
        excess=2 * sqrt(shared + own) / _REFERENCE,
        gain=2 * sqrt(shared + own) / _REFERENCE,
        next_item=0.5 / (_REFERENCE * effective_items(items_per_article)),
        freedom=_REFERENCE - 1.0,
        n_groups=_REFERENCE,
    )
    name = "alpha" if corrected_for_chance else "F1"
    return Pilot(coefficient=name, basis=basis, overlap=2, shared_variance=shared, own_variance=own, is_guess=True)
