"""The first unitizing alpha, by squared lengths. The family of 2016 supersedes it, but many papers report it.

References
----------
Krippendorff, K. (1995). On the reliability of unitizing continuous data. Sociological Methodology 25:47-76.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from goldwire.agreement.annotations import AnnotatorSpans, spans_by_article, without_overlaps
from goldwire.alignment.span_matching import Span
from goldwire.records import Agreement

__all__ = ["unitizing_alpha_1995"]


class _Section(NamedTuple):
    """A unit of one annotator, or a gap between two."""

    start: int
    end: int
    is_unit: bool


def unitizing_alpha_1995(annotations: AnnotatorSpans, length: int, *, label: str | None = None) -> Agreement:
    """Return Krippendorff's alpha_U of one text.

    Parameters
    ----------
    annotations : mapping of annotator to iterable of span-like
        An empty list means that the annotator marked nothing. Where an annotator's spans of one label overlap, the
        longer one counts; spans of different labels may overlap.
    length : int
        Length of the text in characters.
    label : str, optional
        Compare spans of this label only. Default: all labels together.

    Returns
    -------
    Agreement
        `value` without an interval; `n_items` counts spans. The value is nan, and `reason` says why, where there are
        fewer than two annotators or nothing is marked.

    Notes
    -----
    1 - sum_c Do_c / sum_c De_c over labels c. Do adds the squared lengths by which units of two annotators differ, De
    is its expectation over all ways to place the units. Computed in rational numbers: exact at any length.

    References
    ----------
    Krippendorff, K. (1995). On the reliability of unitizing continuous data. Sociological Methodology 25:47-76.

    Krippendorff, K. (2004). Content Analysis, 2nd ed., ch. 11.6, whose expected disagreement corrects a sign of 1995.

    Examples
    --------
    >>> from goldwire.agreement import unitizing_alpha_1995
    >>> spans = {"A1": [(2, 10, "PER"), (14, 20, "PER")], "A2": [(4, 8, "PER"), (15, 17, "PER")]}
    >>> round(unitizing_alpha_1995(spans, 24, label="PER").value, 4)
    0.5153
    """
    [by_annotator] = spans_by_article([annotations]).values()
    spans = [span for spans in by_annotator.values() for span in spans if label in (None, span.label)]
    observed = expected = Fraction(0)
    for name in sorted({span.label for span in spans}) if len(by_annotator) > 1 else ():
        sections = [_sections(spans, name, length) for spans in by_annotator.values()]
        observed += _observed_disagreement(sections, length)
        expected += _expected_disagreement(sections, length)
    reason = "fewer than two annotators" if len(by_annotator) < 2 else "nothing is marked that could differ"
    return Agreement(
        coefficient="unitizing_alpha_1995",
        unit="span",
        label=label or None,
        value=float(1 - observed / expected) if expected else float("nan"),
        low=float("nan"),
        high=float("nan"),
        n_items=len(spans),
        n_raters=len(by_annotator),
        reason=None if expected else reason,
    )


def _sections(spans: Sequence[Span], label: str, length: int) -> list[_Section]:
    """Return the units of one label and the gaps around them, in text order."""
    sections: list[_Section] = []
    offset = 0
    for span in without_overlaps(span for span in spans if span.label == label):
        if span.start > offset:
            sections.append(_Section(offset, span.start, is_unit=False))
        sections.append(_Section(span.start, span.end, is_unit=True))
        offset = span.end
    return [*sections, _Section(offset, length, is_unit=False)] if offset < length else sections


def _observed_disagreement(annotators: Sequence[Sequence[_Section]], length: int) -> Fraction:
    total = sum(_distance(g, h) for first, second in combinations(annotators, 2) for g in first for h in second)
    return Fraction(2 * total, len(annotators) * (len(annotators) - 1) * length**2)


def _distance(g: _Section, h: _Section) -> int:
    """Return the squared lengths by which two units that overlap differ, or the square of a unit within a gap."""
    if g.is_unit and h.is_unit and g.start < h.end and h.start < g.end:
        return (g.start - h.start) ** 2 + (g.end - h.end) ** 2
    if g.is_unit and not h.is_unit and h.start <= g.start and g.end <= h.end:
        return (g.end - g.start) ** 2
    if h.is_unit and not g.is_unit and g.start <= h.start and h.end <= g.end:
        return (h.end - h.start) ** 2
    return 0


def _expected_disagreement(annotators: Sequence[Sequence[_Section]], length: int) -> Fraction:
    units = [section.end - section.start for sections in annotators for section in sections if section.is_unit]
    gaps = [section.end - section.start for sections in annotators for section in sections if not section.is_unit]
    total = Fraction(0)
    for unit in units:
        total += Fraction((len(units) - 1) * (2 * unit**3 - 3 * unit**2 + unit), 3)
        total += unit**2 * sum(gap - unit + 1 for gap in gaps if gap >= unit)
    n_positions = len(annotators) * length
    divisor = length * (n_positions * (n_positions - 1) - sum(unit * (unit - 1) for unit in units))
    return 2 * total / divisor if divisor else Fraction(0)
