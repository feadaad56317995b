"""Web annotations of other tools: alone, in a list, a page or a collection, without the texts that they are about.

Tags and classes (by the purpose of a body, else the motivation of the annotation) are labels of the positions that its
`TextPositionSelector`s name, or of the whole text; other bodies are notes. A range of two such selectors, the fragment
`char=0,7` (RFC 5147) and a position that refines a quotation of its length, which potato writes, are positions, too.
They are read as stored: Recogito and the client of Hypothesis count UTF-16 units. An annotation whose motivation is
`linking` joins two annotations: its two targets, or its target and the source of a body. A document is a source; its
text is not in the file, so that it is empty. What the API of Hypothesis returns, and its client exports, is read alike:
tags are labels, texts are notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DataError
from goldwire.formats.document import ANONYMOUS, Document, Labels, Relation, Span, document_label
from goldwire.formats.files import reading

__all__ = ["is_hypothesis", "items_of", "read_items"]

_LABEL_PURPOSES = frozenset(["tagging", "classifying"])
_UNLABELLED = "highlighting"  # the label of a span without a tag and a motivation
_ANSWER = "item"  # what the tags of a whole text are about


_TERM = re.compile(r"(?:oa:|http://www\.w3\.org/ns/oa#)(?=\w)")  # before the names of motivations, in older files
_CHARACTERS = re.compile(r"char=(\d+),(\d+)")  # RFC 5147
_HYPOTHESIS = {"uri", "user", "tags", "target"}


class _Annotation(msgspec.Struct):
    """An annotation with the spans that it marks; none if it is about whole texts or other annotations."""

    id: str
    annotator: str
    motivation: str
    labels: list[str] = []
    notes: list[str] = []
    sources: list[str] = []  # of the targets
    links: list[str] = []  # sources of bodies
    positions: list[tuple[int, int] | None] = []  # of the targets


class _Collected(msgspec.Struct):
    """The labels of one annotator for one source."""

    spans: list[Span] = []
    relations: list[Relation] = []
    answers: list[str] = []
    comments: list[str] = []


def items_of(value: Any, file: Path) -> list[Any]:
    """Return the annotations of a JSON value: one, a list, a page, or a collection with its only page.

    Raises
    ------
    DataError
        If the collection has pages elsewhere.
    """
    if isinstance(value, list):
        return value
    if is_hypothesis(value):
        items = value.get("rows", value.get("annotations", [value]))
        if value.get("total", len(items)) != len(items):
            problem = f"{len(items)} of {value['total']} annotations are in the file"
            raise DataError(problem, location=file, hint="put all annotations into one list")
        return list(items)
    page = value.get("first", value)
    items = page.get("items") if isinstance(page, dict) else None
    if items is None and "target" in value:
        return [value]
    if not isinstance(items, list) or value.get("total", len(items)) != len(items) or page.get("next"):
        hint = "put all annotations into one list"
        raise DataError("the collection has pages that are not in the file", location=file, hint=hint)
    return items


def read_items(items: list[Any], file: Path) -> Iterator[Document]:
    """Yield one document per source, in the order of their first annotations."""
    annotations = []
    for number, item in enumerate(items):
        location = f"{file}[{number}]"
        with reading("annotation", location):
            annotations.append(_annotation(item, file.stem, location))
    by_id = {annotation.id: annotation for annotation in annotations}
    joins = [own for own in annotations if own.motivation == "linking" and len(_ends(own, by_id)) == 2]
    collected: dict[str, dict[str, _Collected]] = {}
    places: dict[str, tuple[str, str, int]] = {}  # source, annotator and position of the first span of an annotation
    for annotation in annotations:
        if annotation not in joins:
            _add(annotation, by_id, collected, places)
    for annotation in joins:
        _join(annotation, _ends(annotation, by_id), collected, places, file)
    for source, annotators in collected.items():
        yield Document(id=source, text="", labels=tuple(_labels(name, own) for name, own in annotators.items()))


def _ends(annotation: _Annotation, by_id: Mapping[str, _Annotation]) -> list[str]:
    return [name for name in (*annotation.sources, *annotation.links) if name in by_id]


def is_hypothesis(value: Any) -> bool:
    """Whether a JSON value is an annotation of Hypothesis, a result of its API, or the file that its client exports."""
    if not isinstance(value, dict):
        return False
    return value.keys() >= _HYPOTHESIS or value.keys() == {"total", "rows"} or "export_userid" in value


def _in_standard(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an annotation of Hypothesis with the names of W3C; a reply is a note on what it replies to."""
    bodies = [{"purpose": "tagging", "value": tag} for tag in row["tags"]]
    if row.get("text"):
        bodies.append({"purpose": "commenting", "value": row["text"]})
    target = row["references"][-1] if row.get("references") else row["target"] or row["uri"]
    return {"id": row["id"], "creator": row["user"].removeprefix("acct:"), "body": bodies, "target": target}


