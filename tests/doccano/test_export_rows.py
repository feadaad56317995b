"""Rows of an export and their summaries."""

from __future__ import annotations

import json

from goldwire.doccano.export_rows import Comment, Entity, Relation, Row, parse_export
from goldwire.records import text_digest

ROW = Row(
    7,
    "Ada met Bo.",
    "b01-1",
    entities=(Entity(1, "PER", 0, 3), Entity(2, "PER", 8, 10)),
    relations=(Relation(3, 1, 2, "supports"),),
    line=4,
)


def replace(**changes: object) -> Row:
    return Row(**{name: getattr(ROW, name) for name in ROW.__struct_fields__} | changes)


def test_a_summary_identifies_the_row_and_its_text() -> None:
    summary = ROW.summary()
    assert (summary.id, summary.task_id, summary.line) == (7, "b01-1", 4)
    assert summary.text_sha256 == text_digest("Ada met Bo.")
    assert summary.worked_on
    assert summary.label_digest is None  # only of rows that were imported with labels


def test_prelabels_as_imported_are_not_work() -> None:
    assert not replace(gw_prelabels=ROW.label_digest).summary().worked_on
    assert replace(gw_prelabels=ROW.label_digest, relations=()).summary().worked_on
    assert replace(gw_prelabels=ROW.label_digest, comments=(Comment(1, "hm"),)).summary().worked_on


def test_a_row_with_comments_has_no_label_digest_in_its_summary() -> None:
    prelabelled = replace(gw_prelabels=ROW.label_digest)
    assert prelabelled.summary().label_digest == ROW.label_digest
    assert replace(gw_prelabels=ROW.label_digest, comments=(Comment(1, "hm"),)).summary().label_digest is None


def test_a_row_without_text_has_no_text_digest() -> None:
    assert replace(text=None).summary().text_sha256 is None


def test_comments_of_texts_with_categories_are_bare_strings() -> None:
    line = json.dumps({"id": 1, "text": "x", "label": ["supports", "supports"], "Comments": ["why", "so"]}).encode()
    ((row,), unreadable) = parse_export(line)
    assert not unreadable
    assert (row.category_labels, [comment.comment for comment in row.comments]) == (("supports",), ["why", "so"])
    assert row.worked_on


def test_foreign_values_under_the_category_key_are_ignored() -> None:
    ((row,), _) = parse_export(b'{"id": 1, "text": "x", "label": {"a": 1}}')
    assert (row.category_labels, row.worked_on) == ((), False)
