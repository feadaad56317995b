"""Equivalence: is a machine's agreement with people close to that of people among themselves?

A test of difference cannot show that two things are equal: without data it never finds one. Two one-sided tests reverse
the burden of proof: the difference has to be shown to lie within a margin that was stated in advance.

References
----------
D. J. Schuirmann (1987). A comparison of the two one-sided tests procedure and the power approach for assessing the
equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np

from goldwire.agreement.estimates import Estimate
from goldwire.certification.alternative_annotator import (
    Item,
    Label,
    Score,
    Scoring,
    by_row,
    is_missing,
    labels_by_item,
    score_function,
)
from goldwire.certification.clustered_tests import clustered_mean, clustered_test
from goldwire.records import Record

__all__ = ["Conclusion", "EquivalenceResult", "equivalence_of_estimate", "equivalence_test"]

Conclusion = Literal["equivalent", "better", "not-inferior", "inferior", "inconclusive"]


class EquivalenceResult(Record, frozen=True, kw_only=True):
    """Two one-sided tests of a difference: agreement of the machine with people, minus that of people among themselves.

    Parameters
    ----------
    difference : float
        Negative where the machine agrees less with people than they do with each other.
    low, high : float
        The interval that belongs to the tests: with a confidence of 1 - 2 `level`, thus 90% for a level of 5%.
    margin : float
        Differences smaller than this do not matter; it has to be chosen before the data is seen.
    level : float
        The level of each of the two tests.
    p_value : float
        Of the null hypothesis that the difference is `margin` or more in either direction: the larger of the two.
    p_inferior : float
        Of the null hypothesis that the machine is worse by `margin` or more.
    n_items, n_groups : int
        Number of items, and of articles or other groups of them.
    conclusion : {"equivalent", "better", "not-inferior", "inferior", "inconclusive"}
        Within the margin in both directions; above 0, maybe beyond the margin; not worse by the margin; worse by more
        than the margin; or the data do not decide.
    reason : str or None
        Why nothing could be tested; the figures then are nan.
    """

    difference: float
    low: float
    high: float
    margin: float
    level: float
    p_value: float
    p_inferior: float
    n_items: int
    n_groups: int
    conclusion: Conclusion = "inconclusive"
    reason: str | None = None


def equivalence_test(
    humans: Mapping[str, Mapping[Item, Label]],
    machine: Mapping[Item, Label],
    *,
    margin: float = 0.05,
    scoring: Scoring | Score[Label] = "accuracy",
    level: float = 0.05,
    min_humans_per_item: int = 2,
    groups: Mapping[Item, Hashable] | None = None,
) -> EquivalenceResult:
    """Test whether a model agrees with humans about as much as they agree with each other.

    Parameters
    ----------
    humans, machine, scoring, min_humans_per_item, groups
        As for `alt_test`.
    margin : float, default: 0.05
        The difference that would matter, in units of `scoring`: five points of agreement.
    level : float, default: 0.05
        Level of each of the two tests.

    Returns
    -------
    EquivalenceResult

    Raises
    ------
    ValueError, TypeError
        As for `alt_test`.

    Notes
    -----
    On an item, the model's agreement is its score against all humans, and theirs is the mean score of each against the
    others. Both tests are those of `ClusteredTest`, over groups, or over items without them: what a group that was not
    seen may change is allowed for, and the standard error is never below half an item, so that a few items without any
    difference prove nothing.

    References
    ----------
    D. J. Schuirmann (1987). A comparison of the two one-sided tests procedure and the power approach for assessing the
    equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.

    Examples
    --------
    >>> from goldwire.certification import equivalence_test
    >>> truth = {item: "supports" if item % 3 else "opposes" for item in range(300)}
    >>> humans = {
    ...     name: {item: label if (item + shift) % 9 else "neutral" for item, label in truth.items()}
    ...     for shift, name in enumerate(("A1", "A2", "A3"))
    ... }
    >>> equivalence_test(humans, humans["A1"], margin=0.2).conclusion
    'equivalent'
    """
    score = score_function(scoring)
    humans, machine, groups = by_row(humans), by_row(machine), by_row(groups)
    differences, keys = [], []
    for item, labels in labels_by_item(humans, machine, groups).items():
        if len(labels) >= min_humans_per_item and item in machine:
            differences.append(_difference(list(labels.values()), machine[item], score))
            keys.append(None if groups is None else groups[item])
    estimate = clustered_mean(np.array(differences), None if groups is None else keys, n_raters=len(humans) + 1)
    return equivalence_of_estimate(estimate, margin=margin, level=level)


def _difference(labels: Sequence[Label], machine_label: Label, score: Score[Label]) -> float:
    people = sum(score(label, [*labels[:n], *labels[n + 1 :]]) for n, label in enumerate(labels)) / len(labels)
    if is_missing(machine_label):
        # Of a share, no agreement is 0; another scale has no such value, and the worst answer that a human gave is one.
        return min(0.0, *(score(label, labels) for label in labels)) - people
    return score(machine_label, labels) - people


def equivalence_of_estimate(estimate: Estimate, *, margin: float, level: float) -> EquivalenceResult:
    """Return the two one-sided tests of a difference whose rows are articles or other groups."""
    if margin <= 0 or not 0 < level < 0.5:
        raise ValueError(f"margin {margin} is not above 0, or level {level} is not between 0 and .5")
    nothing = EquivalenceResult(
        difference=math.nan,
        low=math.nan,
        high=math.nan,
        margin=margin,
        level=level,
        p_value=math.nan,
        p_inferior=math.nan,
        n_items=estimate.n_items,
        n_groups=0,
    )
    if not estimate.n_items:
        return msgspec.structs.replace(nothing, reason=estimate.undefined_reason)
    test = clustered_test(estimate)
    nothing = msgspec.structs.replace(nothing, difference=test.value, n_groups=test.n_groups)
    if math.isnan(test.value):
        return msgspec.structs.replace(nothing, reason=estimate.undefined_reason)
    if math.isnan(test.error):
        return msgspec.structs.replace(nothing, reason="too few articles for a test")
    low, high = test.interval(level)
    p_inferior = test.p_above(-margin)
    tested = msgspec.structs.replace(
        nothing,
        low=low,
        high=high,
        p_value=max(p_inferior, test.p_below(margin)),
        p_inferior=p_inferior,
    )
    return msgspec.structs.replace(tested, conclusion=_conclusion(tested))


def _conclusion(tested: EquivalenceResult) -> Conclusion:
    if tested.p_value < tested.level:
        return "equivalent"
    if tested.low > 0:
        return "better"
    if tested.p_inferior < tested.level:
        return "not-inferior"
    return "inferior" if tested.high < -tested.margin else "inconclusive"
