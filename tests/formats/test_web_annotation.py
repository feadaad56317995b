"""Web annotations have what the recommendation of W3C requires."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from goldwire.formats.document import Document, Labels, Relation, Span
from goldwire.formats.registry import find_format
from support.random_documents import random_documents

# An IRI without white space, quotation marks, brackets and controls: RFC 3987, section 2.2
IRI = re.compile(r"[a-z][a-z0-9+.-]*:(?:[^\s<>\"{}|\\^`\x00-\x20%]|%[0-9A-F]{2})+")
MOTIVATIONS = {"tagging", "linking", "commenting", "assessing", "identifying"}  # of the vocabulary, those in use
NAMES = Document(
    id="wire 7: “a%20b”/ü",
    text="Ada met Ben.",
    labels=tuple(
        Labels(annotator=name, spans=(Span(start=0, end=3, label="PER"),), relations=(Relation(label="s", target=0),))
        for name in ("ada: x", "ben")
    ),
)


def test_web_annotations_have_what_the_recommendation_requires(tmp_path: Path) -> None:
    path = tmp_path / "all labels.json"
    find_format("web-annotation").write([*random_documents(50, seed=5), NAMES], path)
    collection = msgspec.json.decode(path.read_bytes())
    page = collection["first"]
    assert collection["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    assert (collection["type"], page["type"], page["partOf"]) == (
        "AnnotationCollection",
        "AnnotationPage",
        collection["id"],
    )
    items = page["items"]
    assert collection["total"] == len(items)
    identifiers = [collection["id"], page["id"], *(text["id"] for text in collection["gw:texts"])]
    identifiers += [item["id"] for item in items]
    assert len(set(identifiers)) == len(identifiers)
    assert all(map(IRI.fullmatch, identifiers))
    for item in items:
        assert item["type"] == "Annotation"
        assert item["motivation"] in MOTIVATIONS
        check_target(item["target"], identifiers)
        for body in item["body"] if isinstance(item["body"], list) else [item["body"]]:
            assert body["purpose"] in MOTIVATIONS
            assert body["type"] == ("TextualBody" if "value" in body else "SpecificResource")
            assert isinstance(body.get("value", ""), str)
            assert body.get("source", page["id"]) in identifiers


def check_target(target: object, identifiers: list[str]) -> None:
    """Check that a target is one IRI, or a source with selectors of the same text."""
    if isinstance(target, str):
        assert target in identifiers
        return
    assert isinstance(target, dict)
    assert (target["type"], target["source"] in identifiers) == ("SpecificResource", True)
    position, quotation = target["selector"]
    assert (position["type"], quotation["type"]) == ("TextPositionSelector", "TextQuoteSelector")
    assert 0 <= position["start"] < position["end"]
    assert len(quotation["exact"]) == position["end"] - position["start"]
    assert {type(quotation[part]) for part in ("exact", "prefix", "suffix")} == {str}


def test_names_of_all_kinds_come_back_from_web_annotations(tmp_path: Path) -> None:
    chosen, path = find_format("web-annotation"), tmp_path / "out.json"
    chosen.write([NAMES], path)
    assert list(chosen.read(path)) == [NAMES]
