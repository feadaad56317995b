"""Macro-F1 of labels, as scikit-learn has it, and the paired difference of two models."""

from __future__ import annotations

import random

import pytest
from sklearn.metrics import f1_score

from goldwire.baselines.label_f1 import macro_f1, macro_f1_difference

LABELS = ["supports", "neutral", "opposes"]


def drawn(seed: int, n: int = 200, right: float = 0.6):
    luck = random.Random(seed)
    rows = [{"article_id": f"a{i // 8}", "label": luck.choice(LABELS)} for i in range(n)]
    return rows, [row["label"] if luck.random() < right else luck.choice(LABELS) for row in rows]


def test_macro_f1_is_that_of_scikit_learn():
    rows, predicted = drawn(1)
    expected = f1_score([row["label"] for row in rows], predicted, average="macro")
    assert macro_f1(rows, predicted).value == pytest.approx(expected, abs=1e-4)
    assert macro_f1([], []) is None


def test_the_difference_is_that_of_the_scores_and_is_known_better_than_they_are():
    rows, predicted = drawn(2)
    other = list(predicted)
    other[::10] = ["neutral"] * len(other[::10])
    difference = macro_f1_difference(rows, predicted, other)
    first, second = macro_f1(rows, predicted), macro_f1(rows, other)
    assert difference.value == pytest.approx(first.value - second.value, abs=2e-4)
    assert difference.high - difference.low < first.high - first.low
    same = macro_f1_difference(rows, predicted, predicted)
    assert (same.value, same.low <= 0 <= same.high) == (0, True)
    assert macro_f1_difference([], [], []) is None


def test_the_interval_of_the_difference_holds_its_level():
    """Two models that are right equally often, on 12 articles that differ in how hard they are."""
    luck = random.Random(5)
    covered = []
    for _ in range(150):
        rows, first, second = [], [], []
        for article in range(12):
            right = luck.betavariate(6, 3)
            for _ in range(luck.randrange(4, 16)):
                label = luck.choice(LABELS)
                rows.append({"article_id": f"a{article}", "label": label})
                for side in (first, second):
                    side.append(label if luck.random() < right else luck.choice(LABELS))
        difference = macro_f1_difference(rows, first, second)
        covered.append(difference.low <= 0 <= difference.high)
    assert sum(covered) / len(covered) >= 0.91
