"""Bootstrap intervals of any coefficient that depends only on how often each distinct row of the data occurs.

Resampling items is then a multinomial draw over the distinct rows, so that a thousand replicates are one matrix of
row frequencies and, for most coefficients, one matrix product.

References
----------
Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association 82:171-185.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.ratings import GroupsLike
from goldwire.records import Agreement, AgreementUnit

__all__ = ["BootstrapOptions", "Estimate", "IntervalMethod", "measure", "quotient", "replicates", "tail_quantiles"]

Matrix = NDArray[np.float64]
IntervalMethod = Literal["percentile", "bca"]

_RARE_ROW = 12  # up to this frequency, drawing the row's items one by one costs less than one binomial draw
_MAX_CELLS = 4_000_000  # frequencies in memory at a time: 32 MB; larger blocks are not faster
_MAX_JACKKNIFE_BLOCKS = 500  # BCa leaves out blocks of items: with more than 500 the skewness no longer changes
_MAX_UNDEFINED_SHARE = 0.05  # with more undefined replicates, an interval over the others would be too narrow


class Estimate(msgspec.Struct, frozen=True):
    """A coefficient of some data, ready to be evaluated on the data or on resamples of it.

    `value` maps row frequencies of shape (replicates, rows) to values of shape (replicates,), nan where undefined.
    """

    coefficient: str
    frequencies: NDArray[np.int64]  # how often each row occurs in the data, (rows,)
    value: Callable[[Matrix], Matrix]
    n_items: int
    n_raters: int
    undefined_reason: str  # the reason to report if the value is nan
    row_of_item: NDArray[np.int64]  # (items,)
    unit: AgreementUnit = "item"  # the kind of the items
    label: str | None = None  # the label that the coefficient is for, None for all


class BootstrapOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of a bootstrap interval: number of replicates (0: none), seed, confidence level, method and groups.

    `groups` has the group of each item, such as its article. Groups are then resampled as a whole, because items of one
    article are not independent.
    """

    n_boot: int = 0
    seed: int = 0
    confidence: float = 0.95
    method: IntervalMethod = "percentile"
    groups: GroupsLike | None = None


def measure(estimate: Estimate, options: BootstrapOptions) -> Agreement:
    """Return the coefficient's value with its bootstrap interval, or nan with the reason where it is undefined."""
    quantiles = tail_quantiles(options.confidence)
    if options.method not in get_args(IntervalMethod):
        raise ValueError(f"unknown method {options.method!r}: choose from {', '.join(get_args(IntervalMethod))}")
    value = float(estimate.value(estimate.frequencies[None, :].astype(np.float64))[0])
    low = high = float("nan")
    reason = estimate.undefined_reason if np.isnan(value) else None
    if options.n_boot and reason is None:
        low, high = _interval(estimate, options, value, quantiles)
        if np.isnan(low):
            reason = f"no interval: too many of the {options.n_boot:,} resamples are undefined"
    return Agreement(
        coefficient=estimate.coefficient,
        unit=estimate.unit,
        label=estimate.label,
        value=value,
        low=low,
        high=high,
        n_items=estimate.n_items,
        n_raters=estimate.n_raters,
        reason=reason,
    )


def quotient(numerator: Matrix, denominator: Matrix, defined: NDArray[np.bool_]) -> Matrix:
    """Return numerator / denominator where `defined`, else nan."""
    ratio = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=ratio, where=defined)
    return ratio


def replicates(estimate: Estimate, options: BootstrapOptions) -> Matrix:
    """Return the values of `n_boot` resamples, shape (n_boot,)."""
    blocks = _group_resamples(estimate, options) if options.groups is not None else _item_resamples(estimate, options)
    return np.concatenate([estimate.value(frequencies) for frequencies in blocks] or [np.zeros(0)])


