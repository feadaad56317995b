"""Web annotations have what the recommendation of W3C requires."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from goldwire.errors import DataError
from goldwire.formats.document import Document, Labels, Relation, Span
from goldwire.formats.registry import find_format, guess_format
from goldwire.stages import agree
from support.make_tool_files import FOLDER
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


# The keys and classes of the context http://www.w3.org/ns/anno.jsonld that are in use
KEYS = {"@context", "id", "type", "label", "total", "first", "last", "partOf", "startIndex", "items", "creator"}
KEYS |= {"nickname", "motivation", "purpose", "body", "target", "source", "selector", "start", "end", "exact"}
KEYS |= {"prefix", "suffix", "value", "format"}
CLASSES = {"AnnotationCollection", "AnnotationPage", "Annotation", "Person", "TextualBody", "SpecificResource"}
CLASSES |= {"TextPositionSelector", "TextQuoteSelector"}


def keys_and_classes(value: object) -> Iterator[tuple[str, str]]:
    """Yield (kind, name) of each key and each class at any depth."""
    for item in value if isinstance(value, list) else []:
        yield from keys_and_classes(item)
    if isinstance(value, dict):
        for key, item in value.items():
            yield "key", key
            if key == "type":
                yield "class", item
            elif key != "@context":
                yield from keys_and_classes(item)


def test_all_keys_and_classes_are_of_the_vocabulary(tmp_path: Path) -> None:
    """A key that the context does not have would be dropped by a processor of JSON-LD."""
    find_format("web-annotation").write([*random_documents(50, seed=5), NAMES], tmp_path / "out.json")
    collection = msgspec.json.decode((tmp_path / "out.json").read_bytes())
    found = set(keys_and_classes(collection))
    assert {name for kind, name in found if kind == "key"} == KEYS | {"gw:texts"}
    assert {name for kind, name in found if kind == "class"} == CLASSES
    assert collection["@context"][1].keys() == {"gw"}
    assert collection["last"] == collection["first"]["id"]


CONTEXT = "http://www.w3.org/ns/anno.jsonld"


def annotation(name: str, start: int, end: int, label: str, **more: object) -> dict[str, Any]:
    """Return an annotation as Recogito writes it: without a source, with all that was said in its bodies."""
    selectors = [
        {"type": "TextQuoteSelector", "exact": "x" * (end - start)},
        {"type": "TextPositionSelector", "start": start, "end": end},
    ]
    body = [{"type": "TextualBody", "purpose": "tagging", "value": label}]
    own = {"@context": CONTEXT, "id": name, "type": "Annotation", "body": body, "target": {"selector": selectors}}
    return own | more


LINK = {
    "@context": CONTEXT,
    "id": "#r",
    "type": "Annotation",
    "motivation": "linking",
    "body": [{"type": "TextualBody", "purpose": "tagging", "value": "supports"}],
    "target": [{"id": "#b"}, {"id": "#a"}],
}
ADA = [annotation("#a", 0, 7, "PER"), annotation("#b", 12, 20, "ORG"), LINK]
COMMENT = {"type": "TextualBody", "purpose": "commenting", "value": "sure?"}
# Both ways to say it: a motivation or a purpose, and the name or the IRI of a creator
CLASSED = {
    "@context": CONTEXT,
    "id": "https://example.org/1",
    "type": "Annotation",
    "motivation": "classifying",
    "creator": {"type": "Person", "name": "Eva"},
    "bodyValue": "port",
    "target": "https://example.org/page",
}
TAGGED = annotation("https://example.org/2", 3, 5, "LOC", motivation="tagging", creator="https://example.org/ben")
TAGGED["body"] = [{"type": "TextualBody", "value": "LOC"}, COMMENT]
TAGGED["target"] |= {"source": "https://example.org/page"}


@pytest.mark.parametrize("layout", ["list", "lines", "page", "collection"])
def test_annotations_of_other_tools_are_read_without_their_texts(layout: str, tmp_path: Path) -> None:
    page = {"@context": CONTEXT, "id": "https://example.org/p", "type": "AnnotationPage", "items": ADA}
    collection = {**page, "type": "AnnotationCollection", "total": 3, "first": {"type": "AnnotationPage", "items": ADA}}
    values = {"list": ADA, "page": page, "collection": collection}
    path = tmp_path / ("page.jsonl" if layout == "lines" else "page.json")
    lines = ADA if layout == "lines" else [values[layout]]
    path.write_bytes(b"\n".join(map(msgspec.json.encode, lines)))
    assert guess_format(path).name == "web-annotation"
    (document,) = find_format("web-annotation").read(path)
    (labels,) = document.labels
    assert (document.id, document.text) == ("page", "")
    assert [(span.start, span.end, span.label) for span in labels.spans] == [(0, 7, "PER"), (12, 20, "ORG")]
    assert labels.relations == (Relation(label="supports", holder=1, target=0),)


def test_motivations_creators_and_notes_of_other_tools_are_read(tmp_path: Path) -> None:
    (tmp_path / "all.json").write_bytes(msgspec.json.encode([CLASSED, TAGGED]))
    (document,) = find_format("web-annotation").read(tmp_path / "all.json")
    assert document.id == "https://example.org/page"
    eva, ben = document.labels
    assert eva == Labels(annotator="Eva", relations=(Relation(label="port", target_name="item"),))
    span = Span(start=3, end=5, label="LOC", note="sure?")
    assert ben == Labels(annotator="https://example.org/ben", spans=(span,))


def test_files_of_two_people_have_an_agreement(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "ben").mkdir()
    (tmp_path / "ada/page.json").write_bytes(msgspec.json.encode(ADA))
    (tmp_path / "ben/page.json").write_bytes(msgspec.json.encode(ADA[:1]))
    values = {one.name: one.value for one in agree.run_files([tmp_path / "ada", tmp_path / "ben"]).values}
    assert values["span_f1_exact"] == pytest.approx(2 / 3)


QUOTED = annotation("#q", 0, 3, "PER")
QUOTED["target"]["selector"] = [{"type": "TextQuoteSelector", "exact": "Ada"}]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([QUOTED], "annotation #q has no TextPositionSelector"),
        (
            {"@context": CONTEXT, "type": "AnnotationCollection", "total": 3, "first": "https://example.org/1"},
            "pages that",
        ),
        (
            {"@context": CONTEXT, "type": "AnnotationCollection", "total": 9, "first": {"items": ADA}},
            "pages that are not",
        ),
        (
            [LINK, *ADA[:1], annotation("#b", 12, 20, "ORG", creator="ben")],
            "joins annotations that are not spans of one",
        ),
        ([{**ADA[0], "body": {"type": "Choice", "items": []}}], "a body without a value and a source"),
    ],
)
def test_what_cannot_be_read_is_named(value: object, message: str, tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_bytes(msgspec.json.encode(value))
    with pytest.raises(DataError, match=message) as raised:
        list(find_format("web-annotation").read(path))
    assert str(raised.value).startswith(str(path))


def selected(*selectors: object, source: str = "https://example.org/page") -> dict[str, Any]:
    return {**annotation("#s", 0, 1, "PER"), "target": {"source": source, "selector": list(selectors)}}


POSITION = {"type": "TextPositionSelector", "start": 10, "end": 30}
INNER = {"type": "TextPositionSelector", "start": 2, "end": 5}


@pytest.mark.parametrize(
    ("item", "place"),
    [
        (
            selected({"type": "RangeSelector", "startContainer": "/p[1]"}, {"type": "TextQuoteSelector"}, POSITION),
            (10, 30),
        ),
        (
            selected({"type": "RangeSelector", "startSelector": POSITION, "endSelector": {**POSITION, "start": 25}}),
            (10, 25),
        ),
        (selected({"type": "FragmentSelector", "value": "char=3,7"}), (3, 7)),
        (selected(source="https://example.org/page#char=3,7"), (3, 7)),
        (selected({**POSITION, "refinedBy": INNER}), (12, 15)),
        (selected({"type": "TextQuoteSelector", "exact": "Ada", "prefix": "to ", "refinedBy": INNER}), (2, 5)),
        ({**selected(INNER), "motivation": "oa:tagging", "body": {"value": "PER"}}, (2, 5)),
    ],
)
def test_positions_of_other_tools_are_read(item: dict[str, Any], place: tuple[int, int], tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(msgspec.json.encode(item))
    (document,) = find_format("web-annotation").read(tmp_path / "a.json")
    assert document.id == "https://example.org/page"
    assert [(span.start, span.end, span.label) for span in document.labels[0].spans] == [(*place, "PER")]


@pytest.mark.parametrize("exact", ["Ada Ito", "Ada"])
def test_a_position_that_may_be_within_a_quotation_is_refused(exact: str, tmp_path: Path) -> None:
    inner = {"type": "TextPositionSelector", "start": 0, "end": 3}
    item = selected({"type": "TextQuoteSelector", "exact": exact, "prefix": "to ", "refinedBy": inner})
    (tmp_path / "a.json").write_bytes(msgspec.json.encode(item))
    with pytest.raises(DataError, match="has no TextPositionSelector"):
        list(find_format("web-annotation").read(tmp_path / "a.json"))


@pytest.mark.parametrize("kind", ["XPathSelector", "TextQuoteSelector"])
def test_a_position_within_what_only_the_text_knows_is_refused(kind: str, tmp_path: Path) -> None:
    item = selected({"type": kind, "value": "/p[1]", "refinedBy": INNER}, {**POSITION, "refinedBy": {"type": kind}})
    (tmp_path / "a.json").write_bytes(msgspec.json.encode(item))
    with pytest.raises(DataError, match="has no TextPositionSelector"):
        list(find_format("web-annotation").read(tmp_path / "a.json"))


HYPOTHESIS = {
    "id": "h1",
    "user": "acct:ada@example.org",
    "uri": "https://example.org/page",
    "text": "sure?",
    "tags": ["PER", "ORG"],
    "target": [{"source": "https://example.org/page", "selector": [{"type": "TextQuoteSelector"}, INNER]}],
}
REPLY = HYPOTHESIS | {"id": "h2", "user": "acct:ben@example.org", "text": "yes", "tags": [], "references": ["h1"]}
PAGE_NOTE = HYPOTHESIS | {"id": "h3", "tags": [], "text": "long", "target": [{"source": "https://example.org/page"}]}


@pytest.mark.parametrize("layout", ["api", "export", "list", "lines"])
def test_annotations_of_hypothesis_are_read(layout: str, tmp_path: Path) -> None:
    rows = [HYPOTHESIS, REPLY, PAGE_NOTE]
    values = {"api": {"total": 3, "rows": rows}, "export": {"export_userid": "ada", "annotations": rows}, "list": rows}
    path = tmp_path / ("a.jsonl" if layout == "lines" else "a.json")
    path.write_bytes(b"\n".join(map(msgspec.json.encode, rows if layout == "lines" else [values[layout]])))
    assert guess_format(path).name == "web-annotation"
    (document,) = find_format("web-annotation").read(path)
    ada, ben = document.labels
    assert (ada.annotator, ada.comments) == ("ada@example.org", ("long",))
    assert [(span.start, span.end, span.label, span.note) for span in ada.spans] == [
        (2, 5, "PER", "sure?"),
        (2, 5, "ORG", "sure?"),
    ]
    assert (ben.annotator, ben.spans, ben.comments) == ("ben@example.org", (), ("yes",))


def test_a_part_of_what_hypothesis_found_is_not_all(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(msgspec.json.encode({"total": 300, "rows": [HYPOTHESIS]}))
    with pytest.raises(DataError, match="1 of 300 annotations are in the file"):
        list(find_format("web-annotation").read(tmp_path / "a.json"))


@pytest.mark.parametrize(("tool", "shift"), [("recogito", 1), ("potato-export", 0)])
def test_what_other_tools_write_is_read(tool: str, shift: int) -> None:
    """Recogito counts UTF-16 units, and an emoji is before the second span."""
    path = FOLDER / tool / "web-annotations.json"
    assert guess_format(path).name == "web-annotation"
    document = max(find_format("web-annotation").read(path), key=lambda document: len(document.labels[0].spans))
    spans = [(span.start, span.end, span.label) for span in document.labels[0].spans]
    assert spans[:2] == [(0, 7, "PER"), (19 + shift, 30 + shift, "ORG")]
