"""Gamma: agreement on where units are and what they are at once, through their best alignment.

References
----------
Mathet, Y., Widlöcher, A. and Métivier, J.-P. (2015). The unified and holistic method gamma for inter-annotator
agreement measure and alignment. Computational Linguistics 41(3):437-479.

Mathet, Y. (2017). The agreement measure gamma-cat: a complement to gamma focused on categorization of a continuum.
Computational Linguistics 43(3):661-681.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.annotations import AnnotationsLike, AnnotatorSpans, spans_by_article
from goldwire.agreement.estimates import Estimate, IntervalMethod, IntervalOptions, quotient, tail_quantiles
from goldwire.agreement.gamma_alignment import Alignment, Dissimilarity, best_alignments, positional_dissimilarity
from goldwire.agreement.gamma_sampling import SAMPLERS, SamplerName, Units
from goldwire.agreement.intervals import measure
from goldwire.alignment.span_matching import Span
from goldwire.records import Agreement

__all__ = [
    "ArticleDisorder",
    "GammaKind",
    "GammaOptions",
    "article_disorders",
    "best_disorder",
    "gamma",
    "gamma_estimate",
    "gamma_family",
]

Matrix = NDArray[np.float64]
GammaKind = Literal["gamma", "cat", "k"]
KindAndLabel = tuple[GammaKind, str | None]
_TEXTS_PER_CALL = 31  # aligned in one call of the solver: spreads its overhead, and its time still grows linearly


class GammaOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of gamma; see `gamma` for the fields."""

    alpha: float = 1.0
    beta: float = 1.0
    delta_empty: float = 1.0
    n_samples: int = 30
    precision: float | None = None
    sampler: SamplerName = "statistical"
    seed: int = 0
    interval: IntervalOptions = IntervalOptions()

    @property
    def dissimilarity(self) -> Dissimilarity:
        """The dissimilarity of two units."""
        return Dissimilarity(alpha=self.alpha, beta=self.beta, delta_empty=self.delta_empty)


class ArticleDisorder(msgspec.Struct, frozen=True):
    """An article's observed disorder, chance's mean disorder with its standard error, and the article's weight.

    Gamma and its interval are sums of these: what takes time, the alignments, is done once per article.
    """

    observed: float
    expected: float
    standard_error: float
    weight: float


def best_disorder(
    annotations: AnnotatorSpans, *, alpha: float = 1.0, beta: float = 1.0, delta_empty: float = 1.0
) -> float:
    """Return the disorder of the best alignment of one article: exact, and not compared with chance.

    Parameters
    ----------
    annotations : mapping of annotator to iterable of span-like
    alpha : float, default 1
        Weight of the position in the dissimilarity of two units.
    beta : float, default 1
        Weight of the label.
    delta_empty : float, default 1
        Cost of a unit without a counterpart.

    Returns
    -------
    float
        0 if all annotators marked the same; the sum of the costs of all unitary alignments divided by the mean number
        of units per annotator.

    References
    ----------
    Mathet et al. (2015), section 4.

    Examples
    --------
    >>> from goldwire.agreement import best_disorder
    >>> round(best_disorder({"A1": [(0, 9, "PER")], "A2": [(4, 9, "PER")]}), 4)
    0.0816
    """
    [by_annotator] = spans_by_article([annotations]).values()
    dissimilarity = Dissimilarity(alpha=alpha, beta=beta, delta_empty=delta_empty)
    return best_alignments([list(by_annotator.values())], dissimilarity)[0].disorder


