"""Running all checks: one cause has one finding, in order of level, file and line."""

from __future__ import annotations

from goldwire.checks.registry import RULES
from goldwire.checks.runner import check_snapshot
from goldwire.checks.snapshot import Entry, Snapshot, Table
from goldwire.records import AnnotationLayer, Article
from support import factories

TEXT = "Head\n\nAda Novak met the Rail Union, ada@nowhere.example."


def snapshot(article: Article, layer: AnnotationLayer) -> Snapshot:
    articles = Table((Entry("corpus/articles/wire.jsonl", 1, article.id, article),))
    key = ("b01", "A1", article.id)
    return Snapshot(articles=articles, layers=Table((Entry("annotations/layers/b01/A1.jsonl", 1, key, layer),)))


def test_a_record_with_an_error_is_hidden_from_later_levels() -> None:
    article = factories.article(TEXT, published="yesterday")
    layer = factories.layer(article, [(6, 15, "PER")])
    clean = [f.code for f in check_snapshot(snapshot(article, layer))]
    assert clean == ["date-malformed", "text-email", "layer-unassigned"]
    # The digest is an error of level 1, so that the text is not checked at level 3 nor the span at level 2.
    edited = factories.article(TEXT.replace("Ada", "Eva"), text_sha256=article.text_sha256)
    codes = [f.code for f in check_snapshot(snapshot(edited, layer))]
    assert codes == ["text-digest-mismatch", "layer-unassigned"]


def test_findings_come_level_by_level() -> None:
    article = factories.article(TEXT, published="yesterday")
    layer = factories.layer(article, [(6, 15, "PER"), (6, 15, "PER")])
    levels = [RULES[f.code].level for f in check_snapshot(snapshot(article, layer))]
    assert levels == sorted(levels)
    assert len(levels) >= 3
