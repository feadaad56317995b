"""Columns of words and tags: separators of all kinds, comments, several documents, and the line of an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import DataError
from goldwire.formats import word_columns
from goldwire.formats.document import Document
from goldwire.formats.registry import find_format

FILE = Path("ada.conll")
CONTENT = (
    "# global.columns = word tag\r\nAda B-PER\r\nIto\tNNP\tI-PER\r\n\r\n"  # a sentence, in CRLF
    "met  NN   O \n# O\n#\n\t \nNew York\tB-LOC\n"  # two blanks, the word `#`, an empty comment, a word with a blank
    "-DOCSTART- -X- O\n\n-DOCSTART- wire-7 -X- O\n\nBen I-PER\n\nBen I-PER\n\n\n"  # an empty document, two sentences
    "-DOCSTART- -X- O\n- O\nEva S-PER\n"
)
EXPECTED = [
    ("ada", "Ada Ito\nmet #\nNew York", [(0, 7, "PER"), (14, 22, "LOC")]),
    ("wire-7", "Ben\nBen", [(0, 3, "PER"), (4, 7, "PER")]),
    ("ada-3", "- Eva", [(2, 5, "PER")]),
]


def read(content: str) -> list[Document]:
    return list(word_columns.read_columns(content, "ada", FILE))


@pytest.mark.parametrize("size", [1, 200_000])
def test_lines_of_all_kinds_are_divided(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if each document is read by itself."""
    monkeypatch.setattr(word_columns, "_PORTION", size)
    documents = read(CONTENT)
    spans = [[(span.start, span.end, span.label) for span in own.labels[0].spans] for own in documents]
    assert [(own.id, own.text, found) for own, found in zip(documents, spans, strict=True)] == EXPECTED
    for document in documents:
        words = [document.text[start:end] for start, end in document.tokens or ()]
        assert " ".join(words) == document.text.replace("\n", " ")
        assert ("New York" in words) == ("New York" in document.text)


@pytest.mark.parametrize("size", [1, 200_000])
def test_a_row_without_a_tag_is_named_by_its_line(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_columns, "_PORTION", size)
    with pytest.raises(DataError, match="a row needs a word and a tag") as raised:
        read(f"{CONTENT}\nalone\n")
    assert raised.value.location == f"{FILE}:{CONTENT.count(chr(10)) + 2}"


@pytest.mark.parametrize("content", ["", "\n\n", "# only a comment\n", "-DOCSTART- -X- O\n"])
def test_files_without_a_word_have_no_document(content: str) -> None:
    assert read(content) == []


def test_a_folder_that_is_named_like_a_file_is_no_table_of_words(tmp_path: Path) -> None:
    (tmp_path / "article-0.txt").mkdir()
    assert not find_format("conll").matches(tmp_path)
