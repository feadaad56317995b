"""Intervals of anything that is a function of how often each distinct row occurs.

Resampling items is a multinomial draw over the distinct rows, so that a thousand replicates are one matrix of weights
and, for most coefficients, one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.ratings import GroupsLike
from goldwire.records import Agreement

__all__ = ["BootstrapOptions", "Estimate", "IntervalMethod", "measure", "quotient", "replicates"]

Matrix = NDArray[np.float64]
IntervalMethod = Literal["percentile", "bca"]

_RARE = 12  # a binomial costs as much as drawing some 12 items
_CELLS = 4_000_000  # weights held at once: 32 MB, and past it no faster
_BLOCKS = 500  # the jackknife of BCa leaves out that many blocks at most; its skewness no longer moves beyond
_UNDEFINED = 0.05  # with more replicates undefined than this, an interval over the rest would flatter


class Estimate(msgspec.Struct, frozen=True):
    """A coefficient of given data: `value` maps weights (replicates, rows) to values (replicates,), nan = undefined."""

    coefficient: str
    frequencies: NDArray[np.int64]  # how often each row occurs
    value: Callable[[Matrix], Matrix]
    n_items: int
    n_raters: int
    undefined_reason: str  # why, where the value is nan
    row_of_item: NDArray[np.int64]  # each item's row


class BootstrapOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How an interval is made: replicates, seed, `percentile` or `bca`, and each item's article for a clustered one."""

    n_boot: int = 0
    seed: int = 0
    confidence: float = 0.95
    method: IntervalMethod = "percentile"
    groups: GroupsLike | None = None


def measure(estimate: Estimate, options: BootstrapOptions) -> Agreement:
    """The value and, with `n_boot` replicates, its 95% interval."""
    value = float(estimate.value(estimate.frequencies[None, :].astype(np.float64))[0])
    low = high = float("nan")
    reason = estimate.undefined_reason if np.isnan(value) else None
    if options.n_boot and reason is None:
        low, high = _interval(estimate, options, value)
        if np.isnan(low):
            reason = f"no interval: too many of the {options.n_boot:,} resamples are undefined"
    return Agreement(
        coefficient=estimate.coefficient,
        value=value,
        low=low,
        high=high,
        n_items=estimate.n_items,
        n_raters=estimate.n_raters,
        reason=reason,
    )


def quotient(above: Matrix, below: Matrix, defined: NDArray[np.bool_]) -> Matrix:
    """above/below, and nan where it is not defined."""
    out = np.full(above.shape, np.nan)
    np.divide(above, below, out=out, where=defined)
    return out


def replicates(estimate: Estimate, options: BootstrapOptions) -> Matrix:
    """Values of `n_boot` resamples."""
    draws = _clustered(estimate, options) if options.groups is not None else _independent(estimate, options)
    return np.concatenate([estimate.value(weights) for weights in draws] or [np.zeros(0)])


def _independent(estimate: Estimate, options: BootstrapOptions) -> Iterator[Matrix]:
    """Multinomial draws: frequent rows by a binomial each, all rare ones by drawing their items one by one."""
    random, weight = np.random.default_rng(options.seed), estimate.frequencies
    rows, often = len(weight), np.flatnonzero(weight > _RARE)
    rare_rows = np.flatnonzero(weight <= _RARE)
    rare_items = np.repeat(rare_rows, weight[rare_rows])
    shares = np.append(weight[often], len(rare_items)) / weight.sum()
    for size in _chunks(options.n_boot, max(rows, len(rare_items))):
        drawn = random.multinomial(int(weight.sum()), shares, size=size)
        weights = np.zeros((size, rows))
        if len(rare_items):
            of_replicate = np.repeat(np.arange(size) * rows, drawn[:, -1])
            picked = rare_items[random.integers(0, len(rare_items), len(of_replicate))]
            weights += np.bincount(of_replicate + picked, minlength=size * rows).reshape(size, rows)
        weights[:, often] = drawn[:, :-1]
        yield weights


