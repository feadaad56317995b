"""Gold by majority and by an expert: boundaries, labels, stances, and unresolved disputes."""

from __future__ import annotations

from itertools import permutations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire.adjudication.aggregation import AdjudicatedArticle, aggregate
from goldwire.adjudication.decisions import BoundaryPolicy
from goldwire.adjudication.voting import expert_label, majority_vote
from goldwire.records import AnnotationLayer, Decision, StanceLabel
from support.factories import article, layer

TEXT = "Ada Ito met Bo Lund\n\nThe union of Northmoor praised Ada Ito."
ARTICLE = article(TEXT)


def adjudicate(*layers: AnnotationLayer, min_votes: int = 1) -> AdjudicatedArticle:
    (adjudicated,) = aggregate(
        {ARTICLE.id: ARTICLE}, layers, majority_vote(min_votes), policy=BoundaryPolicy(min_votes=min_votes)
    )
    return adjudicated


def by(name: str, spans: list = (), stances: list = ()) -> AnnotationLayer:  # type: ignore[type-arg, assignment]
    return layer(ARTICLE, spans, stances, annotator=name)


def spans(adjudicated: AdjudicatedArticle) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, span.label) for span in adjudicated.gold.spans]


def decided(adjudicated: AdjudicatedArticle, kind: str = "span") -> list[tuple[str | None, str, int, int]]:
    return [
        (d.gold_id, d.provenance or f"? {d.dispute}", d.n_votes, d.n_voters)
        for d in adjudicated.decisions
        if d.kind == kind
    ]


def answers(decision: Decision) -> list[tuple[str | None, int | None, int | None, str]]:
    return [(answer.label, answer.start, answer.end, " ".join(answer.annotators)) for answer in decision.answers]


def test_two_of_three_annotators_decide_the_boundary():
    result = adjudicate(by("A1", [(0, 7, "PER")]), by("A2", [(0, 7, "PER")]), by("A3", [(0, 8, "PER")]))
    assert spans(result) == [(0, 7, "PER")]
    assert decided(result) == [("T1", "majority", 2, 3)]
    assert result.gold.spans[0].text == "Ada Ito"


def test_a_boundary_that_differs_by_a_character_is_disputed():
    result = adjudicate(by("A1", [(0, 7, "PER")]), by("A2", [(0, 8, "PER")]))
    assert spans(result) == []
    assert decided(result) == [(None, "? boundary", 1, 2)]
    assert answers(result.decisions[0]) == [("PER", 0, 7, "A1"), ("PER", 0, 8, "A2")]


def test_start_and_end_are_voted_on_separately():
    result = adjudicate(by("A1", [(0, 7, "PER")]), by("A2", [(0, 8, "PER")]), by("A3", [(1, 7, "PER")]))
    assert spans(result) == [(0, 7, "PER")]
    assert decided(result) == [("T1", "majority", 2, 3)]


def test_a_disputed_label_is_not_guessed():
    result = adjudicate(by("A1", [(0, 7, "PER")]), by("A2", [(0, 7, "ORG")]))
    assert (spans(result), decided(result)) == ([], [(None, "? label", 1, 2)])


def test_half_of_the_annotators_are_not_a_majority():
    result = adjudicate(by("A1", [(0, 7, "PER")]), by("A2"))
    assert (spans(result), decided(result)) == ([], [(None, "? existence", 1, 2)])


def test_a_mention_that_the_majority_did_not_mark_is_left_out():
    result = adjudicate(by("A1", [(0, 7, "PER")]), by("A2"), by("A3"))
    assert decided(result) == [(None, "majority", 2, 3)]
    assert result.decisions[0].is_left_out


def test_labels_of_a_single_annotator_become_gold():
    result = adjudicate(by("A1", [(0, 7, "PER"), (12, 19, "PER")], [(0, 1, "supports")]))
    assert decided(result) == [("T1", "single", 1, 1), ("T2", "single", 1, 1)]
    assert decided(result, "stance") == [("R1", "single", 1, 1)]


def test_a_minimum_of_votes_excludes_the_single_annotator():
    result = adjudicate(by("A1", [(0, 7, "PER")]), min_votes=2)
    assert (spans(result), result.decisions[0].is_resolved) == ([], False)


def test_a_place_inside_a_longer_name_is_another_mention():
    union, place = (21, 43, "ORG"), (34, 43, "GPE")
    result = adjudicate(by("A1", [union]), by("A2", [union, place]), by("A3", [place]))
    assert spans(result) == [union, place]