def gamma(
    annotations: AnnotationsLike,
    kind: GammaKind = "gamma",
    *,
    label: str | None = None,
    alpha: float = 1.0,
    beta: float = 1.0,
    delta_empty: float = 1.0,
    n_samples: int = 30,
    precision: float | None = None,
    sampler: SamplerName = "statistical",
    seed: int = 0,
    n_boot: int = 1000,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
) -> Agreement:
    """Return gamma, gamma-cat or gamma-k of span annotations.

    Parameters
    ----------
    annotations : mapping, sequence of mappings, or iterable of AnnotationLayer
        One article's spans by annotator (an empty list: nothing marked), several articles, or layers, of which
        unconfirmed ones are ignored.
    kind : {"gamma", "cat", "k"}, default "gamma"
        "gamma" compares positions and labels; "cat" the labels of aligned units, which count more the closer they are;
        "k" is "cat" over the units of one label.
    label : str, optional
        The label of kind "k".
    alpha : float, default 1
        Weight of the position in the dissimilarity of two units.
    beta : float, default 1
        Weight of the label.
    delta_empty : float, default 1
        Cost of a unit without a counterpart.
    n_samples : int, default 30
        Number of chance annotations per article.
    precision : float, optional
        Draw more samples until the mean disorder of chance is known to this relative error (at 95%).
    sampler : {"statistical", "shuffle"}, default "statistical"
        How chance annotates: "statistical" as in pygamma-agreement, "shuffle" as in the paper.
    seed : int, default 0
        Random seed of the samples of chance and of the bootstrap.
    n_boot : int, default 1000
        Number of bootstrap replicates over articles, for "percentile" and "bca".
    confidence : float, default 0.95
        Confidence level of the interval.
    method : {"jackknife", "percentile", "bca"} or None, default "jackknife"
        How the interval is computed; see `krippendorff_alpha`. Of a single article, the interval covers the sampling of
        chance only.

    Returns
    -------
    Agreement
        `value` with its interval [`low`, `high`]; `n_items` counts units. The value is nan, and `reason` says why,
        where no article has two annotators and a unit.

    Raises
    ------
    ValueError
        If the kind or sampler is unknown, or there is a label without kind "k" or the reverse.

    Notes
    -----
    1 - (disorder of the best alignment)/(mean disorder of the best alignments of chance annotations). Articles weigh by
    their mean number of units per annotator. Units without a counterpart count in "cat" and "k" as in
    pygamma-agreement.

    The least gamma is not a constant: where no unit of n annotators has a counterpart, the disorder is n `delta_empty`,
    and gamma is 1 - n `delta_empty`/(mean disorder of chance), mostly a little below 0. An interval whose lower bound
    would be below -1 is left out, and `reason` says so.

    References
    ----------
    Mathet, Y., Widlöcher, A. and Métivier, J.-P. (2015). The unified and holistic method gamma for inter-annotator
    agreement measure and alignment. Computational Linguistics 41(3):437-479.

    Mathet, Y. (2017). The agreement measure gamma-cat. Computational Linguistics 43(3):661-681.

    Examples
    --------
    >>> from goldwire.agreement import gamma
    >>> spans = {"A1": [(0, 9, "PER"), (14, 20, "ORG")], "A2": [(0, 9, "PER"), (14, 18, "ORG")]}
    >>> 0.5 < gamma(spans).value < 1
    True
    >>> gamma(spans, "cat").value
    1.0
    """
    options = GammaOptions(
        alpha=alpha,
        beta=beta,
        delta_empty=delta_empty,
        n_samples=n_samples,
        precision=precision,
        sampler=sampler,
        seed=seed,
        interval=IntervalOptions(method=method, n_boot=n_boot, seed=seed, confidence=confidence),
    )
    return gamma_family(annotations, [(kind, label)], options)[0]


