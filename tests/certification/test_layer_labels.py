"""Layers as labels of items: nothing marked is an answer, and two stances at once are none."""

from __future__ import annotations

from goldwire.certification.layer_labels import item_labels, shared_articles
from goldwire.records import AnnotationLayer
from support import factories

TEXT = factories.article("Harbour\n\nAda Brook of the Port League spoke to Nils Orr on Monday about the quay.")
ADA, LEAGUE, NILS = (9, 18, "PER"), (26, 37, "ORG"), (47, 55, "PER")


def layers() -> list[AnnotationLayer]:
    return [
        factories.layer(TEXT, [ADA, LEAGUE], [(0, 1, "supports")], annotator="A1"),
        factories.layer(TEXT, [ADA, (22, 37, "ORG")], [(0, 1, "supports"), (0, 1, "opposes")], annotator="A2"),
        factories.layer(TEXT, [ADA, LEAGUE, NILS], [(0, 1, "opposes"), (0, 2, "neutral")], annotator="M1"),
        factories.layer(TEXT, [ADA], annotator="E1"),
        factories.layer(TEXT, [ADA], annotator="M2"),
    ]


def test_people_are_neither_machines_nor_experts() -> None:
    (article,) = shared_articles(layers(), "M1")
    assert (list(article.people), article.machine.annotator) == (["A1", "A2"], "M1")
    assert not shared_articles(layers()[1:], "M1")
    unconfirmed = factories.layer(TEXT, [ADA], annotator="A1", confirmed=False)
    assert not shared_articles([unconfirmed, *layers()[1:]], "M1")


def test_who_marked_nothing_said_nothing() -> None:
    items = item_labels(shared_articles(layers(), "M1"), "span")
    assert list(items.humans["A1"].values()) == [ADA, LEAGUE, ()]
    assert list(items.humans["A2"].values()) == [ADA, (22, 37, "ORG"), ()]
    assert list(items.machine.values()) == [ADA, LEAGUE, NILS]
    assert set(items.articles.values()) == {TEXT.id}
    labels = item_labels(shared_articles(layers(), "M1"), "span-label")
    assert list(labels.humans["A2"].values()) == [("PER",), ("ORG",), ()]


def test_stances_are_those_of_aligned_pairs() -> None:
    items = item_labels(shared_articles(layers(), "M1"), "stance")
    assert list(items.humans["A1"].values()) == [("supports",), ()]
    assert list(items.humans["A2"].values()) == [None, ()]
    assert list(items.machine.values()) == [("opposes",), ("neutral",)]
