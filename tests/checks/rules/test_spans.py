"""Spans that do not fit their text, and spans that overlap."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from goldwire.checks.rules.spans import misplaced_spans, overlapping_spans
from goldwire.checks.snapshot import Entry, Snapshot, Table
from goldwire.records import SpanLabel
from goldwire.workspace.label_schema import parse_schema
from support import factories

ARTICLE = factories.article("Head \N{GRINNING FACE}\n\nThe café of Ada Novak met the Rail Union.")


def find(*spans: tuple[int, int, str], text: str | None = None) -> list[tuple[str, str]]:
    layer = factories.layer(ARTICLE, spans)
    if text is not None:
        changed = msgspec.structs.replace(layer.spans[0], text=text)
        layer = msgspec.structs.replace(layer, spans=(changed,))
    entry = Entry("annotations/layers/b01/A1.jsonl", 1, "key", layer)
    article = Entry("corpus/articles/wire.jsonl", 1, ARTICLE.id, ARTICLE)
    return [(f.code, f.message) for f in misplaced_spans(Snapshot(articles=Table((article,)), layers=Table((entry,))))]


START = ARTICLE.text.index("Ada Novak")


def test_a_span_that_matches_its_text_has_no_finding() -> None:
    assert find((START, START + 9, "PER")) == []


@pytest.mark.parametrize(("encoding", "width", "units"), [("utf-16-le", 2, "UTF-16 units"), ("utf-8", 1, "bytes")])
def test_offsets_in_other_units_are_recognised(encoding: str, width: int, units: str) -> None:
    start = len(ARTICLE.text[:START].encode(encoding)) // width
    ((code, message),) = find((start, start + 9, "PER"), text="Ada Novak")
    assert code == "span-text-mismatch"
    assert message.endswith(f"it occurs at [{START}, {START + 9}) (the stored offsets count {units})")


def test_a_shifted_span_names_the_nearest_occurrence_of_its_text() -> None:
    ((code, message),) = find((START - 2, START + 7, "PER"), text="Ada Novak")
    assert code == "span-text-mismatch"
    assert message == f"stored 'Ada Novak', the article has 'f Ada Nov'; it occurs at [{START}, {START + 9})"


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (START, START + 8, "span-splits-word"),
        (START - 1, START + 9, "span-edge-space"),
        (START, START, "span-empty"),
        (START, 1_000, "span-out-of-bounds"),
        (-1, 5, "span-out-of-bounds"),
    ],
)
def test_wrong_edges_are_found(start: int, end: int, code: str) -> None:
    assert [actual for actual, _ in find((start, end, "PER"))] == [code]


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [
        ("none", ["span-nested", "span-crosses", "span-repeated", "span-labelled-twice"]),
        ("nested", ["span-crosses", "span-repeated", "span-labelled-twice"]),
        ("any", ["span-repeated", "span-labelled-twice"]),
    ],
)
def test_overlaps_are_found_as_far_as_the_schema_forbids_them(overlap: str, expected: list[str]) -> None:
    text = "abcdefghijklmnopqrstuvwxyz"
    extents = [(0, 6, "PER"), (2, 4, "PER"), (8, 12, "PER"), (10, 14, "PER")]
    extents += [(16, 18, "ORG"), (16, 18, "ORG"), (20, 22, "ORG"), (20, 22, "PER")]
    spans = tuple(
        SpanLabel(id=f"T{n}", start=start, end=end, label=label, text=text[start:end])
        for n, (start, end, label) in enumerate(extents, 1)
    )
    layer = msgspec.structs.replace(factories.layer(factories.article(text)), spans=spans)
    schema = msgspec.structs.replace(parse_schema(factories.SCHEMA, Path("schema.toml")), overlap=overlap)
    snapshot = Snapshot(schema=schema, layers=Table((Entry("annotations/layers/b01/A1.jsonl", 1, "key", layer),)))
    assert [finding.code for finding in overlapping_spans(snapshot)] == expected
