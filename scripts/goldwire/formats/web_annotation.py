"""W3C Web Annotation (JSON-LD): one annotation per span, relation and comment.

A span has a `TextPositionSelector` (code points, as the recommendation of 23 February 2017 defines them) and a
`TextQuoteSelector`, by which it is found again in a text that has changed. A relation is an annotation whose motivation
is `linking`: its target is the holder's annotation, and its body names the relation and the target. Ids are IRIs, in
which names are percent-encoded. Annotations of other tools are read without their texts: see `web_annotation_items`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec

from goldwire.errors import DataError, GoldwireError
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import Document, Labels, Relation, Span, merge_annotators
from goldwire.formats.files import data_files, peek_json, read_json, read_json_lines, reading
from goldwire.formats.web_annotation_items import is_hypothesis, items_of, read_items
from goldwire.workspace import atomic

__all__ = ["FORMAT"]

_CONTEXT = "http://www.w3.org/ns/anno.jsonld"
_OWN = "urn:goldwire:"
_ARTICLE = f"{_OWN}article:"
_QUOTE_CONTEXT = 32  # characters of prefix and suffix, as Hypothesis stores


class WebAnnotationFormat(msgspec.Struct, frozen=True):
    """W3C Web Annotation."""

    name: str = "web-annotation"
    title: str = "W3C Web Annotation"
    package: str | None = None
    capabilities: Capabilities = Capabilities()

    def matches(self, path: Path) -> bool:
        """Whether the file has the context of Web Annotation, or is of Hypothesis."""
        row = peek_json(path)
        if isinstance(row, list):
            row = row[0] if row else None
        return isinstance(row, dict) and (_CONTEXT in str(row.get("@context", "")) or is_hypothesis(row))

    def read(self, path: Path) -> Iterator[Document]:
        """Yield the documents of collections that `write` made, which hold the texts, or those of other tools."""
        files = data_files(path, ".json", ".jsonld", ".jsonl")
        yield from merge_annotators((document, file) for file in files for document in _read(file))

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write one AnnotationCollection. The texts are in `gw:texts`, since annotations only refer to them."""
        chosen = list(documents)
        encode = msgspec.json.Encoder().encode
        annotations = (item for one in chosen for labels in one.labels for item in _annotations(one, labels))
        items = [msgspec.Raw(encode(item)) for item in annotations]  # a quarter faster than all objects at once
        identifier = f"{_OWN}annotations:{quote(path.stem, safe='')}"
        collection = {
            "@context": [_CONTEXT, {"gw": _OWN}],
            "id": identifier,
            "type": "AnnotationCollection",
            "label": path.stem,
            "total": len(items),
            "first": {
                "id": f"{identifier}:1",
                "type": "AnnotationPage",
                "partOf": identifier,
                "startIndex": 0,
                "items": items,
            },
            "last": f"{identifier}:1",
            "gw:texts": [
                {"id": _source(document), "type": "TextualBody", "format": "text/plain", "value": document.text}
                for document in chosen
            ],
        }
        atomic.write_bytes(path, msgspec.json.format(msgspec.json.encode(collection), indent=1) + b"\n")


class _Position(msgspec.Struct, gc=False):
    start: int
    end: int


class _Quotation(msgspec.Struct, gc=False):
    exact: str
    prefix: str
    suffix: str


class _Place(msgspec.Struct, gc=False):
    selector: tuple[_Position, _Quotation]


class _Body(msgspec.Struct, gc=False):
    value: str | None = None
    source: str | None = None


class _Person(msgspec.Struct, gc=False):
    nickname: str


class _Annotation(msgspec.Struct, gc=False):
    id: str
    creator: _Person
    motivation: str
    body: _Body | tuple[_Body, _Body]
    target: str | _Place


class _Page(msgspec.Struct, gc=False):
    items: list[_Annotation]


class _Text(msgspec.Struct, gc=False):
    id: str
    value: str


class _Collection(msgspec.Struct, gc=False):
    """The collection that `write` makes. Read as these types, it takes less than half the time of plain objects."""

    total: int
    first: _Page
    texts: list[_Text] = msgspec.field(name="gw:texts")


def _read(file: Path) -> Iterator[Document]:
    if file.suffix == ".jsonl":
        return read_items([row for _, row in read_json_lines(file)], file)
    data = file.read_bytes()
    if any(f'"{name}"'.encode() in data for name in ("gw:texts", _OWN)):
        return _read_collection(file)
    value = read_json(file)
    with reading("annotations", file):
        return read_items(items_of(value, file), file)


def _read_collection(file: Path) -> Iterator[Document]:
    hint = "write it with `goldwire export --to web-annotation`"
    problem = "no whole collection of annotations with its texts"
    try:
        collection: _Collection = read_json(file, _Collection)
    except DataError as error:
        raise DataError(f"{problem} ({error.message})", location=file, hint=hint) from None
    if len(collection.first.items) != collection.total:
        raise DataError(problem, location=file, hint=hint)
    return _documents({text.id: text.value for text in collection.texts}, collection.first.items, str(file))


