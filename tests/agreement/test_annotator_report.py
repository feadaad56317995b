"""Reports on each annotator."""

from __future__ import annotations

from math import isnan

import msgspec
import numpy as np
import pytest

from goldwire.agreement.annotator_report import annotator_reports
from goldwire.records import AnnotationLayer, StanceLabel
from support.factories import article, layer


def batch(articles: int, omissions: dict[str, float], *, drift: str | None = None) -> list[AnnotationLayer]:
    """Return layers of annotators who omit each of three names with a probability, `drift` more and more often."""
    random, layers = np.random.default_rng(1), []
    for number in range(articles):
        text = article(f"Story {number:03d}\n\nAda Brook of the Port League met Nils Orr.", id=f"wire-{number:012d}")
        for name, chance in omissions.items():
            now = number / articles if name == drift else chance
            marks = [m for m in ((11, 20, "PER"), (28, 39, "ORG"), (44, 52, "PER")) if random.random() >= now]
            layers.append(layer(text, marks, annotator=name))
    return layers


def test_an_annotator_who_omits_mentions_is_reported_with_the_most_frequent_omission() -> None:
    reports = {report.annotator: report for report in annotator_reports(batch(60, {"A1": 0.05, "A2": 0.05, "A3": 0.5}))}
    assert reports["A3"].with_others.high < reports["A3"].among_others.low
    # Without smoothing, the likelihood is highest where A3 is the most accurate of the three (.78 against .71 and .69).
    accuracies = [reports[name].dawid_skene_accuracy for name in ("A1", "A2", "A3")]
    assert accuracies == pytest.approx([0.95, 0.95, 0.5], abs=0.05)
    assert reports["A3"].dawid_skene_converged
    assert reports["A3"].n_model_answers == 180
    assert reports["A3"].summary.startswith("A3 agrees less with the others")
    assert "nothing is marked where the others mark" in reports["A3"].summary
    assert "agrees less" not in reports["A1"].summary
    assert reports["A3"].confusion[0].count >= reports["A3"].confusion[-1].count


def test_drift_is_reported_if_the_intervals_do_not_overlap() -> None:
    reports = annotator_reports(batch(60, {"A1": 0.0, "A2": 0.0, "A3": 0.0}, drift="A3"))
    assert reports[2].first_third.low > reports[2].last_third.high
    assert "has fallen since the start" in reports[2].summary


def test_drift_depends_on_the_order_of_annotation() -> None:
    layers = batch(60, {"A1": 0.0, "A2": 0.0, "A3": 0.0}, drift="A3")
    turned = sorted({layer.article_id for layer in layers}, reverse=True)
    reports = annotator_reports(layers, order=turned)
    assert "has risen since the start" in reports[2].summary


def test_few_articles_do_not_support_a_verdict_on_an_annotator() -> None:
    reports = annotator_reports(batch(9, {"A1": 0.0, "A2": 0.0, "A3": 0.9}))
    assert reports[2].with_others.high < 0.6
    assert reports[2].summary == "A3 shares only 9 confirmed articles (54 labels): too few to compare annotators."


def test_overlapping_intervals_do_not_support_a_verdict_on_an_annotator() -> None:
    reports = annotator_reports(batch(12, {"A1": 0.1, "A2": 0.1, "A3": 0.2}))
    assert reports[2].summary == "A3 agrees with the others about as much as they agree with each other."


def test_two_annotators_have_no_estimated_accuracy() -> None:
    reports = annotator_reports(batch(10, {"A1": 0.0, "A2": 0.4}))
    assert all(
        isnan(report.dawid_skene_accuracy) and isnan(report.mace_competence) and not report.confusion
        for report in reports
    )
    assert not isnan(reports[0].with_others.value)


def test_few_articles_have_no_thirds() -> None:
    assert all(isnan(report.first_third.value) for report in annotator_reports(batch(6, {"A1": 0.1, "A2": 0.1})))


def test_a_single_annotator_has_no_agreement() -> None:
    [report] = annotator_reports(batch(3, {"A1": 0.0}))
    assert isnan(report.with_others.value)
    assert report.summary == "A1 shares no confirmed article with another annotator yet."


def test_shared_articles_without_labels_are_counted() -> None:
    nothing = batch(3, {"A1": 1.0, "A2": 1.0})
    assert [report.summary.split(" ", 1)[1] for report in annotator_reports(nothing)] == [
        "shares 3 confirmed articles, without labels."
    ] * 2


def test_annotators_of_stances_only_are_compared_by_stances() -> None:
    texts = [article(f"Story {number:03d}\n\nShort.", id=f"wire-{number:012d}") for number in range(30)]
    layers = []
    for number, text in enumerate(texts):
        for name in ("A1", "A2", "A3"):
            chosen = "opposes" if name == "A3" or number % 2 else "supports"
            stance = StanceLabel(id="R1", holder=None, target=None, target_name="Port League", stance=chosen)
            layers.append(msgspec.structs.replace(layer(text, annotator=name), stances=(stance,)))
    reports = {report.annotator: report for report in annotator_reports(layers)}
    assert reports["A1"].with_others.coefficient == "stance_f1_exact"
    assert reports["A1"].with_others.value == pytest.approx(0.75)
    assert reports["A3"].with_others.value == pytest.approx(0.5)
    assert reports["A3"].summary.startswith("A3 agrees less with the others")
