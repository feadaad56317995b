"""Features of a verdict over blocks."""

from __future__ import annotations

import numpy as np
import pytest

from goldwire.extraction.html.verdict_features import VERDICT_COLUMNS, BlockGroups, verdict_features

WORDS = np.array([30, 20, 10, 1])
LINKED = np.array([0.0, 0.0, 0.5, 1.0])
GROUPS = np.array([[0] * 5, [0] * 5, [1] * 5, [1] * 5])


def columns(verdict: list[float]) -> dict[str, list[float]]:
    verdicts = np.array([[0.5] * len(verdict), verdict])  # another before it
    features = verdict_features(verdicts, BlockGroups.of(WORDS, LINKED, GROUPS))
    assert set(features) == set(VERDICT_COLUMNS)
    return {name: np.broadcast_to(column, verdicts.shape)[1].tolist() for name, column in features.items()}


def test_a_block_has_the_verdicts_on_its_neighbours() -> None:
    features = columns([1, 0, 0.5, 0])
    assert features["verdict"] == [1, 0, 0.5, 0]
    assert features["before_1"] == [-1, 1, 0, 0.5]
    assert features["after_2"] == [0.5, 0, -1, -1]


def test_rates_of_a_group_are_of_its_other_blocks() -> None:
    features = columns([1, 1, 0, 0])
    assert features["parent_selected_rate"][0] == pytest.approx((20.3 + 0.5 * 0.5) / (20.3 + 0.5))
    assert features["parent_selected_share"] == pytest.approx([1, 1, 0, 0])


def test_the_selection_is_described() -> None:
    features = columns([0, 1, 1, 0])
    weight = WORDS + 0.3
    selected = weight[1] + weight[2]
    assert features["selected_words"] == pytest.approx([selected / weight.sum()] * 4)
    assert features["selected_to_here"] == pytest.approx([0, weight[1] / selected, 1, 1])
    assert features["selected_above"] == pytest.approx([0, 0, weight[1] / selected, 1])
    assert features["since_selected"] == [59, 60, 0, 0]
    assert features["until_selected"] == [0, 0, 60, 59]
    prose = weight * (1 - LINKED) * (weight > 8)
    assert features["selected_prose"] == pytest.approx([(prose[1] + prose[2]) / prose.sum()] * 4)


def test_an_empty_verdict_is_described() -> None:
    assert columns([0, 0, 0, 0])["selected_words"] == [0] * 4
