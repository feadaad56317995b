"""JSON of the shared task Learning with Disagreements (LeWiDi 2025): items with the label of each annotator.

An item is a pair of holder and target that anybody joined. `annotations` holds one answer per annotator, `none` for
those who did not join them, and `soft_label` the share of each answer. The spans are in `other_info`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DataError
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import Document, Labels, Relation, Span
from goldwire.formats.files import data_files, peek_json, read_json
from goldwire.workspace import atomic

__all__ = ["FORMAT", "NONE"]

_TASK = "holder-target stance"  # of the items that `write` makes
NONE = "none"
"""The answer of an annotator who did not join holder and target."""


class LewidiFormat(msgspec.Struct, frozen=True):
    """LeWiDi JSON."""

    name: str = "lewidi"
    title: str = "LeWiDi 2025 JSON"
    package: str | None = None
    capabilities: Capabilities = Capabilities(
        parallel_relations=False, comments=False, unrelated=False, completeness=False
    )

    def matches(self, path: Path) -> bool:
        """Whether the file maps items to their annotations and annotators."""
        row = peek_json(path)
        first = next(iter(row.values()), None) if isinstance(row, dict) else None
        return isinstance(first, dict) and {"annotations", "annotators"} <= first.keys()

    def read(self, path: Path) -> Iterator[Document]:
        """Yield the documents of files that `write` made; an item of other files is a document with one answer each."""
        for file in data_files(path, ".json"):
            items = read_json(file)
            try:
                yield from _documents(items)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise DataError(f"not items of LeWiDi ({error!r})", location=file) from None

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write one JSON object of items."""
        items = {name: item for document in documents for name, item in _items(document)}
        atomic.write_bytes(path, msgspec.json.format(msgspec.json.encode(items), indent=1) + b"\n")


_Side = tuple[int, int, str] | None


def _pairs(document: Document) -> dict[tuple[_Side, _Side, str | None], dict[str, str]]:
    """Return the answers by annotator of each pair of holder and target."""
    pairs: dict[tuple[_Side, _Side, str | None], dict[str, str]] = {}
    for labels in document.labels:
        for relation in labels.relations:
            holder, target = (_side(labels, end) for end in (relation.holder, relation.target))
            pairs.setdefault((holder, target, relation.target_name), {})[labels.annotator] = relation.label
    return pairs


def _side(labels: Labels, position: int | None) -> _Side:
    if position is None:
        return None
    span = labels.spans[position]
    return span.start, span.end, span.label


def _items(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    annotators = [labels.annotator for labels in document.labels]
    spans = {labels.annotator: [(s.start, s.end, s.label) for s in labels.spans] for labels in document.labels}
    for number, ((holder, target, target_name), answers) in enumerate(_pairs(document).items()):
        given = [answers.get(annotator, NONE) for annotator in annotators]
        counts = Counter(given)
        info = {"document": document.id, "holder": holder, "target": target, "target_name": target_name}
        yield (
            f"{document.id}-{number}",
            {
                "text": document.text,
                "task": _TASK,
                "number of annotations": len(given),
                "number of annotators": len(given),
                "annotations": _join(given),
                "annotators": _join(annotators),
                "soft_label": {label: count / len(given) for label, count in sorted(counts.items())},
                "other_info": {**info, "spans": spans},
            },
        )


def _join(values: list[str]) -> str | list[str]:
    """Return values with commas between, as LeWiDi has them; a list if one has a comma of its own."""
    return values if any("," in value for value in values) else ",".join(values)


def _documents(items: dict[str, dict[str, Any]]) -> Iterator[Document]:
    found: dict[str, Document] = {}
    for name, item in items.items():
        info = item.get("other_info")
        info = info if isinstance(info, dict) and "document" in info else None
        if info is None and item.get("task") == _TASK:
            raise KeyError("document")
        identifier = info["document"] if info else name
        text = item["text"] if isinstance(item["text"], str) else msgspec.json.encode(item["text"]).decode()
        answers = _answers(item)
        document = found.get(identifier) or Document(id=identifier, text=text, labels=tuple(_blank(answers, info)))
        labels = tuple(_with_answer(own, answers.get(own.annotator), info, _task_of(item)) for own in document.labels)
        found[identifier] = msgspec.structs.replace(document, labels=labels)
    yield from found.values()


def _task_of(item: Mapping[str, Any]) -> str:
    return str(item.get("task", item.get("annotation task", "item")))


def _answers(item: dict[str, Any]) -> dict[str, str]:
    """Return the answer of each annotator: `annotations` is a list, an object, or values with commas between.

    In an object, an answer may be several values with commas between, and it is empty in the sets that are to be
    predicted.
    """
    given, names = item["annotations"], item["annotators"]
    if isinstance(given, dict):
        answered = {str(name): str(answer).split(",") for name, answer in given.items() if answer not in {"", None}}
        return {name: ", ".join(sorted(map(str.strip, values))) for name, values in answered.items()}
    given = given.split(",") if isinstance(given, str) else given
    names = names.split(",") if isinstance(names, str) else names
    return {str(name).strip(): str(answer).strip() for name, answer in zip(names, given, strict=True)}


def _blank(answers: dict[str, str], info: dict[str, Any] | None) -> Iterator[Labels]:
    for annotator in answers:
        own = info["spans"].get(annotator, ()) if info else ()
        yield Labels(annotator=annotator, spans=tuple(Span(start=s, end=e, label=label) for s, e, label in own))


def _with_answer(own: Labels, answer: str | None, info: dict[str, Any] | None, task: str) -> Labels:
    if answer is None or (info is not None and answer == NONE):
        return own
    if info is None:
        relation = Relation(label=answer, target_name=task)
    else:
        positions = {(span.start, span.end, span.label): number for number, span in enumerate(own.spans)}
        holder, target = info["holder"], info["target"]
        relation = Relation(
            label=answer,
            holder=None if holder is None else positions[tuple(holder)],
            target=None if target is None else positions[tuple(target)],
            target_name=info["target_name"],
        )
    return msgspec.structs.replace(own, relations=(*own.relations, relation))


FORMAT = LewidiFormat()
