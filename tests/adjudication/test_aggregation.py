"""Majority gold: units, boundaries, labels, stances, and what is left unsettled."""

from __future__ import annotations

from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.adjudication.aggregation import AdjudicatedArticle, BoundaryPolicy, aggregate
from goldwire.adjudication.voting import expert_label, majority_vote
from goldwire.records import AnnotationLayer, Decision, StanceLabel
from support.factories import article, layer

TEXT = "Ada Ito met Bo Lund\n\nThe union of Northmoor praised Ada Ito."
ARTICLE = article(TEXT)


def settle(*layers: AnnotationLayer, min_votes: int = 1) -> AdjudicatedArticle:
    (settled,) = aggregate(
        {ARTICLE.id: ARTICLE}, layers, majority_vote(min_votes), policy=BoundaryPolicy(min_votes=min_votes)
    )
    return settled


def by(name: str, spans: list = (), stances: list = ()) -> AnnotationLayer:  # type: ignore[type-arg, assignment]
    return layer(ARTICLE, spans, stances, annotator=name)


def spans(settled: AdjudicatedArticle) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, span.label) for span in settled.gold.spans]


def decided(settled: AdjudicatedArticle, kind: str = "span") -> list[tuple[str | None, str, int, int]]:
    return [(d.gold_id, d.reason, d.n_votes, d.n_voters) for d in settled.decisions if d.kind == kind]


def answers(decision: Decision) -> list[tuple[str | None, int | None, int | None, str]]:
    return [(answer.label, answer.start, answer.end, " ".join(answer.annotators)) for answer in decision.answers]


def test_two_of_three_settle_the_boundary():
    said = settle(by("A1", [(0, 7, "PER")]), by("A2", [(0, 7, "PER")]), by("A3", [(0, 8, "PER")]))
    assert spans(said) == [(0, 7, "PER")]
    assert decided(said) == [("T1", "majority", 2, 3)]
    assert said.gold.spans[0].text == "Ada Ito"


def test_two_annotators_a_character_apart_are_one_unit_with_a_disputed_boundary():
    said = settle(by("A1", [(0, 7, "PER")]), by("A2", [(0, 8, "PER")]))
    assert spans(said) == []
    assert decided(said) == [(None, "boundary", 1, 2)]
    assert answers(said.decisions[0]) == [("PER", 0, 7, "A1"), ("PER", 0, 8, "A2")]


def test_start_and_end_vote_apart():
    said = settle(by("A1", [(0, 7, "PER")]), by("A2", [(0, 8, "PER")]), by("A3", [(1, 7, "PER")]))
    assert spans(said) == [(0, 7, "PER")]
    assert decided(said) == [("T1", "majority", 2, 3)]


def test_a_disputed_label_is_not_guessed():
    said = settle(by("A1", [(0, 7, "PER")]), by("A2", [(0, 7, "ORG")]))
    assert (spans(said), decided(said)) == ([], [(None, "label", 1, 2)])


def test_half_is_no_majority_vote():
    said = settle(by("A1", [(0, 7, "PER")]), by("A2"))
    assert (spans(said), decided(said)) == ([], [(None, "existence", 1, 2)])


def test_what_the_majority_did_not_mark_is_left_out_and_settled():
    said = settle(by("A1", [(0, 7, "PER")]), by("A2"), by("A3"))
    assert decided(said) == [(None, "left-out", 2, 3)]
    assert said.decisions[0].is_resolved


def test_one_annotator_stands_alone():
    said = settle(by("A1", [(0, 7, "PER"), (12, 19, "PER")], [(0, 1, "supports")]))
    assert decided(said) == [("T1", "single", 1, 1), ("T2", "single", 1, 1)]
    assert decided(said, "stance") == [("R1", "single", 1, 1)]


def test_minimum_votes_hold_back_the_single_annotator():
    said = settle(by("A1", [(0, 7, "PER")]), min_votes=2)
    assert (spans(said), said.decisions[0].is_resolved) == ([], False)


def test_a_place_inside_a_longer_name_is_another_unit():
    union, place = (21, 43, "ORG"), (34, 43, "GPE")
    said = settle(by("A1", [union]), by("A2", [union, place]), by("A3", [place]))
    assert spans(said) == [union, place]


def test_repeated_mentions_are_matched_one_to_one():
    both = [(0, 7, "PER"), (52, 59, "PER")]
    said = settle(by("A1", both), by("A2", both), by("A3", both[1:]))
    assert decided(said) == [("T1", "majority", 2, 3), ("T2", "unanimous", 3, 3)]


