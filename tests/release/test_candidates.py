"""Rows of candidates: every pair and mention that anybody marked, in gold or not."""

from __future__ import annotations

from goldwire.adjudication.aggregation import aggregate
from goldwire.adjudication.voting import majority_vote
from goldwire.records import AnnotationLayer, SplitAssignment
from goldwire.release.candidates import entity_candidate_rows, stance_candidate_rows
from goldwire.release.rows import ReleaseEntry, Row
from support.factories import article, layer

ARTICLE = article("Ada Ito met Bo Lund of Northmoor")
ADA, BO, NORTHMOOR = (0, 7, "PER"), (12, 19, "PER"), (23, 32, "ORG")


def candidates(*layers: AnnotationLayer) -> tuple[list[Row], list[Row]]:
    """The candidates of an article that these annotators labelled and a majority decided: stances, entities."""
    (adjudicated,) = aggregate({ARTICLE.id: ARTICLE}, layers, majority_vote())
    entry = ReleaseEntry(
        article=ARTICLE,
        gold=adjudicated.gold,
        assignment=SplitAssignment(article_id=ARTICLE.id, cluster="c", split="train", since_version="0.0.1"),
        n_annotators=len(layers),
        decisions={},
    )
    stances = stance_candidate_rows(entry, adjudicated.decisions, ("opposes", "neutral", "supports"))
    return stances, entity_candidate_rows(entry, adjudicated.decisions, ("PER", "ORG"))


def test_a_pair_that_most_annotators_did_not_draw_is_a_candidate_without_a_gold_label():
    stances, _ = candidates(
        layer(ARTICLE, [ADA, BO], [(0, 1, "supports")], annotator="A1"),
        layer(ARTICLE, [ADA, BO], [], annotator="A2"),
        layer(ARTICLE, [ADA, BO], [], annotator="A3"),
    )
    (row,) = stances
    assert (row["holder"], row["target"], row["target_start"]) == ("Ada Ito", "Bo Lund", 12)
    assert (row["in_gold"], row["gold_label"], "label" in row) == (False, None, False)
    assert sorted((answer["annotator"], answer["label"]) for answer in row["answers"]) == [
        ("A1", "supports"),
        ("A2", None),
        ("A3", None),
    ]
    assert (row["stance_shares"], row["none_share"], row["n_annotators"]) == ([0, 0, 1 / 3], 2 / 3, 3)


def test_a_pair_in_gold_has_the_id_of_its_gold_row():
    stances, _ = candidates(
        layer(ARTICLE, [ADA, BO], [(None, 1, "neutral"), (0, 1, "opposes")], annotator="A1"),
        layer(ARTICLE, [ADA, BO], [(0, 1, "opposes")], annotator="A2"),
        layer(ARTICLE, [ADA, BO], [(0, 1, "supports")], annotator="A3"),
    )
    by_voice, row = stances
    assert (by_voice["id"], by_voice["holder"], by_voice["holder_start"]) == (f"{ARTICLE.id}:C1", None, None)
    assert (row["id"], row["in_gold"], row["gold_label"]) == (f"{ARTICLE.id}:R1", True, "opposes")
    assert (row["stance_shares"], row["none_share"]) == ([2 / 3, 0, 1 / 3], 0)


def test_a_mention_has_the_offsets_and_label_of_each_answer():
    _, entities = candidates(
        layer(ARTICLE, [ADA, (12, 19, "ORG")], annotator="A1"),
        layer(ARTICLE, [ADA, (12, 32, "ORG")], annotator="A2"),
        layer(ARTICLE, [ADA, NORTHMOOR], annotator="A3"),
    )
    agreed, *contested = entities
    assert (agreed["surface"], agreed["in_gold"], agreed["label_shares"]) == ("Ada Ito", True, [1, 0])
    assert [row["gold_label"] is not None for row in contested] == [row["in_gold"] for row in contested]
    assert {(a["annotator"], a["start"], a["end"]) for row in contested for a in row["answers"] if a["label"]} == {
        ("A1", 12, 19),
        ("A2", 12, 32),
        ("A3", 23, 32),
    }
    for row in contested:
        assert sum(row["label_shares"]) + row["none_share"] == 1