def test_repeated_mentions_are_matched_one_to_one():
    both = [(0, 7, "PER"), (52, 59, "PER")]
    result = adjudicate(by("A1", both), by("A2", both), by("A3", both[1:]))
    assert decided(result) == [("T1", "majority", 2, 3), ("T2", "unanimous", 3, 3)]


def test_stances_are_voted_on_over_aligned_mentions():
    two = [(0, 7, "PER"), (12, 19, "PER")]
    off = [(0, 8, "PER"), (12, 19, "PER")]
    result = adjudicate(
        by("A1", two, [(0, 1, "supports"), (None, 1, "opposes")]),
        by("A2", two, [(0, 1, "opposes")]),
        by("A3", off, [(0, 1, "supports")]),
    )
    assert [(s.id, s.holder, s.target, s.stance) for s in result.gold.stances] == [("R1", "T1", "T2", "supports")]
    assert decided(result, "stance") == [(None, "majority", 2, 3), ("R1", "majority", 2, 3)]
    voice, drawn = (d for d in result.decisions if d.kind == "stance")
    assert answers(drawn) == [("supports", None, None, "A1 A3"), ("opposes", None, None, "A2")]
    assert answers(voice) == [(None, None, None, "A2 A3"), ("opposes", None, None, "A1")]


def test_a_disputed_stance_is_not_guessed():
    two = [(0, 7, "PER"), (12, 19, "PER")]
    result = adjudicate(by("A1", two, [(0, 1, "supports")]), by("A2", two, [(0, 1, "opposes")]))
    assert (result.gold.stances, decided(result, "stance")) == ((), [(None, "? stance", 1, 2)])


def test_a_stance_with_a_disputed_end_is_disputed():
    result = adjudicate(
        by("A1", [(0, 7, "PER"), (12, 19, "PER")], [(0, 1, "supports")]),
        by("A2", [(0, 8, "PER"), (12, 19, "PER")], [(0, 1, "supports")]),
    )
    assert (result.gold.stances, decided(result, "stance")) == ((), [(None, "? span", 2, 2)])


def test_an_annotator_with_two_stances_for_one_pair_has_no_vote():
    two = [(0, 7, "PER"), (12, 19, "PER")]
    result = adjudicate(
        by("A1", two, [(0, 1, "supports"), (0, 1, "opposes")]),
        by("A2", two, [(0, 1, "supports")]),
        by("A3", two, [(0, 1, "opposes")]),
    )
    assert decided(result, "stance") == [(None, "? stance", 1, 3)]


marks = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 8), st.sampled_from(["PER", "ORG"])), max_size=6, unique=True
).map(lambda found: [(start, start + length, label) for start, length, label in found])


@settings(deadline=None)  # the first alignment imports scipy
@given(st.lists(marks, min_size=1, max_size=4))
def test_gold_spans_have_a_majority(result):
    layers = [by(f"A{i}", spans) for i, spans in enumerate(result)]
    adjudicated = adjudicate(*layers)
    for start, end, label in spans(adjudicated):
        assert 2 * sum(start in {s for s, _, _ in one} for one in result) > len(result)
        assert any(start == s and end == e for one in result for s, e, _ in one)
        assert 2 * sum(label in {n for _, _, n in one} for one in result) > len(result)
    assert len(set(spans(adjudicated))) == len(adjudicated.gold.spans)
    units = [d for d in adjudicated.decisions if d.gold_id is not None]
    assert sorted(d.gold_id for d in units) == sorted(span.id for span in adjudicated.gold.spans)
    assert all(2 * d.n_votes > d.n_voters for d in units)


@given(marks, st.integers(1, 4))
def test_unanimous_spans_are_gold(result, annotators):
    adjudicated = adjudicate(*(by(f"A{i}", result) for i in range(annotators)))
    assert spans(adjudicated) == sorted(set(result))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_layers_does_not_matter(order):
    layers = [by("A1", [(0, 7, "PER")]), by("A2", [(0, 8, "PER")]), by("A3", [(1, 7, "ORG"), (12, 19, "PER")])]
    assert adjudicate(*(layers[i] for i in order)) == adjudicate(*layers)


def test_the_experts_labels_are_gold():
    layers = [by("A1", [(0, 7, "PER")]), by("A2", [(0, 7, "PER")]), by("A3", [(0, 8, "ORG"), (12, 19, "PER")])]
    (result,) = aggregate(
        {ARTICLE.id: ARTICLE},
        layers,
        expert_label("A3", majority_vote()),
        policy=BoundaryPolicy(expert="A3"),
    )
    assert spans(result) == [(0, 8, "ORG"), (12, 19, "PER")]
    assert decided(result) == [("T1", "expert", 1, 3), ("T2", "expert", 1, 3)]


