"""Do two annotators mark the same spans? Precision, recall and F1 by one-to-one matching.

- `exact`: start, end and label are equal.
- `overlap`: spans of one label that overlap, each matched to at most one, so that most characters coincide;
  every character counts, so that a boundary a little off costs a little.
- `label`: spans of one label that overlap, whatever their boundaries, each matched to at most one; each counts one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.bootstrap import Estimate, Options, measure
from goldwire.agreement.matching import Span, match_spans, read_spans
from goldwire.records import Agreement, AnnotationLayer

__all__ = ["MATCHES", "Counts", "compared", "count_pair", "f1_estimate", "mean_span_f1", "span_f1"]

Match = Literal["exact", "overlap", "label"]
MATCHES: tuple[Match, ...] = ("exact", "overlap", "label")


class Counts(msgspec.Struct, frozen=True):
    """What coincides of two annotators' spans of one article: in spans, or in characters for `overlap`."""

    both: float
    first: float
    second: float
    spans: int  # distinct spans compared: matched ones once, the others each


def span_f1(
    a: Any,
    b: Any,
    match: Match = "exact",
    *,
    label: str | None = None,
    average: Literal["micro", "macro"] = "micro",
    n_boot: int = 0,
    seed: int = 0,
) -> Agreement:
    """F1 between annotators a and b: 2 x both/(a + b), the same from either side (Hripcsak and Rothschild 2005).

    a and b are each one article's spans (`SpanLabel` or (start, end, label)), a sequence or mapping of articles' spans,
    or layers, of which only articles that both confirmed are compared. `label` keeps one label; `macro` is the mean over
    labels. n_items counts the spans compared; the interval resamples articles. nan where neither marked anything.
    """
    articles = compared(a, b)
    if average == "macro" and label is None:
        return _macro(articles, match, Options(n_boot=n_boot, seed=seed))
    counts = [[count_pair(first, second, match, label)] for first, second in articles]
    return measure(f1_estimate(f"span_f1_{match}", counts, 2), Options(n_boot=n_boot, seed=seed))


def mean_span_f1(layers: Iterable[AnnotationLayer], match: Match = "exact", *, label: str | None = None, n_boot: int = 0, seed: int = 0) -> Agreement:
    """The mean over pairs of annotators of their F1 over all articles that both confirmed; the interval by article."""
    by_article = confirmed_by_article(layers)
    names = sorted({name for found in by_article.values() for name in found})
    pairs = list(combinations(names, 2))
    counts = [
        [
            count_pair(read_spans(found[x]), read_spans(found[y]), match, label) if x in found and y in found else Counts(0, 0, 0, 0)
            for x, y in pairs
        ]
        for found in by_article.values()
    ]
    return measure(f1_estimate(f"span_f1_{match}", counts, len(names)), Options(n_boot=n_boot, seed=seed))
