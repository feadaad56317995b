"""Annotations as chance would have them, to compare a real one with: samplers for gamma."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from goldwire.alignment.span_matching import Span

__all__ = ["SAMPLERS", "shuffle", "statistical"]

Units = Sequence[Sequence[Span]]


def shuffle(units: Units, random: np.random.Generator) -> list[list[Span]]:
    """Each annotator: some annotator's units, moved round the text as a ring by an amount of their own.

    The amounts are at least half a mean unit apart (Mathet et al. 2015, section 5.2).
    """
    everything = [span for each in units for span in each]
    low, high = min(s.start for s in everything), max(s.end for s in everything)
    apart = sum(s.end - s.start for s in everything) / len(everything) / 2
    free = [(float(low), float(high))]
    drawn = []
    for _ in units:
        pivot = int(_uniform(free, random) if free else random.uniform(low, high))
        free = [
            part
            for start, end in free
            for part in ((start, min(end, pivot - apart)), (max(start, pivot + apart), end))
            if part[0] < part[1]
        ]
        chosen = units[int(random.integers(len(units)))]
        drawn.append(sorted(_moved(span, pivot, low, high) for span in chosen))
    return drawn


def _uniform(parts: Sequence[tuple[float, float]], random: np.random.Generator) -> float:
    lengths = np.array([end - start for start, end in parts])
    start, end = parts[int(random.choice(len(parts), p=lengths / lengths.sum()))]
    return float(random.uniform(start, end))


def _moved(span: Span, pivot: int, low: int, high: int) -> Span:
    by = pivot if span.start + pivot <= high else pivot + low - high
    return Span(span.start + by, span.end + by, span.label)


def statistical(units: Units, random: np.random.Generator) -> list[list[Span]]:
    """Each annotator: as many units, as long, as far apart and of such labels as chance has it.

    Numbers, lengths and gaps are normal with the mean and the deviation found, labels as frequent as found: the
    sampler that pygamma-agreement takes unless told otherwise.
    """
    everything = [span for each in units for span in each]
    number, length, gap = (
        (float(np.mean(values)), float(np.std(values)))
        for values in ([len(each) for each in units], [span.end - span.start for span in everything], _gaps(units))
    )
    while True:
        drawn = [_drawn(abs(int(random.normal(*number))), (length, gap), everything, random) for _ in units]
        if any(drawn):
            return drawn


def _drawn(
    number: int,
    normal: tuple[tuple[float, float], tuple[float, float]],
    everything: Sequence[Span],
    random: np.random.Generator,
) -> list[Span]:
    length, gap = normal
    lengths = np.maximum(abs(random.normal(*length, number)), 1e-6)
    ends = np.cumsum(random.normal(*gap, number) + lengths)
    labels = [everything[place].label for place in random.integers(len(everything), size=number)]
    return [
        Span(start, end, label)
        for start, end, label in zip((ends - lengths).tolist(), ends.tolist(), labels, strict=True)
    ]


def _gaps(units: Units) -> list[float]:
    gaps = [0.0]
    for each in units:
        ordered = sorted(each)
        gaps += [float(b.start - a.end) for a, b in pairwise(ordered)]
        gaps += [float(ordered[0].start)] if ordered and ordered[0].start > 0 else []
    return gaps


SAMPLERS = {"shuffle": shuffle, "statistical": statistical}
"""Samplers by name."""
