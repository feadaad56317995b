"""A line of Doccano's export, and what tells it from others. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import msgspec

from goldwire.records import text_digest

__all__ = ["Comment", "Entity", "Relation", "Row", "label_digest", "lightened", "parse_export", "parse_line"]


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
    gw_prelabels: str | None = None  # the digest of the labels that it was imported with, where there were to be some
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    categories: Any = msgspec.field(default=(), name="label")  # of a text that is asked about as a whole
    comments: tuple[Comment, ...] = msgspec.field(default=(), name="Comments")
    line: int = 0  # 1-based in the export, which is the annotator's page number too
    digest: str | None = None  # of the text, where the server was only looked at
    touched: bool = False  # likewise: whether it has labels or comments
    seen_labels: str | None = None  # likewise: the digest of its labels, where it was imported with some

    @property
    def worked_on(self) -> bool:
        """Whether somebody has left anything here, apart from having confirmed it. Pre-labels as they came are not."""
        if self.digest is not None or self.gw_prelabels is None:
            return bool(self.touched or self.entities or self.relations or self.comments or self.chosen)
        return bool(self.comments) or self.label_digest != self.gw_prelabels

    @property
    def chosen(self) -> tuple[str, ...]:
        """The categories, whatever else a row that is not ours may have under that key."""
        given = self.categories if isinstance(self.categories, list) else ()
        return tuple(sorted({label for label in given if isinstance(label, str)}))

    @property
    def label_digest(self) -> str | None:
        """The digest of its labels; None where nobody has told."""
        if self.digest is not None:
            return self.seen_labels
        places = {one.id: (one.start_offset, one.end_offset, one.label) for one in self.entities}
        drawn = ((places.get(r.from_id, ()), places.get(r.to_id, ()), r.type) for r in self.relations)
        return label_digest(places.values(), drawn)

    @property
    def text_sha256(self) -> str | None:
        """The digest of its text."""
        return text_digest(self.text) if self.digest is None and self.text is not None else self.digest

    def says(self, text: str) -> bool:
        """Whether this is the row's text."""
        return self.text == text if self.digest is None else self.digest == text_digest(text)


def label_digest(spans: Iterable[tuple[object, ...]], relations: Iterable[tuple[object, ...]]) -> str:
    """The digest of a row's labels by place and name, however often each is there; `gw_look` makes the same."""
    said = json.dumps([sorted(set(spans), key=repr), sorted(set(relations), key=repr)])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def parse_export(data: bytes) -> tuple[tuple[Row, ...], tuple[int, ...]]:
    """Parse the server's export: its rows, and the line numbers of those that cannot be read as one."""
    rows, unreadable = [], []
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        row = parse_line(line, number)
        if row is None:
            unreadable.append(number)
        else:
            rows.append(row)
    return tuple(rows), tuple(unreadable)


def parse_line(line: bytes, number: int) -> Row | None:
    """The row of one line of an export; None where it cannot be read as one."""
    try:
        return msgspec.structs.replace(_row(line), line=number)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def lightened(row: Row) -> Row:
    """What tells a row from others, and whether anybody has worked on it: a tenth of its size."""
    return Row(
        id=row.id,
        text=None,
        gw_task_id=row.gw_task_id,
        gw_prelabels=row.gw_prelabels,
        line=row.line,
        digest=row.text_sha256 or "",
        touched=row.worked_on,
        seen_labels=None if row.gw_prelabels is None or row.comments else row.label_digest,
    )


def _row(line: bytes) -> Row:
    try:
        return msgspec.json.decode(line, type=Row)
    except msgspec.ValidationError:
        # Of texts with categories Doccano exports comments as bare words.
        row = msgspec.json.decode(line)
        said = row.get("Comments") if isinstance(row, dict) else None
        if not isinstance(said, list) or not said or not all(isinstance(one, str) for one in said):
            raise
        row["Comments"] = [{"id": number, "comment": one} for number, one in enumerate(said)]
        return msgspec.convert(row, Row)
