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
    n_words = np.array([3, *[5] * 4, 50, 50])
    assert select_lines(probability, n_words, np.array([0, 7])).tolist() == [False] * 5 + [True] * 2


def test_a_page_with_fewer_than_eight_words_of_body_has_none() -> None:
    assert not select_lines(np.array([0.9]), np.array([7]), np.array([0, 1])).any()
    assert select_lines(np.array([0.9]), np.array([8]), np.array([0, 1])).all()


def test_the_threshold_is_lower_on_a_page_on_which_all_is_doubtful() -> None:
    """The expected F1 of the five doubtful lines is about .4, so the threshold is below .2."""
    n_words = np.full(8, 30)
    doubtful = np.array([0.01, 0.25, 0.25, 0.25, 0.25, 0.25, 0.01, 0.01])
    assert select_lines(doubtful, n_words, np.array([0, 8])).tolist() == [False, *[True] * 5, False, False]
    certain = np.array([0.01, 0.95, 0.95, 0.95, 0.25, 0.01, 0.25, 0.01])
    assert select_lines(certain, n_words, np.array([0, 8])).tolist() == [False, *[True] * 3, *[False] * 4]


def test_no_selection_depends_on_the_other_pages() -> None:
    random = np.random.default_rng(0)
    bounds = np.array([0, 30, 30, 31, 90])
    probability, n_words = random.random(90).round(4), random.integers(0, 80, 90)
    together = select_lines(probability, n_words, bounds)
    for first, end in ((0, 30), (30, 31), (31, 90)):
        alone = select_lines(probability[first:end], n_words[first:end], np.array([0, end - first]))
        assert (alone == together[first:end]).all()
