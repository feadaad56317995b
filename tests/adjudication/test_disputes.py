"""Disputes are marked in the expert's layer, and listed with each annotator's answer."""

from __future__ import annotations

import msgspec

from goldwire.adjudication.aggregation import aggregate
from goldwire.adjudication.disputes import DISPUTED, Dispute, find_disputes, find_target_dispute
from goldwire.adjudication.voting import majority_vote
from goldwire.records import AnnotationLayer, StanceLabel
from support.factories import article, layer

ARTICLE = article("Ada Ito met Bo Lund by the river")


def disputes(*layers: AnnotationLayer):
    (adjudicated,) = aggregate({ARTICLE.id: ARTICLE}, layers, majority_vote())
    return find_disputes(ARTICLE, adjudicated)


def test_no_disputes_are_returned_for_an_undisputed_article():
    assert disputes(layer(ARTICLE, [(0, 7, "PER")]), layer(ARTICLE, [(0, 7, "PER")], annotator="A2")) is None


def test_the_mark_of_a_disputed_boundary_covers_all_marked_spans():
    result = disputes(layer(ARTICLE, [(0, 7, "PER")]), layer(ARTICLE, [(4, 7, "PER")], annotator="A2"))
    assert [(span.start, span.end, span.label) for span in result.layer.spans] == [(0, 7, DISPUTED)]
    assert result.disputes == (Dispute(id="D1", kind="span", span=(0, 7)),)
    assert result.descriptions == {"D1": "“Ada Ito”: where does it begin and end? A1 says PER; A2 says PER on “Ito”"}
    assert not result.layer.confirmed


def test_a_disputed_stance_joins_the_agreed_spans():
    ends = [(0, 7, "PER"), (12, 19, "PER")]
    one = layer(ARTICLE, ends, [(0, 1, "supports")])
    result = disputes(one, layer(ARTICLE, ends, [(0, 1, "opposes")], annotator="A2"))
    assert [span.label for span in result.layer.spans] == ["PER", "PER"]
    assert [(s.holder, s.target, s.stance) for s in result.layer.stances] == [("T1", "T2", DISPUTED)]
    assert result.disputes == (Dispute(id="D1", kind="stance", holder=(0, 7), target=(12, 19)),)
    assert result.disputes[0].reference == "[0, 7) to [12, 19)"
    assert result.descriptions["D1"] == ("“Ada Ito” towards “Bo Lund”: which stance? A2 says opposes; A1 says supports")


def test_words_that_an_article_repeats_are_described_with_their_neighbours():
    text = "Ada Ito spoke\n\nOn Monday Ito\tand the others met Ito for an hour or two."
    repeated = article(text)
    start = text.index("Ito\tand")
    layers = layer(repeated, [(start, start + 3, "PER")]), layer(repeated, annotator="A2")
    (adjudicated,) = aggregate({repeated.id: repeated}, layers, majority_vote())
    result = find_disputes(repeated, adjudicated)
    assert result is not None
    assert result.descriptions == {
        "D1": "“Ito” in “On Monday Ito and the others met”: is it to be marked? A2 says nothing; A1 says PER"
    }


def test_a_stance_of_the_articles_own_voice_is_marked_too():
    ends = [(0, 7, "PER")]
    result = disputes(layer(ARTICLE, ends, [(None, 0, "supports")]), layer(ARTICLE, ends, annotator="A2"))
    assert [(s.holder, s.target, s.stance) for s in result.layer.stances] == [(None, "T1", DISPUTED)]
    assert result.disputes[0].reference == "the article to [0, 7)"
    assert result.descriptions["D1"] == (
        "the article towards “Ada Ito”: which stance? A2 says nothing; A1 says supports"
    )


def test_a_stance_of_a_disputed_mention_joins_its_mark():
    one = layer(ARTICLE, [(0, 7, "PER"), (12, 19, "PER")], [(0, 1, "supports")])
    two = layer(ARTICLE, [(0, 7, "ORG"), (12, 19, "PER")], [(0, 1, "supports")], annotator="A2")
    result = disputes(one, two)
    marks = {span.id: span.label for span in result.layer.spans}
    assert [(marks[s.holder], marks[s.target], s.stance) for s in result.layer.stances] == [(DISPUTED, "PER", DISPUTED)]
    assert [dispute.id for dispute in result.disputes] == ["D1", "D2"]


def test_disputes_are_written_as_json_and_read_back():
    ends = [(0, 7, "PER"), (12, 19, "PER")]
    result = disputes(layer(ARTICLE, ends, [(None, 1, "s")]), layer(ARTICLE, ends[1:], annotator="A2"))
    written = msgspec.json.encode(result.disputes)
    assert msgspec.json.decode(written, type=tuple[Dispute, ...]) == result.disputes
    assert written == (b'[{"id":"D1","kind":"span","span":[0,7]},{"id":"D2","kind":"stance","target":[12,19]}]')


def with_targets(annotator: str, **stances: str) -> AnnotationLayer:
    drawn = [
        StanceLabel(id=f"R{number}", holder=None, target_name=name, stance=stance)
        for number, (name, stance) in enumerate(sorted(stances.items()), 1)
    ]
    return msgspec.structs.replace(layer(ARTICLE, annotator=annotator), stances=tuple(drawn))


def test_a_disputed_named_target_has_its_answers_and_an_empty_layer():
    layers = [with_targets("A1", Ada="supports", Bo="opposes"), with_targets("A2", Ada="supports", Bo="neutral")]
    (adjudicated,) = aggregate({ARTICLE.id: ARTICLE}, layers, majority_vote())
    assert find_target_dispute(ARTICLE, adjudicated, "Ada") is None
    result = find_target_dispute(ARTICLE, adjudicated, "Bo")
    assert result is not None
    assert (result.layer.stances, result.layer.confirmed) == ((), False)
    assert result.descriptions == {"D1": "the article towards “Bo”: which stance? A2 says neutral; A1 says opposes"}
    assert result.disputes[0].reference == "the article to 'Bo'"
