"""Candidate pairs: similar texts are found whatever their length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from goldwire.dedup.candidates import candidate_pairs, least_shared
from goldwire.dedup.engines import ThreadExecutor
from goldwire.dedup.jaccard import Thresholds
from goldwire.dedup.sketches import merge_segments, sketch, unique_texts
from goldwire.text.batches import InMemoryTexts, batch_ranges
from support.stories import edited, jaccard, story

THRESHOLDS = Thresholds(0.5, 0.75)


def candidates_of(stories: Sequence[Sequence[str]]) -> set[tuple[int, int]]:
    """Return the candidate pairs of texts of these words, by the numbers of the texts, both ways round."""
    texts = InMemoryTexts([" ".join(words) for words in stories])
    sketches = [sketch(*texts.slice(first, last)) for first, last in batch_ranges(texts.lengths())]
    unique = unique_texts(sketches)
    candidates = candidate_pairs(unique, merge_segments(sketches), THRESHOLDS, ThreadExecutor().map)
    left, right = unique.first[candidates.left].tolist(), unique.first[candidates.right].tolist()
    return {*zip(left, right, strict=True), *zip(right, left, strict=True)}


@pytest.mark.parametrize("size", [12, 40, 120, 700])
def test_similar_pairs_of_any_length_are_candidates(size: int) -> None:
    """Recall of at least .98 for a Jaccard of .5 or more, for texts of one line as for those of two pages."""
    stories = []
    for seed in range(400):
        base = story(seed, size)
        stories += [base, edited(base, 0.07, seed + 5000)]
    found = candidates_of(stories)
    similar = [i for i in range(0, len(stories), 2) if 0.5 <= jaccard(stories[i], stories[i + 1]) < 1]
    assert len(similar) >= 40
    assert sum((i, i + 1) in found for i in similar) >= 0.98 * len(similar)


@pytest.mark.parametrize("share", [0.2, 0.45])
def test_the_beginning_of_a_text_is_its_candidate(share: float) -> None:
    stories = []
    for seed in range(300):
        base = story(seed, 500)
        stories += [base, base[: int(share * len(base))]]
    found = candidates_of(stories)
    assert sum((i, i + 1) in found for i in range(0, len(stories), 2)) >= 0.98 * 300


@pytest.mark.parametrize(
    ("sizes", "least"),
    [
        ((100, 100), 9),  # .45 of 32 sampled grams, less 2 standard deviations
        ((100, 200), 4),  # of 16
        ((100, 400), 4),  # .75 of 8: the longer text must contain the shorter
        ((50, 400), 1),
    ],
)
def test_of_very_different_lengths_one_text_must_contain_the_other(sizes: tuple[int, int], least: int) -> None:
    left, right = np.zeros(1, np.int64), np.ones(1, np.int64)
    for pair in (sizes, sizes[::-1]):
        n_sampled = np.full(2, 32)
        assert least_shared(np.array(pair), n_sampled, left, right, THRESHOLDS).tolist() == [least]
