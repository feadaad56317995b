"""A coefficient's value with its interval, or the reason why it has none."""

from __future__ import annotations

from math import isnan, nan
from typing import get_args

import numpy as np

from goldwire.agreement.bootstrap import bootstrap_interval
from goldwire.agreement.estimates import Estimate, IntervalMethod, IntervalOptions, group_codes, tail_quantiles
from goldwire.agreement.jackknife import jackknife_interval
from goldwire.records import Agreement

__all__ = ["measure"]


def measure(estimate: Estimate, options: IntervalOptions) -> Agreement:
    """Return the coefficient's value with its interval, or nan with the reason where it is undefined."""
    tail_quantiles(options.confidence)
    if options.method is not None and options.method not in get_args(IntervalMethod):
        raise ValueError(f"unknown method {options.method!r}: choose from {', '.join(get_args(IntervalMethod))}")
    value = float(estimate.value(estimate.frequencies[None, :].astype(np.float64))[0])
    low, high, reason = nan, nan, None
    if isnan(value):
        reason = estimate.undefined_reason
    elif options.method == "jackknife":
        low, high, reason = jackknife_interval(estimate, options, value)
    elif options.method is not None and options.n_boot:
        low, high, reason = bootstrap_interval(estimate, options, value)
    return Agreement(
        coefficient=estimate.coefficient,
        unit=estimate.unit,
        label=estimate.label,
        condition=estimate.condition,
        value=value,
        low=low,
        high=high,
        interval=None if isnan(low) else options.method,
        n_items=estimate.n_items,
        n_raters=estimate.n_raters,
        n_groups=_count_groups(estimate, options),
        reason=reason,
    )


def _count_groups(estimate: Estimate, options: IntervalOptions) -> int:
    """Return the number of groups, or of items without groups, in which anything is compared."""
    if options.groups is None:
        return int(estimate.frequencies[estimate.row_sizes > 0].sum())
    group_of_item, _ = group_codes(options.groups, estimate)
    return len(np.unique(group_of_item[estimate.row_sizes[estimate.row_of_item] > 0]))
