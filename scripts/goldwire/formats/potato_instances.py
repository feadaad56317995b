"""The output of potato 1: `annotated_instances.jsonl`, of each annotator in a folder and of all in one file.

A row has an instance as the page displayed it, the answers of each question as a map from labels to the values of their
form fields, and the spans with their texts. Offsets count the characters of the page's HTML without white space around
it, where `&` is `&amp;`: the text of the span decides.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from goldwire.errors import DataError
from goldwire.formats.document import Document, Labels, Relation, Span, document_label, merge_annotators
from goldwire.formats.files import read_json_lines, reading

__all__ = ["FREE_TEXTS", "INSTANCES", "read_instances"]

INSTANCES = "annotated_instances.jsonl"
"""The name of the files."""
_SCALE = "scale_"
_SLIDER = "slider"  # its label is the name of the question
FREE_TEXTS = frozenset(["text_box", "free_response"])
"""The labels of text boxes: their values are comments."""


def read_instances(files: Iterable[Path]) -> Iterable[Document]:
    """Return one document per instance. The file of all annotators repeats the files of each: rows are read once."""
    found: dict[tuple[str, str], tuple[Document, str]] = {}
    for file in files:
        for number, row in read_json_lines(file):
            location = f"{file}:{number}"
            with reading("instance", location):
                name = str(row["instance_id"] if "user_id" in row else row["id"])
                annotator = str(row.get("user_id", file.parent.name))
                text = row["displayed_text"]
                labels = _labels(annotator, row, text, location)
            found[name, annotator] = Document(id=name, text=text, labels=(labels,)), location
    return merge_annotators(found[key] for key in sorted(found))


def _labels(annotator: str, row: Mapping[str, Any], text: str, location: str) -> Labels:
    relations: list[Relation] = []
    comments: list[str] = []
    for question, values in row["label_annotations"].items():
        if question == _SLIDER:
            relations += [document_label(name, [value]) for name, value in values.items()]
            continue
        comments += [str(value) for name, value in values.items() if name in FREE_TEXTS]
        names = [name.removeprefix(_SCALE) for name in values if name not in FREE_TEXTS]
        if names:
            relations.append(document_label(question, names))
    return Labels(
        annotator=annotator,
        spans=tuple(_span(span, text, location) for span in row["span_annotations"]),
        relations=tuple(relations),
        comments=tuple(comments),
    )


def _span(span: Mapping[str, Any], text: str, location: str) -> Span:
    start, end, stored = int(span["start"]), int(span["end"]), html.unescape(span["span"])
    shown = html.escape(text, quote=False).replace("\xa0", "&nbsp;")
    first, first_shown = (len(own) - len(own.lstrip()) for own in (text, shown))
    unescaped = [len(html.unescape(shown[: first_shown + offset])) for offset in (start, end)]
    for found, found_end in ((first + start, first + end), unescaped):
        if text[found:found_end] == stored:
            return Span(start=found, end=found_end, label=str(span["annotation"]))
    raise DataError(f"its span {stored!r} is not at {start} to {end} in its text", location=location)
