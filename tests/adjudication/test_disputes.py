"""What is left disputed is marked as such, with what each annotator said."""

from __future__ import annotations

import msgspec

from goldwire.adjudication.aggregation import aggregate
from goldwire.adjudication.disputes import DISPUTED, contested, contested_target, places_of, with_places
from goldwire.adjudication.voting import majority
from goldwire.records import StanceLabel
from support.factories import article, layer

ONE = article("Ada Ito met Bo Lund by the river")


def disputes(*layers):
    (settled,) = aggregate({ONE.id: ONE}, layers, majority())
    return contested(ONE, settled, layers)


def test_where_all_is_settled_there_is_nothing():
    assert disputes(layer(ONE, [(0, 7, "PER")]), layer(ONE, [(0, 7, "PER")], annotator="A2")) is None


def test_a_disputed_boundary_is_marked_over_all_that_anybody_marked():
    found = disputes(layer(ONE, [(0, 7, "PER")]), layer(ONE, [(4, 7, "PER")], annotator="A2"))
    assert [(span.start, span.end, span.label) for span in found.layer.spans] == [(0, 7, DISPUTED)]
    assert found.said == {"D1": "[0, 7) = Ada Ito [0, 7) PER (boundary): A1 says [0, 7) PER; A2 says [4, 7) PER"}
    assert not found.layer.confirmed


def test_a_disputed_stance_joins_the_agreed_spans():
    ends = [(0, 7, "PER"), (12, 19, "PER")]
    found = disputes(layer(ONE, ends, [(0, 1, "supports")]), layer(ONE, ends, [(0, 1, "opposes")], annotator="A2"))
    assert [span.label for span in found.layer.spans] == ["PER", "PER"]
    assert [(s.holder, s.target, s.stance) for s in found.layer.stances] == [("T1", "T2", DISPUTED)]
    assert found.said["D1"].startswith("[0, 7) to [12, 19) = ")


def test_a_stance_of_the_articles_own_voice_is_marked_too():
    ends = [(0, 7, "PER")]
    found = disputes(layer(ONE, ends, [(None, 0, "supports")]), layer(ONE, ends, annotator="A2"))
    assert [(s.holder, s.target, s.stance) for s in found.layer.stances] == [(None, "T1", DISPUTED)]
    assert found.said["D1"].startswith("the article to [0, 7) = ")


def test_a_number_becomes_the_place_that_it_stands_for():
    said = {"D1": "[0, 7) = Ada Ito", "D10": "[12, 19) = Bo Lund"}
    assert with_places("D10: yes\nD1 : no\nsee D1", places_of(said)) == "[12, 19): yes\n[0, 7) : no\nsee D1"
    assert with_places("D7: what?", places_of(said)) == "D7: what?"


def by_name(annotator: str, **stances: str):
    drawn = [
        StanceLabel(id=f"R{number}", holder=None, target_name=name, stance=stance)
        for number, (name, stance) in enumerate(sorted(stances.items()), 1)
    ]
    return msgspec.structs.replace(layer(ONE, annotator=annotator), stances=tuple(drawn))


def test_a_target_by_name_that_is_disputed_has_what_was_said_of_it_and_nothing_to_start_from():
    said = [by_name("A1", Ada="supports", Bo="opposes"), by_name("A2", Ada="supports", Bo="neutral")]
    (settled,) = aggregate({ONE.id: ONE}, said, majority())
    assert contested_target("Ada", settled, said) is None
    found = contested_target("Bo", settled, said)
    assert found is not None
    assert (found.layer.stances, found.layer.confirmed) == ((), False)
    assert found.said == {"D1": "the article to 'Bo' (stance): A2 says neutral; A1 says opposes"}
