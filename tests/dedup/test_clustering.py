"""Clusters of many texts: large components, boilerplate, and independence of the order."""

from __future__ import annotations

import random

from goldwire.dedup.near_duplicates import near_duplicate_pairs, near_duplicates
from support.stories import edited, story


def test_a_wire_story_in_hundreds_of_papers_is_one_cluster_and_a_chain_is_cut() -> None:
    """Components of more than 64 texts are split by their sketches, those of more than 2,000 by leader clustering."""
    for number in (150, 2100):
        first, second = story(1, 60), story(2, 60)
        texts = [" ".join(edited(first, 0.02, seed)) for seed in range(number)]
        texts += [" ".join(edited(second, 0.02, seed + 9000)) for seed in range(100)]
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
