"""A judge that models the annotators settles what it holds likely, and nothing else."""

from __future__ import annotations

import pytest

from goldwire.adjudication.crowd import model_judge
from goldwire.adjudication.voting import Ballot
from goldwire.agreement import dawid_skene, mace

AGREED = [Ballot("a", {"A1": "PER", "A2": "PER", "A3": "PER"})] * 20
OTHERS = [Ballot("a", {"A1": "ORG", "A2": "ORG", "A3": "ORG"})] * 20


@pytest.mark.parametrize("model", [dawid_skene, mace])
def test_what_all_say_is_settled_with_its_votes(model):
    verdicts = model_judge(model)([*AGREED, *OTHERS])
    assert {(verdict.answer, verdict.votes) for verdict in verdicts} == {("PER", 3), ("ORG", 3)}
    assert all(verdict.posterior > 0.9 for verdict in verdicts)


def test_what_is_torn_is_not_settled():
    torn = [Ballot("a", {"A1": "PER", "A2": "ORG"}), Ballot("a", {"A1": "ORG", "A2": "PER"})]
    verdicts = model_judge(dawid_skene, min_posterior=0.999, min_votes=2)([*AGREED, *OTHERS, *torn])
    assert [verdict.answer for verdict in verdicts[-2:]] == [None, None]


def test_too_few_votes_are_not_enough_however_likely():
    (verdict, *_) = model_judge(dawid_skene, min_votes=4)(AGREED)
    assert verdict.answer is None


def test_nobody_asked_is_nothing_settled():
    assert [v.answer for v in model_judge(mace)([Ballot("a", {}), Ballot("a", {})])] == [None, None]
