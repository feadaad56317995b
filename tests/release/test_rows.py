"""Rows of a release: tags beside spans, shares beside votes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.records import Decision, SpanLabel, SplitAssignment
from goldwire.release.rows import Entry, annotation_row, entity_row, iob_tags, stance_rows, untagged
from goldwire.text.tokenization import tokens
from support.factories import article, layer

ONE = article("Ada Ito met Bo Lund of Northmoor")
OPTIONS = ("opposes", "neutral", "supports")


def span(start: int, end: int, label: str = "PER") -> SpanLabel:
    return SpanLabel(id=f"T{start}", start=start, end=end, label=label, text=ONE.text[start:end])


def entry(gold, *decisions: Decision) -> Entry:
    joined = SplitAssignment(article_id=ONE.id, cluster=ONE.id, split="train", since="0.0.1")
    return Entry(ONE, gold, joined, 3, {made.unit: made for made in decisions})


def decision(unit: str, votes: int, *options: tuple[str, tuple[str, ...]]) -> Decision:
    kind = "span" if unit.startswith("T") else "stance"
    told = {"article_id": ONE.id, "kind": kind, "unit": unit, "what": "", "votes": votes, "of": 3, "settled": True}
    return Decision(**told, method="majority", reason="majority", options=options)


@pytest.mark.parametrize(
    ("spans", "tags"),
    [
        ([], "O O O O O O O"),
        ([span(0, 7)], "B-PER I-PER O O O O O"),
        ([span(0, 7), span(12, 19)], "B-PER I-PER O B-PER I-PER O O"),
        ([span(12, 19), span(12, 32, "ORG")], "O O O B-ORG I-ORG I-ORG I-ORG"),
        ([span(0, 11, "ORG"), span(4, 14)], "B-ORG I-ORG I-ORG O O O O"),
        ([span(1, 5)], "B-PER I-PER O O O O O"),
        ([span(3, 4)], "O O O O O O O"),
    ],
)
def test_tags(spans, tags):
    assert " ".join(iob_tags(tokens(ONE.text), spans)) == tags


@given(st.lists(st.tuples(st.integers(0, 31), st.integers(1, 12), st.sampled_from(["PER", "ORG"])), max_size=8))
def test_every_tagged_stretch_is_a_span_and_a_longer_one_wins(found):
    cut = tokens(ONE.text)
    spans = [span(start, min(start + length, 32), label) for start, length, label in found]
    tags = iob_tags(cut, spans)
    longest = max(spans, key=lambda one: (one.end - one.start, -one.start), default=None)
    for number, tag in enumerate(tags):
        before = tags[number - 1] if number else "O"
        assert not tag.startswith("I-") or before[2:] == tag[2:]
        start, end = cut[number]
        if tag != "O":
            assert any(one.start < end and one.end > start and one.label == tag[2:] for one in spans)
    if longest is not None:
        inside = [tags[i] for i, (start, end) in enumerate(cut) if longest.start < end and longest.end > start]
        assert "O" not in inside


def test_an_entity_row_counts_votes_and_what_no_tag_holds():
    gold = layer(ONE, [(12, 19, "PER"), (12, 32, "ORG")], annotator="gold")
    row = entity_row(entry(gold, decision("T1", 2)), tokens(ONE.text))
    assert [one["votes"] for one in row["spans"]] == [2, None]
    assert (untagged(row), row["n_annotators"], row["since"]) == (1, 3, "0.0.1")


def test_shares_are_among_those_who_drew_a_stance():
    gold = layer(ONE, [(0, 7, "PER"), (12, 19, "PER")], [(0, 1, "supports")], annotator="gold")
    made = decision("R1", 2, ("supports", ("A1", "A3")), ("opposes", ("A2",)), ("(nothing)", ("A4",)))
    (row,) = stance_rows(entry(gold, made), OPTIONS)
    assert row["shares"] == pytest.approx([1 / 3, 0, 2 / 3])
    assert (row["holder"], row["target"], row["votes"]) == ("Ada Ito", "Bo Lund", 2)


def test_the_articles_own_voice_has_no_place_and_gold_by_hand_no_votes():
    gold = layer(ONE, [(0, 7, "PER")], [(None, 0, "neutral")], annotator="gold")
    (row,) = stance_rows(entry(gold), OPTIONS)
    assert (row["holder"], row["holder_start"], row["holder_end"]) == (None, None, None)
    assert (row["shares"], row["votes"]) == ([0.0, 1.0, 0.0], None)


def test_comments_stay_out():
    row = annotation_row(layer(ONE, [(0, 7, "PER")], [(None, 0, "neutral")], comments=["ask Mary"]))
    assert "Mary" not in str(row)
    assert row["stances"] == [
        {"id": "R1", "holder": None, "target": "T1", "target_name": "Ada Ito", "label": "neutral"}
    ]
