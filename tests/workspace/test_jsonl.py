"""JSON Lines and JSON documents: canonical bytes, and errors with a location."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest

from goldwire.errors import DataError, MissingFileError
from goldwire.records import DuplicatePair, Duplicates
from goldwire.workspace import jsonl

PAIR = DuplicatePair(left="a", right="b", jaccard=0.5)
FIRST = Duplicates(cluster="a", article_ids=("a", "b"), pairs=(PAIR,))
SECOND = Duplicates(cluster="é", article_ids=("é", "ü"), pairs=())
LINES = (
    '{"cluster":"a","article_ids":["a","b"],"pairs":[{"left":"a","right":"b","jaccard":0.5,"containment":null,"measure":"jaccard"}]}\n'
    '{"cluster":"é","article_ids":["é","ü"],"pairs":[]}\n'
)


def test_records_are_written_in_canonical_form_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert jsonl.write(path, [SECOND, FIRST], key=lambda record: record.cluster)
    assert path.read_text(encoding="utf-8") == LINES
    assert not jsonl.write(path, [FIRST, SECOND])
    assert list(jsonl.read(path, Duplicates)) == [FIRST, SECOND]


@pytest.mark.parametrize("line", [b'{"cluster":"a"}', b"nonsense", b'{"cluster":"\xff"}'])
def test_a_bad_line_is_an_error_with_its_location(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl.dump([FIRST]) + b"\n" + line + b"\n")
    with pytest.raises(DataError) as caught:
        list(jsonl.read(path, Duplicates))
    assert caught.value.location == f"{path}:3"
    assert caught.value.hint


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError):
        list(jsonl.read(tmp_path / "a.jsonl", Duplicates))
    with pytest.raises(MissingFileError):
        jsonl.read_document(tmp_path / "a.json", Duplicates)


class Value(msgspec.Struct):
    coefficient: str
    value: float


class Document(msgspec.Struct):
    values: list[Value]


def test_undefined_agreement_values_are_null_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    assert jsonl.write_document(path, Document([Value("alpha", math.nan), Value("kappa", 0.5)]))
    assert '"value": null' in path.read_text()
    read = jsonl.read_document(path, Document)
    assert math.isnan(read.values[0].value)
    assert read.values[1].value == 0.5
