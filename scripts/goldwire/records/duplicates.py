"""Clusters of near-duplicate articles."""

from __future__ import annotations

from typing import Literal

from goldwire.records.record import Record

__all__ = ["DuplicatePair", "Duplicates"]


class DuplicatePair(Record, frozen=True, kw_only=True):
    """Two near-duplicate articles, `left < right`, and how similar the sets of their bodies' word 5-grams are.

    `jaccard` is their Jaccard index and `containment` the share of the smaller set that is in the larger one. `measure`
    is the one by which the pair is near-duplicate: containment only if the Jaccard index is below its threshold.
    """

    left: str
    right: str
    jaccard: float
    containment: float | None = None
    measure: Literal["jaccard", "containment"] = "jaccard"


class Duplicates(Record, frozen=True, kw_only=True):
    """A cluster of two or more near-duplicate articles, with the verified pairs in it."""

    cluster: str  # the smallest article id in it
    article_ids: tuple[str, ...]
    pairs: tuple[DuplicatePair, ...]
