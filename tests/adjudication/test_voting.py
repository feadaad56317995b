"""Aggregators decide what enough annotators, the expert or a model of the annotators support, and nothing else."""

from __future__ import annotations

import pytest

from goldwire.adjudication.voting import (
    AggregatedLabel,
    ItemVotes,
    expert_label,
    majority_threshold,
    majority_vote,
    model_vote,
)
from goldwire.agreement import dawid_skene, mace

AGREED = [ItemVotes("a", {"A1": "PER", "A2": "PER", "A3": "PER"})] * 20
OTHERS = [ItemVotes("a", {"A1": "ORG", "A2": "ORG", "A3": "ORG"})] * 20


@pytest.mark.parametrize("model", [dawid_skene, mace])
def test_a_unanimous_answer_wins_with_all_votes(model):
    labels = model_vote(model)([*AGREED, *OTHERS])
    assert {(label.answer, label.n_votes) for label in labels} == {("PER", 3), ("ORG", 3)}
    assert all(label.posterior > 0.9 for label in labels)


def test_a_tie_is_not_decided():
    tied = [ItemVotes("a", {"A1": "PER", "A2": "ORG"}), ItemVotes("a", {"A1": "ORG", "A2": "PER"})]
    labels = model_vote(dawid_skene, min_posterior=0.999, min_votes=2)([*AGREED, *OTHERS, *tied])
    assert [label.answer for label in labels[-2:]] == [None, None]


def test_too_few_votes_do_not_decide_however_likely():
    (label, *_) = model_vote(dawid_skene, min_votes=4)(AGREED)
    assert label.answer is None


def test_items_without_answers_are_not_decided():
    assert [v.answer for v in model_vote(mace)([ItemVotes("a", {}), ItemVotes("a", {})])] == [None, None]


def test_a_majority_is_more_than_half_and_at_least_the_minimum():
    assert [majority_threshold(voters, 1) for voters in (1, 2, 3, 4)] == [1, 2, 2, 3]
    assert majority_threshold(1, 2) == 2
    items = [ItemVotes("a", {"A1": "PER", "A2": "PER", "A3": None}), ItemVotes("a", {"A1": "PER", "A2": "ORG"})]
    assert majority_vote()(items) == [AggregatedLabel("PER", 2), AggregatedLabel(None, 1)]


def test_the_majority_decides_items_without_an_answer_of_the_expert():
    items = [ItemVotes("a", {"A1": "PER", "A2": "PER", "E1": "ORG"}), ItemVotes("a", {"A1": "PER", "A2": "PER"})]
    labels = expert_label("E1", majority_vote(), has_vote=False)(items)
    assert labels == [AggregatedLabel("ORG", 0, by_expert=True, by_votes="PER"), AggregatedLabel("PER", 2)]
    assert expert_label("E1", majority_vote())(items)[0].n_votes == 1
