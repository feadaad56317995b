"""Synthetic annotators: their habits have the stated rates, and agreement, adjudication and the report notice them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from goldwire.adjudication.methods import adjudicate
from goldwire.agreement.annotator_models import dawid_skene
from goldwire.agreement.annotator_report import annotator_reports
from goldwire.agreement.span_f1 import mean_span_f1, span_f1
from goldwire.alignment.mentions import align_mentions
from goldwire.records import Adjudication, AnnotationLayer, Article
from goldwire.testing import KINDS, SyntheticAnnotator, annotate
from support import factories

NAMES = (
    ("Ada Novak Lind", "PER"),
    ("Rail Union East", "ORG"),
    ("Oda", "PER"),
    ("Harbour Board", "ORG"),
    ("Tal Prell", "PER"),
)
ARTICLES = [
    factories.article(
        f"Report {number}\n\n"
        + "\n".join(
            f"On day {day} {NAMES[(number + day) % 5][0]} praised {NAMES[(number + day + 2) % 5][0]} again."
            for day in range(6)
        ),
        id=f"wire-{number:012d}",
    )
    for number in range(30)
]
TEXTS = {article.id: article.text for article in ARTICLES}


def truth(article: Article) -> AnnotationLayer:
    spans, stances, start = [], [], article.text.index("\n\n")
    for line in article.text[start:].strip().split("\n"):
        for name, label in NAMES:
            at = article.text.index(line) + line.find(name)
            if name in line:
                spans.append((at, at + len(name), label))
    spans.sort()
    stances = [(2 * day, 2 * day + 1, "supports" if day % 3 else "opposes") for day in range(6)]
    return factories.layer(article, spans, stances, annotator="gold")


GOLD = [truth(article) for article in ARTICLES]


def by(kind: str, name: str = "A9", **options: object) -> tuple[AnnotationLayer, ...]:
    return annotate(GOLD, TEXTS, SyntheticAnnotator(name=name, kind=kind, **options), seed=1)  # type: ignore[arg-type]


def careful(*names: str) -> list[AnnotationLayer]:
    return [layer for name in names for layer in by("careful", name)]


def share(layers: Sequence[AnnotationLayer], kind: str) -> float:
    """The share of gold's spans that the layers lack, label otherwise, or mark elsewhere."""
    total = same = labelled = 0
    for layer, gold in zip(layers, GOLD, strict=True):
        extents = {(s.start, s.end): s.label for s in layer.spans}
        total += len(gold.spans)
        same += sum((s.start, s.end) in extents for s in gold.spans)
        labelled += sum(extents.get((s.start, s.end), s.label) != s.label for s in gold.spans)
    return labelled / total if kind == "label" else 1 - same / total


@pytest.mark.parametrize(
    ("kind", "what", "low", "high"),
    [
        ("careful", "extent", 0, 0),
        ("lazy", "extent", 0.55, 0.65),
        ("sloppy", "extent", 0.45, 0.65),
        ("swapper", "label", 0.85, 0.95),
        ("biased", "label", 0.15, 0.35),
        ("spammer", "extent", 0.85, 1),
    ],
)
def test_habits_have_their_rates(kind: str, what: str, low: float, high: float) -> None:
    assert low <= share(by(kind, noise=0.0), what) <= high


@pytest.mark.parametrize("kind", KINDS)
def test_layers_are_valid_seeded_and_independent_of_other_articles(kind: str) -> None:
    layers = by(kind)
    assert layers == by(kind)
    assert layers != annotate(GOLD, TEXTS, SyntheticAnnotator(name="A9", kind=kind), seed=2)
    for layer in layers:
        assert all(TEXTS[layer.article_id][s.start : s.end] == s.text for s in layer.spans)
        assert len({(s.start, s.end, s.label) for s in layer.spans}) == len(layer.spans)
        ids = {span.id for span in layer.spans}
        assert {end for s in layer.stances for end in (s.holder, s.target)} <= ids
    annotator = SyntheticAnnotator(name="A9", kind=kind, favourite="PER", swapped=("PER", "ORG"))
    assert annotate(GOLD[:9], TEXTS, annotator, seed=1)[:8] == annotate(GOLD[:8], TEXTS, annotator, seed=1)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("spammer", r"most often (PER|ORG) is marked where the others mark nothing|most often nothing is marked where"),
        ("lazy", r"most often nothing is marked where the others mark"),
        ("sloppy", r"most often a mention begins or ends elsewhere"),
        ("biased", r"most often PER is chosen where the others choose ORG"),
        (
            "swapper",
            r"most often (PER is chosen where the others choose ORG|ORG is chosen where the others choose PER)",
        ),
    ],
)
def test_the_annotator_report_finds_the_habit(kind: str, sentence: str) -> None:
    reports = {report.annotator: report for report in annotator_reports([*careful("A1", "A2", "A3"), *by(kind)])}
    assert "agrees less with the others" in reports["A9"].summary
    assert re.search(sentence, reports["A9"].summary), reports["A9"].summary
    for name in ("A1", "A2", "A3"):
        assert "agrees less" not in reports[name].summary


def test_a_careful_annotator_has_no_finding() -> None:
    assert all("about as much" in report.summary for report in annotator_reports(careful("A1", "A2", "A3", "A4")))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "careful"])
def test_a_careless_annotator_lowers_agreement_and_is_outvoted(kind: str) -> None:
    good = careful("A1", "A2", "A3")
    layers = [*good, *by(kind)]
    assert mean_span_f1(layers).high < mean_span_f1(good).low
    articles = {article.id: article for article in ARTICLES}
    adjudicated = adjudicate(articles, layers, Adjudication(batch="b01", method="majority"))
    assert span_f1(GOLD, [article.gold for article in adjudicated]).value > 0.95


@pytest.mark.parametrize("kind", ["spammer", "lazy", "biased", "swapper"])
def test_the_model_of_the_annotators_trusts_the_careless_one_least(kind: str) -> None:
    layers = [*careful("A1", "A2", "A3"), *by(kind)]
    rows = [
        [mention.spans[name].label if name in mention.spans else "-" for name in ("A1", "A2", "A3", "A9")]
        for article in ARTICLES
        for mention in align_mentions([layer for layer in layers if layer.article_id == article.id])
    ]
    competence = dawid_skene(rows, n_iter=200, smoothing=1.0).competence.tolist()
    assert min(competence) == competence[3] < 0.85 < min(competence[:3])


@pytest.mark.parametrize("options", [{"kind": "tired"}, {"kind": "lazy", "rate": 2.0}, {"kind": "lazy", "noise": -1.0}])
def test_an_impossible_annotator_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"tired|rate"):
        SyntheticAnnotator(name="A9", **options)  # type: ignore[arg-type]