def _source(document: Document) -> str:
    return f"{_ARTICLE}{quote(document.id, safe='')}"


def _annotations(document: Document, labels: Labels) -> Iterator[dict[str, Any]]:
    base = f"{_source(document)}:{quote(labels.annotator, safe='')}"
    common = {"type": "Annotation", "creator": {"type": "Person", "nickname": labels.annotator}}
    for number, span in enumerate(labels.spans):
        yield {
            "id": f"{base}:T{number}",
            **common,
            "motivation": "tagging",
            "body": {"type": "TextualBody", "purpose": "tagging", "value": span.label},
            "target": {
                "type": "SpecificResource",
                "source": _source(document),
                "selector": _selectors(document.text, span),
            },
        }
    for number, relation in enumerate(labels.relations):
        holder = _source(document) if relation.holder is None else f"{base}:T{relation.holder}"
        if relation.target is None:
            target: dict[str, Any] = {"type": "TextualBody", "purpose": "identifying", "value": relation.target_name}
        else:
            target = {"type": "SpecificResource", "source": f"{base}:T{relation.target}", "purpose": "linking"}
        tag = {"type": "TextualBody", "purpose": "tagging", "value": relation.label}
        yield {"id": f"{base}:R{number}", **common, "motivation": "linking", "body": [tag, target], "target": holder}
    for number, comment in enumerate(labels.comments):
        body = {"type": "TextualBody", "purpose": "commenting", "value": comment}
        identifier = {"id": f"{base}:C{number}", **common, "motivation": "commenting"}
        yield {**identifier, "body": body, "target": _source(document)}
    state = "complete" if labels.complete else "unfinished"
    body = {"type": "TextualBody", "purpose": "assessing", "value": state}
    yield {"id": f"{base}:S", **common, "motivation": "assessing", "body": body, "target": _source(document)}


def _selectors(text: str, span: Span) -> list[dict[str, Any]]:
    quotation = {
        "type": "TextQuoteSelector",
        "exact": text[span.start : span.end],
        "prefix": text[max(span.start - _QUOTE_CONTEXT, 0) : span.start],
        "suffix": text[span.end : span.end + _QUOTE_CONTEXT],
    }
    return [{"type": "TextPositionSelector", "start": span.start, "end": span.end}, quotation]


def _documents(texts: dict[str, str], items: list[_Annotation], location: str) -> Iterator[Document]:
    by_source: dict[str, dict[str, list[_Annotation]]] = {source: {} for source in texts}
    for item in items:
        source = item.id.rsplit(":", 2)[0]  # the text that it is about
        if source not in texts:
            raise DataError(f"annotation {item.id} is of no text of the file", location=location)
        by_source[source].setdefault(item.creator.nickname, []).append(item)
    for source, text in texts.items():
        labels = tuple(_labels(name, own, text, location) for name, own in sorted(by_source[source].items()))
        yield Document(id=unquote(source.removeprefix(_ARTICLE)), text=text, labels=labels)


def _labels(annotator: str, items: list[_Annotation], text: str, location: str) -> Labels:
    positions: dict[str, int] = {}
    spans: list[Span] = []
    relations: list[Relation] = []
    comments: list[str] = []
    complete = True
    for item in items:
        try:
            if item.motivation == "tagging":
                positions[item.id] = len(spans)
                spans.append(_span(item, text, location))
            elif item.motivation == "linking":
                relations.append(_relation(item, positions))
            elif item.motivation == "commenting":
                comments.append(_value(item.body))
            elif item.motivation == "assessing":
                complete = _value(item.body) == "complete"
            else:
                raise ValueError(item.motivation)
        except GoldwireError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(f"unreadable annotation {item.id} ({error!r})", location=location) from None
    return Labels(
        annotator=annotator,
        spans=tuple(spans),
        relations=tuple(relations),
        comments=tuple(comments),
        complete=complete,
    )


def _value(body: _Body | tuple[_Body, _Body]) -> str:
    if isinstance(body, tuple) or body.value is None:
        raise TypeError("a body without a value")
    return body.value


def _relation(item: _Annotation, positions: dict[str, int]) -> Relation:
    if isinstance(item.body, _Body) or not isinstance(item.target, str):
        raise TypeError("a relation without a tag, a holder or a target")
    tag, target = item.body
    return Relation(
        label=_value(tag),
        holder=positions.get(item.target),
        target=None if target.source is None else positions[target.source],
        target_name=target.value,
    )


def _span(item: _Annotation, text: str, location: str) -> Span:
    """Return the span at its position, or where its quotation is if the text there is another."""
    if isinstance(item.target, str):
        raise TypeError("a tag without a selector")
    position, quotation = item.target.selector
    start, end, exact = position.start, position.end, quotation.exact
    if text[start:end] != exact:
        found = text.find(quotation.prefix + exact + quotation.suffix)
        if found < 0:
            raise DataError(f"annotation {item.id}: {exact!r} is not in its text", location=location)
        start = found + len(quotation.prefix)
        end = start + len(exact)
    return Span(start=start, end=end, label=_value(item.body))


FORMAT = WebAnnotationFormat()