def _annotation(item: Any, default_source: str, location: str) -> _Annotation:
    if is_hypothesis(item):
        item = _in_standard(item)
    own = _Annotation(
        id=str(item.get("id", "")),
        annotator=_name(item.get("creator")),
        motivation=_term(next(iter(_list(item.get("motivation"))), "")),
    )
    bodies = _list(item.get("body"))
    if "bodyValue" in item:
        bodies = [*bodies, {"value": item["bodyValue"]}]
    for body in bodies:
        _add_body(body if isinstance(body, dict) else {"source": str(body)}, own)
    for target in _list(item["target"]):
        resource = target if isinstance(target, dict) else {"source": target}
        source, _, fragment = str(resource.get("source", resource.get("id", default_source))).partition("#char=")
        own.sources.append(source)
        selectors = _list(resource.get("selector"))
        if fragment:
            selectors = [*selectors, {"type": "FragmentSelector", "value": f"char={fragment}"}]
        own.positions.append(_position(selectors, own.id, location))
    if not own.sources:
        raise ValueError("no target")
    return own


def _term(name: object) -> str:
    return _TERM.sub("", str(name))


def _list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _name(creator: Any) -> str:
    """Return the name of the first creator."""
    first = next(iter(_list(creator)), None)
    if isinstance(first, dict):
        first = next((first[key] for key in ("nickname", "name", "email", "id") if first.get(key)), None)
    return ANONYMOUS if first is None else str(first)


def _add_body(body: Mapping[str, Any], own: _Annotation) -> None:
    """Add what a body says: a label, a link to another resource, or a note."""
    purpose = _term(next(iter(_list(body.get("purpose"))), own.motivation))
    source = body.get("source", body.get("id"))
    if "value" not in body and source is None:
        raise ValueError("a body without a value and a source")
    if purpose in _LABEL_PURPOSES or (purpose == "linking" and "value" in body):
        own.labels.append(str(body.get("value", source)))
    elif "value" in body:
        own.notes.append(str(body["value"]))
    else:
        own.links.append(str(source))


def _position(selectors: list[Any], name: str, location: str) -> tuple[int, int] | None:
    """Return the range of the first selector that has positions; None without any selector."""
    positions = (_range(selector) for selector in selectors if isinstance(selector, dict))
    found = next((position for position in positions if position is not None), None)
    if selectors and found is None:
        problem = f"annotation {name} has no TextPositionSelector, and the text that it quotes is not in the file"
        raise DataError(problem, location=location)
    return found


def _range(selector: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the positions that a selector has without the text, or None."""
    kind, refined = selector.get("type"), selector.get("refinedBy")
    found: tuple[int, int] | None = None
    if kind == "TextPositionSelector":
        start, end = selector["start"], selector["end"]
        if type(start) is not int or type(end) is not int:
            raise TypeError("a position is no whole number")
        found = start, end
    elif kind == "FragmentSelector" and (match := _CHARACTERS.fullmatch(str(selector.get("value")))):
        found = int(match[1]), int(match[2])
    elif kind == "TextQuoteSelector" and isinstance(refined, dict):
        place = _range(refined)
        if place is None or place[1] - place[0] != len(str(selector.get("exact"))):
            return None
        # It is a position in the text, but for 0, which may be one in the quotation.
        return place if place[0] or not selector.get("prefix") else None
    elif kind == "RangeSelector" and {"startSelector", "endSelector"} <= selector.keys():
        first, last = _range(selector["startSelector"]), _range(selector["endSelector"])
        # W3C: from the start of one to the start of the other, which is not included
        found = None if first is None or last is None else (first[0], last[0])
    if found is None or refined is None:
        return found
    inner = _range(refined)  # its positions are relative
    return None if inner is None else (found[0] + inner[0], found[0] + inner[1])


def _add(
    annotation: _Annotation,
    by_id: Mapping[str, _Annotation],
    collected: dict[str, dict[str, _Collected]],
    places: dict[str, tuple[str, str, int]],
) -> None:
    for source, position in zip(annotation.sources, annotation.positions, strict=True):
        subject = by_id[source].sources[0] if source in by_id else source  # a note on another annotation
        own = collected.setdefault(subject, {}).setdefault(annotation.annotator, _Collected())
        notes = [*annotation.notes, *annotation.links]
        if position is None:
            own.answers += annotation.labels
            own.comments += notes
            continue
        places.setdefault(annotation.id, (subject, annotation.annotator, len(own.spans)))
        note = "\n".join(notes) if notes else None
        for label in annotation.labels or [annotation.motivation or _UNLABELLED]:
            own.spans.append(Span(start=position[0], end=position[1], label=label, note=note))


def _join(
    annotation: _Annotation,
    ends: list[str],
    collected: dict[str, dict[str, _Collected]],
    places: dict[str, tuple[str, str, int]],
    file: Path,
) -> None:
    holder, target = (places.get(end) for end in ends)
    if holder is None or target is None or holder[:2] != target[:2]:
        problem = f"annotation {annotation.id} joins annotations that are not spans of one annotator in one source"
        raise DataError(problem, location=file)
    own = collected[holder[0]][holder[1]]
    for label in annotation.labels or [annotation.motivation]:
        own.relations.append(Relation(label=label, holder=holder[2], target=target[2]))
    own.comments += annotation.notes


def _labels(name: str, own: _Collected) -> Labels:
    answers = (document_label(_ANSWER, own.answers),) if own.answers else ()
    return Labels(
        annotator=name,
        spans=tuple(own.spans),
        relations=(*own.relations, *answers),
        comments=tuple(own.comments),
    )
