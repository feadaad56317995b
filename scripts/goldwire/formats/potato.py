"""potato's output: a folder with `user_state.json` per annotator, and the data file with the texts.

Offsets are code points since potato 2.9; before, its page counted UTF-16 units. Potato 1 wrote
`annotated_instances.jsonl`: see `potato_instances`. `instance_id_to_span_to_value` has the spans of each instance and
`instance_id_to_link_to_value` the links between them, which lead from the first span (the holder) to the second. The
texts are in the task's own data file (`.jsonl` or `.json`, keys `id` and `text`), which is looked for beside the
folder of the annotators and in `data_files/` or `data/`. Free texts are comments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DataError, MissingFileError
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import Document, Labels, Relation, Span, document_label
from goldwire.formats.files import data_files, file_names, read_json, read_json_lines, write_json_lines, write_member
from goldwire.formats.potato_instances import FREE_TEXTS, INSTANCES, read_instances
from goldwire.text.offsets import OffsetError, OffsetIndex, index_offsets

__all__ = ["FORMAT"]

_STATE = "user_state.json"
_SCHEMA, _LINKS = "entities", "stances"
_PHASE = "current_phase_and_page"  # in each state that potato wrote
_SINCE_2_9 = "instance_id_to_presentation_order"
_CHOSEN = frozenset(["true", "True", "1"])


class PotatoFormat(msgspec.Struct, frozen=True):
    """potato output."""

    name: str = "potato"
    title: str = "potato output"
    package: str | None = None
    capabilities: Capabilities = Capabilities(voice=False, named_targets=False, comments=False, completeness=False)

    def matches(self, path: Path) -> bool:
        """Whether the folder has the state of an annotator, or the instances of potato 1."""
        return path.is_dir() and any(next(path.rglob(name), None) is not None for name in (_STATE, INSTANCES))

    def read(self, path: Path) -> Iterator[Document]:
        """Yield one document per instance that anybody annotated."""
        states = sorted(path.rglob(_STATE))
        if not states and (files := sorted(path.rglob(INSTANCES))):
            yield from read_instances(files)
            return
        if not states:
            raise MissingFileError(f"no {_STATE} below this folder", location=path)
        texts = _texts(path)
        labels: dict[str, list[Labels]] = {}
        for file in states:
            state = read_json(file)
            try:
                annotator = str(state.get("user_id") or file.parent.name)
                spans, links = state["instance_id_to_span_to_value"], state.get("instance_id_to_link_to_value") or {}
                answers = state.get("instance_id_to_label_to_value") or {}
                is_utf16 = _PHASE in state and _SINCE_2_9 not in state
                for instance in spans.keys() | answers.keys():
                    index = index_offsets(texts[instance]) if is_utf16 and instance in texts else None
                    own = _labels(annotator, spans.get(instance) or (), links.get(instance) or {}, index)
                    chosen, comments = _answers(answers.get(instance) or ())
                    own = msgspec.structs.replace(own, relations=own.relations + chosen, comments=comments)
                    labels.setdefault(instance, []).append(own)
            except OffsetError as error:
                raise DataError(str(error), location=file) from None
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise DataError(f"not a state of potato ({error!r})", location=file) from None
        for instance, found in sorted(labels.items()):
            if instance not in texts:
                hint = "put the task's data file (.jsonl with id and text) into this folder"
                raise MissingFileError(f"no text of instance {instance!r}", location=path, hint=hint)
            yield Document(id=instance, text=texts[instance], labels=tuple(found))

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write `data_files/documents.jsonl` and `annotation_output/<annotator>/user_state.json`."""
        chosen = list(documents)
        write_json_lines(path / "data_files/documents.jsonl", ({"id": d.id, "text": d.text} for d in chosen))
        states: dict[str, dict[str, Any]] = {}
        for document in chosen:
            for labels in document.labels:
                state = states.setdefault(
                    labels.annotator,
                    {
                        "user_id": labels.annotator,
                        "instance_id_ordering": [],
                        "instance_id_to_label_to_value": {},
                        "instance_id_to_span_to_value": {},
                        "instance_id_to_link_to_value": {},
                    },
                )
                state["instance_id_ordering"].append(document.id)
                state["instance_id_to_span_to_value"][document.id] = [
                    [_span(number, span), "true"] for number, span in enumerate(labels.spans)
                ]
                state["instance_id_to_link_to_value"][document.id] = dict(_links(labels))
        names = file_names(states)
        for annotator, state in states.items():
            folder = path / "annotation_output" / names[annotator]
            write_member(folder / _STATE, msgspec.json.format(msgspec.json.encode(state)) + b"\n")


