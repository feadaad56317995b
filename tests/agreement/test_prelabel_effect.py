"""The effect of pre-labels on agreement."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

import pytest

from goldwire.agreement.batch import BatchContext, measure_batch
from goldwire.agreement.span_f1 import mean_span_f1
from goldwire.prelabeling.layers import compare_with_suggestions
from goldwire.records import Agreement, AnnotationLayer
from support import factories

TEXT = "Ada Novak met the Rail Union and Tal Aviv in Oslo."
ADA, UNION, TAL, OSLO = (0, 9, "PER"), (18, 28, "ORG"), (33, 41, "PER"), (45, 49, "ORG")
MATERIAL = BatchContext(labels=("PER", "ORG"), stances=("opposes", "supports"))

Labels = tuple[Sequence[tuple[int, int, str]], Sequence[tuple[int | None, int, str]]]


def layers(given: Labels | None, *said: dict[str, Labels]) -> list[AnnotationLayer]:
    """An article for each of `said`, in which each annotator said that, having started with `given`."""
    found = []
    for number, by in enumerate(said):
        article = factories.article(TEXT, id=f"wire-{number:012d}")
        for name, (spans, stances) in by.items():
            made = factories.layer(article, spans, stances, annotator=name)
            found.append(
                made
                if given is None
                else compare_with_suggestions(made, factories.layer(article, *given, annotator="gazetteer"))
            )
    return found


def values(made: list[AnnotationLayer]) -> dict[str, Agreement]:
    return {one.name: one for one in measure_batch("b01", made, MATERIAL).values}


def test_acceptance_is_the_share_of_all_suggestions() -> None:
    given = ([ADA, UNION, TAL], [(0, 1, "supports")])
    result = values(
        layers(
            given,
            {"A1": given, "A2": ([ADA, (14, 28, "ORG")], [(0, 1, "supports")])},
            {"A1": ([OSLO], []), "A2": ([], [])},
        )
    )
    kept = {name: (one.value, one.n_items) for name, one in result.items() if name.startswith("prelabel_acceptance")}
    assert kept == {
        "prelabel_acceptance": (6 / 16, 16),
        "prelabel_acceptance[A1]": (4 / 8, 8),
        "prelabel_acceptance[A2]": (2 / 8, 8),
    }


def test_suggestions_that_both_accepted_do_not_count_as_agreement() -> None:
    given = ([ADA, UNION], [])
    annotated_layers = layers(given, {"A1": ([ADA, UNION, TAL], []), "A2": ([ADA, UNION, OSLO], [])})
    result = values(annotated_layers)
    assert result["span_f1_exact"].value == pytest.approx(4 / 6)
    assert (result["span_f1_exact_excluding_prelabels"].value, result["span_f1_exact_excluding_prelabels"].n_items) == (
        0,
        2,
    )


def test_a_suggestion_that_one_rejected_is_a_disagreement() -> None:
    result = values(layers(([ADA, UNION], []), {"A1": ([ADA, UNION, TAL], []), "A2": ([ADA, TAL], [])}))
    assert result["span_f1_exact_excluding_prelabels"].value == pytest.approx(2 / 3)  # TAL alike, UNION of one only


def test_equal_spans_that_were_not_suggested_count_as_agreement() -> None:
    annotated_layers = layers(([ADA], []), {"A1": ([UNION], []), "A2": ([UNION], [])})
    assert values(annotated_layers)["span_f1_exact_excluding_prelabels"].value == 1


def test_stances_are_compared_without_accepted_suggestions() -> None:
    given = ([ADA, UNION, TAL], [(0, 1, "supports")])
    said = ([ADA, UNION, TAL], [(0, 1, "supports"), (2, 1, "opposes")])
    other = ([ADA, UNION, TAL], [(0, 1, "supports"), (2, 1, "supports")])
    result = values(layers(given, {"A1": said, "A2": other}))
    assert result["stance_f1_exact"].value == 0.5
    assert result["stance_f1_exact_excluding_prelabels"].value == 0
    result = values(layers(given, {"A1": given, "A2": given}))
    assert isnan(result["stance_f1_exact_excluding_prelabels"].value)
    assert result["stance_f1_exact_excluding_prelabels"].reason


def test_without_prelabels_there_are_no_values() -> None:
    annotated_layers = layers(None, {"A1": ([ADA], []), "A2": ([ADA], [])})
    assert not [name for name in values(annotated_layers) if "prelabel" in name]


def test_annotators_without_prelabels_are_compared_as_before() -> None:
    free = layers(None, {"A1": ([ADA, TAL], []), "A2": ([ADA, OSLO], [])})
    given = layers(([ADA], []), {"A3": ([ADA], [])})
    result = values([*free, *given])
    assert result["prelabel_acceptance"].n_items == 1
    assert result["span_f1_exact_excluding_prelabels"].value == pytest.approx(mean_span_f1([*free, *given]).value)


def test_intervals_are_over_articles() -> None:
    given = ([ADA, UNION], [])
    said = [{"A1": given, "A2": given}] * 6 + [{"A1": ([ADA, TAL], []), "A2": ([OSLO, TAL], [])}] * 6
    result = values(layers(given, *said))
    for name in ("prelabel_acceptance", "prelabel_acceptance[A1]", "span_f1_exact_excluding_prelabels"):
        one = result[name]
        assert one.low < one.value < one.high, name
