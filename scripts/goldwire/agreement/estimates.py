"""Coefficients that depend only on how often each distinct row of the data occurs, and the options of their intervals.

Leaving out or resampling articles then changes row frequencies alone, so that hundreds of values are, for most
coefficients, one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.ratings import GroupsLike
from goldwire.records import AgreementCondition, AgreementUnit

__all__ = [
    "MAX_CELLS",
    "Estimate",
    "IntervalMethod",
    "IntervalOptions",
    "group_codes",
    "quotient",
    "tail_quantiles",
]

Matrix: TypeAlias = NDArray[np.float64]
IntervalMethod = Literal["jackknife", "percentile", "bca"]
"""How an interval is computed: by the delete-one jackknife, or by the bootstrap (percentiles, or BCa)."""

MAX_CELLS = 4_000_000
"""Frequencies in memory at a time: 32 MB; larger blocks are not faster."""


class Estimate(msgspec.Struct, frozen=True):
    """A coefficient of some data, ready to be evaluated on the data or on parts and resamples of it.

    `value` maps row frequencies of shape (replicates, rows) to values of shape (replicates,), nan where undefined.
    `row_sizes` is the number of items in each row: 0 in a row without a comparison. `max_disagreement` is the greatest
    1 - value: 2 for coefficients corrected for chance, 1 for those that cannot be negative.
    """

    coefficient: str
    frequencies: NDArray[np.int64]  # how often each row occurs in the data, (rows,)
    value: Callable[[Matrix], Matrix]
    n_items: int
    n_raters: int
    undefined_reason: str  # the reason to report if the value is nan
    row_of_item: NDArray[np.int64]  # (items,)
    row_sizes: Matrix  # (rows,)
    max_disagreement: float = 2.0
    unit: AgreementUnit = "item"  # the kind of the items
    label: str | None = None  # the label that the coefficient is for, None for all
    condition: AgreementCondition | None = None  # what the items have in common, None for all items


class IntervalOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of an interval.

    `method` is None for no interval. `n_boot` and `seed` are for the bootstrap only. `groups` has the group of each
    item, such as its article: groups are left out or resampled as a whole, because items of one article are correlated.
    """

    method: IntervalMethod | None = "jackknife"
    n_boot: int = 1000
    seed: int = 0
    confidence: float = 0.95
    groups: GroupsLike | None = None


def quotient(numerator: Matrix, denominator: Matrix, defined: NDArray[np.bool_]) -> Matrix:
    """Return numerator / denominator where `defined`, else nan."""
    ratio = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=ratio, where=defined)
    return ratio


def tail_quantiles(confidence: float) -> tuple[float, float]:
    """Return the quantiles around the middle `confidence`; rounded, so that .95 gives .025 and .975."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence!r}")
    tail = round((1 - confidence) / 2, 12)
    return tail, 1 - tail


def group_codes(groups: GroupsLike, estimate: Estimate) -> tuple[NDArray[np.int64], int]:
    """Return the number of each item's group, and how many groups there are."""
    if len(groups) != len(estimate.row_of_item):
        raise ValueError("groups must hold the group of each item")
    codes = {name: code for code, name in enumerate(sorted(set(groups), key=repr))}
    return np.array([codes[name] for name in groups], dtype=np.int64), len(codes)
