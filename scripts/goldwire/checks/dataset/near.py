"""Texts that are nearly the same in two splits of a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from goldwire.checks.dataset.leaks import split_pairs
from goldwire.checks.dataset.table import Dataset, place
from goldwire.records import Finding

__all__ = ["across"]

_ALIKE = 0.7  # Jaccard of word 5-grams: sentences that share a stock phrase reach 0.5


def across(dataset: Dataset) -> Iterator[Finding]:
    """Yield a finding for each two splits that share nearly equal texts, at the first such text of the later one."""
    import polars as pl

    from goldwire.similarity import pairs

    keyed = dataset.frame.filter(pl.col("text").is_not_null()).select("split", "text", place().alias("at"))
    texts = keyed.group_by("text", "split").agg(pl.col("at").min()).collect(engine="streaming")
    if texts["split"].n_unique() < 2:
        return
    grouped = texts.group_by("text").agg(pl.col("split"), pl.col("at")).sort("text")
    found = pairs(grouped["text"].to_list(), _ALIKE)
    splits, places = grouped["split"].to_list(), grouped["at"].to_list()
    leaks: dict[tuple[str, str], dict[int, tuple[int, int, float]]] = {}
    for left, right, jaccard in zip(found.left.tolist(), found.right.tolist(), found.jaccard.tolist(), strict=True):
        for (one, here), (other, there) in product(_homes(splits, places, left), _homes(splits, places, right)):
            if one != other:
                ((first, second),) = split_pairs([one, other])
                later, at, origin = (right, there, here) if second == other else (left, here, there)
                leaks.setdefault((first, second), {}).setdefault(later, (at, origin, jaccard))
    for (one, other), by_text in sorted(leaks.items()):
        at, origin, jaccard = min(by_text.values())
        message = (
            f"{len(by_text):,} of its texts are nearly in {one} too; this one (Jaccard {jaccard:.2f}) at "
            f"{dataset.say(origin)}"
        )
        yield dataset.finding_at("near-text-across-splits", at, message, f"{one} {other}")


def _homes(splits: list[list[str]], places: list[list[int]], text: int) -> list[tuple[str, int]]:
    """The splits that a text is in, each with its first place there."""
    return list(zip(splits[text], places[text], strict=True))
