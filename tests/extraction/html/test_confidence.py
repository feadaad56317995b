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


def features(probability: list[float], verdict: list[float]) -> np.ndarray:
    scores = np.array(probability)
    verdicts = [np.array(verdict)] * 3
    return confidence_features(scores, choose_blocks(scores, WORDS), verdicts, WORDS + 0.3, PROSE)


def test_an_extraction_that_other_verdicts_share_has_more_confidence() -> None:
    shared = confidence(features([1, 1, 1, 0], [1, 1, 1, 0]))
    disputed = confidence(features([0.5, 0.4, 0.1, 0.1], [0, 0, 0, 1]))
    assert shared > 0.8
    assert disputed < shared - 0.2


def test_features_describe_the_choice() -> None:
    values = dict(zip(CONFIDENCE_FEATURES, features([1, 1, 0, 0], [1, 0, 0, 0]).tolist(), strict=True))
    assert values["expected_f1"] == 1
    assert values["chosen_running_share"] == pytest.approx(90 / 150)
    assert values["agreement_1"] == pytest.approx(2 * 40.3 / (90.6 + 40.3), rel=1e-4)
    assert values["verdict_agreement"] == 1
    assert values["uncertainty"] == 0


def test_the_share_of_running_text_is_that_of_the_chosen_blocks() -> None:
    assert text_share(np.array([1.0, 0, 0, 0]), PROSE) == pytest.approx(40 / 150)
    assert text_share(np.zeros(1), np.zeros(1)) == 1
