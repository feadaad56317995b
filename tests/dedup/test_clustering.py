"""Clusters of many texts: large components, boilerplate, and independence of the order."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage

from goldwire.dedup.clustering import _average_linkage, connected_components
from goldwire.dedup.near_duplicates import near_duplicate_pairs, near_duplicates
from support.stories import edited, story


def test_a_wire_story_in_hundreds_of_papers_is_one_cluster_and_a_chain_is_split() -> None:
    """Components of more than 64 texts are split by their sketches, those of more than 2,000 by leader clustering."""
    for number in (150, 2100):
        first, second = story(1, 60), story(2, 60)
        texts = [" ".join(edited(first, 0.005, seed)) for seed in range(number)]
        texts += [" ".join(edited(second, 0.005, seed + 9000)) for seed in range(100)]
        bridge = " ".join(first + second)
        labels = near_duplicates([*texts, bridge])
        assert len(set(labels[:number])) == 1
        assert len(set(labels[number:-1])) == 1
        assert labels[0] != labels[number]


def test_boilerplate_joins_no_texts_and_the_number_of_pairs_stays_linear() -> None:
    boilerplate = " ".join(story(7, 60))
    texts = [f"{' '.join(story(seed + 100, 150))} {boilerplate}" for seed in range(1500)]
    assert len(set(near_duplicates(texts))) == len(texts)
    assert len(near_duplicate_pairs(texts, 0.2).left) <= 8 * len(texts)


def test_clusters_of_many_texts_do_not_depend_on_their_order() -> None:
    rng = random.Random(3)
    texts = [" ".join(edited(story(seed // 4, 90), 0.03 * (seed % 4), seed)) for seed in range(1000)]
    order = rng.sample(range(1000), 1000)
    straight, shuffled = near_duplicates(texts), near_duplicates([texts[number] for number in order])
    label_pairs = {(shuffled[at], straight[number]) for at, number in enumerate(order)}
    assert len(label_pairs) == len(set(straight)) == len(set(shuffled))


def test_texts_without_words_are_duplicates_if_they_are_equal() -> None:
    assert near_duplicates(["…", "", "…", "!", "", "word"]) == [0, 1, 0, 2, 1, 3]


@pytest.mark.parametrize("n_texts", [3, 10, 64])
def test_groups_of_average_linkage_are_those_of_scipy(n_texts: int) -> None:
    scores = np.random.default_rng(n_texts).random(n_texts * (n_texts - 1) // 2)
    for threshold in (0.3, 0.8, 1.0):
        groups = _average_linkage(scores, n_texts, threshold)
        expected = fcluster(linkage(1 - scores, "average"), 1 - threshold / 2, "distance")
        assert len(set(zip(groups, expected, strict=True))) == len(set(groups)) == len(set(expected))


def test_components_are_numbered_by_their_first_texts() -> None:
    rng = np.random.default_rng(1)
    left, right = rng.integers(0, 30_000, (2, 20_000))
    many = connected_components(left, right, 30_000)
    few = connected_components(left[:9_000], right[:9_000], 30_000)
    repeated = connected_components(np.tile(left[:9_000], 2), np.tile(right[:9_000], 2), 30_000)
    assert few.tolist() == repeated.tolist()
    assert all(label <= max(many[:text], default=-1) + 1 for text, label in enumerate(many[:2_000].tolist()))