def gamma_family(annotations: AnnotationsLike, kinds: Sequence[KindAndLabel], options: GammaOptions) -> list[Agreement]:
    """Return several kinds of gamma, each with its label or None, from one round of alignments, which take the time."""
    for kind, label in kinds:
        if kind not in ("gamma", "cat", "k") or (kind == "k") != (label is not None):
            raise ValueError("kind must be 'gamma' or 'cat' without a label, or 'k' with one")
    if options.sampler not in SAMPLERS:
        raise ValueError(f"unknown sampler {options.sampler!r}: choose from {', '.join(SAMPLERS)}")
    articles = [by for by in spans_by_article(annotations).values() if len(by) > 1 and any(by.values())]
    by_article = [article_disorders(list(by_annotator.values()), kinds, options) for by_annotator in articles]
    values = []
    for index, (kind, label) in enumerate(kinds):
        disorders = [of_kinds[index] for of_kinds in by_article]
        n_items = sum(len(spans) for by_annotator in articles for spans in by_annotator.values())
        n_raters = len({annotator for by_annotator in articles for annotator in by_annotator})
        value = measure(gamma_estimate(disorders, kind, label, n_items, n_raters), options.interval)
        if len(disorders) == 1 and options.interval.method is not None and not np.isnan(value.value):
            value = _with_sampling_interval(value, disorders[0], options.interval.confidence)
        values.append(value)
    return values


def article_disorders(units: Units, kinds: Sequence[KindAndLabel], options: GammaOptions) -> list[ArticleDisorder]:
    """Return the disorders of one article, one per kind."""
    random, dissimilarity, sampler = (
        np.random.default_rng([options.seed, crc32(repr(units).encode())]),  # articles have independent samples
        options.dissimilarity,
        SAMPLERS[options.sampler],
    )
    # 1. The annotations and their samples, aligned together.
    texts: list[Units] = [units, *sampler(units, random, options.n_samples)]
    disorders = _disorders(texts, kinds, dissimilarity)
    observed, expected = disorders[:, 0], disorders[:, 1:]
    # 2. More samples, if the mean of the first ones is too uncertain.
    if options.precision and expected.mean(axis=1).max(initial=0) > 0:
        relative_error = 1.96 * quotient(expected.std(axis=1), expected.mean(axis=1), expected.mean(axis=1) > 0)
        n_needed = int(np.ceil(np.nanmax((relative_error / options.precision) ** 2)))
        more: list[Units] = list(sampler(units, random, max(n_needed - expected.shape[1], 0)))
        expected = np.hstack([expected, _disorders(more, kinds, dissimilarity)])
    # 3. Mean and standard error of chance's disorder.
    n_drawn = expected.shape[1]
    errors = expected.std(axis=1, ddof=1) / np.sqrt(n_drawn) if n_drawn > 1 else np.zeros(len(kinds))
    weight = sum(map(len, units)) / len(units)
    rows = zip(observed.tolist(), expected.mean(axis=1).tolist(), errors.tolist(), strict=True)
    return [ArticleDisorder(*row, weight) for row in rows]


def _disorders(texts: Sequence[Units], kinds: Sequence[KindAndLabel], dissimilarity: Dissimilarity) -> Matrix:
    """Return the disorder of each text's best alignment by kind, shape (kinds, texts)."""
    compares_labels = any(kind != "gamma" for kind, _ in kinds)
    rows = []
    for start in range(0, len(texts), _TEXTS_PER_CALL):
        block = texts[start : start + _TEXTS_PER_CALL]
        for units, alignment in zip(block, best_alignments(block, dissimilarity), strict=True):
            by_label = _label_disorders(units, alignment, dissimilarity) if compares_labels else {}
            rows.append([alignment.disorder if kind == "gamma" else by_label.get(label, 1.0) for kind, label in kinds])
    return np.ascontiguousarray(np.array(rows, dtype=np.float64).reshape(-1, len(kinds)).T)


@dataclass
class _AlignedPairSums:
    """Sums over aligned pairs: label dissimilarity and weight, and whether any pair has two units."""

    dissimilarity: float = 0.0
    weight: float = 0.0
    has_two_units: bool = False

    def add(self, dissimilarity: float, weight: float, *, has_two_units: bool) -> None:
        """Add one pair."""
        self.dissimilarity += dissimilarity
        self.weight += weight
        self.has_two_units |= has_two_units

    def disorder(self) -> float:
        """Return the weighted mean dissimilarity; 0 where no pair has two units, as pygamma-agreement does."""
        return self.dissimilarity / self.weight if self.has_two_units and self.dissimilarity else 0.0


