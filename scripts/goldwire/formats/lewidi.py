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
from goldwire.formats.files import data_files, peek_json, read_json, require_utf8
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
            try:
                items = read_json(file, dict[str, _Item])
            except DataError as error:
                raise DataError(f"not items of LeWiDi ({error.message})", location=file, hint=error.hint) from None
            try:
                yield from _documents(items)
            except (KeyError, TypeError, ValueError, AttributeError, msgspec.MsgspecError) as error:
                require_utf8(file.read_bytes(), file)
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


class _Info(msgspec.Struct, gc=False):
    """Values that `write` adds to an item. Each item repeats the spans of its document: they are decoded once."""

    document: str
    holder: _Side
    target: _Side
    target_name: str | None
    spans: msgspec.Raw


class _Item(msgspec.Struct, gc=False):
    """An item. It repeats its text, too: 16,000 labels of long texts are read in 0.1 s; 0.5 s if all is decoded."""

    text: msgspec.Raw
    annotations: Any
    annotators: Any
    task: Any = None
    annotation_task: Any = msgspec.field(name="annotation task", default=None)
    other_info: msgspec.Raw = msgspec.Raw(b"null")


class _Collected(msgspec.Struct):
    """The labels of one annotator for one document; the positions of the spans by their extent and label."""

    spans: tuple[Span, ...] = ()
    positions: dict[_Side, int] = {}
    relations: list[Relation] = []


def _documents(items: dict[str, _Item]) -> Iterator[Document]:
    texts: dict[str, str] = {}
    collected: dict[str, dict[str, _Collected]] = {}
    for name, item in items.items():
        info = _own_info(item)
        identifier = name if info is None else info.document
        answers = _answers(item)
        if identifier not in collected:
            text = msgspec.json.decode(item.text)
            texts[identifier] = text if isinstance(text, str) else msgspec.json.encode(text).decode()
            spans = {} if info is None else msgspec.json.decode(info.spans, type=dict[str, list[tuple[int, int, str]]])
            collected[identifier] = {annotator: _blank(spans.get(annotator, ())) for annotator in answers}
        for annotator, own in collected[identifier].items():
            answer = answers.get(annotator)
            if answer is not None and info is None:
                own.relations.append(Relation(label=answer, target_name=_task_of(item)))
            elif answer is not None and info is not None and answer != NONE:
                own.relations.append(_relation(answer, info, own.positions))
    for identifier, annotators in collected.items():
        labels = (
            Labels(annotator=annotator, spans=own.spans, relations=tuple(own.relations))
            for annotator, own in annotators.items()
        )
        yield Document(id=identifier, text=texts[identifier], labels=tuple(labels))


def _own_info(item: _Item) -> _Info | None:
    """Return the values that `write` added to an item, or None for an item of another set."""
    try:
        return msgspec.json.decode(item.other_info, type=_Info)
    except msgspec.ValidationError as error:
        if item.task == _TASK:
            raise ValueError(str(error)) from None
        return None


def _task_of(item: _Item) -> str:
    return next((str(task) for task in (item.task, item.annotation_task) if task is not None), "item")


def _answers(item: _Item) -> dict[str, str]:
    """Return the answer of each annotator: `annotations` is a list, an object, or values with commas between.

    In an object, an answer may be several values with commas between, and it is empty in the sets that are to be
    predicted.
    """
    given, names = item.annotations, item.annotators
    if isinstance(given, dict):
        answered = {str(name): str(answer).split(",") for name, answer in given.items() if answer not in {"", None}}
        return {name: ", ".join(sorted(map(str.strip, values))) for name, values in answered.items()}
    given = given.split(",") if isinstance(given, str) else given
    names = names.split(",") if isinstance(names, str) else names
    return {str(name).strip(): str(answer).strip() for name, answer in zip(names, given, strict=True)}


def _blank(spans: Iterable[tuple[int, int, str]]) -> _Collected:
    own = tuple(Span(start=start, end=end, label=label) for start, end, label in spans)
    return _Collected(own, {(span.start, span.end, span.label): number for number, span in enumerate(own)})


def _relation(answer: str, info: _Info, positions: Mapping[_Side, int]) -> Relation:
    return Relation(
        label=answer,
        holder=None if info.holder is None else positions[info.holder],
        target=None if info.target is None else positions[info.target],
        target_name=info.target_name,
    )


FORMAT = LewidiFormat()
