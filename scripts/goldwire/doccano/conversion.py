"""Between goldwire's records and what Doccano imports and exports. Pure: bytes and records in, records out.

All offsets change here and nowhere else: code points of `Article.text` inside, UTF-16 units of the shown text outside.
"""

from __future__ import annotations

import json
import re

import msgspec

from goldwire.doccano.export_rows import Comment, Entity, Relation, Row, label_digest, parse_export
from goldwire.doccano.task_view import View, view
from goldwire.records import AnnotationLayer, Article, SpanLabel, StanceLabel, Task, number_layer, text_digest
from goldwire.text import offsets
from goldwire.text.display_limits import MAX_MARKS, MAX_TEXT
from goldwire.workspace.label_schema import Schema

__all__ = [
    "MAX_MARKS",
    "MAX_TEXT",
    "Comment",
    "Entity",
    "Outgoing",
    "Problem",
    "Relation",
    "Row",
    "incoming",
    "label_digest",
    "outgoing",
    "parse_export",
    "row_line",
    "shown",
]


class Outgoing(msgspec.Struct, frozen=True):
    """A layer's labels as the server wants them: spans in UTF-16 units, relations by index into `spans`."""

    spans: tuple[tuple[int, int, str], ...]
    relations: tuple[tuple[int, int, str], ...]

    @property
    def digest(self) -> str:
        """What a row that has just these labels is told by."""
        spans = self.spans
        return label_digest(spans, ((spans[holder], spans[target], kind) for holder, target, kind in self.relations))


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a row that came back: a code and a sentence, to become a `Finding`.

    Where one label is `dropped` for it, the others stand.
    """

    code: str
    message: str
    dropped: bool = False


def shown(task: Task, article: Article) -> str:
    """The text that the annotator sees."""
    return view(task, article).text


def row_line(task: Task, article: Article, prelabels: Outgoing | None = None) -> bytes:
    """The line that imports `task`: ASCII only, so that no server guesses an encoding, and the same keys always.

    Flat meta keys go through a data frame on the server, where a key that a row lacks becomes NaN and aborts all:
    of one file, all rows have `prelabels` or none has.
    """
    text = shown(task, article)
    row: dict[str, object] = {
        "text": text,
        "entities": [],
        "relations": [],
        "gw_task_id": task.id,
        "gw_article_id": task.article_id,
        "gw_text_sha256": text_digest(text),
    }
    if prelabels is not None:
        row["entities"] = [
            {"id": number, "start_offset": start, "end_offset": end, "label": label}
            for number, (start, end, label) in enumerate(prelabels.spans)
        ]
        row["relations"] = [{"from_id": a, "to_id": b, "type": kind} for a, b, kind in prelabels.relations]
        row["gw_prelabels"] = prelabels.digest
    return json.dumps(row, ensure_ascii=True).encode("ascii") + b"\n"


def outgoing(layer: AnnotationLayer, task: Task, article: Article, voice: str) -> Outgoing:
    """What `layer` says of the task's window, for the server; the article's voice becomes a span on its first word."""
    seen = view(task, article)
    place = offsets.index_offsets(seen.text)

    def unit(point: int) -> int:
        return place.to_utf16(seen.from_article(point))

    first, last = task.window
    inside = [span for span in layer.spans if first <= span.start and span.end <= last]
    spans = [(unit(span.start), unit(span.end), span.label) for span in inside]
    number = {span.id: i for i, span in enumerate(inside)}
    drawn = [s for s in layer.stances if s.target in number and (s.holder is None or s.holder in number)]
    if any(stance.holder is None for stance in drawn):
        word = re.search(r"\S+", article.text[first:last])
        start, end = word.span() if word else (0, last - first)
        spans.append((unit(first + start), unit(first + end), voice))
    relations = [
        (len(spans) - 1 if s.holder is None else number[s.holder], number[s.target], s.stance)
        for s in drawn
        if s.target is not None
    ]
    return Outgoing(tuple(spans), tuple(relations))


def incoming(
    row: Row, task: Task, article: Article, schema: Schema
) -> tuple[tuple[SpanLabel, ...], tuple[StanceLabel, ...], tuple[Problem, ...]]:
    """The labels of a row in code points of the article, numbered; none where a problem makes the row untrustworthy.

    Exact copies of a span or a relation, which a repeated import or a double click leaves, count once.
    """
    seen = view(task, article)
    if not row.says(seen.text):
        return (), (), (Problem("server-text-edited", "the text on the server is not the article's"),)
    spans, problems = _spans(row, seen, schema)
    stances, more = _stances(row, spans, schema)
    problems += more
    if not all(problem.dropped for problem in problems):
        return (), (), tuple(problems)
    numbered, drawn = number_layer(
        {span.id: span for span in spans.values() if span.label != schema.voice}.values(), stances
    )
    return numbered, drawn, tuple(problems)


def _spans(row: Row, seen: View, schema: Schema) -> tuple[dict[int, SpanLabel], list[Problem]]:
    """Spans by the server's id; copies share one span, whose id is the first one's.

    What is only there to be read has no labels, but the article's voice may stand anywhere.
    """
    place, known = offsets.index_offsets(seen.text), {*schema.entity_labels, schema.voice}
    problems: list[Problem] = []
    spans: dict[int, SpanLabel] = {}
    first: dict[tuple[int, int, str], SpanLabel] = {}
    for entity in sorted(row.entities, key=lambda entity: entity.id):
        named = f"{entity.label} [{entity.start_offset}, {entity.end_offset})"
        if entity.label not in known:
            problems.append(Problem("server-label-unknown", f"{named}: the schema has no entity label of this name"))
            continue
        try:
            start, end = place.from_utf16(entity.start_offset), place.from_utf16(entity.end_offset)
        except offsets.OffsetError as error:
            problems.append(Problem("server-span-out-of-range", f"{named}: {error}"))
            continue
        if entity.label != schema.voice and not seen.inside(start, end):
            message = f"{named} {seen.text[start:end]!r}: reaches into what is only there to be read, and is left out"
            problems.append(Problem("server-span-in-context", message, dropped=True))
            continue
        span = SpanLabel(
            id=f"s{entity.id}",
            start=seen.to_article(start),
            end=seen.to_article(end),
            label=entity.label,
            text=seen.text[start:end],
        )
        spans[entity.id] = first.setdefault((start, end, entity.label), span)
    return spans, problems


def _stances(row: Row, spans: dict[int, SpanLabel], schema: Schema) -> tuple[list[StanceLabel], list[Problem]]:
    problems: list[Problem] = []
    stances: dict[tuple[str | None, str, str], StanceLabel] = {}
    for relation in sorted(row.relations, key=lambda relation: relation.id):
        if relation.type not in schema.stance_labels:
            problems.append(Problem("server-label-unknown", f"the schema has no stance {relation.type!r}"))
            continue
        holder, target = spans.get(relation.from_id), spans.get(relation.to_id)
        if holder is None or target is None:
            continue  # its span is a problem of its own
        if target.label == schema.voice:
            message = f"{relation.type} is drawn to {schema.voice}, which can only hold a stance"
            problems.append(Problem("server-stance-target", message))
            continue
        held_by = None if holder.label == schema.voice else holder.id
        stance = StanceLabel(id=f"r{relation.id}", holder=held_by, target=target.id, stance=relation.type)
        stances.setdefault((held_by, target.id, relation.type), stance)
    return list(stances.values()), problems