def test_a_mention_that_the_expert_did_not_mark_is_left_out():
    layers = [by("A1", [(0, 7, "PER")]), by("A2", [(0, 7, "PER")]), by("A3")]
    (result,) = aggregate(
        {ARTICLE.id: ARTICLE},
        layers,
        expert_label("A3", majority_vote()),
        policy=BoundaryPolicy(expert="A3"),
    )
    assert (spans(result), decided(result)) == ([], [(None, "expert", 1, 3)])


def test_decisions_describe_the_item_in_words():
    result: list[Decision] = list(
        adjudicate(by("A1", [(0, 7, "PER"), (12, 19, "PER")], [(0, 1, "supports"), (None, 1, "opposes")])).decisions
    )
    assert [d.description for d in result] == [
        "Ada Ito [0, 7) PER",
        "Bo Lund [12, 19) PER",
        "the article opposes Bo Lund [12, 19)",
        "Ada Ito [0, 7) supports Bo Lund [12, 19)",
    ]


def by_expert(*layers: AnnotationLayer) -> AdjudicatedArticle:
    aggregator = expert_label("E1", majority_vote(), has_vote=False)
    (adjudicated,) = aggregate({ARTICLE.id: ARTICLE}, layers, aggregator, policy=BoundaryPolicy(expert="E1"))
    return adjudicated


def test_an_expert_decides_without_a_vote():
    annotators = by("A1", [(0, 7, "PER")]), by("A2", [(0, 7, "ORG")])
    result = by_expert(*annotators, by("E1", [(0, 7, "ORG"), (12, 19, "PER")]))
    assert spans(result) == [(0, 7, "ORG"), (12, 19, "PER")]
    assert decided(result) == [("T1", "expert", 1, 2), ("T2", "expert", 0, 2)]
    assert result.n_voters == 2
    assert answers(result.decisions[0]) == [("ORG", 0, 7, "A2"), ("PER", 0, 7, "A1")]


def test_annotators_decide_an_article_that_the_expert_did_not_have():
    result = by_expert(by("A1", [(0, 7, "PER")]), by("A2", [(0, 7, "PER")]))
    assert decided(result) == [("T1", "unanimous", 2, 2)]


def test_expert_comments_refer_to_ids_offsets_and_pairs():
    one, two = [(0, 7, "PER"), (12, 19, "PER")], [(0, 7, "ORG")]
    words = (
        "T1: a body, not a person\n[12,19): only a byline",
        "[0, 7) to [12, 19): nothing is result",
        "T9: no",
        "well",
    )
    own = layer(ARTICLE, two, annotator="E1", comments=words)
    result = by_expert(by("A1", one, [(0, 1, "supports")]), by("A2", one, [(0, 1, "supports")]), own)
    assert [(d.gold_id, d.provenance, d.comment, d.n_votes) for d in result.decisions] == [
        ("T1", "expert", "a body, not a person", 0),
        (None, "expert", "only a byline", 0),
        (None, "expert", "nothing is result", 0),
    ]
    assert result.unmatched_reasons == ("T9",)


def test_an_expert_comment_refers_to_a_stance_by_its_id():
    one = [(0, 7, "PER"), (12, 19, "PER")]
    own = layer(ARTICLE, one, [(0, 1, "opposes")], annotator="E1", comments=("R1: it is irony",))
    result = by_expert(by("A1", one, [(0, 1, "supports")]), by("A2", one, [(None, 1, "supports")]), own)
    assert [
        (d.label, d.provenance, d.comment, d.n_votes, d.n_voters) for d in result.decisions if d.kind == "stance"
    ] == [
        (None, "expert", None, 1, 2),
        ("opposes", "expert", "it is irony", 0, 2),
    ]


def test_reasons_for_several_offsets_of_one_mention_are_joined():
    words = ("T1: the whole name", "[25, 30): a part of it", "[34, 43): the other part")
    own = layer(ARTICLE, [(25, 43, "ORG")], annotator="E1", comments=words)
    result = by_expert(by("A1", [(25, 30, "ORG"), (34, 43, "GPE")]), own)
    comments = [d.comment or "" for d in result.decisions]
    assert sum(("the whole name" in why) + ("a part of it" in why) + ("the other part" in why) for why in comments) == 3
    assert result.unmatched_reasons == ()
    assert any("; " in why for why in comments)


