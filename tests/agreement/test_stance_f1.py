"""F1 of stances: whole triples of holder, target and stance."""

from __future__ import annotations

from math import isnan
from typing import Any

import pytest

from goldwire import agreement
from goldwire.records import AnnotationLayer
from support.factories import article, layer

TEXT = article("Harbour row\n\nAda Brook of the Port League spoke to Nils Orr on Monday about the quay.")
ADA, LEAGUE, NILS = (13, 22, "PER"), (30, 41, "ORG"), (51, 59, "PER")


def drawn(
    annotator: str, *stances: tuple[int | None, int, str], marks: tuple[tuple[int, int, str], ...] = (ADA, LEAGUE, NILS)
) -> AnnotationLayer:
    return layer(TEXT, marks, stances, annotator=annotator)


def test_whole_triples_match_exactly_by_label_or_by_overlap() -> None:
    mine = drawn("A1", (0, 1, "supports"), (None, 2, "opposes"))
    theirs = drawn("A2", (0, 1, "supports"), (None, 2, "opposes"), marks=((13, 16, "PER"), LEAGUE, NILS))
    assert agreement.stance_f1(mine, theirs).value == pytest.approx(1 / 2)
    assert agreement.stance_f1(mine, theirs, "label").value == 1
    half = (2 * 3 / 12 + 1) / 2  # the holder coincides by half, the target wholly
    assert agreement.stance_f1(mine, theirs, "characters").value == pytest.approx((half + 1) / 2)


def test_triples_with_another_stance_or_direction_do_not_match() -> None:
    assert agreement.stance_f1(drawn("A1", (0, 1, "supports")), drawn("A2", (0, 1, "opposes"))).value == 0
    assert agreement.stance_f1(drawn("A1", (0, 1, "supports")), drawn("A2", (1, 0, "supports"))).value == 0
    assert isnan(agreement.stance_f1(drawn("A1"), drawn("A2")).value)


@pytest.mark.parametrize("marks", [[(0, 9, "PER")], [[(0, 9, "PER")]], {"a1": [(0, 9, "PER")]}])
def test_spans_without_stances_are_refused(marks: Any) -> None:
    with pytest.raises(ValueError, match=r"a layer \(AnnotationLayer\) is needed here, not"):
        agreement.stance_f1(marks, marks)
    with pytest.raises(ValueError, match=r"a layer \(AnnotationLayer\) is needed here, not"):
        agreement.mean_stance_f1([marks])
    with pytest.raises(ValueError, match=r"a layer \(AnnotationLayer\) is needed here, not"):
        agreement.stance_alpha([marks], ["supports", "opposes"])
    with pytest.raises(ValueError, match=r"a layer \(AnnotationLayer\) is needed here, not"):
        agreement.report([marks])


def test_no_layers_have_no_agreement() -> None:
    assert agreement.stance_f1([], []).reason == agreement.mean_stance_f1([]).reason