def _texts(path: Path) -> dict[str, str]:
    """Return the texts of the data files by instance."""
    texts: dict[str, str] = {}
    for folder in (path, path.parent):
        for file in data_files(folder, ".jsonl", ".json") if folder == path else _beside(folder):
            if file.name in {_STATE, "annotation_history.jsonl"}:
                continue
            value = read_json(file) if file.suffix == ".json" else [row for _, row in read_json_lines(file)]
            for row in value if isinstance(value, list) else ():
                if isinstance(row, dict) and "id" in row and isinstance(row.get("text"), str):
                    texts[str(row["id"])] = row["text"]
        if texts:
            return texts
    return texts


def _beside(folder: Path) -> list[Path]:
    """Return the data files in `folder` itself and in its usual subfolders."""
    places = (folder, folder / "data", folder / "data_files")
    return sorted(file for place in places for suffix in ("*.jsonl", "*.json") for file in place.glob(suffix))


def _labels(annotator: str, spans: Iterable[Any], links: Mapping[str, Any], index: OffsetIndex | None) -> Labels:
    """Return the spans and links of an instance. `index` is of its text if offsets are UTF-16 units."""
    found: list[Span] = []
    positions: dict[str, int] = {}
    for span, _ in spans:
        if span.get("additional_parts"):
            raise ValueError(f"span {span.get('id')} is discontinuous; goldwire has no spans with gaps")
        positions[span.get("id")] = len(found)
        start, end = (int(span[key]) if index is None else index.from_utf16(span[key]) for key in ("start", "end"))
        found.append(Span(start=start, end=end, label=str(span["name"])))
    relations = []
    for link in links.values():
        holder, target = link["span_ids"]
        relations.append(Relation(label=link["link_type"], holder=positions[holder], target=positions[target]))
    return Labels(annotator=annotator, spans=tuple(found), relations=tuple(relations))


def _answers(labels: Iterable[Any]) -> tuple[tuple[Relation, ...], tuple[str, ...]]:
    """Return the answers about the whole text, one per question, and the free texts.

    The value of a label that is chosen is true, or its name; that of a scale is a number.
    """
    by_question: dict[str, list[str]] = {}
    comments: list[str] = []
    for label, value in labels:
        question, name, answer = str(label["schema"]), str(label["name"]), str(value)
        if name in FREE_TEXTS and not answer.isdecimal():
            comments.append(answer)
        elif answer in _CHOSEN or answer == name:
            by_question.setdefault(question, []).append(name)
        elif value:
            by_question.setdefault(question, []).append(answer)
    return tuple(document_label(question, values) for question, values in by_question.items()), tuple(comments)


def _span(number: int, span: Span) -> dict[str, Any]:
    common = {"schema": _SCHEMA, "name": span.label, "title": span.label}
    return {**common, "start": span.start, "end": span.end, "id": f"span_{number}"}


def _links(labels: Labels) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, relation in enumerate(labels.relations):
        name = f"link_{number}"
        ends = [f"span_{relation.holder}", f"span_{relation.target}"]
        value = {"id": name, "schema": _LINKS, "link_type": relation.label, "span_ids": ends}
        yield name, {**value, "direction": "directed", "properties": {}}


FORMAT = PotatoFormat()
