"""The certificate of a machine: who is certified, who is not, and what the verdict says."""

from __future__ import annotations

import msgspec
import pytest

from goldwire.certification import Certificate, CertificateOptions, alt_test, certify
from goldwire.certification.layer_labels import item_labels, shared_articles
from goldwire.errors import DataError
from goldwire.records import Prelabels
from goldwire.report import certificate as page
from support.simulated_machines import layers_of_people_and_machine


@pytest.fixture(scope="module")
def good() -> Certificate:
    return certify(layers_of_people_and_machine(1, 60, people=0.9, machine=0.9), "M1")


def test_a_machine_like_the_people_is_certified(good: Certificate) -> None:
    assert [(unit.unit, unit.is_certified) for unit in good.units] == [("span", True), ("stance", True)]
    assert good.verdict[0].startswith("M1 may stand in for a person who marks spans: it passes")
    assert good.verdict[-1].startswith("This does not say that M1 is right")
    assert not good.warnings


def test_a_worse_machine_is_not() -> None:
    bad = certify(layers_of_people_and_machine(1, 60, people=0.9, machine=0.5), "M1")
    assert [unit.is_certified for unit in bad.units] == [False, False]
    assert bad.verdict[0].startswith("It is not shown that M1 may stand in for a person who marks spans: it does not")
    assert "which is beyond the margin of 0.05" in bad.verdict[0]


def test_few_articles_decide_nothing() -> None:
    few = certify(layers_of_people_and_machine(1, 5, people=0.9, machine=0.9), "M1")
    assert not any(unit.is_certified for unit in few.units)
    assert "cannot be decided" in few.verdict[0]
    assert "annotator test of exact spans: too few articles, winning rate" in " ".join(page.text(few).split())
    one = certify(layers_of_people_and_machine(1, 1, people=0.9, machine=0.9), "M1")
    assert "on articles like this one:" in one.verdict[-1]


def test_the_alternative_annotator_test_is_that_of_the_items(good: Certificate) -> None:
    articles = shared_articles(layers_of_people_and_machine(1, 60, people=0.9, machine=0.9), "M1")
    items = item_labels(articles, "stance")
    result = alt_test(items.humans, items.machine, epsilon=0.15, groups=items.articles)
    (test,) = good.units[1].alt_tests
    assert (test.winning_rate, test.advantage_probability) == (result.winning_rate, result.advantage_probability)
    assert (test.n_items, test.won, test.lost) == (result.n_items, ("A1", "A2", "A3"), ())


def test_labels_of_high_confidence_may_be_accepted() -> None:
    """The machine is unsure of every third span of its layers, and only these are wrong."""
    layers = [
        layer if layer.annotator != "M1" else msgspec.structs.replace(layer, spans=tuple(
            msgspec.structs.replace(span, end=span.end - (n % 3 == 2)) for n, span in enumerate(layer.spans)
        ))
        for layer in layers_of_people_and_machine(2, 80, people=0.98, machine=0.98)
    ]  # fmt: skip
    confidences = {
        (layer.article_id, span.id): 0.3 if number % 3 == 2 else 0.9
        for layer in layers
        if layer.annotator == "M1"
        for number, span in enumerate(layer.spans)
    }
    options = CertificateOptions(max_error=0.1)
    spans, stances = certify(layers, "M1", confidences=confidences, options=options).units
    assert spans.risk is not None
    assert spans.risk.threshold == 0.9
    assert spans.risk.n_labels == len(confidences)
    assert stances.risk is None


def test_wrong_stances_are_those_that_few_people_drew() -> None:
    layers = layers_of_people_and_machine(3, 80, people=0.97, machine=0.97)
    wrong = {layer.article_id for number, layer in enumerate(layers) if number % 2}
    opposite = {"supports": "opposes", "opposes": "supports", "neutral": "supports"}
    layers = [
        layer if layer.annotator != "M1" or layer.article_id not in wrong else msgspec.structs.replace(
            layer, stances=tuple(msgspec.structs.replace(s, stance=opposite[s.stance]) for s in layer.stances)
        )
        for layer in layers
    ]  # fmt: skip
    confidences = {(layer.article_id, s.id): 0.5 for layer in layers if layer.annotator == "M1" for s in layer.stances}
    risk = certify(layers, "M1", confidences=confidences).units[1].risk
    assert risk is not None
    assert risk.threshold is None
    assert risk.curve[-1].n_wrong > 0.9 * risk.n_labels


def test_warnings_of_copies_pre_labels_and_few_people() -> None:
    layers = layers_of_people_and_machine(4, 12, people=0.9, machine=0.9, n_people=2)
    layers = [layer for layer in layers if layer.annotator != "M1"]
    copies = [msgspec.structs.replace(layer, annotator="M1") for layer in layers if layer.annotator == "A2"]
    suggested = Prelabels(source="model:x", accepted=(), changed=(), dropped_spans=0, dropped_stances=0)
    layers[0] = msgspec.structs.replace(layers[0], prelabels=suggested)
    warnings = certify([*layers, *copies], "M1").warnings
    assert [warning.split(":")[0] for warning in warnings] == [
        "people started from pre-labels in 1 of 12 articles",
        "the labels of M1 and A2 are the same in all articles that both labelled",
        "only 2 people",
    ]


def test_a_machine_that_draws_no_stances_is_tested_on_spans_only() -> None:
    layers = layers_of_people_and_machine(4, 12, people=0.9, machine=0.9)
    layers = [msgspec.structs.replace(x, stances=()) if x.annotator == "M1" else x for x in layers]
    certificate = certify(layers, "M1")
    assert [unit.unit for unit in certificate.units] == ["span"]
    assert certificate.verdict[1] == "M1 drew no stances, and people did: it cannot stand in for them there."


def test_no_common_article_is_an_error() -> None:
    with pytest.raises(DataError, match="no article that M2 and two people confirmed"):
        certify(layers_of_people_and_machine(4, 3, people=0.9, machine=0.9), "M2")