def test_a_named_target_without_a_stance_of_the_expert_is_not_decided_by_the_expert():
    """An expert sees whole articles, but only the disputed ones of the named targets."""

    def naming(annotator, comments=(), **result):
        drawn = [
            StanceLabel(id=f"R{n}", holder=None, target_name=k, stance=v) for n, (k, v) in enumerate(result.items())
        ]
        return msgspec.structs.replace(layer(ARTICLE, annotator=annotator, comments=comments), stances=tuple(drawn))

    result = by_expert(
        naming("A1", Ada="supports", **{"Bo: 'x'": "opposes"}),
        naming("A2", Ada="supports", **{"Bo: 'x'": "neutral"}),
        naming("E1", ("the article  to \"Bo: 'x'\": it is irony",), **{"Bo: 'x'": "neutral"}),
    )
    assert [(d.provenance, d.comment, d.is_resolved, d.n_votes, d.n_voters) for d in result.decisions] == [
        ("unanimous", None, True, 2, 2),
        ("expert", "it is irony", True, 1, 2),
    ]
    assert [(stance.target_name, stance.stance) for stance in result.gold.stances] == [
        ("Ada", "supports"),
        ("Bo: 'x'", "neutral"),
    ]
    assert result.unmatched_reasons == ()


PEOPLE = [(0, 7, "PER"), (12, 19, "PER")]


def test_what_an_expert_ticks_done_without_a_reason_was_decided_by_the_votes() -> None:
    same = (by(name, PEOPLE, [(0, 1, "supports")]) for name in ("A1", "A2", "E1"))
    assert [d.provenance for d in by_expert(*same).decisions] == ["unanimous"] * 3
    result = by_expert(by("A1", PEOPLE), by("E1", PEOPLE))
    assert [d.provenance for d in result.decisions] == ["single"] * 2
    result = by_expert(by("A1", PEOPLE), by("A2", PEOPLE), by("A3", PEOPLE[:1]), by("E1", PEOPLE))
    assert [d.provenance for d in result.decisions] == ["unanimous", "majority"]


def test_a_dispute_that_an_expert_settles_needs_no_reason() -> None:
    result = by_expert(by("A1", PEOPLE[:1]), by("A2"), by("E1", PEOPLE[:1]))
    assert decided(result) == [("T1", "expert", 1, 2)]
    result = by_expert(by("A1", PEOPLE[:1]), by("A2"), by("E1"))
    assert decided(result) == [(None, "expert", 1, 2)]


@pytest.mark.parametrize("other", [(0, 8, "PER"), (1, 7, "PER"), (0, 7, "ORG")])
def test_an_expert_who_changes_what_the_votes_decide_decides(other: tuple[int, int, str]) -> None:
    result = by_expert(by("A1", PEOPLE[:1]), by("A2", PEOPLE[:1]), by("E1", [other]))
    assert [d.provenance for d in result.decisions if d.gold_id] == ["expert"]
    assert spans(result) == [other]


def test_an_expert_who_gives_a_reason_decides() -> None:
    own = layer(ARTICLE, PEOPLE, [(0, 1, "supports")], annotator="E1", comments=("R1: he votes for it",))
    result = by_expert(by("A1", PEOPLE, [(0, 1, "supports")]), by("A2", PEOPLE, [(0, 1, "supports")]), own)
    assert [(d.provenance, d.comment) for d in result.decisions] == [
        ("unanimous", None),
        ("unanimous", None),
        ("expert", "he votes for it"),
    ]


def test_a_stance_falls_with_its_end_and_shares_its_provenance() -> None:
    one = by("A1", PEOPLE, [(0, 1, "supports")])
    two = by("A2", PEOPLE, [(0, 1, "supports")])
    result = by_expert(one, two, layer(ARTICLE, PEOPLE[:1], annotator="E1", comments=("[12, 19): no name",)))
    assert [(d.kind, d.gold_id, d.provenance) for d in result.decisions] == [
        ("span", "T1", "unanimous"),
        ("span", None, "expert"),
        ("stance", None, "expert"),
    ]


def test_an_expert_alone_decides() -> None:
    result = by_expert(by("E1", PEOPLE, [(0, 1, "supports")]))
    assert [(d.provenance, d.n_votes, d.n_voters) for d in result.decisions] == [("expert", 0, 0)] * 3


def test_decisions_have_label_and_ends_as_fields() -> None:
    spans_decided = [(0, 7, "PER"), (12, 19, "PER")]
    result = adjudicate(by("A1", spans_decided, [(0, 1, "supports"), (None, 1, "opposes")]))
    fields = [(d.label, d.start, d.end, d.holder, d.target) for d in result.decisions]
    assert fields == [
        ("PER", 0, 7, None, None),
        ("PER", 12, 19, None, None),
        ("opposes", None, None, None, (12, 19)),
        ("supports", None, None, (0, 7), (12, 19)),
    ]
