"""Features of the second network: what the first made of the lines around each line."""

from __future__ import annotations

import numpy as np

from goldwire.extraction.plaintext.line_features import FEATURE_NAMES
from goldwire.extraction.plaintext.refinement import REFINEMENT_FEATURE_NAMES, refinement_features

N = len(FEATURE_NAMES)


def columns(probability: list[float], n_words: list[int], bounds: list[int]) -> dict[str, list[float]]:
    features = np.zeros((len(probability), N), np.float32)
    values = refinement_features(features, np.array(probability), np.array(n_words), np.array(bounds))
    assert values.shape == (len(probability), len(REFINEMENT_FEATURE_NAMES))
    return dict(zip(REFINEMENT_FEATURE_NAMES, values.T.astype(np.float64).round(4).tolist(), strict=True))


def test_probabilities_of_neighbours_and_windows() -> None:
    table = columns([0.1, 0.9, 0.8, 0.2], [9, 19, 9, 9], [0, 4])
    assert table["p"] == [0.1, 0.9, 0.8, 0.2]
    assert table["p_-1"] == [0, 0.1, 0.9, 0.8]
    assert table["p_+2"] == [0.8, 0.2, 0, 0]
    assert table["before_2"][2] == round((0.1 * 10 + 0.9 * 20) / 30, 4)
    assert table["after_2"][0] == round((0.9 * 20 + 0.8 * 10) / 30, 4)
    assert table["share_before"][1] == round(1 / 29, 4)
    assert table["page_best"] == [0.9] * 4
    assert table["likely_since"][:3] == [round(float(np.log1p(50)), 4), 0, 0]


def test_the_block_of_the_largest_weight() -> None:
    table = columns([0.9, 0.0, 0.0, 0.0, 0.9, 0.1, 0.9, 0.0], [2, 30, 30, 30, 20, 1, 20, 9], [0, 8])
    assert table["is_inside_0.4"] == [0, 0, 0, 0, 1, 1, 1, 0]


def test_no_line_depends_on_the_other_pages() -> None:
    random = np.random.default_rng(0)
    bounds = [0, 7, 7, 8, 40]
    features = random.random((40, N)).astype(np.float32)
    probability, n_words = random.random(40).round(4), random.integers(0, 90, 40)
    together = refinement_features(features, probability, n_words, np.array(bounds))
    for first, end in ((0, 7), (7, 8), (8, 40)):
        rows = slice(first, end)
        alone = refinement_features(features[rows], probability[rows], n_words[rows], np.array([0, end - first]))
        assert (alone == together[rows]).all()


def test_a_batch_without_lines() -> None:
    assert refinement_features(
        np.zeros((0, N), np.float32), np.zeros(0), np.zeros(0, np.int64), np.array([0, 0])
    ).shape == (
        0,
        len(REFINEMENT_FEATURE_NAMES),
    )
