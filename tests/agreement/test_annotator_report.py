from __future__ import annotations

from math import isnan

import msgspec
import numpy as np
import pytest

from goldwire.agreement.annotator_report import annotator_reports
from goldwire.agreement.disagreements import adjudication_gains
from goldwire.agreement.span_f1 import mean_span_f1
from goldwire.records import AnnotationLayer, StanceLabel
from support.factories import article, layer


def batch(articles: int, habits: dict[str, float], *, drift: str | None = None) -> list[AnnotationLayer]:
    """Annotators who leave each of three names out with the given chance; `drift` ever more often as time goes on."""
    random, layers = np.random.default_rng(1), []
    for number in range(articles):
        text = article(f"Story {number:03d}\n\nAda Brook of the Port League met Nils Orr.", id=f"wire-{number:012d}")
        for name, chance in habits.items():
            now = number / articles if name == drift else chance
            marks = [m for m in ((11, 20, "PER"), (28, 39, "ORG"), (44, 52, "PER")) if random.random() >= now]
            layers.append(layer(text, marks, annotator=name))
    return layers


def test_the_one_who_leaves_things_out_is_named_with_what() -> None:
    parts = {
        part.annotator: part for part in annotator_reports(batch(60, {"A1": 0.05, "A2": 0.05, "A3": 0.5}), n_boot=200)
    }
    assert parts["A3"].with_others.high < parts["A1"].with_others.low
    assert parts["A3"].dawid_skene_accuracy < parts["A1"].dawid_skene_accuracy
    assert parts["A3"].summary.startswith("A3 agrees less with the others")
    assert "nothing is marked where the others mark" in parts["A3"].summary
    assert "agrees less" not in parts["A1"].summary
    assert parts["A3"].confusion[0].count >= parts["A3"].confusion[-1].count


def test_drift_is_told_where_the_intervals_part() -> None:
    parts = annotator_reports(batch(60, {"A1": 0.0, "A2": 0.0, "A3": 0.0}, drift="A3"), n_boot=200)
    assert parts[2].first_third.low > parts[2].last_third.high
    assert "has fallen since the start" in parts[2].summary


def test_the_order_of_work_decides_what_is_first() -> None:
    layers = batch(60, {"A1": 0.0, "A2": 0.0, "A3": 0.0}, drift="A3")
    turned = sorted({each.article_id for each in layers}, reverse=True)
    parts = annotator_reports(layers, order=turned, n_boot=200)
    assert "has risen since the start" in parts[2].summary


def test_few_articles_give_no_verdict_on_an_annotator() -> None:
    parts = annotator_reports(batch(9, {"A1": 0.0, "A2": 0.0, "A3": 0.9}), n_boot=200)
    assert parts[2].with_others.high < 0.6
    assert parts[2].summary == "A3 shares only 9 confirmed articles: too few to compare annotators."


def test_overlapping_intervals_give_no_verdict_on_an_annotator() -> None:
    parts = annotator_reports(batch(12, {"A1": 0.1, "A2": 0.1, "A3": 0.2}), n_boot=200)
    assert parts[2].summary == "A3 agrees with the others about as much as they agree with each other."


def test_two_annotators_cannot_be_told_right_from_wrong() -> None:
    parts = annotator_reports(batch(10, {"A1": 0.0, "A2": 0.4}), n_boot=50)
    assert all(
        isnan(part.dawid_skene_accuracy) and isnan(part.mace_competence) and not part.confusion for part in parts
    )
    assert not isnan(parts[0].with_others.value)


def test_too_few_articles_say_nothing_of_drift() -> None:
    assert all(isnan(part.first_third.value) for part in annotator_reports(batch(6, {"A1": 0.1, "A2": 0.1}), n_boot=50))


def test_an_annotator_without_company_has_no_figure() -> None:
    [part] = annotator_reports(batch(3, {"A1": 0.0}), n_boot=50)
    assert isnan(part.with_others.value)
    assert "nobody" in part.summary or "anybody" in part.summary


def test_the_gain_of_an_article_is_what_settling_it_adds() -> None:
    layers = batch(6, {"A1": 0.0, "A2": 0.5})
    gains = adjudication_gains(layers)
    worst = max(gains, key=lambda key: gains[key].total)
    first = {each.article_id: each for each in layers if each.annotator == "A1"}
    counts = {each.article_id: len(each.spans) for each in layers if each.annotator == "A2"}
    now = mean_span_f1(layers).value
    total = sum(len(first[key].spans) + counts[key] for key in counts)
    # All agree on the article, which keeps as many spans as now: both/total grows by what it missed.
    missed = len(first[worst].spans) + counts[worst] - 2 * counts[worst]
    assert gains[worst].span_f1 == pytest.approx(missed / total)
    assert now + gains[worst].span_f1 <= 1


def test_articles_in_which_nobody_marked_anything_are_shared() -> None:
    nothing = batch(3, {"A1": 1.0, "A2": 1.0})
    assert [part.summary.split(" ", 1)[1] for part in annotator_reports(nothing, n_boot=0)] == [
        "shares 3 confirmed articles, and nobody marked anything in them."
    ] * 2


def test_where_there_are_stances_only_people_are_compared_by_them() -> None:
    texts = [article(f"Story {number:03d}\n\nShort.", id=f"wire-{number:012d}") for number in range(30)]
    layers = []
    for number, text in enumerate(texts):
        for name in ("A1", "A2", "A3"):
            said = "opposes" if name == "A3" or number % 2 else "supports"
            stance = StanceLabel(id="R1", holder=None, target=None, target_name="Port League", stance=said)
            layers.append(msgspec.structs.replace(layer(text, annotator=name), stances=(stance,)))
    parts = {part.annotator: part for part in annotator_reports(layers, n_boot=100)}
    assert parts["A1"].with_others.coefficient == "stance_f1_exact"
    assert parts["A1"].with_others.value == pytest.approx(0.75)
    assert parts["A3"].with_others.value == pytest.approx(0.5)
    assert parts["A3"].summary.startswith("A3 agrees less with the others")
