"""Rows of Prodigy: several tasks with one text, lists, input without answers, ends of relations without a label."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from goldwire.formats.document import Document, Relation
from goldwire.formats.file_sets import read_file_set
from goldwire.formats.registry import find_format, guess_format

TEXT = "Ada Ito met Ben Lund in Port Sel."
ADA, BEN = ({"start": start, "end": end, "label": "PER"} for start, end in ((0, 7), (12, 20)))


def row(task: int | None = 1, **more: Any) -> dict[str, Any]:
    own = {"text": TEXT, "_input_hash": 7, "_task_hash": task, "answer": "accept", "_session_id": "set-ada"}
    return {name: value for name, value in own.items() if value is not None} | more


def read(tmp_path: Path, *rows: dict[str, Any]) -> Document:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, rows)))
    assert guess_format(path).name == "prodigy"
    (document,) = read_file_set([path]).documents
    return document


def test_answers_to_different_tasks_are_joined(tmp_path: Path) -> None:
    """Suggestions are accepted one by one; each is a row."""
    met = {"head_span": ADA, "child_span": BEN, "label": "MET"}
    rows = [row(1, spans=[BEN]), row(2, spans=[BEN], answer="reject"), row(3, spans=[ADA, BEN], relations=[met])]
    (labels,) = read(tmp_path, *rows).labels
    assert [(span.start, span.end) for span in labels.spans] == [(12, 20), (0, 7)]
    assert labels.relations == (Relation(label="MET", holder=1, target=0),)


def test_answers_to_several_labels_of_a_text_are_joined(tmp_path: Path) -> None:
    rows = [row(None, label="PORT"), row(None, label="LAW", answer="reject")]
    (labels,) = read(tmp_path, *rows).labels
    assert [(r.target_name, r.label) for r in labels.relations] == [("PORT", "accept"), ("LAW", "reject")]


@pytest.mark.parametrize("task", [1, None])
def test_a_later_answer_to_one_task_counts(task: int | None, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, [row(task, spans=[ADA]), row(task, spans=[BEN])])))
    files = read_file_set([path])
    assert [span.start for span in files.documents[0].labels[0].spans] == [12]
    assert files.notes == ("1 answer was replaced by later ones of the same annotator; the last labels count",)


def test_ends_of_relations_without_a_label_are_unlabelled(tmp_path: Path) -> None:
    met = {"head_span": {**ADA, "label": None}, "child_span": BEN, "label": "MET"}
    (labels,) = read(tmp_path, row(spans=[BEN], relations=[met])).labels
    assert [span.label for span in labels.spans] == ["PER", "unlabelled"]
    assert labels.relations == (Relation(label="MET", holder=1, target=0),)


def test_a_list_and_input_without_answers_are_read(tmp_path: Path) -> None:
    tokens = [{"text": TEXT[:7], "start": 0, "end": 7, "id": 0}]
    rows = [{"text": TEXT, "tokens": tokens, "spans": [{**ADA, "token_start": 0, "token_end": 0}]}] * 2
    (tmp_path / "a.json").write_bytes(msgspec.json.encode(rows))
    assert guess_format(tmp_path / "a.json").name == "prodigy"
    first, *_ = find_format("prodigy").read(tmp_path / "a.json")
    assert [span.label for span in first.labels[0].spans] == ["PER"]


def test_rows_with_spans_of_any_tool_are_read_as_prodigys_only_if_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(msgspec.json.encode({"text": TEXT, "spans": [ADA]}))
    assert not find_format("prodigy").matches(tmp_path / "a.jsonl")
    (document,) = find_format("prodigy").read(tmp_path / "a.jsonl")
    assert [span.label for span in document.labels[0].spans] == ["PER"]
