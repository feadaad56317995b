"""Select body lines by their probability."""

from __future__ import annotations

import numpy as np
import pytest

from goldwire.extraction.plaintext.line_selection import select_lines


@pytest.mark.parametrize(
    ("probability", "selected"),
    [
        ([0.9, 0.2, 0.9], [True, True, True]),
        ([0.9, 0.05, 0.9], [True, False, True]),
        ([0.9, 0.2, 0.2, 0.9], [True, False, False, True]),
        ([0.9, 0.9, 0.2], [True, True, False]),
    ],
)
def test_a_line_between_two_body_lines_is_body(probability: list[float], selected: list[bool]) -> None:
    n_words = np.full(len(probability), 10)
    assert select_lines(np.array(probability), n_words, np.array([0, len(probability)])).tolist() == selected


def test_a_line_between_body_of_two_pages_is_not_body() -> None:
    probability, n_words = np.array([0.9, 0.9, 0.2, 0.9, 0.9]), np.full(5, 10)
    for first in (2, 3):
        assert not select_lines(probability, n_words, np.array([0, first, 5]))[2]


def test_a_run_that_is_small_beside_the_largest_is_not_selected() -> None:
    probability = np.array([0.9, *[0.0] * 4, 0.9, 0.9])
    n_words = np.array([5, *[5] * 4, 50, 50])
    assert select_lines(probability, n_words, np.array([0, 7])).tolist() == [False] * 5 + [True] * 2


def test_a_page_with_fewer_than_eight_words_of_body_has_none() -> None:
    assert not select_lines(np.array([0.9]), np.array([7]), np.array([0, 1])).any()
    assert select_lines(np.array([0.9]), np.array([8]), np.array([0, 1])).all()
