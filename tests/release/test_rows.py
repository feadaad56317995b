"""Rows of a release: tags beside spans, shares beside votes."""

from __future__ import annotations

import pytest

from goldwire.records import Decision, SplitAssignment
from goldwire.release.rows import Entry, annotation_row, entity_row, stance_rows
from goldwire.text.bio_tags import count_untagged_spans
from goldwire.text.tokenization import tokens
from support.factories import article, layer

ONE = article("Ada Ito met Bo Lund of Northmoor")
OPTIONS = ("opposes", "neutral", "supports")


def entry(gold, *decisions: Decision) -> Entry:
    joined = SplitAssignment(article_id=ONE.id, cluster=ONE.id, split="train", since="0.0.1")
    return Entry(ONE, gold, joined, 3, {made.unit: made for made in decisions})


def decision(unit: str, votes: int, *options: tuple[str, tuple[str, ...]]) -> Decision:
    kind = "span" if unit.startswith("T") else "stance"
    told = {"article_id": ONE.id, "kind": kind, "unit": unit, "what": "", "votes": votes, "of": 3, "settled": True}
    return Decision(**told, method="majority", reason="majority", options=options)


def test_an_entity_row_counts_votes_and_what_no_tag_holds():
    gold = layer(ONE, [(12, 19, "PER"), (12, 32, "ORG")], annotator="gold")
    row = entity_row(entry(gold, decision("T1", 2)), tokens(ONE.text))
    assert [one["votes"] for one in row["spans"]] == [2, None]
    assert (count_untagged_spans(len(row["spans"]), row["ner_tags"]), row["n_annotators"], row["since"]) == (
        1,
        3,
        "0.0.1",
    )


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