def _label_disorders(units: Units, alignment: Alignment, dissimilarity: Dissimilarity) -> dict[str | None, float]:
    """Return the mean label dissimilarity of aligned pairs: of all pairs under None, and of those with each label.

    A pair weighs by how close its units are, and by 1/(units in its unitary alignment - 1).
    """
    sums: dict[str | None, _AlignedPairSums] = defaultdict(_AlignedPairSums)
    for row in alignment.tuples.tolist():
        members = [units[annotator][index] if index >= 0 else None for annotator, index in enumerate(row)]
        share = 1 / max(1, sum(unit is not None for unit in members) - 1)
        for a, b in combinations(members, 2):
            labels: set[str] = {unit.label for unit in (a, b) if unit is not None}
            if not labels:
                continue
            cost, weight = _pair_cost(a, b, share, dissimilarity)
            for label in (None, *labels):
                sums[label].add(cost, weight, has_two_units=a is not None and b is not None)
    return {label: pair_sums.disorder() for label, pair_sums in sums.items()}


def _pair_cost(a: Span | None, b: Span | None, share: float, dissimilarity: Dissimilarity) -> tuple[float, float]:
    """Return the weighted label dissimilarity of a pair, and its weight."""
    delta_empty = dissimilarity.delta_empty
    if a is None or b is None:
        return delta_empty**2, delta_empty
    closeness = 1 - dissimilarity.alpha * delta_empty * positional_dissimilarity(a, b)
    weight = share * max(0.0, closeness)
    return weight * delta_empty * (a.label != b.label), weight


def gamma_estimate(
    disorders: Sequence[ArticleDisorder],
    kind: GammaKind = "gamma",
    label: str | None = None,
    n_items: int = 0,
    n_raters: int = 0,
) -> Estimate:
    """Return gamma of articles of which the disorders are known; `n_items` and `n_raters` are only reported."""
    columns = np.array([[d.weight * d.observed, d.weight * d.expected] for d in disorders]).reshape(-1, 2)

    def value(frequencies: Matrix) -> Matrix:
        observed, expected = (frequencies @ columns).T
        # No disorder at all is full agreement, even where chance has no disorder either.
        is_perfect = (observed == 0) & frequencies.any(axis=1)
        return np.where(is_perfect, 1.0, 1 - quotient(observed, expected, expected > 0))

    return Estimate(
        coefficient={"gamma": "gamma", "cat": "gamma_cat", "k": "gamma_k"}[kind],
        unit="span",
        label=label if kind == "k" else None,
        frequencies=np.ones(len(disorders), dtype=np.int64),
        value=value,
        n_items=n_items,
        n_raters=n_raters,
        undefined_reason="chance has no disorder either" if disorders else "no article with two annotators and a unit",
        row_of_item=np.arange(len(disorders)),
        row_sizes=np.array([d.weight for d in disorders]),
        max_disagreement=float("inf"),
        condition=None if kind == "gamma" else "marked-by-two",
    )


def _with_sampling_interval(value: Agreement, disorder: ArticleDisorder, confidence: float) -> Agreement:
    """Return one article's value with the interval that follows from the uncertainty of chance's mean disorder."""
    from scipy.special import ndtri

    _, upper_quantile = tail_quantiles(confidence)
    margin = float(ndtri(upper_quantile)) * disorder.standard_error
    if not disorder.observed or margin >= disorder.expected:
        return value
    low, high = (1 - disorder.observed / (disorder.expected + sign * margin) for sign in (-1, 1))
    return msgspec.structs.replace(value, low=low, high=high, interval="chance-sampling", reason=None)
