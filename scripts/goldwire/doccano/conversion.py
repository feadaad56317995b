"""Conversion between goldwire's records and the rows that Doccano imports and exports. Pure.

All offsets change here and nowhere else: code points of `Article.text` in records, UTF-16 units of the displayed text
in Doccano.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from goldwire.doccano.export_rows import Row
from goldwire.doccano.label_digest import label_digest
from goldwire.doccano.task_view import TaskView, render_task
from goldwire.prelabeling.layers import clip_to_window
from goldwire.records import AnnotationLayer, Article, SpanLabel, StanceLabel, Task, number_layer, text_digest
from goldwire.text import offsets
from goldwire.workspace.indexed_jsonl import RecordLookup
from goldwire.workspace.label_schema import Schema

__all__ = [
    "ConvertedLabels",
    "DoccanoLabels",
    "Problem",
    "from_doccano",
    "import_line",
    "prelabels_to_doccano",
    "task_text",
    "to_doccano",
]


class DoccanoLabels(msgspec.Struct, frozen=True):
    """Labels as Doccano imports them: spans in UTF-16 units, relations by index into `spans`."""

    spans: tuple[tuple[int, int, str], ...]
    relations: tuple[tuple[int, int, str], ...]

    @property
    def digest(self) -> str:
        """The digest of an example that has exactly these labels."""
        spans = self.spans
        return label_digest(spans, ((spans[holder], spans[target], kind) for holder, target, kind in self.relations))


class Problem(msgspec.Struct, frozen=True):
    """A problem in a row that came back: the code and message of a future `Finding`.

    If `label_only`, only one label is left out; otherwise nothing in the row can be trusted.
    """

    code: str
    message: str
    label_only: bool = False


class ConvertedLabels(NamedTuple):
    """The labels of a row in code points of the article; none if a problem makes the row untrustworthy."""

    spans: tuple[SpanLabel, ...]
    stances: tuple[StanceLabel, ...]
    problems: tuple[Problem, ...]


def task_text(task: Task, article: Article) -> str:
    """Return the text that the annotator sees."""
    return render_task(task, article).text


def import_line(
    task: Task, article: Article, prelabels: DoccanoLabels | None = None, *, is_mixed: bool = False
) -> bytes:
    """Return the JSON line that imports `task`.

    It is ASCII, so that no server guesses an encoding. On the server the metadata passes through a data frame, where
    a key that a row lacks becomes NaN and aborts the import: either all rows of a file have the key of `prelabels` or
    none has. In a file that `is_mixed`, rows without them have it, with an empty value.
    """
    text = task_text(task, article)
    metadata: dict[str, object] = {
        "gw_task_id": task.id,
        "gw_article_id": task.article_id,
        "gw_text_sha256": text_digest(text),
    }
    row: dict[str, object]
    if task.kind == "stance":
        row = {"text": text, "label": [], **metadata, "gw_target": task.target}
    else:
        row = {"text": text, "entities": [], "relations": [], **metadata}
    if prelabels is not None:
        row["entities"] = [
            {"id": number, "start_offset": start, "end_offset": end, "label": label}
            for number, (start, end, label) in enumerate(prelabels.spans)
        ]
        row["relations"] = [{"from_id": a, "to_id": b, "type": kind} for a, b, kind in prelabels.relations]
        row["gw_prelabels"] = prelabels.digest
    elif is_mixed:
        row["gw_prelabels"] = ""
    return json.dumps(row, ensure_ascii=True).encode("ascii") + b"\n"


def to_doccano(layer: AnnotationLayer, task: Task, article: Article, voice: str) -> DoccanoLabels:
    """Convert the labels of `layer` in the task's window.

    Doccano has no relation without a holder: stances of the article's own voice get a span with the label `voice` on
    the first word of the window, or are left out if there is no such label.
    """
    view = render_task(task, article)
    index = offsets.index_offsets(view.text)

    def utf16(offset: int) -> int:
        return index.to_utf16(view.from_article(offset))

    first, last = task.window
    inside = [span for span in layer.spans if first <= span.start and span.end <= last]
    spans = [(utf16(span.start), utf16(span.end), span.label) for span in inside]
    number = {span.id: i for i, span in enumerate(inside)}
    drawn = [s for s in layer.stances if s.target in number and (voice if s.holder is None else s.holder in number)]
    if any(stance.holder is None for stance in drawn):
        word = re.search(r"\S+", article.text[first:last])
        start, end = word.span() if word else (0, last - first)
        spans.append((utf16(first + start), utf16(first + end), voice))
    relations = [
        (len(spans) - 1 if s.holder is None else number[s.holder], number[s.target], s.stance)
        for s in drawn
        if s.target is not None
    ]
    return DoccanoLabels(tuple(spans), tuple(relations))


def prelabels_to_doccano(
    prelabels: Mapping[str, AnnotationLayer], tasks: Iterable[Task], articles: RecordLookup[Article], voice: str
) -> dict[str, DoccanoLabels]:
    """Return the labels that each task starts with, by task id; `prelabels` are layers by article id."""
    return {
        task.id: to_doccano(clip_to_window(prelabels[task.article_id], task), task, articles[task.article_id], voice)
        for task in tasks
        if task.kind == "entities" and task.article_id in prelabels
    }


def from_doccano(row: Row, task: Task, article: Article, schema: Schema, *, confirmed: bool = False) -> ConvertedLabels:
    """Convert the labels of a row to code points of the article, numbered as in a layer.

    Exact copies of a span or a relation, which a repeated import or a double click leaves, count once.
    """
    view = render_task(task, article)
    if row.text != view.text:
        problem = Problem("server-text-edited", "the text on the server differs from the article's text")
        return ConvertedLabels((), (), (problem,))
    if task.kind == "stance":
        return _target_stance_from_doccano(row, task, schema, confirmed=confirmed)
    spans, span_problems = _spans_from_doccano(row, view, schema)
    stances, stance_problems = _stances_from_doccano(row, spans, schema)
    problems = (*span_problems, *stance_problems)
    if not all(problem.label_only for problem in problems):
        return ConvertedLabels((), (), problems)
    entities = {span.id: span for span in spans.values() if span.label != schema.voice}
    return ConvertedLabels(*number_layer(entities.values(), stances), problems)


def _target_stance_from_doccano(row: Row, task: Task, schema: Schema, *, confirmed: bool) -> ConvertedLabels:
    """Convert the categories of a row to the article's stance to the task's target."""
    unknown = [label for label in row.category_labels if label not in schema.stance_labels]
    if unknown:
        return ConvertedLabels((), (), (Problem("server-label-unknown", f"the schema has no stance {unknown[0]!r}"),))
    if confirmed and not row.category_labels:
        message = f"ticked done without a stance to {task.target!r}; does not count as done"
        return ConvertedLabels((), (), (Problem("server-stance-missing", message, label_only=True),))
    stances = (
        StanceLabel(id=f"R{number}", holder=None, target_name=task.target, stance=label)
        for number, label in enumerate(row.category_labels, 1)
    )
    return ConvertedLabels((), tuple(stances), ())


def _spans_from_doccano(row: Row, view: TaskView, schema: Schema) -> tuple[dict[int, SpanLabel], list[Problem]]:
    """Return spans by database id, and problems; exact copies share one span, with the first copy's id.

    Labels in the context are left out, except for the article's voice, which may stand anywhere.
    """
    index, known_labels = offsets.index_offsets(view.text), {*schema.entity_labels, schema.voice}
    problems: list[Problem] = []
    spans: dict[int, SpanLabel] = {}
    first_copy: dict[tuple[int, int, str], SpanLabel] = {}
    for entity in sorted(row.entities, key=lambda entity: entity.id):
        name = f"{entity.label} [{entity.start_offset}, {entity.end_offset})"
        if entity.label not in known_labels:
            problems.append(Problem("server-label-unknown", f"{name}: the schema has no entity label of this name"))
            continue
        try:
            start, end = index.from_utf16(entity.start_offset), index.from_utf16(entity.end_offset)
        except offsets.OffsetError as error:
            problems.append(Problem("server-span-out-of-range", f"{name}: {error}"))
            continue
        if entity.label != schema.voice and not view.contains(start, end):
            message = f"{name} {view.text[start:end]!r}: reaches into the read-only context and is left out"
            problems.append(Problem("server-span-in-context", message, label_only=True))
            continue
        span = SpanLabel(
            id=f"s{entity.id}",
            start=view.to_article(start),
            end=view.to_article(end),
            label=entity.label,
            text=view.text[start:end],
        )
        spans[entity.id] = first_copy.setdefault((start, end, entity.label), span)
    return spans, problems


def _stances_from_doccano(
    row: Row, spans: dict[int, SpanLabel], schema: Schema
) -> tuple[list[StanceLabel], list[Problem]]:
    """Return the stances between `spans` (by database id), and problems."""
    problems: list[Problem] = []
    stances: dict[tuple[str | None, str, str], StanceLabel] = {}
    for relation in sorted(row.relations, key=lambda relation: relation.id):
        if relation.type not in schema.stance_labels:
            problems.append(Problem("server-label-unknown", f"the schema has no stance {relation.type!r}"))
            continue
        holder, target = spans.get(relation.from_id), spans.get(relation.to_id)
        if holder is None or target is None:
            continue  # the problem of its span is reported already
        if target.label == schema.voice:
            message = f"{relation.type} is drawn to {schema.voice}, which can hold a stance but not be its target"
            problems.append(Problem("server-stance-target", message))
            continue
        holder_id = None if holder.label == schema.voice else holder.id
        stance = StanceLabel(id=f"r{relation.id}", holder=holder_id, target=target.id, stance=relation.type)
        stances.setdefault((holder_id, target.id, relation.type), stance)
    return list(stances.values()), problems
