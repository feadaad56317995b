"""Random access to records in JSON Lines files."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import DataError
from goldwire.records import Duplicates
from goldwire.workspace import jsonl
from goldwire.workspace.indexed_jsonl import IndexedJsonl


def cluster(name: str, *others: str) -> Duplicates:
    return Duplicates(cluster=name, article_ids=(name, *others), pairs=())


def test_records_are_found_by_key_in_all_files(tmp_path: Path) -> None:
    jsonl.write(tmp_path / "a.jsonl", [cluster("a", "b"), cluster("é", "ü")])
    jsonl.write(tmp_path / "b.jsonl", [cluster("c", "d"), cluster("a", "z")])
    records = IndexedJsonl(Duplicates, "cluster", [tmp_path / name for name in ("a.jsonl", "missing.jsonl", "b.jsonl")])
    assert len(records) == 3
    assert records["é"] == cluster("é", "ü")
    assert records["a"] == cluster("a", "z")  # the last of several
    assert "x" not in records
    assert records.get("x") is None
    with pytest.raises(KeyError):
        records["x"]


def test_a_replaced_file_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    jsonl.write(path, [cluster("a", "b")])
    records = IndexedJsonl(Duplicates, "cluster", [path])
    jsonl.write(path, [cluster("other", "b")])
    assert records["a"] == cluster("a", "b")


def test_a_line_without_a_key_is_an_error_at_once_and_another_bad_line_on_access(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"cluster":"a","article_ids":[],"pairs":[]}\n\n{"cluster":"b"}\n')
    records = IndexedJsonl(Duplicates, "cluster", [path])
    with pytest.raises(DataError) as caught:
        records["b"]
    assert caught.value.location == f"{path}:3"
    path.write_bytes(b'{"cluster":"a"}\n{"name":"b"}\n')
    with pytest.raises(DataError) as caught:
        IndexedJsonl(Duplicates, "cluster", [path])
    assert caught.value.location == f"{path}:2"
