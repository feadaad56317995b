"""The most similar vectors of different clusters are those of a comparison of all pairs."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from goldwire.dedup import embeddings
from goldwire.dedup.embeddings import similar_pairs


@pytest.mark.parametrize("scores", [1 << 24, 100])  # one block, and blocks of one or two rows
def test_pairs_are_those_of_a_comparison_of_all(monkeypatch: pytest.MonkeyPatch, scores: int) -> None:
    monkeypatch.setattr(embeddings, "_SCORES", scores)
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(60, 4)) * rng.uniform(0.1, 10, (60, 1))
    vectors[[0, 7, 30]] = 0  # without a vector
    clusters = np.concatenate((np.arange(50), rng.integers(0, 50, 10)))
    first = {}
    for text in np.flatnonzero(vectors.any(axis=1)).tolist():
        first.setdefault(int(clusters[text]), text)
    units = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    expected = sorted(
        ((float(units[a] @ units[b]), a, b) for a, b in combinations(sorted(first.values()), 2)),
        key=lambda pair: (-pair[0], *pair[1:]),
    )
    expected = [pair for pair in expected if pair[0] >= 0.7]
    found = similar_pairs(vectors, clusters, 0.7)
    assert [*zip(found.left.tolist(), found.right.tolist(), strict=True)] == [pair[1:] for pair in expected]
    assert found.similarity == pytest.approx([pair[0] for pair in expected], abs=1e-5)
    few = similar_pairs(vectors, clusters, 0.7, max_pairs=5)
    assert few.left.tolist() == found.left[:5].tolist()


def test_no_vectors_have_no_pairs() -> None:
    assert len(similar_pairs(np.zeros((3, 4)), np.arange(3), 0.9).left) == 0
    assert len(similar_pairs(np.zeros((0, 4)), np.arange(0), 0.9).left) == 0
