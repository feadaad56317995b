"""Debiased figures: means and shares over a corpus that a machine labelled, corrected by a sample that people labelled.

A share counted from a machine's labels has the machine's bias, which does not shrink with the size of the corpus.
People's labels of a random part of it measure that bias.

References
----------
A. N. Angelopoulos, J. C. Duchi and T. Zrnic (2023). PPI++: efficient prediction-powered inference. arXiv:2311.01453.

N. Egami, M. Hinck, B. M. Stewart and H. Wei (2023). Using imperfect surrogates for downstream inference: design-based
supervised learning for social science applications of large language models. NeurIPS 2023.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Literal, TypeVar, get_args

import msgspec
import numpy as np

from goldwire.agreement.estimates import tail_quantiles
from goldwire.certification.corpus_labels import (
    CorpusLabels,
    best_weight,
    calibrated_labels,
    design_mean,
    influence_of_items,
    interval_bounds,
    ratio,
    variance_of_sum,
    weighted_mean,
)
from goldwire.quantities import quantity
from goldwire.records import Record

__all__ = ["DebiasedEstimate", "DebiasingMethod", "debiased_mean", "debiased_share"]

Item = TypeVar("Item", bound=Hashable)
DebiasingMethod = Literal["ppi++", "dsl", "people", "machine"]
Counts = tuple[float, float]

_MIN_GROUPS = 5  # labelled by people: of fewer, no variance can be estimated


class DebiasedEstimate(Record, frozen=True, kw_only=True):
    """A mean or share over a corpus, with its interval.

    Parameters
    ----------
    value : float
        nan where it is undefined; `reason` says why.
    low, high : float
        Bounds of the interval; nan where there is none.
    method : {"ppi++", "dsl", "people", "machine"}
        How it was estimated.
    machine : float
        The figure that the machine's labels alone give: biased.
    people : float
        The figure that people's labels alone give, weighted by inclusion probabilities; nan without any.
    weight : float
        How far the machine is relied on: 0 not at all, 1 fully; nan for `dsl`.
    n_items, n_labelled : int
        Items of the corpus, and those that people labelled.
    n_groups, n_labelled_groups : int
        Articles, stories or other groups of items, and those with an item that people labelled.
    effective_labels : float
        How many items people would have to label for an interval as narrow without the machine; nan without interval.
    reason : str or None
        Why the value or the interval is undefined.
    """

    value: float
    low: float
    high: float
    method: DebiasingMethod
    machine: float
    people: float
    weight: float
    n_items: int
    n_labelled: int
    n_groups: int
    n_labelled_groups: int
    effective_labels: float = math.nan
    reason: str | None = None


def debiased_mean(
    machine: Mapping[Item, float],
    people: Mapping[Item, float],
    *,
    probabilities: Mapping[Item, float] | float | None = None,
    groups: Mapping[Item, Hashable] | None = None,
    method: DebiasingMethod = "ppi++",
    confidence: float = 0.95,
) -> DebiasedEstimate:
    """Estimate a mean over a corpus that a machine labelled, and people in part.

    Parameters
    ----------
    machine : mapping of item to float
        The machine's value for every item of the corpus; 0 and 1 for a share.
    people : mapping of item to float
        People's value for the items that were sampled for them.
    probabilities : mapping of item to float, or float, optional
        The probability with which each sampled item was sampled. Default: equal for all.
    groups : mapping of item to hashable, optional
        The article, or story, of each item: items of one group are not independent. Default: they are.
    method : {"ppi++", "dsl", "people", "machine"}, default: "ppi++"
        `ppi++` relies on the machine as far as it agrees with people; `dsl` calibrates its labels by regression on
        other items. `people` ignores the machine, and `machine` the people: for comparison only.
    confidence : float, default: 0.95
        Confidence level of the interval.

    Returns
    -------
    DebiasedEstimate

    Raises
    ------
    ValueError
        If people labelled an item that the machine did not, a value is not a finite number, a probability is not above
        0 and at most 1, `probabilities` or `groups` lacks an item, or an option is out of range.

    Notes
    -----
    With f the machine's values, y people's, and w = 1/probability for sampled items, else 0:

    - `ppi++` [1]_: weight * mean(f) + sum w (y - weight f) / sum w. The weight is that with the least variance, in
      0 to 1, so that a machine that is wrong at random costs nothing.
    - `dsl` [2]_: the mean of g + w (y - g), with g the regression of y on f by weighted least squares on the other four
      of five folds of groups.

    The standard error is that of a mean over groups. Half a label of one group is added to it, so that a machine that
    happened to agree with every label of the sample is not taken for perfect. The interval is one of Student's t
    with degrees of freedom of the labelled groups, on the logit where all values are between 0 and 1.

    References
    ----------
    .. [1] A. N. Angelopoulos, J. C. Duchi and T. Zrnic (2023). PPI++: efficient prediction-powered inference.
       arXiv:2311.01453.
    .. [2] N. Egami, M. Hinck, B. M. Stewart and H. Wei (2023). Using imperfect surrogates for downstream inference:
       design-based supervised learning for social science applications of large language models. NeurIPS 2023.

    Examples
    --------
    >>> from goldwire.certification import debiased_mean
    >>> truth = {item: float(item % 10 < 3) for item in range(2000)}
    >>> machine = {item: 1.0 if item % 8 == 1 else label for item, label in truth.items()}
    >>> people = {item: truth[item] for item in range(0, 2000, 7)}
    >>> estimate = debiased_mean(machine, people)
    >>> round(estimate.machine, 3), round(estimate.value, 3), estimate.low < 0.3 < estimate.high
    (0.4, 0.302, True)
    """
    return debiased_share(
        {item: (value, 1.0) for item, value in machine.items()},
        {item: (value, 1.0) for item, value in people.items()},
        probabilities=probabilities,
        groups=groups,
        method=method,
        confidence=confidence,
    )


def debiased_share(
    machine: Mapping[Item, Counts],
    people: Mapping[Item, Counts],
    *,
    probabilities: Mapping[Item, float] | float | None = None,
    groups: Mapping[Item, Hashable] | None = None,
    method: DebiasingMethod = "ppi++",
    confidence: float = 0.95,
) -> DebiasedEstimate:
    """Estimate a share of things of which items have any number, such as the stances of an article.

    Parameters
    ----------
    machine, people : mapping of item to (float, float)
        How many such things an item has, as (part, whole): supportive stances, and stances of any kind.
    probabilities, groups, method, confidence
        As for `debiased_mean`.

    Returns
    -------
    DebiasedEstimate
        The whole of `part` over the whole of `whole`. How many things there are is itself corrected: the machine may
        draw more stances than people do, or fewer.

    Raises
    ------
    ValueError
        As for `debiased_mean`.

    Notes
    -----
    Both sums are estimated as `debiased_mean` does; the variance of their ratio is that of its linearization.

    Examples
    --------
    >>> from goldwire.certification import debiased_share
    >>> truth = {n: (float(n % 3 == 0), 1.0 + n % 2) for n in range(1200)}
    >>> machine = {n: (part, whole + 1.0) for n, (part, whole) in truth.items()}
    >>> estimate = debiased_share(machine, {n: truth[n] for n in range(0, 1200, 5)}, probabilities=0.2)
    >>> round(estimate.machine, 3), round(estimate.value, 3)
    (0.133, 0.222)
    """
    if method not in get_args(DebiasingMethod):
        raise ValueError(f"unknown method {method!r}: choose from {', '.join(get_args(DebiasingMethod))}")
    tail_quantiles(confidence)
    data = _read(machine, people, probabilities, groups)
    machine_share = ratio(float(data.machine_part.sum()), float(data.machine_whole.sum()))
    people_share = ratio(float(data.weights @ data.people_part), float(data.weights @ data.people_whole))
    n_labelled_groups = len(np.unique(data.groups[data.is_labelled]))
    nothing = DebiasedEstimate(
        value=math.nan,
        low=math.nan,
        high=math.nan,
        method=method,
        machine=machine_share,
        people=people_share,
        weight=math.nan,
        n_items=len(data.weights),
        n_labelled=int(data.is_labelled.sum()),
        n_groups=len(np.unique(data.groups)),
        n_labelled_groups=n_labelled_groups,
    )
    if method == "machine":
        reason = "no interval: the bias of the machine is unknown"
        return msgspec.structs.replace(nothing, value=machine_share, weight=1.0, reason=reason)
    if n_labelled_groups < _MIN_GROUPS:
        number = quantity(n_labelled_groups, "article or group", "articles or groups")
        reason = f"people labelled {number}, fewer than {_MIN_GROUPS}"
        return msgspec.structs.replace(nothing, reason=reason)
    if math.isnan(people_share):
        return msgspec.structs.replace(nothing, reason="people found nothing to take a share of")
    return _estimate(data, method, confidence, nothing)


def _read(
    machine: Mapping[Item, Counts],
    people: Mapping[Item, Counts],
    probabilities: Mapping[Item, float] | float | None,
    groups: Mapping[Item, Hashable] | None,
) -> CorpusLabels:
    """Return the labels as arrays; raise ValueError for items that do not match, and for values that are not usable."""
    _require_items(machine, people, probabilities, groups)
    items = list(machine)
    equal = probabilities if isinstance(probabilities, int | float) else len(people) / len(items) if items else 1.0
    chances = np.array([
        (probabilities[item] if isinstance(probabilities, Mapping) else equal) if item in people else 1.0
        for item in items
    ])  # fmt: skip
    if not ((chances > 0) & (chances <= 1)).all():
        raise ValueError("an inclusion probability is not above 0 and at most 1")
    labelled = np.array([item in people for item in items], dtype=bool)
    keys = [item if groups is None else groups[item] for item in items]
    codes = {key: code for code, key in enumerate(dict.fromkeys(keys))}
    of_machine = np.array([machine[item] for item in items], dtype=np.float64).reshape(len(items), 2)
    of_people = np.array([people.get(item, (0.0, 0.0)) for item in items], dtype=np.float64).reshape(len(items), 2)
    for name, values in (("machine", of_machine), ("people", of_people)):
        unusable = np.flatnonzero(~np.isfinite(values).all(axis=1))
        if len(unusable):
            raise ValueError(f"{name}: the value of item {items[unusable[0]]!r} is not a finite number")
    return CorpusLabels(
        of_machine[:, 0],
        of_machine[:, 1],
        of_people[:, 0],
        of_people[:, 1],
        np.where(labelled, 1 / chances, 0.0),
        np.array([codes[key] for key in keys], dtype=np.int64),
    )


def _require_items(
    machine: Mapping[Item, Counts],
    people: Mapping[Item, Counts],
    probabilities: Mapping[Item, float] | float | None,
    groups: Mapping[Item, Hashable] | None,
) -> None:
    """Raise ValueError if people have an item that the machine lacks, or if an item has no probability or group."""
    extra = next((item for item in people if item not in machine), None)
    if extra is not None:
        raise ValueError(f"people labelled {extra!r}, which the machine did not label")
    for name, of_items, needed in (("probabilities", probabilities, people), ("groups", groups, machine)):
        lacking = next((i for i in needed if i not in of_items), None) if isinstance(of_items, Mapping) else None
        if lacking is not None:
            raise ValueError(f"{name} lacks the item {lacking!r}")


def _estimate(
    data: CorpusLabels, method: DebiasingMethod, confidence: float, nothing: DebiasedEstimate
) -> DebiasedEstimate:
    """Return the estimate with its interval; `nothing` has all that does not depend on the method."""
    weight = math.nan
    if method == "dsl":
        predicted = tuple(calibrated_labels(data, f, y) for f, y in data.columns)
        value = ratio(*(design_mean(data, g, y) for g, (_, y) in zip(predicted, data.columns, strict=True)))
    else:
        weight = 0.0 if method == "people" else best_weight(data, nothing.people)
        predicted = tuple(weight * f for f, _ in data.columns)
        value = ratio(*(weighted_mean(data, g, y) for g, (_, y) in zip(predicted, data.columns, strict=True)))
    if math.isnan(value):
        return msgspec.structs.replace(nothing, weight=weight, reason="the corrected number of things is not above 0")
    influence, floor = influence_of_items(data, predicted, value, is_design=method == "dsl")
    error = math.hypot(math.sqrt(variance_of_sum(influence, data.groups)), floor)
    if error == 0:
        return msgspec.structs.replace(nothing, value=value, weight=weight, reason="all values are equal")
    low, high = interval_bounds(data, value, error, nothing.n_labelled_groups, confidence)
    alone, _ = influence_of_items(data, (np.zeros_like(data.weights),) * 2, nothing.people, is_design=False)
    gain = (variance_of_sum(alone, data.groups) + floor**2) / error**2
    return msgspec.structs.replace(
        nothing, value=value, low=low, high=high, weight=weight, effective_labels=gain * nothing.n_labelled
    )