def test_stances_vote_over_matched_spans():
    two = [(0, 7, "PER"), (12, 19, "PER")]
    off = [(0, 8, "PER"), (12, 19, "PER")]
    said = settle(
        by("A1", two, [(0, 1, "supports"), (None, 1, "opposes")]),
        by("A2", two, [(0, 1, "opposes")]),
        by("A3", off, [(0, 1, "supports")]),
    )
    assert [(s.id, s.holder, s.target, s.stance) for s in said.gold.stances] == [("R1", "T1", "T2", "supports")]
    assert decided(said, "stance") == [(None, "left-out", 2, 3), ("R1", "majority", 2, 3)]
    voice, drawn = (d for d in said.decisions if d.kind == "stance")
    assert answers(drawn) == [("supports", None, None, "A1 A3"), ("opposes", None, None, "A2")]
    assert answers(voice) == [(None, None, None, "A2 A3"), ("opposes", None, None, "A1")]


def test_a_disputed_stance_is_not_guessed():
    two = [(0, 7, "PER"), (12, 19, "PER")]
    said = settle(by("A1", two, [(0, 1, "supports")]), by("A2", two, [(0, 1, "opposes")]))
    assert (said.gold.stances, decided(said, "stance")) == ((), [(None, "stance", 1, 2)])


def test_a_stance_waits_for_its_span():
    said = settle(
        by("A1", [(0, 7, "PER"), (12, 19, "PER")], [(0, 1, "supports")]),
        by("A2", [(0, 8, "PER"), (12, 19, "PER")], [(0, 1, "supports")]),
    )
    assert (said.gold.stances, decided(said, "stance")) == ((), [(None, "span", 2, 2)])


def test_an_annotator_who_contradicts_themself_has_no_vote():
    two = [(0, 7, "PER"), (12, 19, "PER")]
    said = settle(
        by("A1", two, [(0, 1, "supports"), (0, 1, "opposes")]),
        by("A2", two, [(0, 1, "supports")]),
        by("A3", two, [(0, 1, "opposes")]),
    )
    assert decided(said, "stance") == [(None, "stance", 1, 3)]


marks = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 8), st.sampled_from(["PER", "ORG"])), max_size=6, unique=True
).map(lambda found: [(start, start + length, label) for start, length, label in found])


@given(st.lists(marks, min_size=1, max_size=4))
def test_gold_spans_are_what_a_majority_said(said):
    layers = [by(f"A{i}", spans) for i, spans in enumerate(said)]
    settled = settle(*layers)
    for start, end, label in spans(settled):
        assert 2 * sum(start in {s for s, _, _ in one} for one in said) > len(said)
        assert any(start == s and end == e for one in said for s, e, _ in one)
        assert 2 * sum(label in {n for _, _, n in one} for one in said) > len(said)
    assert len(set(spans(settled))) == len(settled.gold.spans)
    units = [d for d in settled.decisions if d.gold_id is not None]
    assert sorted(d.gold_id for d in units) == sorted(span.id for span in settled.gold.spans)
    assert all(2 * d.n_votes > d.n_voters for d in units)


@given(marks, st.integers(1, 4))
def test_the_unanimous_are_taken_at_their_word(said, annotators):
    settled = settle(*(by(f"A{i}", said) for i in range(annotators)))
    assert spans(settled) == sorted(set(said))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_layers_does_not_matter(order):
    layers = [by("A1", [(0, 7, "PER")]), by("A2", [(0, 8, "PER")]), by("A3", [(1, 7, "ORG"), (12, 19, "PER")])]
    assert settle(*(layers[i] for i in order)) == settle(*layers)


def test_the_expert_is_taken_at_their_word():
    layers = [by("A1", [(0, 7, "PER")]), by("A2", [(0, 7, "PER")]), by("A3", [(0, 8, "ORG"), (12, 19, "PER")])]
    (said,) = aggregate(
        {ARTICLE.id: ARTICLE},
        layers,
        expert_label("A3", majority_vote()),
        policy=BoundaryPolicy(method="expert", expert="A3"),
    )
    assert spans(said) == [(0, 8, "ORG"), (12, 19, "PER")]
    assert decided(said) == [("T1", "expert", 1, 3), ("T2", "expert", 1, 3)]


def test_what_the_expert_did_not_mark_is_left_out():
    layers = [by("A1", [(0, 7, "PER")]), by("A2", [(0, 7, "PER")]), by("A3")]
    (said,) = aggregate(
        {ARTICLE.id: ARTICLE},
        layers,
        expert_label("A3", majority_vote()),
        policy=BoundaryPolicy(method="expert", expert="A3"),
    )
    assert (spans(said), decided(said)) == ([], [(None, "left-out", 1, 3)])


def test_decisions_name_the_unit_in_words():
    said: list[Decision] = list(
        settle(by("A1", [(0, 7, "PER"), (12, 19, "PER")], [(0, 1, "supports"), (None, 1, "opposes")])).decisions
    )
    assert [d.description for d in said] == [
        "Ada Ito [0, 7) PER",
        "Bo Lund [12, 19) PER",
        "the article opposes Bo Lund [12, 19)",
        "Ada Ito [0, 7) supports Bo Lund [12, 19)",
    ]


