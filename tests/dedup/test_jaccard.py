"""Similarity of pairs: the exact Jaccard and containment of the sets of 5-grams."""

from __future__ import annotations

import numpy as np
import pytest

from goldwire.dedup.jaccard import pair_similarity
from goldwire.text.batches import InMemoryTexts
from support.stories import edited, five_grams, jaccard, story


def test_similarity_is_that_of_the_sets_of_five_grams() -> None:
    stories = [story(1, 300), edited(story(1, 300), 0.1, 2), story(1, 80), story(3, 4), story(3, 3), ["one"], []]
    texts = InMemoryTexts([" ".join(words) for words in stories])
    left, right = np.triu_indices(6, 1)
    similarity = pair_similarity(*texts.slice(0, 7), left, right)
    for pair, (first, second) in enumerate(zip(left, right, strict=True)):
        both = len(five_grams(stories[first]) & five_grams(stories[second]))
        smaller = min(len(five_grams(stories[first])), len(five_grams(stories[second])))
        assert similarity.jaccard[pair] == pytest.approx(jaccard(stories[first], stories[second]))
        assert similarity.containment[pair] == pytest.approx(both / smaller)
        assert similarity.smaller[pair] == smaller
