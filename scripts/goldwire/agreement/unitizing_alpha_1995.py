"""The first unitizing alpha, by squared lengths (Krippendorff 1995, Sociological Methodology 25:47-76; 2004, ch. 11.6).

Superseded by the family of 2016 (see `unitizing`), but what many papers report. Units of one label and one annotator
must not overlap; units of different labels may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

from goldwire.agreement.annotations import spans_by_article, without_overlaps
from goldwire.alignment.span_matching import Span
from goldwire.records import Agreement

__all__ = ["unitizing_alpha_1995"]

Sections = list[tuple[int, int, bool]]  # start, end, whether a unit


def unitizing_alpha_1995(annotations: Mapping[str, Any], length: int, *, label: str | None = None) -> Agreement:
    """alpha_U of one text's spans by annotator, of one label or of all together.

    1 - (sum over labels of observed disagreement)/(sum of expected). Whole numbers all the way: exact at any length.
    nan where fewer than two annotators looked or nothing was marked.
    """
    [by] = spans_by_article(annotations).values()
    labels = sorted({span.label for spans in by.values() for span in spans if label in (None, span.label)})
    observed = expected = Fraction(0)
    for each in labels if len(by) > 1 else ():
        sections = [_sections(spans, each, length) for spans in by.values()]
        observed += _observed(sections, length)
        expected += _expected(sections, length)
    reason = "fewer than two annotators" if len(by) < 2 else "nothing was marked that could differ"
    return Agreement(
        coefficient="unitizing_alpha_1995" + (f"[{label}]" if label else ""),
        value=float(1 - observed / expected) if expected else float("nan"),
        low=float("nan"),
        high=float("nan"),
        n_items=sum(span.label in labels for spans in by.values() for span in spans),
        n_raters=len(by),
        reason=None if expected else reason,
    )


def _sections(spans: Sequence[Span], label: str, length: int) -> Sections:
    """Units of the label, and the gaps between them."""
    found: Sections = []
    at = 0
    for span in without_overlaps(span for span in spans if span.label == label):
        found += [(at, span.start, False)] if span.start > at else []
        found.append((span.start, span.end, True))
        at = span.end
    return [*found, (at, length, False)] if at < length else found


def _observed(annotators: Sequence[Sections], length: int) -> Fraction:
    total = sum(_distance(g, h) for a, b in combinations(annotators, 2) for g in a for h in b)
    return Fraction(2 * total, len(annotators) * (len(annotators) - 1) * length**2)


def _distance(g: tuple[int, int, bool], h: tuple[int, int, bool]) -> int:
    """Squared lengths that two sections do not share: of units that meet, or of a unit within a gap."""
    if g[2] and h[2] and g[0] < h[1] and h[0] < g[1]:
        return (g[0] - h[0]) ** 2 + (g[1] - h[1]) ** 2
    if g[2] and not h[2] and h[0] <= g[0] and g[1] <= h[1]:
        return (g[1] - g[0]) ** 2
    if h[2] and not g[2] and g[0] <= h[0] and h[1] <= g[1]:
        return (h[1] - h[0]) ** 2
    return 0


def _expected(annotators: Sequence[Sections], length: int) -> Fraction:
    units = [end - start for each in annotators for start, end, unit in each if unit]
    gaps = [end - start for each in annotators for start, end, unit in each if not unit]
    total = Fraction(0)
    for unit in units:
        total += Fraction((len(units) - 1) * (2 * unit**3 - 3 * unit**2 + unit), 3)
        total += unit**2 * sum(gap - unit + 1 for gap in gaps if gap >= unit)
    places = len(annotators) * length
    below = length * (places * (places - 1) - sum(unit * (unit - 1) for unit in units))
    return 2 * total / below if below else Fraction(0)
