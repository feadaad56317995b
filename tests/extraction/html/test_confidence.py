"""Confidence in the extraction of one page."""

from __future__ import annotations

import numpy as np
import pytest

from goldwire.extraction.html.confidence import (
    CONFIDENCE_FEATURES,
    confidence,
    confidence_features,
    text_share,
)
from goldwire.extraction.html.decoding import choose_blocks

WORDS = np.array([40, 50, 60, 5])
PROSE = np.array([40.0, 50.0, 60.0, 0.0])


def features(probability: list[float], *verdicts: list[float]) -> np.ndarray:
    scores = np.array(probability)
    others = [np.array(verdict, float) for verdict in verdicts]
    return confidence_features(scores, choose_blocks(scores, WORDS), others, WORDS + 0.3, PROSE)


def test_an_extraction_that_other_verdicts_share_has_more_confidence() -> None:
    shared = confidence(features([1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 0]))
    disputed = confidence(features([1, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1]))
    unsure = confidence(features([0.5, 0.4, 0.1, 0.1], [1, 1, 0, 0], [1, 1, 0, 0]))
    assert 0.95 < shared <= 1
    assert disputed < shared - 0.2
    assert unsure < shared - 0.2
    assert shared == round(shared, 4)


def test_features_describe_the_choice() -> None:
    values = dict(zip(CONFIDENCE_FEATURES, features([1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0]).tolist(), strict=True))
    assert values["expected_f1"] == values["sure_f1"] == 1
    assert values["unshared"] == pytest.approx(50.3 / 90.6)
    assert values["left_out"] == 0  # half of the verdicts is not a majority
    values = dict(zip(CONFIDENCE_FEATURES, features([1, 0.7, 0, 0], [1, 0, 1, 0]).tolist(), strict=True))
    assert values["sure_f1"] == pytest.approx(2 * 40.3 / (90.6 + 40.3))
    assert values["left_out"] == pytest.approx(60 / 150.6)


@pytest.mark.parametrize("column", range(len(CONFIDENCE_FEATURES)))
def test_confidence_rises_with_sureness_and_falls_with_disagreement(column: int) -> None:
    low, high = np.full(len(CONFIDENCE_FEATURES), 0.4), np.full(len(CONFIDENCE_FEATURES), 0.4)
    high[column] = 0.6
    rises = column < 2
    assert (confidence(high) > confidence(low)) == rises
    assert 0 <= confidence(low) <= 1


def test_an_estimate_is_never_outside_of_zero_and_one() -> None:
    assert confidence(np.array([0.0, 0, 1, 1])) == 0
    assert confidence(np.array([1.0, 1, 0, 0])) <= 1


def test_the_share_of_running_text_is_that_of_the_chosen_blocks() -> None:
    assert text_share(np.array([1.0, 0, 0, 0]), PROSE) == pytest.approx(40 / 150)
    assert text_share(np.zeros(1), np.zeros(1)) == 1
