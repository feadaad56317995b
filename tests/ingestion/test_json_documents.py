"""JSON files: where their articles are."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.ingestion import json_documents
from goldwire.ingestion.raw_record import RawRecord, ReadProblem
from support.web_archives import read

ONE, TWO = '{"body": "One."}', '{"body": "Two."}'


@pytest.mark.parametrize(
    "text",
    [
        f"[{ONE}, {TWO}]",
        f'{{"status": "ok", "sources": [], "articles": [{ONE}, {TWO}]}}',
        f'{{"response": {{"pages": 1, "results": [{ONE},\n{TWO}]}}}}',
        f"{ONE}\n{TWO}\n",  # JSON Lines under another name
        f"{ONE}\r\n\r\n{TWO}",
    ],
    ids=["list", "api", "nested", "lines", "blank-line"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_articles_of_a_document(tmp_path: Path, text: str, encoding: str) -> None:
    records = read(tmp_path / "a.json", text.encode(encoding))
    assert [record.text for record in records if isinstance(record, RawRecord)] == ["One.", "Two."]


def test_an_object_with_a_text_is_one_article(tmp_path: Path) -> None:
    document = '{\n "text": "One.",\n "title": "A title",\n "comments": [{"text": "First!"}]\n}'
    (record,) = read(tmp_path / "a.json", document.encode())
    assert isinstance(record, RawRecord)
    assert (record.row, record.text, record.title) == (0, "One.", "A title")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b'{"text": "never closed', "bad-json"),
        (b'["One.", "Two."]', "missing-text-field"),
        (b'{"a": [{"text": "One."}], "b": [{"text": "Two."}]}', "missing-text-field"),  # which of the two?
        (b"[" * 100_000, "bad-json"),
    ],
)
def test_a_document_without_articles_is_reported(tmp_path: Path, data: bytes, reason: str) -> None:
    records = read(tmp_path / "a.json", data)
    assert {record.reason for record in records if isinstance(record, ReadProblem)} == {reason}


def test_a_document_that_memory_may_not_hold_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_documents, "_MAX_BYTES", 100)
    (problem,) = read(tmp_path / "a.json", f"[{', '.join([ONE] * 10)}]".encode())
    assert isinstance(problem, ReadProblem)
    assert (problem.reason, "JSON Lines" in problem.detail) == ("file-too-large", True)
