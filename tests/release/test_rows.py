"""Rows of a release: BIO tags beside spans, soft labels beside votes."""

from __future__ import annotations

import msgspec

from goldwire.records import AnnotationLayer, Decision, DecisionAnswer, SplitAssignment
from goldwire.release.rows import ReleaseEntry, annotation_row, entity_row, stance_rows
from goldwire.text.bio_tags import count_untagged_spans
from goldwire.text.tokenization import tokens
from support.factories import article, layer

ARTICLE = article("Ada Ito met Bo Lund of Northmoor")
STANCES = ("opposes", "neutral", "supports")


def entry(gold: AnnotationLayer, *decisions: Decision) -> ReleaseEntry:
    assignment = SplitAssignment(article_id=ARTICLE.id, cluster=ARTICLE.id, split="train", since_version="0.0.1")
    by_label = {decision.gold_id: decision for decision in decisions}
    return ReleaseEntry(article=ARTICLE, gold=gold, assignment=assignment, n_annotators=3, decisions=by_label)


def decision(gold_id: str, votes: int, *answers: tuple[str | None, tuple[str, ...]]) -> Decision:
    return Decision(
        article_id=ARTICLE.id,
        kind="span" if gold_id.startswith("T") else "stance",
        gold_id=gold_id,
        description="",
        n_votes=votes,
        n_voters=3,
        provenance="majority",
        answers=tuple(DecisionAnswer(label=label, annotators=annotators) for label, annotators in answers),
    )


def test_an_entity_row_has_votes_and_spans_without_a_tag():
    gold = layer(ARTICLE, [(12, 19, "PER"), (12, 32, "ORG")], annotator="gold")
    row = entity_row(entry(gold, decision("T1", 2)), tokens(ARTICLE.text))
    assert [span["votes"] for span in row["spans"]] == [2, None]
    assert count_untagged_spans(len(row["spans"]), row["ner_tags"]) == 1
    assert (row["n_annotators"], row["since_version"]) == (3, "0.0.1")


def test_sentences_have_offsets_and_the_range_of_their_tokens():
    item = article("Talks fail\n\nMr. Ito left. Bo Lund, of Northmoor, stayed.")
    row = entity_row(
        msgspec.structs.replace(entry(layer(item)), article=item, gold=layer(item, annotator="gold")), tokens(item.text)
    )
    assert [item.text[sentence["start"] : sentence["end"]] for sentence in row["sentences"]] == [
        "Talks fail",
        "Mr. Ito left.",
        "Bo Lund, of Northmoor, stayed.",
    ]
    ranges = [row["tokens"][sentence["token_start"] : sentence["token_end"]] for sentence in row["sentences"]]
    assert [words[0] for words in ranges] == ["Talks", "Mr.", "Bo"]
    assert [word for words in ranges for word in words] == row["tokens"]


def test_the_soft_label_includes_the_annotators_who_drew_nothing():
    gold = layer(ARTICLE, [(0, 7, "PER"), (12, 19, "PER")], [(0, 1, "supports")], annotator="gold")
    votes = decision("R1", 2, ("supports", ("A1", "A3")), ("opposes", ("A2",)), (None, ("A4",)))
    (row,) = stance_rows(entry(gold, votes), STANCES)
    assert (row["stance_shares"], row["none_share"]) == ([0.25, 0.0, 0.5], 0.25)
    assert (row["holder"], row["target"], row["votes"]) == ("Ada Ito", "Bo Lund", 2)


def test_the_articles_own_voice_has_no_offsets_and_gold_without_decision_no_votes():
    gold = layer(ARTICLE, [(0, 7, "PER")], [(None, 0, "neutral")], annotator="gold")
    (row,) = stance_rows(entry(gold), STANCES)
    assert (row["holder"], row["holder_start"], row["holder_end"]) == (None, None, None)
    assert (row["stance_shares"], row["none_share"], row["votes"]) == (None, None, None)


def test_a_pair_that_only_an_expert_drew_has_no_shares():
    gold = layer(ARTICLE, [(0, 7, "PER"), (12, 19, "PER")], [(0, 1, "supports")], annotator="gold")
    (row,) = stance_rows(entry(gold, decision("R1", 0, (None, ("A1", "A2", "A3")))), STANCES)
    assert (row["stance_shares"], row["none_share"], row["votes"]) == (None, 1.0, 0)


def test_comments_are_not_released():
    row = annotation_row(layer(ARTICLE, [(0, 7, "PER")], [(None, 0, "neutral")], comments=["ask Mary"]))
    assert "Mary" not in str(row)
    assert row["stances"] == [
        {"id": "R1", "holder": None, "target": "T1", "target_name": "Ada Ito", "label": "neutral"}
    ]
