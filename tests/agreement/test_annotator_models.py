"""Models of annotators, beside the truth that made the answers."""

from __future__ import annotations

import numpy as np
import pytest

from goldwire.agreement import dawid_skene, mace


def answers(items: int, skills: tuple[float, ...] = (0.9, 0.85, 0.55, 0.5, 0.4), classes: int = 3):
    """Truth and answers of annotators who are right with the given probabilities and else guess; a fifth missing."""
    luck = np.random.default_rng(5)
    truth = luck.integers(classes, size=items)
    right = luck.random((items, len(skills))) < np.array(skills)
    said = np.where(right, truth[:, None], luck.integers(classes, size=(items, len(skills))))
    said = np.where(luck.random(said.shape) < 0.2, -1, said)
    return truth, [[None if answer < 0 else int(answer) for answer in row] for row in said]


@pytest.mark.parametrize("model", [dawid_skene, mace])
def test_it_beats_the_majority(model):
    truth, said = answers(2000)
    votes = np.array([[row.count(label) for label in range(3)] for row in said])
    found = np.array([-1 if label is None else label for label in model(said, [0, 1, 2]).most_likely_labels()])
    assert (found == truth).mean() > (votes.argmax(axis=1) == truth).mean() + 0.02


@pytest.mark.parametrize("model", [dawid_skene, mace])
def test_probabilities_sum_to_one_and_do_not_depend_on_order(model):
    _, said = answers(300)
    forth, back = model(said, [0, 1, 2]).posteriors, model(said[::-1], [0, 1, 2]).posteriors[::-1]
    known = ~np.isnan(forth).any(axis=1)
    assert forth[known].sum(axis=1) == pytest.approx(1)
    assert forth[known] == pytest.approx(back[known], abs=1e-4)
