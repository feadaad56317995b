"""The choice of blocks whose expected F1 is largest."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.extraction.html.decoding import choose_blocks

BLOCKS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 80)), min_size=1, max_size=6)


def expected_f1(chosen: list[int], probability: np.ndarray, weight: np.ndarray) -> float:
    return float(2 * (probability * weight)[chosen].sum() / (weight[chosen].sum() + (probability * weight).sum()))


@given(BLOCKS)
def test_no_other_set_of_blocks_has_a_larger_expected_f1(blocks: list[tuple[int, int]]) -> None:
    probability = np.array([p / 10_000 for p, _ in blocks])
    n_words = np.array([n for _, n in blocks])
    choice = choose_blocks(probability, n_words)
    if not probability.any():
        assert not choice.is_chosen.any()
        return
    weight, index = n_words + 0.3, range(len(blocks))
    sets = [list(chosen) for size in range(1, len(blocks) + 1) for chosen in combinations(index, size)]
    best = max(expected_f1(chosen, probability, weight) for chosen in sets)
    assert choice.expected_f1 == pytest.approx(best, abs=2e-3)
    assert expected_f1(np.flatnonzero(choice.is_chosen).tolist(), probability, weight) == pytest.approx(best, abs=2e-3)


def test_a_page_of_unlikely_blocks_is_not_left_empty() -> None:
    choice = choose_blocks(np.array([0.01, 0.3, 0.25, 0.02]), np.array([40, 40, 40, 3]))
    assert choice.is_chosen.tolist() == [False, True, True, False]
    assert choice.expected_f1 < 0.5


def test_a_sure_page_has_an_expected_f1_of_one() -> None:
    choice = choose_blocks(np.array([0.0, 1.0, 1.0]), np.array([3, 40, 50]))
    assert choice.is_chosen.tolist() == [False, True, True]
    assert choice.expected_f1 == 1
