"""Rows of a Doccano export, and summaries of them that are small enough to hold for a whole project. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from goldwire.doccano.label_digest import label_digest
from goldwire.errors import DECODE_ERRORS
from goldwire.records import text_digest

__all__ = ["Comment", "Entity", "Relation", "Row", "RowSummary", "parse_export", "parse_line"]


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


class RowSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A row without its text and labels, a tenth of its size.

    `line` is the row's 1-based line in the export, which is also its page number in the browser. `worked_on` says
    whether it has labels or comments of an annotator; pre-labels as they were imported do not count. `prelabels_digest`
    is the digest of the labels that the row was imported with, and `label_digest` that of the labels that it has now:
    both are None for a row that was imported without labels, the second also for a row with comments.
    """

    id: int
    task_id: str | None
    text_sha256: str | None
    worked_on: bool
    prelabels_digest: str | None = None
    label_digest: str | None = None
    line: int = 0


class Row(msgspec.Struct, frozen=True):
    """A line of an export. Doccano stores the `gw_` keys as the example's metadata; unknown keys are ignored."""

    id: int
    text: str | None
    gw_task_id: str | None = None
    gw_article_id: str | None = None
    gw_text_sha256: str | None = None
    gw_prelabels: str | None = None  # the digest of the labels that the row was imported with
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    categories: Any = msgspec.field(default=(), name="label")  # of a text that has one label as a whole
    comments: tuple[Comment, ...] = msgspec.field(default=(), name="Comments")
    line: int = 0  # 1-based in the export, which is also the page number in the browser

    @property
    def worked_on(self) -> bool:
        """Whether an annotator left a label or a comment here. Pre-labels as they were imported do not count."""
        if self.gw_prelabels is None:
            return bool(self.entities or self.relations or self.comments or self.category_labels)
        return bool(self.comments) or self.label_digest != self.gw_prelabels

    @property
    def category_labels(self) -> tuple[str, ...]:
        """The categories of the text. A row that goldwire did not import may hold anything under that key."""
        labels = self.categories if isinstance(self.categories, list) else ()
        return tuple(sorted({label for label in labels if isinstance(label, str)}))

    @property
    def label_digest(self) -> str:
        """The digest of the row's spans and relations."""
        spans = {entity.id: (entity.start_offset, entity.end_offset, entity.label) for entity in self.entities}
        relations = ((spans.get(r.from_id, ()), spans.get(r.to_id, ()), r.type) for r in self.relations)
        return label_digest(spans.values(), relations)

    def summary(self) -> RowSummary:
        """Return the summary of this row."""
        return RowSummary(
            id=self.id,
            task_id=self.gw_task_id,
            text_sha256=None if self.text is None else text_digest(self.text),
            worked_on=self.worked_on,
            prelabels_digest=self.gw_prelabels,
            label_digest=None if self.gw_prelabels is None or self.comments else self.label_digest,
            line=self.line,
        )


def parse_export(data: bytes) -> tuple[tuple[Row, ...], tuple[int, ...]]:
    """Parse the server's export: return its rows and the 1-based numbers of the lines that are not rows."""
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
    """Parse one line of an export; return None if it is not a row."""
    try:
        row = _decode(line)
        # Empty in a row without pre-labels beside others with some: see `conversion.import_line`.
        return msgspec.structs.replace(row, line=number, gw_prelabels=row.gw_prelabels or None)
    except DECODE_ERRORS:
        return None


def _decode(line: bytes) -> Row:
    try:
        return msgspec.json.decode(line, type=Row)
    except msgspec.ValidationError:
        # In projects whose texts have categories, Doccano exports comments as bare strings.
        row = msgspec.json.decode(line)
        comments = row.get("Comments") if isinstance(row, dict) else None
        if not isinstance(comments, list) or not comments or not all(isinstance(text, str) for text in comments):
            raise
        row["Comments"] = [{"id": number, "comment": text} for number, text in enumerate(comments)]
        return msgspec.convert(row, Row)
