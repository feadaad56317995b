"""Annotations as chance would make them, which gamma compares the real ones with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np

from goldwire.alignment.span_matching import Span

__all__ = ["SAMPLERS", "Sampler", "SamplerName", "sample_shuffled", "sample_statistical"]

Units: TypeAlias = Sequence[Sequence[Span]]
"""The units of each annotator of one text."""
SamplerName = Literal["statistical", "shuffle"]
Sample: TypeAlias = list[list[Span]]
"""The units of each annotator, drawn at random."""
Sampler = Callable[[Units, np.random.Generator, int], Iterator[Sample]]
Normal = tuple[float, float]
"""The mean and standard deviation of a normal distribution."""


def sample_shuffled(units: Units, random: np.random.Generator, n_samples: int) -> Iterator[Sample]:
    """Yield samples: per annotator, the units of a random annotator, shifted around the text as if it were a ring.

    The shifts of annotators differ by at least half a mean unit (Mathet et al. 2015, section 5.2).
    """
    all_units = [unit for annotator_units in units for unit in annotator_units]
    bounds = min(unit.start for unit in all_units), max(unit.end for unit in all_units)
    min_distance = sum(unit.end - unit.start for unit in all_units) / len(all_units) / 2
    for _ in range(n_samples):
        yield _shuffled(units, bounds, min_distance, random)


def _shuffled(units: Units, bounds: tuple[int, int], min_distance: float, random: np.random.Generator) -> Sample:
    low, high = bounds
    free = [(float(low), float(high))]
    sampled = []
    for _ in units:
        shift = int(_uniform(free, random) if free else random.uniform(low, high))
        halves = [
            half
            for start, end in free
            for half in ((start, min(end, shift - min_distance)), (max(start, shift + min_distance), end))
        ]
        free = [(start, end) for start, end in halves if start < end]
        source = units[int(random.integers(len(units)))]
        sampled.append(sorted(_shift(unit, shift, low, high) for unit in source))
    return sampled


def _uniform(intervals: Sequence[tuple[float, float]], random: np.random.Generator) -> float:
    """Return a uniform draw from the union of intervals."""
    lengths = np.array([end - start for start, end in intervals])
    start, end = intervals[int(random.choice(len(intervals), p=lengths / lengths.sum()))]
    return float(random.uniform(start, end))


def _shift(unit: Span, shift: int, low: int, high: int) -> Span:
    offset = shift if unit.start + shift <= high else shift + low - high
    return Span(unit.start + offset, unit.end + offset, unit.label)


def sample_statistical(units: Units, random: np.random.Generator, n_samples: int) -> Iterator[Sample]:
    """Yield samples: per annotator, units whose number, lengths, gaps and labels are drawn at random.

    Numbers, lengths and gaps are normal with the mean and deviation of the data, labels are as frequent as in the data:
    the default sampler of pygamma-agreement.
    """
    all_units = [unit for annotator_units in units for unit in annotator_units]
    # Once per text: to compute them for each sample took a third of gamma's time.
    count = _normal([len(annotator_units) for annotator_units in units])
    length, gap = _normal([unit.end - unit.start for unit in all_units]), _normal(_gaps(units))
    for _ in range(n_samples):
        sampled: Sample = []
        while not any(sampled):
            sampled = [_units_in_a_row(abs(int(random.normal(*count))), length, gap, all_units, random) for _ in units]
        yield sampled


def _normal(values: Sequence[float]) -> Normal:
    return float(np.mean(values)), float(np.std(values))


def _units_in_a_row(
    count: int, length: Normal, gap: Normal, all_units: Sequence[Span], random: np.random.Generator
) -> list[Span]:
    lengths = np.maximum(abs(random.normal(*length, count)), 1e-6)
    ends = np.cumsum(random.normal(*gap, count) + lengths)
    labels = [all_units[index].label for index in random.integers(len(all_units), size=count)]
    starts = (ends - lengths).tolist()
    return [Span(start, end, label) for start, end, label in zip(starts, ends.tolist(), labels, strict=True)]


def _gaps(units: Units) -> list[float]:
    """Return the gaps between each annotator's units, and before the first."""
    gaps = [0.0]
    for annotator_units in units:
        ordered = sorted(annotator_units)
        gaps += [float(b.start - a.end) for a, b in pairwise(ordered)]
        gaps += [float(ordered[0].start)] if ordered and ordered[0].start > 0 else []
    return gaps


SAMPLERS: dict[str, Sampler] = {"statistical": sample_statistical, "shuffle": sample_shuffled}
"""From names to samplers."""