def _clustered(estimate: Estimate, options: BootstrapOptions) -> Iterator[Matrix]:
    """Weights of resamples that draw whole groups (articles), since items of one article are not independent."""
    from scipy.sparse import csr_matrix

    if options.groups is None or len(options.groups) != len(estimate.row_of_item):
        raise ValueError("groups must name a group for each item")
    names = {name: number for number, name in enumerate(sorted(set(options.groups), key=repr))}
    group = np.array([names[name] for name in options.groups], dtype=np.int64)
    ones = np.ones(len(group))
    table = csr_matrix((ones, (group, estimate.row_of_item)), shape=(len(names), len(estimate.frequencies)))
    random = np.random.default_rng(options.seed)
    for size in _chunks(options.n_boot, max(len(names), len(estimate.frequencies))):
        drawn = random.integers(0, len(names), (size, len(names))) + np.arange(size)[:, None] * len(names)
        often = np.bincount(drawn.ravel(), minlength=size * len(names)).reshape(size, -1)
        yield np.asarray((table.T @ often.T.astype(np.float64)).T)


def _chunks(total: int, width: int) -> Iterator[int]:
    step = max(1, _CELLS // max(1, width))
    for start in range(0, total, step):
        yield min(step, total - start)


def _interval(estimate: Estimate, options: BootstrapOptions, value: float) -> tuple[float, float]:
    values = replicates(estimate, options)
    finite = np.sort(values[~np.isnan(values)])
    if len(finite) < (1 - _UNDEFINED) * len(values):
        return float("nan"), float("nan")
    low, high = _tails(options.confidence)
    if options.method == "bca":
        low, high = _corrected(estimate, finite, value, options.confidence)
    return float(np.quantile(finite, low)), float(np.quantile(finite, high))


def _tails(confidence: float) -> tuple[float, float]:
    """Return the quantiles around the middle `confidence`; rounded, so that .95 gives .025 and .975."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence!r}")
    tail = round((1 - confidence) / 2, 12)
    return tail, 1 - tail


def _corrected(estimate: Estimate, values: Matrix, value: float, confidence: float) -> tuple[float, float]:
    """The quantiles to read, bias-corrected and accelerated (Efron 1987)."""
    from scipy.special import ndtr, ndtri

    share = (np.mean(values < value) + np.mean(values <= value)) / 2
    bias = float(ndtri(np.clip(share, 1 / len(values), 1 - 1 / len(values))))
    left = _left_out(estimate)
    away = left.mean() - left[~np.isnan(left)] if not np.isnan(left).any() else np.zeros(1)
    spread = float((away**2).sum()) ** 1.5
    acceleration = float((away**3).sum()) / (6 * spread) if spread > 0 else 0.0
    z = ndtri(np.array(_tails(confidence))) + bias
    low, high = ndtr(bias + z / (1 - acceleration * z))
    return float(low), float(high)


def _left_out(estimate: Estimate) -> Matrix:
    """Values with each item, or each of `_BLOCKS` blocks of items, left out."""
    rows = np.repeat(np.arange(len(estimate.frequencies)), estimate.frequencies)
    blocks = min(_BLOCKS, len(rows))
    block = np.random.default_rng(0).permutation(len(rows)) % blocks
    values = []
    for start in range(0, blocks, max(1, _CELLS // len(estimate.frequencies))):
        stop = min(blocks, start + max(1, _CELLS // len(estimate.frequencies)))
        inside = (block >= start) & (block < stop)
        gone = np.bincount(
            (block[inside] - start) * len(estimate.frequencies) + rows[inside],
            minlength=(stop - start) * len(estimate.frequencies),
        ).reshape(stop - start, -1)
        values.append(estimate.value(estimate.frequencies.astype(np.float64) - gone))
    return np.concatenate(values)
