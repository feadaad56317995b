"""Soft labels: the shares of all annotators who were asked, those who marked nothing among them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.records import Decision, DecisionAnswer
from goldwire.release.vote_shares import count_answer, label_shares, none_share

LABELS = ("opposes", "neutral", "supports")


def decision(**annotators: tuple[str | None, ...]) -> Decision:
    """A decision with the answers of each annotator."""
    labels = {label for given in annotators.values() for label in given}
    answers = tuple(
        DecisionAnswer(label=label, annotators=tuple(name for name, given in annotators.items() if label in given))
        for label in sorted(labels, key=str)
    )
    voters = len(annotators)
    return Decision(
        article_id="a", kind="stance", gold_id=None, description="", n_votes=0, n_voters=voters, answers=answers
    )


def test_shares_are_of_all_annotators_who_were_asked():
    asked = decision(A1=("supports",), A2=("supports",), A3=("opposes",), A4=(None,))
    assert (label_shares(asked, LABELS), none_share(asked)) == ([0.25, 0.0, 0.5], 0.25)
    assert (count_answer(asked, "supports"), count_answer(asked, None)) == (2, 1)


def test_a_soft_label_is_never_invented():
    nobody_drew = decision(A1=(None,), A2=(None,))
    assert (label_shares(nobody_drew, LABELS), none_share(nobody_drew)) == (None, 1.0)
    nobody_was_asked = decision()
    assert (label_shares(nobody_was_asked, LABELS), none_share(nobody_was_asked)) == (None, None)


def test_an_annotator_with_two_answers_counts_half_for_each():
    contradictory = decision(A1=("supports", "opposes"), A2=("supports",))
    assert (label_shares(contradictory, LABELS), none_share(contradictory)) == ([0.25, 0.0, 0.75], 0.0)


answers = st.lists(st.sampled_from([*LABELS, None]), min_size=1, max_size=3, unique=True).map(tuple)


@given(st.dictionaries(st.sampled_from(["A1", "A2", "A3", "A4", "A5"]), answers, min_size=1))
def test_a_soft_label_adds_up_to_one(given_answers):
    asked = decision(**given_answers)
    assert sum(label_shares(asked, LABELS) or ()) + (none_share(asked) or 0) == pytest.approx(1)
