"""Bootstrap intervals, by percentiles or BCa: an alternative to the jackknife.

Resampling items is a multinomial draw over the distinct rows, so that a thousand replicates are one matrix of row
frequencies.

References
----------
Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association 82:171-185.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from goldwire.agreement.estimates import MAX_CELLS, Estimate, IntervalOptions, Matrix, group_codes, tail_quantiles
from goldwire.agreement.jackknife import leave_one_out

__all__ = ["bootstrap_interval", "replicates"]

_RARE_ROW = 12  # up to this frequency, drawing the row's items one by one costs less than one binomial draw
_MAX_UNDEFINED_SHARE = 0.05  # with more undefined replicates, an interval over the others would be too narrow


def bootstrap_interval(estimate: Estimate, options: IntervalOptions, value: float) -> tuple[float, float, str | None]:
    """Return the bounds and None, or nan and the reason why there is no interval."""
    values = replicates(estimate, options)
    defined = np.sort(values[~np.isnan(values)])
    if len(defined) < (1 - _MAX_UNDEFINED_SHARE) * len(values):
        reason = f"no interval: too many of the {options.n_boot:,} resamples are undefined"
        return float("nan"), float("nan"), reason
    quantiles = tail_quantiles(options.confidence)
    if options.method == "bca":
        quantiles = _bca_quantiles(estimate, options, defined, value)
    low, high = (float(np.quantile(defined, quantile)) for quantile in quantiles)
    return low, high, None


def replicates(estimate: Estimate, options: IntervalOptions) -> Matrix:
    """Return the values of `n_boot` resamples, shape (n_boot,)."""
    blocks = _group_resamples(estimate, options) if options.groups is not None else _item_resamples(estimate, options)
    return np.concatenate([estimate.value(frequencies) for frequencies in blocks] or [np.zeros(0)])


def _item_resamples(estimate: Estimate, options: IntervalOptions) -> Iterator[Matrix]:
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


def _group_resamples(estimate: Estimate, options: IntervalOptions) -> Iterator[Matrix]:
    """Yield blocks of resamples that draw whole groups with replacement."""
    from scipy.sparse import csr_matrix

    group_of_item, n_groups = group_codes(() if options.groups is None else options.groups, estimate)
    ones, shape = np.ones(len(group_of_item)), (n_groups, len(estimate.frequencies))
    row_counts = csr_matrix((ones, (group_of_item, estimate.row_of_item)), shape=shape)
    random = np.random.default_rng(options.seed)
    for n_replicates in _block_sizes(options.n_boot, max(shape)):
        drawn = random.integers(0, n_groups, (n_replicates, n_groups)) + np.arange(n_replicates)[:, None] * n_groups
        times_drawn = np.bincount(drawn.ravel(), minlength=n_replicates * n_groups).reshape(n_replicates, -1)
        yield np.asarray((row_counts.T @ times_drawn.T.astype(np.float64)).T)


def _block_sizes(total: int, width: int) -> Iterator[int]:
    """Yield the sizes of blocks of replicates of which each stays below `MAX_CELLS`."""
    step = max(1, MAX_CELLS // max(1, width))
    for start in range(0, total, step):
        yield min(step, total - start)


def _bca_quantiles(estimate: Estimate, options: IntervalOptions, values: Matrix, value: float) -> tuple[float, float]:
    """Return the quantiles after the correction for bias and skewness (BCa, Efron 1987)."""
    from scipy.special import ndtr, ndtri

    share_below = (np.mean(values < value) + np.mean(values <= value)) / 2
    bias = float(ndtri(np.clip(share_below, 1 / len(values), 1 - 1 / len(values))))
    left_out = leave_one_out(estimate, options.groups)
    deviations = np.zeros(1) if np.isnan(left_out.values).any() else left_out.mean() - left_out.values
    spread = float((left_out.counts * deviations**2).sum()) ** 1.5
    acceleration = float((left_out.counts * deviations**3).sum()) / (6 * spread) if spread > 0 else 0.0
    z = ndtri(np.array(tail_quantiles(options.confidence))) + bias
    low, high = ndtr(bias + z / (1 - acceleration * z))
    return float(low), float(high)
