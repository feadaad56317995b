"""One grouping of spans into mentions, for agreement and adjudication alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, permutations

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from goldwire.alignment.mentions import (
    AlignedMention,
    align_mentions,
    align_stances,
    invalid_layer_reason,
    require_valid_layer,
    similarity,
)
from goldwire.alignment.span_matching import Span
from goldwire.errors import DataError
from goldwire.records import AnnotationLayer, StanceLabel
from support.factories import article, layer

Marks = Sequence[tuple[int, int, str]]
ARTICLE = article("The union of Northmoor praised Ada Ito and Bo Lund of the Harbour Board on Monday.")

marks = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 8), st.sampled_from(["PER", "ORG", "LOC"])), max_size=6, unique=True
).map(lambda spans: [(start, start + length, label) for start, length, label in spans])


def by(annotator: str, spans: Marks = (), stances: Iterable[tuple[int | None, int, str]] = ()) -> AnnotationLayer:
    return layer(ARTICLE, spans, stances, annotator=annotator)


def extents(mention: AlignedMention) -> dict[str, Span]:
    return {name: Span(span.start, span.end, span.label) for name, span in mention.spans.items()}


def groups(*layers: AnnotationLayer) -> list[dict[str, Span]]:
    return [extents(mention) for mention in align_mentions(layers)]


def test_a_place_inside_a_person_is_a_separate_mention() -> None:
    assert groups(by("A1", [(0, 33, "PER")]), by("A2", [(26, 33, "LOC")])) == [
        {"A1": Span(0, 33, "PER")},
        {"A2": Span(26, 33, "LOC")},
    ]


def test_a_boundary_that_differs_is_the_same_mention() -> None:
    assert groups(by("A1", [(0, 7, "PER")]), by("A2", [(6, 20, "PER")])) == [
        {"A1": Span(0, 7, "PER"), "A2": Span(6, 20, "PER")}
    ]


def test_spans_of_three_annotators_with_different_boundaries_are_one_mention() -> None:
    ada, board, bo = (31, 38, "PER"), (58, 71, "ORG"), (43, 50, "PER")
    layers = [by("A1", [ada, bo, board]), by("A2", [(31, 34, "PER"), bo, board]), by("A3", [ada])]
    assert [set(group) for group in groups(*layers)] == [{"A1", "A2", "A3"}, {"A1", "A2"}, {"A1", "A2"}]


def test_a_mention_holds_one_span_of_each_annotator() -> None:
    mention_groups = groups(by("A1", [(31, 38, "PER")]), by("A2", [(31, 34, "PER"), (35, 38, "PER")]))
    assert sorted(len(group) for group in mention_groups) == [1, 2]


@pytest.mark.parametrize(("end", "mentions"), [(5, 1), (4, 2)])
def test_other_labels_need_half_of_the_characters_in_common(end: int, mentions: int) -> None:
    assert len(groups(by("A1", [(0, 10, "PER")]), by("A2", [(0, end, "ORG")]))) == mentions


def test_the_better_overlap_outweighs_the_label() -> None:
    one, two = by("A1", [(0, 10, "PER")]), by("A2", [(0, 10, "ORG"), (9, 30, "PER")])
    assert groups(one, two) == [{"A1": Span(0, 10, "PER"), "A2": Span(0, 10, "ORG")}, {"A2": Span(9, 30, "PER")}]


def test_equal_spans_are_one_mention_even_if_another_matching_has_a_higher_total() -> None:
    one, two = by("A1", [(0, 10, "PER"), (4, 10, "PER")]), by("A2", [(0, 10, "PER"), (0, 6, "PER")])
    assert groups(one, two) == [
        {"A2": Span(0, 6, "PER"), "A1": Span(4, 10, "PER")},
        {"A1": Span(0, 10, "PER"), "A2": Span(0, 10, "PER")},
    ]


def test_a_third_annotator_who_marked_both_keeps_them_apart() -> None:
    one, two, both = (0, 10, "PER"), (0, 8, "PER"), [(0, 10, "PER"), (0, 8, "PER")]
    assert groups(by("A1", [one]), by("A2", [two]), by("A3", both)) == [
        {"A2": Span(*two), "A3": Span(*two)},
        {"A1": Span(*one), "A3": Span(*one)},
    ]


def test_the_extent_is_the_most_frequent_one_and_the_first_on_a_tie() -> None:
    [three] = align_mentions([by("A1", [(0, 9, "PER")]), by("A2", [(0, 8, "PER")]), by("A3", [(0, 9, "PER")])])
    assert three.extent == Span(0, 9, "PER")
    [two] = align_mentions([by("A1", [(0, 9, "PER")]), by("A2", [(0, 8, "PER")])])
    assert two.extent == Span(0, 8, "PER")


@settings(deadline=None)  # the first matching imports scipy
@given(st.lists(marks, min_size=1, max_size=4))
def test_every_span_is_in_exactly_one_mention_and_a_mention_has_one_span_per_annotator(said: list[Marks]) -> None:
    layers = [by(f"A{number}", spans) for number, spans in enumerate(said)]
    mentions = align_mentions(layers)
    found = [(name, span) for mention in mentions for name, span in extents(mention).items()]
    assert sorted(found) == sorted(
        (layer.annotator, Span(s.start, s.end, s.label)) for layer in layers for s in layer.spans
    )
    assert [mention.index for mention in mentions] == list(range(len(mentions)))
    assert [mention.extent for mention in mentions] == sorted(mention.extent for mention in mentions)


@settings(deadline=None)  # the first matching imports scipy
@given(st.lists(marks, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_names_of_annotators_matter(said: list[Marks], random) -> None:  # type: ignore[no-untyped-def]
    names = [f"A{number}" for number in range(len(said))]
    layers = [by(name, spans) for name, spans in zip(names, said, strict=True)]
    shuffled = random.sample(layers, len(layers))
    assert groups(*shuffled) == groups(*layers)
    other = dict(zip(names, random.sample(names, len(names)), strict=True))
    renamed = [msgspec.structs.replace(layer, annotator=other[layer.annotator]) for layer in layers]
    assert groups(*renamed) == [{other[name]: span for name, span in group.items()} for group in groups(*layers)]


@settings(deadline=None)  # the first matching imports scipy
@given(st.lists(marks, min_size=2, max_size=4))
def test_equal_spans_always_share_a_mention(said: list[Marks]) -> None:
    found = [set(group.values()) for group in groups(*(by(f"A{number}", spans) for number, spans in enumerate(said)))]
    assert all(not one & two for one, two in combinations(found, 2))


@settings(deadline=None)  # the first matching imports scipy
@given(st.lists(marks, min_size=2, max_size=4))
def test_the_spans_of_a_mention_are_connected_by_similar_pairs(said: list[Marks]) -> None:
    for group in groups(*(by(f"A{number}", spans) for number, spans in enumerate(said))):
        spans = sorted(set(group.values()))
        reached = {spans[0]}
        for _ in spans:
            reached |= {span for span in spans if any(similarity(span, other) for other in reached)}
        assert reached == set(spans)


@settings(deadline=None)  # the first matching imports scipy
@given(marks, marks)
@example([(0, 10, "PER"), (4, 10, "PER")], [(0, 10, "PER"), (0, 6, "PER")])
def test_the_matching_of_two_annotators_is_optimal(one: Marks, two: Marks) -> None:
    """Equal spans pair first; of the others no one-to-one matching has a higher total similarity."""
    equal = {Span(*mark) for mark in one} & {Span(*mark) for mark in two}
    first, second = (sorted({Span(*mark) for mark in spans} - equal) for spans in (one, two))
    short, long = sorted((first, second), key=len)
    best = max(
        sum(similarity(a, b) for a, b in zip(short, chosen, strict=True)) for chosen in permutations(long, len(short))
    )
    pairs = [list(group.values()) for group in groups(by("A1", one), by("A2", two)) if len(group) == 2]
    assert {a for a, b in pairs if a == b} == equal
    assert sum(similarity(a, b) for a, b in pairs if a != b) == best


@settings(deadline=None)  # the first matching imports scipy
@given(st.tuples(st.integers(0, 20), st.integers(1, 9)), st.tuples(st.integers(0, 20), st.integers(1, 9)))
def test_similarity_is_symmetric(a: tuple[int, int], b: tuple[int, int]) -> None:
    for label in ("PER", "ORG"):
        one, two = Span(a[0], sum(a), "PER"), Span(b[0], sum(b), label)
        assert similarity(one, two) == similarity(two, one)
        assert similarity(one, one) == 11_000


def test_stances_join_mentions_with_different_boundaries() -> None:
    ada, ada_ito, bo = (31, 34, "PER"), (31, 38, "PER"), (43, 50, "PER")
    layers = [by("A1", [ada, bo], [(0, 1, "supports")]), by("A2", [ada_ito, bo], [(0, 1, "opposes"), (None, 1, "s")])]
    mentions = align_mentions(layers)
    voice, pair = align_stances(layers, mentions)
    assert (voice.holder, voice.target, voice.answers) == (None, mentions[1], {"A2": "s"})
    assert (pair.holder, pair.target) == (mentions[0], mentions[1])
    assert pair.stances == {"A1": ("supports",), "A2": ("opposes",)}


def test_two_stances_on_one_pair_do_not_count() -> None:
    one = by("A1", [(31, 38, "PER"), (43, 50, "PER")], [(0, 1, "supports"), (0, 1, "opposes")])
    [pair] = align_stances([one], align_mentions([one]))
    assert (pair.stances, pair.answers) == ({"A1": ("opposes", "supports")}, {})


def test_stances_towards_named_targets_join_by_name() -> None:
    layers = [
        msgspec.structs.replace(
            by(name), stances=(StanceLabel(id="R1", holder=None, target_name="Northmoor", stance=stance),)
        )
        for name, stance in (("A1", "supports"), ("A2", "neutral"))
    ]
    [pair] = align_stances(layers, ())
    assert (pair.target, pair.target_name, pair.answers) == (None, "Northmoor", {"A1": "supports", "A2": "neutral"})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"article_id": "wire-000000000009"}, "not in the corpus"),
        ({"text_sha256": "0"}, "another version"),
        ({"spans": (msgspec.structs.replace(by("A1", [(0, 3, "PER")]).spans[0], text="xyz"),)}, "differs"),
        ({"stances": (StanceLabel(id="R1", holder=None, target="T9", stance="supports"),)}, "does not exist"),
    ],
)
def test_a_layer_that_does_not_fit_its_article_is_refused(tmp_path, changes, reason) -> None:  # type: ignore[no-untyped-def]
    articles = {ARTICLE.id: ARTICLE}
    assert invalid_layer_reason(by("A1", [(0, 3, "PER")]), articles) is None
    with pytest.raises(DataError, match=reason):
        require_valid_layer(msgspec.structs.replace(by("A1"), **changes), articles, tmp_path)
