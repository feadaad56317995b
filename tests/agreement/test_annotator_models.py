"""Models of annotators, compared with the truth that produced the answers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from goldwire.agreement import ConvergenceWarning, dawid_skene, mace


def simulated(
    n_items: int, accuracies: tuple[float, ...] = (0.9, 0.85, 0.55, 0.5, 0.4), n_labels: int = 3
) -> tuple[np.ndarray, list[list[int | None]]]:
    """Truth, and answers that are right with these probabilities and else guesses; a fifth is missing."""
    random = np.random.default_rng(5)
    truth = random.integers(n_labels, size=n_items)
    is_right = random.random((n_items, len(accuracies))) < np.array(accuracies)
    answers = np.where(is_right, truth[:, None], random.integers(n_labels, size=is_right.shape))
    answers = np.where(random.random(answers.shape) < 0.2, -1, answers)
    return truth, [[None if answer < 0 else int(answer) for answer in row] for row in answers]


@pytest.mark.parametrize("model", [dawid_skene, mace])
def test_a_model_is_more_often_right_than_the_majority(model) -> None:
    truth, answers = simulated(2000)
    votes = np.array([[row.count(label) for label in range(3)] for row in answers])
    labels = np.array([-1 if label is None else label for label in model(answers, [0, 1, 2]).most_likely_labels()])
    assert (labels == truth).mean() > (votes.argmax(axis=1) == truth).mean() + 0.02


@pytest.mark.parametrize("model", [dawid_skene, mace])
def test_posteriors_sum_to_one_and_do_not_depend_on_the_order_of_items(model) -> None:
    _, answers = simulated(300)
    forward = model(answers, [0, 1, 2]).posteriors
    backward = model(answers[::-1], [0, 1, 2]).posteriors[::-1]
    is_rated = ~np.isnan(forward).any(axis=1)
    assert forward[is_rated].sum(axis=1) == pytest.approx(1)
    assert forward[is_rated] == pytest.approx(backward[is_rated], abs=1e-4)


def test_dawid_skene_ranks_annotators_by_accuracy() -> None:
    random = np.random.default_rng(4)
    truth = random.integers(0, 3, 400)
    is_right = random.random((400, 4)) < np.array([0.95, 0.9, 0.85, 0.2])
    model = dawid_skene(np.where(is_right, truth[:, None], random.integers(0, 3, (400, 4))))
    assert list(np.argsort(-model.competence)) == [0, 1, 2, 3]
    assert np.mean(np.array(model.most_likely_labels()) == truth) > 0.95
    assert model.confusion_matrices is not None
    assert model.confusion_matrices.sum(axis=2) == pytest.approx(np.ones((4, 3)))
    assert model.class_priors == pytest.approx(np.bincount(truth) / 400, abs=0.03)


def test_an_unrated_item_has_no_label() -> None:
    model = dawid_skene([["a", "a"], [None, None], ["b", "b"]])
    assert model.most_likely_labels() == ["a", None, "b"]
    assert np.isnan(model.posteriors[1]).all()


def test_mace_finds_the_annotator_who_guesses() -> None:
    random = np.random.default_rng(5)
    truth = random.integers(0, 3, 150)
    is_right = random.random((150, 3)) < np.array([0.95, 0.9, 0.1])
    ratings = np.where(is_right, truth[:, None], random.integers(0, 3, (150, 3)))
    model = mace(ratings[:, ::-1], n_iter=10)
    assert model.competence[0] == min(model.competence)
    assert np.mean(np.array(model.most_likely_labels()) == truth) > 0.8


def test_dawid_skene_says_whether_it_has_converged() -> None:
    _, ratings = simulated(200)
    with pytest.warns(ConvergenceWarning, match="not converged in 3 iterations"):
        assert not dawid_skene(ratings, n_iter=3).converged
    assert dawid_skene(ratings, n_iter=1000).converged
    with warnings.catch_warnings(action="error"):  # tol=0 asks for a number of iterations
        assert not dawid_skene(ratings, n_iter=3, tol=0).converged


@pytest.mark.parametrize("model", [dawid_skene, mace])
@pytest.mark.parametrize("ratings", [[], [[None, None]]])
def test_no_ratings_give_no_labels_and_no_warning(model: Any, ratings: list[list[None]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(model(ratings).posteriors).all()


def test_a_crowd_in_which_most_annotators_were_not_asked_has_the_accuracies_of_its_members() -> None:
    """81 annotators, five of them per item; the matrices of the model are sparse."""
    random = np.random.default_rng(0)
    truth, accuracy = random.integers(0, 3, 3000), np.where(np.arange(81) < 10, 0.5, 0.95)
    ratings = np.full((len(truth), len(accuracy)), np.nan)
    for item, label in enumerate(truth):
        for annotator in random.choice(81, 5, replace=False):
            is_right = random.random() < accuracy[annotator]
            ratings[item, annotator] = label if is_right else (label + random.integers(1, 3)) % 3
    model = dawid_skene(ratings, n_iter=200)
    assert model.competence.tolist() == pytest.approx(accuracy.tolist(), abs=0.12)
    assert np.mean(np.array(model.most_likely_labels()) == truth) > 0.97
