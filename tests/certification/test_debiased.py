"""Figures over a corpus are without the machine's bias, and their intervals contain the truth."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from goldwire.certification import debiased_mean, debiased_share
from support.simulated_machines import counted_corpus


def labelled(seed: int, n_items: int, n_labelled: int, accuracy: float) -> tuple[dict[int, float], dict[int, float]]:
    """A share of .3; the machine finds too much: it is right with `accuracy`, else it says yes."""
    random = np.random.default_rng(seed)
    truth = (random.random(n_items) < 0.3).astype(float)
    machine = np.where(random.random(n_items) < accuracy, truth, 1.0)
    chosen = random.choice(n_items, n_labelled, replace=False)
    return dict(enumerate(machine.tolist())), {int(item): float(truth[item]) for item in chosen}


def test_the_bias_is_removed_and_the_interval_narrower_than_without_a_machine() -> None:
    machine, people = labelled(1, 20_000, 600, 0.9)
    naive = debiased_mean(machine, people, method="machine")
    assert naive.value > 0.35
    assert math.isnan(naive.low)
    alone = debiased_mean(machine, people, method="people")
    for method in ("ppi++", "dsl"):
        estimate = debiased_mean(machine, people, method=method)  # type: ignore[arg-type]
        assert estimate.low < 0.3 < estimate.high < naive.value
        assert estimate.high - estimate.low < 0.75 * (alone.high - alone.low)
        assert estimate.effective_labels > 1.5 * 600


def test_the_estimate_is_that_of_the_formula() -> None:
    machine, people = labelled(2, 900, 90, 0.85)
    estimate = debiased_mean(machine, people)
    f = np.array(list(machine.values()))
    rows = np.array([(machine[item], label) for item, label in people.items()])
    expected = estimate.weight * f.mean() + (rows[:, 1] - estimate.weight * rows[:, 0]).mean()
    assert estimate.value == pytest.approx(expected)
    # The weight of Angelopoulos et al. (2023) for a mean: cov(f, y) / ((1 + n/N) var(f)), here of one joint sample.
    covariance = np.cov(rows[:, 0], rows[:, 1])
    assert estimate.weight == pytest.approx(covariance[0, 1] / covariance[0, 0], abs=0.12)


def test_a_machine_that_guesses_is_not_relied_on() -> None:
    _, people = labelled(3, 3000, 400, 0.9)
    guesses = dict(enumerate(np.random.default_rng(9).integers(0, 2, 3000).astype(float).tolist()))
    estimate = debiased_mean(guesses, people)
    assert estimate.weight < 0.15
    assert estimate.low < 0.3 < estimate.high


def test_unequal_probabilities_are_weighed() -> None:
    """Items of which the machine says yes are sampled five times as often."""
    random = np.random.default_rng(55)
    machine, _ = labelled(5, 20_000, 1, 0.9)
    truth, _ = labelled(5, 20_000, 1, 1.0)
    chances = {item: 0.1 if value else 0.02 for item, value in machine.items()}
    people = {item: truth[item] for item, chance in chances.items() if random.random() < chance}
    for method in ("ppi++", "dsl", "people"):
        estimate = debiased_mean(machine, people, probabilities=chances, method=method)  # type: ignore[arg-type]
        assert estimate.low < 0.3 < estimate.high
    assert debiased_mean(machine, people, method="people").low > 0.4


@pytest.mark.parametrize("method", ["ppi++", "dsl"])
def test_coverage_of_a_share_by_story(method: Any) -> None:
    """Of 60 corpora, nearly all intervals contain the true share; the machine's own share is off by a quarter."""
    truth = counted_corpus(np.random.default_rng(0), 4000, 10, share=0.3)
    counts = np.array(list(truth.people.values()))
    share = counts[:, 0].sum() / counts[:, 1].sum()
    covered = 0
    for seed in range(60):
        random = np.random.default_rng(seed + 1)
        corpus = counted_corpus(random, 200, 40, share=0.3, uncertain=True)
        sampled = corpus.sample(random)
        estimate = debiased_share(
            corpus.machine, sampled, probabilities=corpus.probabilities, groups=corpus.stories, method=method
        )
        covered += estimate.low <= share <= estimate.high
    assert covered >= 52
    assert estimate.machine > 1.1 * share


def test_a_machine_that_agrees_with_the_whole_sample_is_not_taken_for_perfect() -> None:
    truth = {item: float(item % 2) for item in range(2000)}
    few = debiased_mean(truth, {item: truth[item] for item in range(0, 20)})
    assert few.high - few.low > 0.05


def test_reasons_instead_of_intervals() -> None:
    machine, people = labelled(4, 100, 4, 0.9)
    assert debiased_mean(machine, people).reason == "people labelled 4 articles or groups, fewer than 5"
    grouped = debiased_mean(machine, labelled(4, 100, 60, 0.9)[1], groups=dict.fromkeys(range(100), "one story"))
    assert grouped.reason == "people labelled 1 article or group, fewer than 5"
    nothing = debiased_share(dict.fromkeys(range(9), (0.0, 0.0)), dict.fromkeys(range(9), (0.0, 0.0)))
    assert nothing.reason == "people found nothing to take a share of"
    assert debiased_mean({}, {}).n_items == 0


def test_wrong_input() -> None:
    machine, people = labelled(4, 100, 10, 0.9)
    with pytest.raises(ValueError, match="which the machine did not label"):
        debiased_mean(machine, {1000: 1.0})
    with pytest.raises(ValueError, match="inclusion probability"):
        debiased_mean(machine, people, probabilities=0.0)
    with pytest.raises(ValueError, match="unknown method"):
        debiased_mean(machine, people, method="gpt")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ({"machine": np.nan}, {}, "machine: the value of item 0 is not a finite number"),
        ({"people": None}, {}, "people: the value of item 0 is not a finite number"),
        ({}, {"groups": {0: "a"}}, "groups lacks the item 1"),
        ({}, {"probabilities": {0: 0.5}}, "probabilities lacks the item 1"),
    ],
    ids=["machine", "people", "groups", "probabilities"],
)
def test_missing_values_groups_and_probabilities(values: dict[str, Any], options: dict[str, Any], message: str) -> None:
    machine, people = ({item: values.get(name, 1.0) for item in range(20)} for name in ("machine", "people"))
    with pytest.raises(ValueError, match=message):
        debiased_mean(machine, people, **options)
