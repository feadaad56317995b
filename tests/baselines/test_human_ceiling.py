"""Each annotator against the rest: in agreement, alone, tied, and contradicting themself."""

from __future__ import annotations

from goldwire.baselines.human_ceiling import entity_counts, stance_answers


def pair(*answers: tuple[str, str | None]) -> dict:
    return {"article_id": "a", "answers": [{"annotator": name, "label": label} for name, label in answers]}


def outcome(row: dict, *, if_drawn: bool = False) -> list[tuple[str, str]]:
    """The reference and the answer of each annotator who has a reference."""
    references, given = stance_answers([row], if_drawn=if_drawn)
    return [(reference["label"], answer) for reference, answer in zip(references, given, strict=True)]


def test_an_annotator_who_drew_nothing_is_wrong_about_a_pair_that_the_others_drew():
    row = pair(("A1", "supports"), ("A2", "supports"), ("A3", None))
    # To A1 and A2 the others are tied.
    assert outcome(row) == [("supports", "")]
    assert outcome(row, if_drawn=True) == []


def test_a_pair_that_most_of_the_others_did_not_draw_is_not_an_item():
    assert outcome(pair(("A1", "supports"), ("A2", None), ("A3", None))) == []


def test_of_two_annotators_each_is_the_reference_of_the_other():
    assert outcome(pair(("A1", "supports"), ("A2", "opposes"))) == [("opposes", "supports"), ("supports", "opposes")]


def test_two_answers_of_one_annotator_are_none():
    row = pair(("A1", "supports"), ("A1", "opposes"), ("A2", "supports"), ("A3", "supports"))
    assert outcome(row) == [("supports", "")]


def mention(article_id: str, *answers: tuple[str, str | None, int | None, int | None]) -> dict:
    fields = ("annotator", "label", "start", "end")
    return {"article_id": article_id, "answers": [dict(zip(fields, answer, strict=True)) for answer in answers]}


def test_spans_are_counted_by_article_and_an_end_elsewhere_is_wrong_and_missed():
    agreed = mention("a", ("A1", "PER", 0, 7), ("A2", "PER", 0, 7), ("A3", "PER", 0, 7))
    longer = mention("b", ("A1", "PER", 0, 9), ("A2", "PER", 0, 7), ("A3", "PER", 0, 7))
    alone = mention("b", ("A1", "ORG", 3, 5), ("A2", None, None, None), ("A3", None, None, None))
    hits, wrong, missed = (counts.ravel().tolist() for counts in entity_counts([agreed, longer, alone]))
    # To A2 and A3 the others are tied over the longer span, and over the one that A1 alone has.
    assert (hits, wrong, missed) == ([3, 0], [0, 2], [0, 1])
