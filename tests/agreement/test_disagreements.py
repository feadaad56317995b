"""Disagreements of annotators, item by item, and the gain of adjudicating an article."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings

from goldwire.agreement.disagreements import (
    DisagreementCounts,
    adjudication_gains,
    count_span_disagreements,
    find_disagreements,
)
from goldwire.agreement.span_f1 import mean_span_f1
from goldwire.records import AnnotationLayer, StanceLabel
from support.factories import article, layer
from support.span_strategies import spans

ARTICLE = article("Harbour row\n\nAda Brook of the Port League spoke to Nils Orr on Monday about the quay.")
ADA, LEAGUE, NILS = (13, 22, "PER"), (30, 41, "ORG"), (51, 59, "PER")

Marks = Sequence[tuple[int, int, str]]


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ([ADA], [ADA], "agreed"),
        ([ADA], [], "missing"),
        ([ADA], [(13, 16, "PER")], "boundary"),
        ([ADA], [(13, 22, "ORG")], "label"),
        ([ADA], [(13, 20, "ORG")], "boundary_label"),
    ],
)
def test_each_kind_of_disagreement_on_a_mention(first: Marks, second: Marks, kind: str) -> None:
    layers = [layer(ARTICLE, first), layer(ARTICLE, second, annotator="A2")]
    assert getattr(count_span_disagreements(layers), kind) == 1
    disagreements = find_disagreements(layers)
    assert [disagreement.kinds for disagreement in disagreements] == (
        [] if kind == "agreed" else [(kind.replace("_", "+"),)]
    )


def test_a_short_span_inside_another_label_is_a_separate_mention() -> None:
    layers = [layer(ARTICLE, [ADA]), layer(ARTICLE, [(13, 16, "ORG")], annotator="A2")]
    counts = count_span_disagreements(layers)
    assert (counts.missing, counts.split, counts.boundary_label) == (2, 0, 0)
    assert [disagreement.kinds for disagreement in find_disagreements(layers)] == [("missing",), ("missing",)]


def test_one_span_against_two_is_a_split() -> None:
    layers = [layer(ARTICLE, [ADA]), layer(ARTICLE, [(13, 16, "PER"), (17, 22, "PER")], annotator="A2")]
    counts = count_span_disagreements(layers)
    assert (counts.boundary, counts.split, counts.missing) == (1, 1, 0)


@given(spans(), spans(), spans())
@settings(max_examples=40, deadline=None)
def test_counts_do_not_depend_on_the_names_of_annotators(a: Marks, b: Marks, c: Marks) -> None:
    text = article("Headline\n\n" + "x" * 60)

    def counts(*names: str) -> DisagreementCounts:
        return count_span_disagreements(
            [layer(text, sorted(set(marks)), annotator=name) for marks, name in zip((a, b, c), names, strict=True)]
        )

    assert counts("A1", "A2", "A3") == counts("A3", "A1", "A2") == counts("A2", "A1", "A3")


def test_a_disagreement_has_the_answer_of_every_annotator() -> None:
    layers = [
        layer(ARTICLE, [ADA]),
        layer(ARTICLE, [(13, 16, "PER"), (17, 22, "PER")], annotator="A2"),
        layer(ARTICLE, annotator="A3"),
    ]
    split, boundary = find_disagreements(layers)
    assert [(name, answer.text) for name, answer in boundary.answers] == [
        ("A1", "Ada Brook"),
        ("A2", "Brook"),
        ("A3", ""),
    ]
    assert [(name, answer.text) for name, answer in split.answers] == [("A1", "Ada Brook"), ("A2", "Ada"), ("A3", "")]
    assert (boundary.start, boundary.end, boundary.labels) == (13, 22, ("PER",))


def test_a_stance_that_one_annotator_did_not_draw_is_missing() -> None:
    marks = [ADA, LEAGUE]
    drawn, without = layer(ARTICLE, marks, [(0, 1, "supports")]), layer(ARTICLE, marks, annotator="A2")
    [disagreement] = find_disagreements([drawn, without])
    assert (disagreement.kinds, disagreement.stance_ends) == (("stance-missing",), "Ada Brook to Port League")
    assert [(name, answer.label) for name, answer in disagreement.answers] == [("A1", "supports"), ("A2", "")]


def test_different_stances_towards_a_named_target_disagree() -> None:
    layers = [
        msgspec.structs.replace(
            layer(ARTICLE, annotator=name),
            stances=(StanceLabel(id="R1", holder=None, target_name="Westport", stance=stance),),
        )
        for name, stance in (("A1", "supports"), ("A2", "neutral"))
    ]
    [disagreement] = find_disagreements(layers)
    assert (disagreement.kinds, disagreement.stance_ends) == (("stance",), "the article to Westport")


def test_articles_with_a_single_layer_have_no_disagreements() -> None:
    unconfirmed = layer(ARTICLE, [NILS], annotator="A2", confirmed=False)
    assert find_disagreements([layer(ARTICLE, [ADA]), unconfirmed]) == []
    assert count_span_disagreements([layer(ARTICLE, [ADA]), unconfirmed]).missing == 0


def test_the_gain_of_an_article_is_the_rise_of_f1_after_adjudication() -> None:
    random, layers = np.random.default_rng(1), list[AnnotationLayer]()
    for number in range(6):
        text = article(f"Story {number}\n\nAda Brook of the Port League met Nils Orr.", id=f"wire-{number:012d}")
        marks = [(9, 18, "PER"), (26, 37, "ORG"), (42, 50, "PER")]
        layers.append(layer(text, marks))
        layers.append(layer(text, [mark for mark in marks if random.random() >= 0.5], annotator="A2"))
    gains = adjudication_gains(layers)
    worst = max(gains, key=lambda key: gains[key].total)
    by_annotator = {(layer.article_id, layer.annotator): len(layer.spans) for layer in layers}
    # After adjudication all agree on the article: matched/total grows by what was not matched.
    unmatched = by_annotator[worst, "A1"] - by_annotator[worst, "A2"]
    assert unmatched > 0
    assert gains[worst].span_f1 == pytest.approx(unmatched / sum(by_annotator.values()))
    assert mean_span_f1(layers).value + sum(gain.span_f1 for gain in gains.values()) == pytest.approx(1)
