"""Mentions in brackets become spans; brackets without a partner and mentions with gaps are refused."""

from __future__ import annotations

import pytest

from goldwire.formats.entity_brackets import around_empty_node, decode


def test_mentions_nest_cross_and_repeat() -> None:
    values = [(0, "(e1-person-1(e2-place-1"), (1, "(e1-person-1)"), (2, "e1)(e3-time-1"), (3, "e2)"), (4, "e3)")]
    assert sorted(decode(values)) == [(0, 3, "person"), (0, 4, "place"), (1, 2, "person"), (2, 5, "time")]


@pytest.mark.parametrize(
    ("fields", "value", "label"),
    [
        ("eid-etype-head-other", "(e1-person-1-x:y)", "person"),
        ("eid-head-etype", "(e1-1-person)", "person"),
        ("eid-head", "(e1-1)", "entity"),
        ("eid-etype-head-other", "(e1--1)", "entity"),
        ("eid-etype-head-other", "(e1)", "entity"),
    ],
)
def test_the_comment_names_what_stands_between_hyphens(fields: str, value: str, label: str) -> None:
    assert list(decode([(3, value)], fields)) == [(3, 4, label)]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("(e1-person-1", "the mention e1 has no end"),
        ("e1)", "the mention e1 ends without a start"),
        ("(e1[1/2]-person-1)", r"the mention e1\[1/2\] has gaps"),
        ("person", "Entity=person is no sequence of brackets"),
    ],
)
def test_what_is_no_mention_is_named(value: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(decode([(0, value)]))


def test_brackets_of_a_word_that_is_not_in_the_text_move_to_its_neighbours() -> None:
    assert around_empty_node("e1)(e2-person-1)(e3-place-1") == ("e1)", "(e3-place-1")
    assert around_empty_node("") == ("", "")
