"""An export is written only if its rows differ, and what it loses is copied first."""

from __future__ import annotations

import json
from pathlib import Path

from goldwire.doccano.export_file import exported_rows, write_export


def line(task: str | None, *labels: str, id: int = 1, comments: int = 0, relations: int = 0) -> bytes:
    row = {
        "id": id,
        "text": "Ada met Bo.",
        "gw_task_id": task,
        "entities": [{"id": i, "label": label, "start_offset": 0, "end_offset": 3} for i, label in enumerate(labels)],
        "relations": [{"id": i, "from_id": 0, "to_id": 1, "type": "supports"} for i in range(relations)],
        "Comments": [{"id": i, "comment": "?"} for i in range(comments)],
    }
    return json.dumps(row).encode() + b"\n"


def write(path: Path, *lines: bytes) -> bool:
    return write_export(path, lambda: lines)


def copies(path: Path) -> list[bytes]:
    file = path.parent / "replaced" / path.name
    return file.read_bytes().splitlines(keepends=True) if file.exists() else []


def test_the_same_rows_in_another_order_are_not_written(tmp_path: Path) -> None:
    path = tmp_path / "A1.jsonl"
    assert write(path, line("t1"), line("t2", id=2))
    assert not write(path, line("t2", id=2), line("t1"))
    assert path.read_bytes() == line("t1") + line("t2", id=2)


def test_more_labels_and_changed_labels_need_no_copy(tmp_path: Path) -> None:
    path = tmp_path / "A1.jsonl"
    write(path, line("t1", "PER"), line("t2", id=2))
    assert write(path, line("t1", "ORG", comments=1), line("t2", "PER", id=2))
    assert copies(path) == []


def test_rows_that_lose_anything_are_copied_first_and_once(tmp_path: Path) -> None:
    path = tmp_path / "A1.jsonl"
    rich = line("t1", "PER", "ORG", relations=1, comments=1)
    for fewer in (
        line("t1", "PER", relations=1, comments=1),
        line("t1", "PER", "ORG", comments=1),
        line("t1", "PER", "ORG", relations=1),
        line("t2"),
    ):
        write(path, rich)
        write(path, fewer)
        assert copies(path) == [rich]
    assert path.read_bytes() == line("t2")


def test_a_row_is_compared_with_all_rows_of_its_task(tmp_path: Path) -> None:
    path = tmp_path / "A1.jsonl"
    write(path, line("t1", "PER", id=1))
    write(path, line("t1", id=1), line("t1", "PER", id=9))
    assert copies(path) == []
    write(path, line(None, "PER", id=4), line("t1", "PER", id=9))
    write(path, line(None, id=4), line("t1", "PER", id=9))
    assert copies(path) == [line(None, "PER", id=4)]


def test_a_line_that_is_not_a_row_is_copied(tmp_path: Path) -> None:
    path = tmp_path / "A1.jsonl"
    write(path, b"torn {\n")
    write(path, line("t1"))
    assert copies(path) == [b"torn {\n"]


def test_rows_are_known_by_task(tmp_path: Path) -> None:
    path = tmp_path / "A1.jsonl"
    assert exported_rows(path) == ({}, {})
    write(path, line("t1", id=1), line("t1", id=5), line("t2", id=2), line(None, id=3), b"torn\n")
    rows = exported_rows(path)
    assert rows.by_task == {"t1": {1, 5}, "t2": {2}}
    assert {task for tasks in rows.tasks.values() for task in tasks} == {"t1", "t2"}
