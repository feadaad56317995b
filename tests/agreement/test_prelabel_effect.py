"""The effect of pre-labels on agreement."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

import msgspec
import numpy as np
import pytest

from goldwire.agreement.batch import measure_batch
from goldwire.agreement.batch_context import BatchContext
from goldwire.agreement.estimates import IntervalOptions
from goldwire.agreement.prelabel_effect import EFFECT_ON_AGREEMENT, EFFECT_ON_LABELS, prelabel_values, time_effect
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


def held_out(number: int, given: Labels) -> dict[str, AnnotationLayer]:
    """The suggestions of `number` articles, of which the second half is the holdout."""
    articles = [factories.article(TEXT, id=f"wire-{place:012d}") for place in range(number)]
    return {
        article.id: msgspec.structs.replace(
            factories.layer(article, *given, annotator="gazetteer"),
            **({"holdout": True} if place >= number // 2 else {}),
        )
        for place, article in enumerate(articles)
    }


def effects(number: int, shown: dict[str, Labels], blank: dict[str, Labels]) -> dict[str, Agreement]:
    given: Labels = ([ADA, UNION], [])
    first = layers(given, *[shown] * (number // 2))
    second = layers(None, *[shown] * (number // 2), *[blank] * (number - number // 2))[len(first) :]
    context = msgspec.structs.replace(MATERIAL, suggested=held_out(number, given))
    return {value.name: value for value in measure_batch("b01", [*first, *second], context).values}


def test_the_holdout_shows_how_far_pre_labels_pull() -> None:
    both: Labels = ([ADA, UNION], [])
    result = effects(20, {"A1": both, "A2": both}, {"A1": ([ADA, TAL], []), "A2": ([ADA, OSLO], [])})
    assert result[EFFECT_ON_LABELS].value == pytest.approx(1 - 0.5)
    assert result[EFFECT_ON_AGREEMENT].value == pytest.approx(1 - 0.5)
    assert 0 < result[EFFECT_ON_LABELS].low < 0.5 < result[EFFECT_ON_LABELS].high
    assert result[EFFECT_ON_LABELS].n_groups == 20


def test_pre_labels_without_effect_have_an_interval_around_zero() -> None:
    said = {"A1": ([ADA, UNION, TAL], []), "A2": ([ADA, OSLO], [])}
    result = effects(20, said, said)
    for name in (EFFECT_ON_LABELS, EFFECT_ON_AGREEMENT):
        assert result[name].value == pytest.approx(0)
        assert result[name].low < 0 < result[name].high


def test_without_a_holdout_there_is_no_effect() -> None:
    given: Labels = ([ADA], [])
    assert EFFECT_ON_LABELS not in values(layers(given, {"A1": given, "A2": given}))


def test_the_interval_of_the_difference_covers_the_truth() -> None:
    """95% intervals of two groups of 24 and 8 articles, whose annotators mark each name with .9 and .7."""
    rng = np.random.default_rng(0)
    covered, n_runs = 0, 120
    names = (ADA, UNION, TAL, OSLO)
    truth = 2 * 0.9 * 0.9 / 1.8 - 2 * 0.7 * 0.7 / 1.4
    for _ in range(n_runs):
        said = [
            {name: ([span for span in names if rng.random() < p], []) for name in ("A1", "A2")}
            for p in [0.9] * 24 + [0.7] * 8
        ]
        given: Labels = ([ADA], [])
        shown = layers(given, *said[:24])
        blank = layers(None, *said)[len(shown) :]
        suggested = {
            key: msgspec.structs.replace(layer, holdout=True if number >= 24 else msgspec.UNSET)
            for number, (key, layer) in enumerate(held_out(32, given).items())
        }
        result = {value.coefficient: value for value in prelabel_values([*shown, *blank], IntervalOptions(), suggested)}
        covered += result[EFFECT_ON_AGREEMENT].low <= truth <= result[EFFECT_ON_AGREEMENT].high
    assert 0.9 <= covered / n_runs <= 1


def test_times_are_compared_within_annotators() -> None:
    rng = np.random.default_rng(1)
    minutes = {
        name: [(base * (0.8 if n % 4 else 1.0) * float(rng.lognormal(0, 0.3)), n % 4 > 0) for n in range(60)]
        for name, base in (("A1", 1.0), ("A2", 4.0))  # one is four times as fast as the other
    }
    effect = time_effect(minutes)
    assert effect.low < 0.8 < effect.high < 1.1
    assert (effect.n_shown, effect.n_blank) == (90, 30)


def test_too_few_times_show_no_effect() -> None:
    assert time_effect({"A1": [(1.0, True), (2.0, False)]}).reason


def test_intervals_of_times_cover_the_truth() -> None:
    rng, covered, n_runs = np.random.default_rng(2), 0, 300
    for _ in range(n_runs):
        minutes = {
            name: [((0.7 if n % 5 else 1.0) * float(rng.lognormal(0, 0.5)), n % 5 > 0) for n in range(40)]
            for name in ("A1", "A2", "A3")
        }
        effect = time_effect(minutes)
        covered += effect.low <= 0.7 <= effect.high
    assert 0.91 <= covered / n_runs <= 0.99
