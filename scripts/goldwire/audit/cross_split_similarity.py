"""Near-duplicate texts across the splits of a dataset."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from goldwire.audit.splits import NO_SPLIT, split_pairs
from goldwire.audit.table import Dataset, Leak, row_position
from goldwire.records import Finding

if TYPE_CHECKING:
    import polars as pl

    from goldwire.dedup.text_store import OnDiskTexts

__all__ = ["similar_texts"]

_MIN_JACCARD = 0.7  # Jaccard of word 5-grams: sentences that share a stock phrase reach 0.5
_ROWS = 50_000  # of texts in memory at a time; the rest is on disk, with 24 bytes per row in memory


def similar_texts(dataset: Dataset) -> Iterator[tuple[Finding, Leak]]:
    """Yield a finding per pair of splits that share near-duplicates, at the first such text of the later split."""
    import polars as pl

    from goldwire.dedup.near_duplicates import cluster_texts
    from goldwire.dedup.text_store import temporary_texts

    digest = pl.col("text").hash().alias("digest")
    in_split = pl.col("text").is_not_null() & (pl.col("split") != NO_SPLIT)
    keyed = dataset.frame.filter(in_split).select(digest, "split", row_position().alias("at"))
    rows = keyed.group_by("digest", "split").agg(pl.col("at").min()).collect(engine="streaming")
    if rows["split"].n_unique() < 2:
        return
    rows = rows.sort("at")
    texts = rows.group_by("digest", maintain_order=True).agg(pl.col("split"), pl.col("at"))
    with temporary_texts() as stored:
        _store_texts(dataset.frame, texts["at"].list.first(), stored)
        pairs = cluster_texts(stored, _MIN_JACCARD).pairs
    joined = zip(pairs.left.tolist(), pairs.right.tolist(), pairs.jaccard.tolist(), strict=True)
    leaks: dict[tuple[str, str], dict[int, tuple[int, int, float]]] = {}
    for left, right, jaccard in joined:
        for (left_split, left_at), (right_split, right_at) in product(_homes(texts, left), _homes(texts, right)):
            for first, second in split_pairs([left_split, right_split]) if left_split != right_split else ():
                later, at, origin = (right, right_at, left_at) if second == right_split else (left, left_at, right_at)
                leaks.setdefault((first, second), {}).setdefault(later, (at, origin, jaccard))
    for (first, second), by_text in sorted(leaks.items()):
        at, origin, jaccard = min(by_text.values())
        message = (
            f"{len(by_text):,} of its texts have a near-duplicate in {first}; this one (Jaccard {jaccard:.2f}) at "
            f"{dataset.location_of(origin)}"
        )
        finding = dataset.finding_at("near-text-across-splits", at, message, f"{first} {second}")
        total = texts.filter(pl.col("split").list.contains(second)).height
        yield finding, Leak(first, second, "texts", len(by_text), total, nearly=True)


def _store_texts(frame: pl.LazyFrame, wanted: pl.Series, stored: OnDiskTexts) -> None:
    """Write the texts at the positions `wanted` (sorted) to `stored`."""
    import numpy as np
    import polars as pl

    selected_positions = wanted.to_numpy()
    places, first, last = [np.zeros(0, np.int64)], 0, -1
    while True:
        rows = frame.slice(first, _ROWS).select(row_position().alias("at"), "text").collect()
        if not rows.height:
            break
        first += rows.height
        # A row of two splits, as lists of ids may have it, is there twice in a row.
        rows = rows.filter(pl.col("at") != pl.col("at").shift(1, fill_value=last))
        last = rows["at"][-1] if rows.height else last
        at = rows["at"].to_numpy()
        selected_rows = rows.filter(
            selected_positions[np.minimum(np.searchsorted(selected_positions, at), len(selected_positions) - 1)] == at
        )
        arrow = selected_rows["text"].rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
        _, offsets, data = arrow.buffers()
        ends = np.frombuffer(offsets, np.int64)[arrow.offset : arrow.offset + len(arrow) + 1]
        if data is not None:
            stored.add(memoryview(data)[ends[0] : ends[-1]], np.diff(ends))
        places.append(selected_rows["at"].to_numpy())
    stored.finish(np.argsort(np.concatenate(places)))


def _homes(texts: pl.DataFrame, text: int) -> list[tuple[str, int]]:
    """Return the splits that a text is in, each with the text's first position there."""
    return list(zip(texts["split"][text], texts["at"][text], strict=True))
