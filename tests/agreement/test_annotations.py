from __future__ import annotations

import pytest

from goldwire.agreement.annotations import articles_with_values, pair_articles, spans_by_article, without_overlaps
from goldwire.alignment.span_matching import Span
from support.factories import article, layer

TEXT = article("Harbour row\n\nAda Brook spoke.")


def test_spans_are_sorted_by_article_and_annotator() -> None:
    layers = [layer(TEXT, [(13, 22, "PER"), (0, 7, "LOC")], annotator="A2"), layer(TEXT, annotator="A1")]
    assert spans_by_article(layers) == {TEXT.id: {"A1": [], "A2": [Span(0, 7, "LOC"), Span(13, 22, "PER")]}}
    assert spans_by_article({"A1": [(0, 7, "LOC")]}) == {0: {"A1": [Span(0, 7, "LOC")]}}


def test_a_lone_span_is_not_an_article() -> None:
    with pytest.raises(ValueError, match="an article is a layer, or a mapping of annotator to spans, not"):
        spans_by_article([(0, 7, "LOC")])  # type: ignore[arg-type]


def test_unconfirmed_layers_are_ignored() -> None:
    assert spans_by_article([layer(TEXT, [(13, 22, "PER")], confirmed=False)]) == {}


def test_every_article_needs_its_value() -> None:
    assert articles_with_values([{"A1": []}, {"A1": []}], [7, 8], "length") == {0: (7, {"A1": []}), 1: (8, {"A1": []})}
    assert articles_with_values({"A1": []}, "text", "text") == {0: ("text", {"A1": []})}
    with pytest.raises(ValueError, match="each article needs its length"):
        articles_with_values([layer(TEXT)], {"another": 7}, "length")


def test_articles_are_paired_by_id_or_by_position() -> None:
    mine, theirs = layer(TEXT), layer(TEXT, annotator="A2")
    assert pair_articles(mine, [theirs]) == [(mine, theirs)]
    assert pair_articles([mine], {TEXT.id: theirs, "another": mine}) == [(mine, theirs)]
    assert pair_articles([(0, 1, "a")], []) == [([(0, 1, "a")], [])]
    assert pair_articles([[(0, 1, "a")], []], [[], []]) == [([(0, 1, "a")], []), ([], [])]
    with pytest.raises(ValueError, match="one side has article ids"):
        pair_articles(mine, [(0, 1, "a")])


def test_the_longer_of_two_overlapping_spans_is_selected() -> None:
    spans = [Span(2, 4, "x"), Span(0, 6, "y"), Span(6, 8, "x")]
    assert without_overlaps(spans) == [Span(0, 6, "y"), Span(6, 8, "x")]
    assert without_overlaps([Span(0, 4, "y"), Span(2, 6, "x"), Span(7, 7, "x")]) == [Span(0, 4, "y")]
