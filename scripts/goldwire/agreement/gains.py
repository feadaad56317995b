"""How much it would help to settle an article: the order in which a person should look at disagreements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from goldwire.agreement.annotations import spans_by_article
from goldwire.agreement.breakdown import by_item
from goldwire.agreement.span_f1 import count_matches_by_label, sum_counts
from goldwire.agreement.stance import stance_ratings
from goldwire.alignment.span_matching import Span
from goldwire.records import AnnotationLayer, Record

__all__ = ["Gain", "settling_gains"]


class Gain(Record, frozen=True, kw_only=True):
    """By how much exact span F1 and nominal stance alpha would rise if everybody agreed on this article."""

    span_f1: float
    stance_alpha: float

    @property
    def total(self) -> float:
        """Both together: the order to settle in."""
        return self.span_f1 + self.stance_alpha


def settling_gains(layers: Sequence[AnnotationLayer]) -> dict[str, Gain]:
    """The gain of every article that two annotators confirmed.

    Settled spans are taken to be as many as each pair has now, on average; settled stances are what most gave.
    """
    found = {key: by for key, by in spans_by_article(layers).items() if len(by) > 1}
    kept = [layer for layer in layers if layer.confirmed and layer.article_id in found]
    spans, stances = _span_gains(found), _stance_gains(kept)
    return {key: Gain(span_f1=spans.get(key, 0.0), stance_alpha=stances.get(key, 0.0)) for key in found}


def _span_gains(found: Mapping[str, Mapping[str, Sequence[Span]]]) -> dict[str, float]:
    names = sorted({name for by in found.values() for name in by})
    pairs = list(combinations(names, 2))
    table = np.zeros((len(found), len(pairs), 2))
    for row, by in enumerate(found.values()):
        for column, (a, b) in enumerate(pairs):
            if a in by and b in by:
                counts = sum_counts(count_matches_by_label(by[a], by[b])["exact"].values())
                table[row, column] = 2 * counts.matched, counts.first_total + counts.second_total
    total = table[:, :, 1].sum(axis=0)
    if not total.any():
        return {}
    # F1 is both/total summed over articles: settling one adds what it misses of its own total.
    missed = (table[:, total > 0, 1] - table[:, total > 0, 0]) / total[total > 0]
    return dict(zip(found, missed.mean(axis=1).tolist(), strict=True))


def _stance_gains(layers: Sequence[AnnotationLayer]) -> dict[str, float]:
    rows, articles = stance_ratings(layers)
    gains: dict[str, float] = {}
    for article, gain in zip(articles, by_item(rows), strict=True):
        gains[article] = gains.get(article, 0.0) + (0.0 if np.isnan(gain) else gain)
    return gains
