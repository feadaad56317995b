"""Inclusion probabilities: with which probability a plan takes each article, and draws with given probabilities.

An estimate about the corpus weights each annotated article by the inverse of its inclusion probability (Horvitz and
Thompson 1952), so that the articles of a sample may be chosen unequally without bias.

References
----------
Horvitz, D. G. and Thompson, D. J. (1952). A generalization of sampling without replacement from a finite universe.
Journal of the American Statistical Association 47(260), 663-685.
Madow, W. G. (1949). On the theory of systematic sampling, II. Annals of Mathematical Statistics 20(3), 333-354.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["FLOOR", "STEEPNESS", "group_probabilities", "systematic_sample", "uncertainty_probabilities"]

Floats = NDArray[np.float64]

FLOOR = 0.2
"""The share of a sample by uncertainty that is drawn uniformly: no weight is above 1 / FLOOR times that of a random
sample."""
STEEPNESS = 2.0
"""Logarithm of how much likelier an article is drawn whose uncertainty is one standard deviation higher."""

_NODES = 64  # of Gauss-Legendre quadrature: the error is below 1e-9 for 2 to 20,000 groups
_TAIL = 9.0  # standard deviations around the rank of the last group taken, beyond which nothing is uncertain


def group_probabilities(counts: Mapping[int, int], n_taken: int) -> dict[int, float]:
    """Return the probability that a group is among the first `n_taken` in random order, by its number of members.

    Groups are in the order of their first members, and the members of all groups are in random order, so that a larger
    group comes earlier.

    Parameters
    ----------
    counts : mapping of int to int
        Number of groups by number of members.
    n_taken : int
        Number of groups that are taken.

    Notes
    -----
    Give every member a uniform random number, so that the rank of a group of m members is its least number, with the
    distribution `1 - (1 - t)^m`. A group with rank t is taken if fewer than `n_taken` others have a lower rank; their
    number is a sum of binomial variables, one for each size. The probability is the mean of that over t.

    Examples
    --------
    >>> from goldwire.sampling.inclusion import group_probabilities
    >>> {size: round(p, 3) for size, p in group_probabilities({1: 8, 2: 1}, 3).items()}
    {1: 0.308, 2: 0.533}
    """
    total = sum(counts.values())
    if n_taken >= total:
        return dict.fromkeys(counts, 1.0)
    if len(counts) == 1:
        return dict.fromkeys(counts, n_taken / total)
    low, high = _uncertain_ranks(counts, n_taken)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    ranks = low + (high - low) * (nodes + 1) / 2
    probabilities = {}
    for size in counts:
        others = {other: count - (other == size) for other, count in counts.items()}
        taken = _probability_of_fewer(others, ranks, n_taken)
        density = size * (1 - ranks) ** (size - 1)
        certain = 1 - (1 - low) ** size
        probability = certain + (high - low) / 2 * (weights * density * taken).sum()
        probabilities[size] = min(float(probability), 1.0)
    return probabilities


def _uncertain_ranks(counts: Mapping[int, int], n_taken: int) -> tuple[float, float]:
    """Return the ranks between which it is uncertain whether a group is taken."""
    sizes, numbers = (np.array(values, dtype=np.float64) for values in (list(counts), list(counts.values())))
    grid = np.linspace(0, 1, 20_001)[:, None]
    below = 1 - (1 - grid) ** sizes
    mean, variance = (below * numbers).sum(axis=1), (below * (1 - below) * numbers).sum(axis=1)
    is_uncertain = np.abs(mean - n_taken) <= _TAIL * np.sqrt(variance) + 2
    places = np.flatnonzero(is_uncertain)
    return float(grid[max(places[0] - 1, 0), 0]), float(grid[min(places[-1] + 1, len(grid) - 1), 0])


def _probability_of_fewer(counts: Mapping[int, int], ranks: Floats, limit: int) -> Floats:
    """Return the probability that fewer than `limit` groups have a lower rank, for each of `ranks`."""
    from scipy import fft, stats

    parts = [
        stats.binom.pmf(np.arange(min(count, limit - 1) + 1), count, 1 - (1 - ranks[:, None]) ** size)
        for size, count in counts.items()
    ]
    length = fft.next_fast_len(sum(part.shape[1] for part in parts), real=True)
    product = np.prod([fft.rfft(part, length, axis=1) for part in parts], axis=0)
    total: Floats = fft.irfft(product, length, axis=1)[:, :limit].sum(axis=1)
    return total


def uncertainty_probabilities(scores: Sequence[float], n_taken: int) -> Floats:
    """Return the probabilities with which `n_taken` articles are drawn, by their uncertainty.

    Parameters
    ----------
    scores : sequence of float
        Uncertainty in standard deviations.
    n_taken : int
        Size of the sample, which is the sum of the probabilities.

    Examples
    --------
    >>> from goldwire.sampling.inclusion import uncertainty_probabilities
    >>> uncertainty_probabilities([-1.0, 0.0, 0.0, 1.0], 2).round(2).tolist()
    [0.19, 0.41, 0.41, 1.0]
    """
    values = np.asarray(scores, dtype=np.float64)
    if n_taken >= len(values):
        return np.ones(len(values))
    weights = np.exp(STEEPNESS * (values - values.max()))
    shares = FLOOR / len(values) + (1 - FLOOR) * weights / weights.sum()
    probabilities = np.zeros(len(values))
    is_certain = np.zeros(len(values), dtype=bool)
    while True:  # who would be above 1 is certain, and the others share the rest
        remaining = n_taken - is_certain.sum()
        probabilities = np.where(is_certain, 1.0, remaining * shares / shares[~is_certain].sum())
        if (probabilities <= 1).all():
            return probabilities
        is_certain |= probabilities >= 1


def systematic_sample(probabilities: Sequence[float] | Floats, key: str) -> tuple[int, ...]:
    """Return the places of a sample in which each place has exactly its probability, and of a fixed size.

    The size is the sum of the probabilities, a whole number. Places are drawn systematically from a start that is a
    digest of `key`; they should be in random order.

    Examples
    --------
    >>> from goldwire.sampling.inclusion import systematic_sample
    >>> systematic_sample([0.5, 1.0, 0.25, 0.25], "13 b01")
    (0, 1)
    """
    given = np.asarray(probabilities, dtype=np.float64)
    is_certain = given >= 1 - 1e-12
    places = np.flatnonzero(~is_certain)
    n_drawn = round(float(given[places].sum()))
    if not n_drawn:
        return tuple(np.flatnonzero(is_certain).tolist())
    ends = given[places].cumsum()
    ends *= n_drawn / ends[-1]  # rounding must not lose the last one
    start = int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") / 2**48
    drawn = places[np.searchsorted(ends, start + np.arange(n_drawn), side="right")]
    return tuple(sorted([*np.flatnonzero(is_certain).tolist(), *drawn.tolist()]))
