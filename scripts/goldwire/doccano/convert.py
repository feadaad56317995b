"""Between goldwire's records and what Doccano imports and exports. Pure: bytes and records in, records out.

All offsets change here and nowhere else: code points of `Article.text` inside, UTF-16 units of the shown text outside.
"""

from __future__ import annotations

import json
import re

import msgspec

from goldwire import offsets
from goldwire.records import AnnotationLayer, Article, SpanLabel, StanceLabel, Task, number_layer, text_digest
from goldwire.schema import Schema

__all__ = [
    "MAX_TEXT",
    "Outgoing",
    "Problem",
    "Row",
    "incoming",
    "outgoing",
    "parse_export",
    "row_line",
    "shown",
    "unfit",
]

MAX_TEXT = 200_000
"""Code points of the longest text that is pushed: past it the annotator's page takes seconds to draw."""

_LONE = re.compile("[\ud800-\udfff]")


class Entity(msgspec.Struct, frozen=True):
    """A span as Doccano exports it: a database id and UTF-16 offsets."""

    id: int
    label: str
    start_offset: int
    end_offset: int


class Relation(msgspec.Struct, frozen=True):
    """A relation as Doccano exports it, between two database ids of spans."""

    id: int
    from_id: int
    to_id: int
    type: str


class Comment(msgspec.Struct, frozen=True):
    """A comment as Doccano exports it."""

    id: int
    comment: str


class Row(msgspec.Struct, frozen=True):
    """A line of an export. The `gw_` keys are ours, kept by the server as the example's meta; others are ignored."""

    id: int
    text: str | None
    gw_task_id: str | None = None
    gw_article_id: str | None = None
    gw_text_sha256: str | None = None
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    comments: tuple[Comment, ...] = msgspec.field(default=(), name="Comments")
    line: int = 0  # 1-based in the export, which is the annotator's page number too
    digest: str | None = None  # of the text, where the server was only looked at
    touched: bool = False  # likewise: whether it has labels or comments

    @property
    def worked_on(self) -> bool:
        """Whether somebody has left anything here, apart from having confirmed it."""
        return bool(self.touched or self.entities or self.relations or self.comments)

    def says(self, text: str) -> bool:
        """Whether this is the row's text."""
        return self.text == text if self.digest is None else self.digest == text_digest(text)


class Outgoing(msgspec.Struct, frozen=True):
    """A layer's labels as the server wants them: spans in UTF-16 units, relations by index into `spans`."""

    spans: tuple[tuple[int, int, str], ...]
    relations: tuple[tuple[int, int, str], ...]


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a row that came back: a code and a sentence, to become a `Finding`."""

    code: str
    message: str


def unfit(text: str) -> str | None:
    """Why Doccano cannot hold or show `text`, or None where it can."""
    if not text or text.isspace():
        return "the text is empty"
    if "\0" in text:
        return "the text holds a NUL character, which PostgreSQL refuses"
    if not text.isascii() and _LONE.search(text):
        return "the text holds half of a surrogate pair, which is not Unicode"
    if len(text) > MAX_TEXT:
        return f"the text has {len(text):,} characters and the longest that can be annotated {MAX_TEXT:,}"
    return None


def shown(task: Task, article: Article) -> str:
    """The stretch of the article that the annotator sees."""
    return article.text[task.start : task.end]


def row_line(task: Task, article: Article) -> bytes:
    """The line that imports `task`: ASCII only, so that no server guesses an encoding, and the same keys always.

    Flat meta keys go through a data frame on the server, where a key that a row lacks becomes NaN and aborts all.
    """
    text = shown(task, article)
    row = {
        "text": text,
        "entities": [],
        "relations": [],
        "gw_task_id": task.id,
        "gw_article_id": task.article_id,
        "gw_text_sha256": text_digest(text),
    }
    return json.dumps(row, ensure_ascii=True).encode("ascii") + b"\n"


def parse_export(data: bytes) -> tuple[tuple[Row, ...], tuple[int, ...]]:
    """Parse the server's export: its rows, and the line numbers of those that cannot be read as one."""
    rows, unreadable = [], []
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line, type=Row)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            unreadable.append(number)
        else:
            rows.append(msgspec.structs.replace(row, line=number))
    return tuple(rows), tuple(unreadable)


def outgoing(layer: AnnotationLayer, task: Task, article: Article, voice: str) -> Outgoing:
    """The labels of `layer` for the server; the article's own voice becomes a span on the headline's first word."""
    text = shown(task, article)
    place = offsets.index(text)
    spans = [(place.to_utf16(s.start - task.start), place.to_utf16(s.end - task.start), s.label) for s in layer.spans]
    number = {span.id: i for i, span in enumerate(layer.spans)}
    if any(stance.holder is None for stance in layer.stances):
        word = re.search(r"\S+", text)
        start, end = word.span() if word else (0, len(text))
        spans.append((place.to_utf16(start), place.to_utf16(end), voice))
    relations = [
        (len(spans) - 1 if s.holder is None else number[s.holder], number[s.target], s.stance)
        for s in layer.stances
        if s.target is not None
    ]
    return Outgoing(tuple(spans), tuple(relations))


def incoming(
    row: Row, task: Task, article: Article, schema: Schema
) -> tuple[tuple[SpanLabel, ...], tuple[StanceLabel, ...], tuple[Problem, ...]]:
    """The labels of a row in code points of the article, numbered; with any problem the labels are not to be trusted.

    Exact copies of a span or a relation, which a repeated import or a double click leaves, count once.
    """
    text = shown(task, article)
    if not row.says(text):
        return (), (), (Problem("server-text-edited", "the text on the server is not the article's"),)
    spans, problems = _spans(row, task, text, schema)
    stances, more = _stances(row, spans, schema)
    problems += more
    if problems:
        return (), (), tuple(problems)
    numbered, drawn = number_layer(
        {span.id: span for span in spans.values() if span.label != schema.voice}.values(), stances
    )
    return numbered, drawn, ()


def _spans(row: Row, task: Task, text: str, schema: Schema) -> tuple[dict[int, SpanLabel], list[Problem]]:
    """Spans by the server's id; copies share one span, whose id is the first one's."""
    place, known = offsets.index(text), {*schema.entity_labels, schema.voice}
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
        span = SpanLabel(
            id=f"s{entity.id}",
            start=task.start + start,
            end=task.start + end,
            label=entity.label,
            text=text[start:end],
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
