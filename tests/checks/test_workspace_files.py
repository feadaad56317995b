"""The files of a workspace by their paths."""

from __future__ import annotations

import pytest

from goldwire.checks.workspace_files import batch_of, is_expected, kind_of


@pytest.mark.parametrize(
    ("file", "table"),
    [
        ("corpus/articles/wire.jsonl", "articles"),
        ("annotations/layers/b01/A1.jsonl", "layers"),
        ("annotations/gold/b01.jsonl", "gold"),
        ("annotations/gold/b01.decisions.jsonl", "decisions"),
        ("annotations/exports/b01/A1.jsonl", None),
        ("corpus/articles/.wire.jsonl", None),
        ("corpus/articles/old/wire.jsonl", None),
    ],
)
def test_kind_of_a_record_file_follows_from_its_path(file: str, table: str | None) -> None:
    kind = kind_of(file)
    assert (kind.table if kind else None) == table


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("corpus/raw/wire/2021/a.txt", True),
        ("splits/v0.1.0/data/entities/train.parquet", True),
        ("annotations/layers/b01/A1.jsonl.bak", False),
        ("annotations/notes.txt", False),
    ],
)
def test_stray_files_are_not_expected(file: str, expected: bool) -> None:
    assert is_expected(file) is expected


def test_batch_of_a_file() -> None:
    files = ("annotations/layers/b01/A1.jsonl", "annotations/tasks/b01.jsonl", "annotations/gold/b01.decisions.jsonl")
    assert {batch_of(file) for file in files} == {"b01"}
