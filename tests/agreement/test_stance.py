from __future__ import annotations

from math import isnan

import msgspec
import pytest

from goldwire import agreement
from goldwire.agreement.disagreements import find_disagreements
from goldwire.agreement.stance import stance_confusion, stance_pairs
from goldwire.records import AnnotationLayer, StanceLabel
from support.factories import article, layer

TEXT = article("Harbour row\n\nAda Brook of the Port League spoke to Nils Orr on Monday about the quay.")
ADA, LEAGUE, NILS = (13, 22, "PER"), (30, 41, "ORG"), (51, 59, "PER")
STANCES = ["opposes", "neutral", "supports"]


def drawn(
    annotator: str, *stances: tuple[int | None, int, str], marks: tuple[tuple[int, int, str], ...] = (ADA, LEAGUE, NILS)
) -> AnnotationLayer:
    return layer(TEXT, marks, stances, annotator=annotator)


def test_alpha_is_over_pairs_that_two_annotators_drew() -> None:
    layers = [
        drawn("A1", (0, 1, "supports"), (0, 2, "opposes"), (None, 0, "neutral")),
        drawn("A2", (0, 1, "supports"), (0, 2, "neutral"), (2, 0, "opposes")),
    ]
    found = agreement.stance_alpha(layers, STANCES)
    plain = agreement.krippendorff_alpha([["supports", "supports"], ["opposes", "neutral"]])
    assert found.value == pytest.approx(plain.value)
    assert (found.n_items, found.n_raters) == (2, 2)
    assert len(stance_pairs(layers)) == 4


def test_the_scale_runs_from_against_to_in_favour() -> None:
    near = [drawn("A1", (0, 1, "opposes"), (0, 2, "supports")), drawn("A2", (0, 1, "neutral"), (0, 2, "supports"))]
    far = [drawn("A1", (0, 1, "opposes"), (0, 2, "supports")), drawn("A2", (0, 1, "supports"), (0, 2, "supports"))]
    values = [agreement.stance_alpha(layers, STANCES, "ordinal").value for layers in (near, far)]
    assert values[0] > values[1]


def test_no_pair_in_common_is_undefined() -> None:
    found = agreement.stance_alpha([drawn("A1", (0, 1, "supports")), drawn("A2")], STANCES)
    assert isnan(found.value)
    assert found.reason == "no holder-target pair that two annotators drew"


def test_two_stances_of_one_annotator_between_one_pair_count_as_none() -> None:
    torn = drawn("A1", (0, 1, "supports"), (0, 1, "opposes"))
    assert [pair.answers for pair in stance_pairs([torn, drawn("A2", (0, 1, "supports"))])] == [{"A2": "supports"}]


def test_triples_at_each_level_of_matching() -> None:
    mine = drawn("A1", (0, 1, "supports"), (None, 2, "opposes"))
    theirs = drawn("A2", (0, 1, "supports"), (None, 2, "opposes"), marks=((13, 16, "PER"), LEAGUE, NILS))
    assert agreement.stance_f1(mine, theirs).value == pytest.approx(1 / 2)
    assert agreement.stance_f1(mine, theirs, "label").value == 1
    half = (2 * 3 / 12 + 1) / 2  # the holder coincides by half, the target wholly
    assert agreement.stance_f1(mine, theirs, "overlap").value == pytest.approx((half + 1) / 2)


def test_another_stance_is_no_match_and_direction_matters() -> None:
    assert agreement.stance_f1(drawn("A1", (0, 1, "supports")), drawn("A2", (0, 1, "opposes"))).value == 0
    assert agreement.stance_f1(drawn("A1", (0, 1, "supports")), drawn("A2", (1, 0, "supports"))).value == 0
    assert isnan(agreement.stance_f1(drawn("A1"), drawn("A2")).value)


def test_stance_to_a_named_target() -> None:
    def about(annotator: str, stance: str) -> AnnotationLayer:
        said = StanceLabel(id="R1", holder=None, target_name="Westport", stance=stance)
        return msgspec.structs.replace(layer(TEXT, annotator=annotator), stances=(said,))

    layers = [about("A1", "supports"), about("A2", "supports"), about("A3", "neutral")]
    assert agreement.mean_stance_f1(layers).value == pytest.approx(1 / 3)
    assert [pair.target_name for pair in stance_pairs(layers)] == ["Westport"]
    [dispute] = find_disagreements(layers)
    assert (dispute.kinds, dispute.stance_ends) == (("stance",), "the article to Westport")


def test_who_says_what_against_whom() -> None:
    layers = [drawn("A1", (0, 1, "supports")), drawn("A2", (0, 1, "opposes")), drawn("A3", (0, 1, "supports"))]
    assert stance_confusion(stance_pairs(layers)) == {("supports", "supports"): 1, ("opposes", "supports"): 2}


def test_a_stance_that_one_did_not_draw_is_a_dispute() -> None:
    found = find_disagreements([drawn("A1", (0, 1, "supports")), drawn("A2")])
    assert [d.kinds for d in found] == [("stance-missing",)]
    assert [(who, answer.label) for who, answer in found[0].answers] == [("A1", "supports"), ("A2", "")]


def test_unconfirmed_layers_say_nothing() -> None:
    unsure = layer(TEXT, [ADA, LEAGUE], [(0, 1, "opposes")], annotator="A2", confirmed=False)
    assert isnan(agreement.stance_alpha([drawn("A1", (0, 1, "supports")), unsure], STANCES).value)
    assert find_disagreements([drawn("A1", (0, 1, "supports")), unsure]) == []
