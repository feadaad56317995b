"""Near-duplicates: properties, planted copies, chains, and texts that must not be merged."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire.dedup.near_duplicates import near_duplicate_pairs, near_duplicates
from support.stories import edited, five_grams, jaccard, story


def test_similar_pairs_are_found_and_others_are_not() -> None:
    bases = [story(seed) for seed in range(300)]
    copies = [edited(base, 0.02 + 0.12 * (i / 300), i + 1000) for i, base in enumerate(bases)]
    labels = near_duplicates([" ".join(words) for words in (*bases, *copies)])
    real = [i for i in range(300) if jaccard(bases[i], copies[i]) >= 0.5]
    assert len(real) > 100
    assert sum(labels[i] == labels[300 + i] for i in real) >= 0.98 * len(real)
    assert all(labels[i] != labels[j] for i, j in combinations(range(300), 2))


def test_jaccard_and_containment_are_exact() -> None:
    one, other = story(1), edited(story(1), 0.05, 2)
    pairs = near_duplicate_pairs([" ".join(one), "unlike " + " ".join(story(3)), " ".join(other)], 0.4)
    both = len(five_grams(one) & five_grams(other))
    assert (pairs.left.tolist(), pairs.right.tolist()) == ([0], [2])
    assert pairs.jaccard[0] == pytest.approx(jaccard(one, other))
    assert pairs.containment[0] == pytest.approx(both / min(len(five_grams(one)), len(five_grams(other))))


def test_a_truncated_story_is_found_in_the_long_one() -> None:
    long = story(4, 600)
    assert near_duplicates([" ".join(long), " ".join(story(5)), " ".join(long[:150])]) == [0, 1, 0]


def test_containment_has_its_own_threshold() -> None:
    """By default, a text of which half is in a longer one is not a copy of it; one that is cut and edited is."""
    long = story(4, 600)
    half = " ".join(long[:80] + story(5, 80))
    assert near_duplicates([" ".join(long), half]) == [0, 1]
    assert near_duplicates([" ".join(long), half], containment=0.4) == [0, 0]
    edited_part = " ".join(edited(long[:150], 0.02, 6))
    assert near_duplicates([" ".join(long), edited_part]) == [0, 0]
    assert near_duplicates([" ".join(long), edited_part], containment=1.0) == [0, 1]


def test_the_containment_threshold_loses_no_pair_by_jaccard() -> None:
    bases = [story(seed) for seed in range(300)]
    copies = [edited(base, 0.02 + 0.12 * (i / 300), i + 1000) for i, base in enumerate(bases)]
    texts = [" ".join(words) for words in (*bases, *copies)]
    found = [
        {
            (left, right)
            for left, right, jaccard in zip(pairs.left, pairs.right, pairs.jaccard, strict=True)
            if jaccard >= 0.5
        }
        for pairs in (near_duplicate_pairs(texts, 0.5, containment) for containment in (0.45, 0.8, 1.0))
    ]
    assert found[0] == found[1] == found[2]


def test_case_quotes_and_spacing_do_not_matter() -> None:
    text = " ".join(story(6))
    assert near_duplicates([text, text.upper().replace(" ", "\n"), f"“{text}”"]) == [0, 0, 0]


def test_a_chain_does_not_join_dissimilar_texts() -> None:
    first, last = story(7), story(8)
    between = first + last
    labels = near_duplicates([" ".join(first), " ".join(last), " ".join(between)])
    assert labels[0] != labels[1]


def test_the_same_event_in_other_words_is_not_a_duplicate() -> None:
    shared = " ".join(story(9, 40))
    assert near_duplicates([f"{' '.join(story(10))} {shared}", f"{' '.join(story(11))} {shared}"]) == [0, 1]


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(12)))
def test_clusters_do_not_depend_on_the_order(order: list[int]) -> None:
    texts = [" ".join(edited(story(i // 3), 0.04 * (i % 3), i)) for i in range(12)]
    straight, shuffled = near_duplicates(texts), near_duplicates([texts[i] for i in order])
    clusters = {frozenset(i for i in range(12) if straight[i] == label) for label in straight}
    assert {frozenset(order[i] for i in range(12) if shuffled[i] == label) for label in shuffled} == clusters
    assert [label for i, label in enumerate(shuffled) if label not in shuffled[:i]] == list(range(len(set(shuffled))))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(st.sampled_from(list("ab .“中é\n")), max_size=30), max_size=8))
def test_every_text_has_a_cluster_and_equal_texts_share_it(texts: list[str]) -> None:
    labels = near_duplicates(texts)
    assert len(labels) == len(texts)
    assert all(labels[i] == labels[j] for i, j in combinations(range(len(texts)), 2) if texts[i] == texts[j])


def test_texts_without_spaces_are_compared_by_character() -> None:
    rng = random.Random(12)
    text = "".join(chr(rng.randrange(0x4E00, 0x5E00)) for _ in range(300))
    assert near_duplicates([text, text[:200] + "。" + text[210:], text[::-1]]) == [0, 0, 1]
