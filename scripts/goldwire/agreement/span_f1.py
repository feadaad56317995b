"""Do annotators mark the same spans? F1 by one-to-one matching, its interval by article.

- `exact`: start, end and label are equal.
- `overlap`: spans of one label that overlap, matched so that the most characters coincide; every character counts,
  so that a boundary a little off costs a little.
- `label`: spans of one label that overlap, whatever their boundaries; each counts one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.annotations import pair_articles, spans_by_article
from goldwire.agreement.bootstrap import BootstrapOptions, Estimate, measure, quotient
from goldwire.alignment.span_matching import Match, Span, match_all, match_spans, overlap, read_spans
from goldwire.records import Agreement, AnnotationLayer

__all__ = [
    "MATCHES",
    "MatchCounts",
    "count_matches",
    "count_matches_by_label",
    "f1_estimate",
    "mean_span_f1",
    "span_f1",
    "sum_counts",
]

MATCHES: tuple[Match, ...] = ("exact", "overlap", "label")
_NOTHING = "neither annotator marked anything"


class MatchCounts(msgspec.Struct, frozen=True, gc=False):
    """What coincides of two annotators' spans in one article: in spans, or in characters for `overlap`."""

    matched: float = 0
    first_total: float = 0
    second_total: float = 0
    n_compared: int = 0  # spans compared: matched ones once, every other on its own


def span_f1(
    a: Any, b: Any, match: Match = "exact", *, label: str | None = None, average: str = "micro", **options: Any
) -> Agreement:
    """F1 between annotators a and b: 2 x both/(a + b), the same from either side (Hripcsak and Rothschild 2005).

    a and b are each one article's spans (`SpanLabel` or (start, end, label)), a sequence or a mapping of articles'
    spans, or layers, of which only articles that both confirmed are compared. `label` keeps one label; average `macro`
    is the mean over labels that either used. `options`: n_boot, seed, method; resampled are articles. n_items counts
    the spans compared. nan where neither marked anything.
    """
    articles = [(read_spans(x), read_spans(y)) for x, y in pair_articles(a, b)]
    if average not in ("micro", "macro"):
        raise ValueError(f"no average {average!r}: choose micro or macro")
    wanted: list[str | None] = [label]
    if average == "macro":
        wanted = [*sorted({s.label for x, y in articles for s in (*x, *y) if label in (None, s.label)})]
    counts = [[count_matches(x, y, match, each) for each in wanted] for x, y in articles]
    return measure(f1_estimate(f"span_f1_{match}", counts, 2), BootstrapOptions(**options))


def mean_span_f1(
    layers: Iterable[AnnotationLayer], match: Match = "exact", *, label: str | None = None, **options: Any
) -> Agreement:
    """The mean over pairs of annotators of their F1 over all articles that both confirmed; resampled are articles."""
    found = spans_by_article(layers)
    names = sorted({name for each in found.values() for name in each})
    counts = [
        [
            count_matches(each[x], each[y], match, label) if x in each and y in each else MatchCounts()
            for x, y in combinations(names, 2)
        ]
        for each in found.values()
    ]
    return measure(f1_estimate(f"span_f1_{match}", counts, len(names)), BootstrapOptions(**options))


def count_matches_by_label(first: Sequence[Span], second: Sequence[Span]) -> dict[Match, dict[str, MatchCounts]]:
    """Count what coincides in one article at every level, for each label: spans match within a label only."""
    sizes: dict[str, list[int]] = {}
    for side, spans in ((0, first), (1, second)):
        for span in spans:
            size = sizes.setdefault(span.label, [0, 0, 0, 0])
            size[side] += 1
            size[2 + side] += span.end - span.start
    found: dict[Match, dict[str, MatchCounts]] = {}
    for match, pairs in match_all(first, second).items():
        both = dict.fromkeys(sizes, 0)
        shared = dict.fromkeys(sizes, 0)
        for i, j in pairs:
            both[first[i].label] += 1
            shared[first[i].label] += overlap(first[i], second[j])
        found[match] = {
            label: MatchCounts(shared[label], c, d, a + b - both[label])
            if match == "overlap"
            else MatchCounts(both[label], a, b, a + b - both[label])
            for label, (a, b, c, d) in sizes.items()
        }
    return found


def sum_counts(counts: Iterable[MatchCounts]) -> MatchCounts:
    """The sum of some counts."""
    table = [(c.matched, c.first_total, c.second_total, c.n_compared) for c in counts]
    return MatchCounts(*(sum(column) for column in zip(*table, strict=True))) if table else MatchCounts()


def count_matches(first: Sequence[Span], second: Sequence[Span], match: Match, label: str | None = None) -> MatchCounts:
    """Count what coincides in one article, of one label or of all."""
    if match not in MATCHES:
        raise ValueError(f"no match {match!r}: choose from {', '.join(MATCHES)}")
    if label is not None:
        first = [span for span in first if span.label == label]
        second = [span for span in second if span.label == label]
    pairs = match_spans(first, second, match)
    units = len(first) + len(second) - len(pairs)
    if match != "overlap":
        return MatchCounts(len(pairs), len(first), len(second), units)
    shared = sum(overlap(first[i], second[j]) for i, j in pairs)
    return MatchCounts(shared, sum(s.end - s.start for s in first), sum(s.end - s.start for s in second), units)


def f1_estimate(name: str, counts: Sequence[Sequence[MatchCounts]], raters: int, reason: str = _NOTHING) -> Estimate:
    """The mean over columns (pairs of annotators, or labels) of F1 over rows (articles)."""
    columns = max((len(row) for row in counts), default=0)
    table = np.array([[(c.matched, c.first_total + c.second_total) for c in row] for row in counts], dtype=np.float64)
    table = table.reshape(len(counts), columns * 2)
    # Articles with equal counts are one row: most short articles are.
    distinct, of_item, often = np.unique(table, axis=0, return_inverse=True, return_counts=True)

    def value(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = (weights @ distinct).reshape(len(weights), columns, 2)
        both, total = 2 * sums[:, :, 0], sums[:, :, 1]
        defined = (total > 0).sum(axis=1)
        return quotient(np.nansum(quotient(both, total, total > 0), axis=1), defined, defined > 0)

    return Estimate(
        coefficient=name,
        frequencies=often.astype(np.int64),
        value=value,
        n_items=sum(c.n_compared for row in counts for c in row),
        n_raters=raters,
        undefined_reason=reason if counts else "no article that two annotators confirmed",
        row_of_item=of_item.reshape(-1).astype(np.int64),
    )
