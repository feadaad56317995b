"""Two one-sided tests show that a machine is like people, and never by a lack of data."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from goldwire.certification import equivalence_test


def annotated(
    seed: int, n_items: int, people: float, machine: float
) -> tuple[dict[str, dict[int, int]], dict[int, int]]:
    """Three people and a machine who are right with these probabilities, of four labels."""
    random = np.random.default_rng(seed)
    truth = random.integers(4, size=n_items)

    def labels(share: float) -> dict[int, int]:
        wrong = (truth + random.integers(1, 4, n_items)) % 4
        return dict(enumerate(np.where(random.random(n_items) < share, truth, wrong).tolist()))

    return {name: labels(people) for name in ("A1", "A2", "A3")}, labels(machine)


def test_the_figures_are_those_of_two_t_tests_with_an_allowance() -> None:
    humans, machine = annotated(1, 200, 0.9, 0.85)
    result = equivalence_test(humans, machine, margin=0.08)
    differences = []
    for item, label in machine.items():
        answers = [labels[item] for labels in humans.values()]
        among = np.mean([np.mean([a == b for k, b in enumerate(answers) if k != j]) for j, a in enumerate(answers)])
        differences.append(np.mean([label == answer for answer in answers]) - among)
    assert result.difference == pytest.approx(np.mean(differences))
    # The t-tests of the values moved by what an item that was not seen may change.
    raised, lowered = max(differences) - np.mean(differences), np.mean(differences) - min(differences)
    above = 0.75 * max(0, raised - lowered / 2) / 199 + 0.6 * 0.5 / 200
    below = 0.75 * max(0, lowered - raised / 2) / 199 + 0.6 * 0.5 / 200
    error = stats.sem(differences)
    worse = stats.t.sf((np.mean(differences) - below + 0.08) / np.hypot(error, below), 199)
    better = stats.t.cdf((np.mean(differences) + above - 0.08) / np.hypot(error, above), 199)
    assert result.p_inferior == pytest.approx(worse, rel=1e-6)
    assert result.p_value == pytest.approx(max(worse, better), rel=1e-6)
    assert worse > stats.ttest_1samp(differences, -0.08, alternative="greater").pvalue
    t = stats.t.ppf(0.95, 199)
    assert result.low == pytest.approx(np.mean(differences) - below - t * np.hypot(error, below))
    assert result.high == pytest.approx(np.mean(differences) + above + t * np.hypot(error, above))


@pytest.mark.parametrize(
    ("n_items", "machine", "conclusion"),
    [(3000, 0.9, "equivalent"), (3000, 0.75, "inferior"), (3000, 0.99, "better"), (40, 0.88, "inconclusive")],
)
def test_conclusions(n_items: int, machine: float, conclusion: str) -> None:
    assert equivalence_test(*annotated(2, n_items, 0.9, machine)).conclusion == conclusion


def test_a_few_items_without_a_difference_prove_nothing() -> None:
    humans = {name: dict.fromkeys(range(8), "supports") for name in ("A1", "A2")}
    few = equivalence_test(humans, dict.fromkeys(range(8), "supports"))
    assert (few.difference, few.conclusion) == (0, "inconclusive")
    assert few.low < -0.05
    many = {name: dict.fromkeys(range(300), "supports") for name in ("A1", "A2")}
    assert equivalence_test(many, dict.fromkeys(range(300), "supports")).conclusion == "equivalent"


def test_copies_of_an_item_add_nothing_if_groups_say_so() -> None:
    humans, machine = annotated(3, 60, 0.9, 0.85)
    copied = {name: {10 * i + k: v for i, v in labels.items() for k in range(10)} for name, labels in humans.items()}
    copied_machine = {10 * i + k: v for i, v in machine.items() for k in range(10)}
    once = equivalence_test(humans, machine)
    grouped = equivalence_test(copied, copied_machine, groups={item: item // 10 for item in copied_machine})
    assert grouped.difference == pytest.approx(once.difference)
    assert grouped.n_groups == 60
    assert once.high - once.low > grouped.high - grouped.low > 0.9 * (once.high - once.low)  # a little less is unseen
    assert equivalence_test(copied, copied_machine).p_value < once.p_value


def test_a_missing_label_of_the_machine_agrees_with_nobody() -> None:
    humans = {name: dict.fromkeys(range(50), 3.0) for name in ("A1", "A2")}
    assert equivalence_test(humans, dict.fromkeys(range(50), None)).difference == -1  # type: ignore[arg-type]
    assert equivalence_test(humans, {0: 3.0}).reason == "too few articles for a test"
    assert math.isnan(equivalence_test({"A1": humans["A1"]}, humans["A1"]).difference)


def test_an_item_without_a_group() -> None:
    humans, machine = annotated(1, 20, 0.9, 0.9)
    with pytest.raises(ValueError, match="groups lacks the item 19"):
        equivalence_test(humans, machine, groups=dict.fromkeys(range(19), "a"))


@pytest.mark.parametrize("options", [{"margin": 0}, {"level": 0.6}, {"scoring": "f1"}], ids=lambda row: next(iter(row)))
def test_options_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        equivalence_test(*annotated(1, 20, 0.9, 0.9), **options)
