"""Unwanted content of texts, and gold that contradicts itself."""

from __future__ import annotations

import pytest

from goldwire.checks.rules.content import content_problems, inconsistent_surfaces
from goldwire.checks.snapshot import Entry, Snapshot, Table
from support import factories


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Write to desk@nowhere.example.", "text-email"),
        ("Call 555-123-4567 now.", "text-phone"),
        ("Call +99 30 1234567 now.", "text-phone"),
        ("Fish &amp; chips", "text-markup"),
        ("One<br/>two", "text-markup"),
        ("A caf\ufffd", "text-replacement-character"),
        ("A caf\u00c3\u00a9", "text-mojibake"),
    ],
)
def test_unwanted_content_is_found(text: str, code: str) -> None:
    assert [rule.code for rule, _ in content_problems(text)] == [code]


@pytest.mark.parametrize(
    "text",
    ["In 2019-2020 it rose by 12 345 678.", "AT&T and R&D", "a < b > c", "S\u00e3o Paulo, \u00c2ngela", "@handle said"],
)
def test_similar_content_is_not_reported(text: str) -> None:
    assert list(content_problems(text)) == []


def test_mojibake_names_the_original_characters() -> None:
    ((_, message),) = content_problems("It\u00e2\u20ac\u2122s here")
    assert message == "'\u00e2\u20ac\u2122' at offset 2 was '\u2019'"


def test_the_rarer_label_of_a_surface_is_reported_at_its_first_span() -> None:
    article = factories.article("Rail Union, Rail Union, Rail Union")
    layer = factories.layer(article, [(0, 10, "ORG"), (12, 22, "PER"), (24, 34, "ORG")])
    snapshot = Snapshot(gold=Table((Entry("annotations/gold/b01.jsonl", 1, article.id, layer),)))
    ((finding),) = inconsistent_surfaces(snapshot)
    assert (finding.code, finding.item) == ("surface-two-labels", layer.spans[1].id)
    assert finding.message == "'Rail Union' is 2 times ORG, 1 times PER in gold"