def by_expert(*layers: AnnotationLayer) -> AdjudicatedArticle:
    aggregator = expert_label("E1", majority_vote(), has_vote=False)
    (settled,) = aggregate(
        {ARTICLE.id: ARTICLE}, layers, aggregator, policy=BoundaryPolicy(method="expert", expert="E1")
    )
    return settled


def test_an_expert_settles_and_has_no_vote():
    annotators = by("A1", [(0, 7, "PER")]), by("A2", [(0, 7, "ORG")])
    said = by_expert(*annotators, by("E1", [(0, 7, "ORG"), (12, 19, "PER")]))
    assert spans(said) == [(0, 7, "ORG"), (12, 19, "PER")]
    assert decided(said) == [("T1", "expert", 1, 2), ("T2", "expert", 0, 2)]
    assert said.n_voters == 2
    assert answers(said.decisions[0]) == [("ORG", 0, 7, "A2"), ("PER", 0, 7, "A1")]


def test_where_an_expert_is_silent_the_annotators_decide():
    said = by_expert(by("A1", [(0, 7, "PER")]), by("A2", [(0, 7, "PER")]))
    assert decided(said) == [("T1", "unanimous", 2, 2)]


def test_an_expert_gives_reasons_by_id_by_place_and_by_pair():
    one, two = [(0, 7, "PER"), (12, 19, "PER")], [(0, 7, "ORG")]
    words = (
        "T1: a body, not a person\n[12,19): only a byline",
        "[0, 7) to [12, 19): nothing is said",
        "T9: no",
        "well",
    )
    own = layer(ARTICLE, two, annotator="E1", comments=words)
    said = by_expert(by("A1", one, [(0, 1, "supports")]), by("A2", one, [(0, 1, "supports")]), own)
    assert [(d.gold_id, d.reason, d.comment, d.n_votes) for d in said.decisions] == [
        ("T1", "expert", "a body, not a person", 0),
        (None, "left-out", "only a byline", 0),
        (None, "left-out", "nothing is said", 0),
    ]
    assert said.unmatched_reasons == ("T9",)


def test_an_expert_gives_the_reason_of_a_stance_by_its_id():
    one = [(0, 7, "PER"), (12, 19, "PER")]
    own = layer(ARTICLE, one, [(0, 1, "opposes")], annotator="E1", comments=("R1: it is irony",))
    said = by_expert(by("A1", one, [(0, 1, "supports")]), by("A2", one, [(None, 1, "supports")]), own)
    assert [(d.reason, d.comment, d.n_votes, d.n_voters) for d in said.decisions if d.kind == "stance"] == [
        ("left-out", None, 1, 2),
        ("expert", "it is irony", 0, 2),
    ]


def test_reasons_given_by_each_place_of_one_unit_are_joined():
    words = ("T1: the whole name", "[25, 30): a part of it", "[34, 43): the other part")
    own = layer(ARTICLE, [(25, 43, "ORG")], annotator="E1", comments=words)
    said = by_expert(by("A1", [(25, 30, "ORG"), (34, 43, "GPE")]), own)
    comments = [d.comment or "" for d in said.decisions]
    assert sum(("the whole name" in why) + ("a part of it" in why) + ("the other part" in why) for why in comments) == 3
    assert said.unmatched_reasons == ()
    assert any("; " in why for why in comments)


def test_an_expert_who_is_silent_about_a_target_by_name_was_not_asked():
    """Who marks an article whole says with silence that nothing is there; of targets only the disputed are asked."""

    def naming(annotator, comments=(), **said):
        drawn = [StanceLabel(id=f"R{n}", holder=None, target_name=k, stance=v) for n, (k, v) in enumerate(said.items())]
        return msgspec.structs.replace(layer(ARTICLE, annotator=annotator, comments=comments), stances=tuple(drawn))

    said = by_expert(
        naming("A1", Ada="supports", **{"Bo: 'x'": "opposes"}),
        naming("A2", Ada="supports", **{"Bo: 'x'": "neutral"}),
        naming("E1", ("the article  to \"Bo: 'x'\": it is irony",), **{"Bo: 'x'": "neutral"}),
    )
    assert [(d.reason, d.comment, d.is_resolved, d.n_votes, d.n_voters) for d in said.decisions] == [
        ("unanimous", None, True, 2, 2),
        ("expert", "it is irony", True, 1, 2),
    ]
    assert [(one.target_name, one.stance) for one in said.gold.stances] == [("Ada", "supports"), ("Bo: 'x'", "neutral")]
    assert said.unmatched_reasons == ()
