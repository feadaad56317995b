"""The spans of each two annotators of an article, compared once for all figures of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple, TypeAlias

from goldwire.agreement.annotations import spans_by_article
from goldwire.agreement.span_f1 import MatchCounts, count_matches_by_label, sum_counts
from goldwire.alignment.span_matching import Match, Span, match_all
from goldwire.records import AnnotationLayer

__all__ = ["SpanComparison", "SpanComparisons", "compare_spans"]


class SpanComparison(NamedTuple):
    """Match counts of two annotators in an article, and their mentions of one label with other offsets.

    `n_mentions` mentions have the label of the other annotator, and `n_moved` of these begin or end elsewhere.
    """

    counts: dict[Match, dict[str, MatchCounts]]
    n_mentions: int
    n_moved: int

    def exact(self) -> MatchCounts:
        """Return the counts of equal spans of all labels."""
        return sum_counts(self.counts["exact"].values())


SpanComparisons: TypeAlias = Mapping[str, Mapping[tuple[str, str], SpanComparison]]
"""By article and pair of annotators; articles, annotators and pairs are in ascending order."""


def compare_spans(layers: Iterable[AnnotationLayer]) -> SpanComparisons:
    """Compare the confirmed layers of each two annotators of an article."""
    return {
        article: {(a, b): _compare(by_annotator[a], by_annotator[b]) for a, b in combinations(by_annotator, 2)}
        for article, by_annotator in spans_by_article(layers).items()
    }


def _compare(first: Sequence[Span], second: Sequence[Span]) -> SpanComparison:
    pairs = match_all(first, second)
    moved = sum((first[i].start, first[i].end) != (second[j].start, second[j].end) for i, j in pairs["label"])
    return SpanComparison(count_matches_by_label(first, second, pairs), len(pairs["label"]), moved)
