"""Inclusion probabilities against many repeated draws."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire.sampling.annotator_assignment import pick_articles
from goldwire.sampling.inclusion import group_probabilities, systematic_sample, uncertainty_probabilities


@pytest.mark.parametrize("n_taken", [1, 4, 11])
def test_probabilities_of_clusters_are_the_frequencies_of_many_plans(n_taken: int) -> None:
    groups = [(f"s{i}",) for i in range(8)] + [(f"p{i}", f"q{i}") for i in range(3)] + [tuple("uvwxy")]
    counts = Counter(map(len, groups))
    n_draws, taken = 4_000, Counter[str]()
    for seed in range(n_draws):
        taken.update(pick_articles(groups, str(seed), limit=n_taken))
    expected = group_probabilities(counts, n_taken)
    assert sum(counts[size] * p for size, p in expected.items()) == pytest.approx(n_taken, abs=1e-6)
    for size, probability in expected.items():
        members = [name for group in groups if len(group) == size for name in group]
        frequency = sum(taken[name] for name in members) / n_draws / counts[size]
        error = np.sqrt(probability * (1 - probability) / n_draws / counts[size])
        assert abs(frequency - probability) < 5 * error, size


@pytest.mark.parametrize(
    ("counts", "n_taken"), [({1: 2, 2: 1}, 1), ({1: 90_000, 2: 4_000, 9: 3}, 300), ({1: 5, 40: 1}, 5)]
)
def test_probabilities_sum_to_the_size_of_the_sample(counts: dict[int, int], n_taken: int) -> None:
    probabilities = group_probabilities(counts, n_taken)
    assert sum(counts[size] * p for size, p in probabilities.items()) == pytest.approx(n_taken, rel=1e-6)
    assert all(0 < p <= 1 for p in probabilities.values())


def test_all_groups_taken_are_certain_and_equal_groups_are_equal() -> None:
    assert group_probabilities({1: 3, 2: 2}, 5) == {1: 1.0, 2: 1.0}
    assert group_probabilities({3: 8}, 2) == {3: 0.25}


@given(st.lists(st.floats(-4, 4), min_size=1, max_size=40), st.data())
@settings(max_examples=60, deadline=None)
def test_uncertain_articles_are_likelier_and_none_is_impossible(scores: list[float], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(scores)))
    probabilities = uncertainty_probabilities(scores, size)
    assert probabilities.sum() == pytest.approx(size)
    assert (probabilities > 0).all()
    assert (probabilities <= 1).all()
    order = np.argsort(scores)
    assert (np.diff(probabilities[order]) >= -1e-12).all()
    for key in map(str, range(5)):
        sample = systematic_sample(probabilities, key)
        assert len(set(sample)) == len(sample) == size
        assert {i for i, p in enumerate(probabilities) if p == 1} <= set(sample)


def test_each_article_is_drawn_as_often_as_its_probability_says() -> None:
    scores = np.random.default_rng(0).normal(size=30)
    probabilities = uncertainty_probabilities(scores.tolist(), 8)
    draws = 4_000
    drawn = Counter(place for key in range(draws) for place in systematic_sample(probabilities, f"{key}"))
    frequency = np.array([drawn[place] for place in range(30)]) / draws
    assert np.abs(frequency - probabilities).max() < 5 * 0.5 / np.sqrt(draws)
