"""Candidate pairs: similar texts are found whatever their length."""

from __future__ import annotations

import pytest

from goldwire.dedup.candidates import candidate_pairs
from goldwire.dedup.engines import ThreadExecutor
from goldwire.dedup.sketches import merge_segments, sketch, unique_texts
from goldwire.text.batches import InMemoryTexts, batch_ranges
from support.stories import edited, jaccard, story


@pytest.mark.parametrize("size", [12, 40, 120, 700])
def test_similar_pairs_of_any_length_are_candidates(size: int) -> None:
    """Recall of at least .98 for a Jaccard of .5 or more, for texts of one line as for those of two pages."""
    stories = []
    for seed in range(400):
        base = story(seed, size)
        stories += [base, edited(base, 0.07, seed + 5000)]
    texts = InMemoryTexts([" ".join(words) for words in stories])
    sketches = [sketch(*texts.slice(first, last)) for first, last in batch_ranges(texts.lengths())]
    unique = unique_texts(sketches)
    candidates = candidate_pairs(unique, merge_segments(sketches), 0.45, ThreadExecutor().map)
    left, right = unique.first[candidates.left].tolist(), unique.first[candidates.right].tolist()
    found = {*zip(left, right, strict=True), *zip(right, left, strict=True)}
    similar = [i for i in range(0, len(stories), 2) if 0.5 <= jaccard(stories[i], stories[i + 1]) < 1]
    assert len(similar) >= 40
    assert sum((i, i + 1) in found for i in similar) >= 0.98 * len(similar)
