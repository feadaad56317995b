"""Models of annotators, beside the truth that made the answers and beside crowd-kit."""

from __future__ import annotations

import numpy as np
import pytest

from goldwire.crowd import dawid_skene, mace, model_judge
from goldwire.judges import Ballot


def answers(items: int = 2000, skills: tuple[float, ...] = (0.9, 0.85, 0.55, 0.5, 0.4), classes: int = 3):
    """Truth and answers of annotators who are right with the given probabilities and else guess; a fifth missing."""
    luck = np.random.default_rng(5)
    truth = luck.integers(classes, size=items)
    right = luck.random((items, len(skills))) < np.array(skills)
    said = np.where(right, truth[:, None], luck.integers(classes, size=(items, len(skills))))
    return truth, np.where(luck.random(said.shape) < 0.2, -1, said)


def accuracy(truth, posterior) -> float:
    return float((posterior.argmax(axis=1) == truth).mean())


@pytest.mark.parametrize("model", [dawid_skene, mace])
def test_it_beats_the_majority(model):
    truth, said = answers()
    votes = np.stack([(said == c).sum(axis=1) for c in range(3)], axis=1)
    assert accuracy(truth, model(said, 3)) > accuracy(truth, votes) + 0.02


@pytest.mark.parametrize("model", [dawid_skene, mace])
def test_posteriors_sum_to_one_and_do_not_depend_on_order(model):
    _, said = answers(items=300)
    posterior = model(said, 3)
    assert posterior.sum(axis=1) == pytest.approx(1)
    assert model(said[::-1], 3)[::-1] == pytest.approx(posterior)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("model", "name"), [(dawid_skene, "DawidSkene"), (mace, "MACE")])
def test_it_agrees_with_crowd_kit(model, name):
    aggregation = pytest.importorskip("crowdkit.aggregation")
    pandas = pytest.importorskip("pandas")
    _, said = answers(items=600)
    rows = [(i, j, c) for (i, j), c in np.ndenumerate(said) if c >= 0]
    table = pandas.DataFrame(rows, columns=["task", "worker", "label"])
    options = {"n_iter": 100} if name == "DawidSkene" else {"n_restarts": 3, "n_iter": 50, "random_state": 0}
    theirs = getattr(aggregation, name)(**options).fit_predict(table)
    answered = theirs.index.to_numpy()
    assert (model(said, 3).argmax(axis=1)[answered] == theirs.to_numpy()).mean() > 0.98


def test_a_judge_settles_only_what_is_likely():
    agreed = [Ballot("a", {"A1": "PER", "A2": "PER", "A3": "PER"})] * 20
    torn = Ballot("a", {"A1": "PER", "A2": "ORG"})
    verdicts = model_judge(dawid_skene, min_posterior=0.99)([*agreed, torn, Ballot("a", {"A1": "ORG", "A2": "PER"})])
    assert (verdicts[0].answer, verdicts[0].votes) == ("PER", 3)
    assert verdicts[0].posterior >= 0.99
    assert verdicts[-1].answer is None


def test_no_ballots_no_verdicts():
    assert model_judge(mace)([]) == []