def tail_quantiles(confidence: float) -> tuple[float, float]:
    """Return the quantiles around the middle `confidence`; rounded, so that .95 gives .025 and .975."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence!r}")
    tail = round((1 - confidence) / 2, 12)
    return tail, 1 - tail


def _item_resamples(estimate: Estimate, options: BootstrapOptions) -> Iterator[Matrix]:
    """Yield blocks of multinomial draws: one binomial per frequent row, and the items of all rare rows one by one."""
    random, frequencies = np.random.default_rng(options.seed), estimate.frequencies
    n_rows, frequent_rows = len(frequencies), np.flatnonzero(frequencies > _RARE_ROW)
    rare_rows = np.flatnonzero(frequencies <= _RARE_ROW)
    row_of_rare_item = np.repeat(rare_rows, frequencies[rare_rows])
    probabilities = np.append(frequencies[frequent_rows], len(row_of_rare_item)) / frequencies.sum()
    for n_replicates in _block_sizes(options.n_boot, max(n_rows, len(row_of_rare_item))):
        drawn = random.multinomial(int(frequencies.sum()), probabilities, size=n_replicates)
        resampled = np.zeros((n_replicates, n_rows))
        if len(row_of_rare_item):
            first_cell = np.repeat(np.arange(n_replicates) * n_rows, drawn[:, -1])
            picked_rows = row_of_rare_item[random.integers(0, len(row_of_rare_item), len(first_cell))]
            cells = np.bincount(first_cell + picked_rows, minlength=n_replicates * n_rows)
            resampled += cells.reshape(n_replicates, n_rows)
        resampled[:, frequent_rows] = drawn[:, :-1]
        yield resampled


def _group_resamples(estimate: Estimate, options: BootstrapOptions) -> Iterator[Matrix]:
    """Yield blocks of resamples that draw whole groups with replacement."""
    from scipy.sparse import csr_matrix

    if options.groups is None or len(options.groups) != len(estimate.row_of_item):
        raise ValueError("groups must hold the group of each item")
    codes = {name: code for code, name in enumerate(sorted(set(options.groups), key=repr))}
    group_of_item = np.array([codes[name] for name in options.groups], dtype=np.int64)
    n_groups, ones = len(codes), np.ones(len(group_of_item))
    shape = (n_groups, len(estimate.frequencies))
    row_counts = csr_matrix((ones, (group_of_item, estimate.row_of_item)), shape=shape)
    random = np.random.default_rng(options.seed)
    for n_replicates in _block_sizes(options.n_boot, max(shape)):
        drawn = random.integers(0, n_groups, (n_replicates, n_groups)) + np.arange(n_replicates)[:, None] * n_groups
        times_drawn = np.bincount(drawn.ravel(), minlength=n_replicates * n_groups).reshape(n_replicates, -1)
        yield np.asarray((row_counts.T @ times_drawn.T.astype(np.float64)).T)


def _block_sizes(total: int, width: int) -> Iterator[int]:
    """Yield the sizes of blocks of replicates of which each stays below `_MAX_CELLS`."""
    step = max(1, _MAX_CELLS // max(1, width))
    for start in range(0, total, step):
        yield min(step, total - start)


def _interval(
    estimate: Estimate, options: BootstrapOptions, value: float, quantiles: tuple[float, float]
) -> tuple[float, float]:
    """Return the bounds of the interval, nan where too many replicates are undefined."""
    values = replicates(estimate, options)
    defined = np.sort(values[~np.isnan(values)])
    if len(defined) < (1 - _MAX_UNDEFINED_SHARE) * len(values):
        return float("nan"), float("nan")
    if options.method == "bca":
        quantiles = _bca_quantiles(estimate, defined, value, quantiles)
    low, high = quantiles
    return float(np.quantile(defined, low)), float(np.quantile(defined, high))


def _bca_quantiles(
    estimate: Estimate, values: Matrix, value: float, quantiles: tuple[float, float]
) -> tuple[float, float]:
    """Return the quantiles after the correction for bias and skewness (BCa, Efron 1987)."""
    from scipy.special import ndtr, ndtri

    share_below = (np.mean(values < value) + np.mean(values <= value)) / 2
    bias = float(ndtri(np.clip(share_below, 1 / len(values), 1 - 1 / len(values))))
    jackknife = _jackknife_values(estimate)
    deviations = np.zeros(1) if np.isnan(jackknife).any() else jackknife.mean() - jackknife
    spread = float((deviations**2).sum()) ** 1.5
    acceleration = float((deviations**3).sum()) / (6 * spread) if spread > 0 else 0.0
    z = ndtri(np.array(quantiles)) + bias
    low, high = ndtr(bias + z / (1 - acceleration * z))
    return float(low), float(high)


def _jackknife_values(estimate: Estimate) -> Matrix:
    """Return the values without each item, or without each of `_MAX_JACKKNIFE_BLOCKS` random blocks of items."""
    n_rows = len(estimate.frequencies)
    row_of_item = np.repeat(np.arange(n_rows), estimate.frequencies)
    n_blocks = min(_MAX_JACKKNIFE_BLOCKS, len(row_of_item))
    block_of_item = np.random.default_rng(0).permutation(len(row_of_item)) % n_blocks
    step = max(1, _MAX_CELLS // n_rows)
    values = []
    for start in range(0, n_blocks, step):
        stop = min(n_blocks, start + step)
        inside = (block_of_item >= start) & (block_of_item < stop)
        cells = (block_of_item[inside] - start) * n_rows + row_of_item[inside]
        left_out = np.bincount(cells, minlength=(stop - start) * n_rows).reshape(stop - start, -1)
        values.append(estimate.value(estimate.frequencies.astype(np.float64) - left_out))
    return np.concatenate(values)
