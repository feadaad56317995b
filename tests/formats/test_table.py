"""Long tables of spreadsheets: other separators, a line `sep=;`, blanks around cells, empty rows and labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import DataError
from goldwire.formats.document import Labels, Relation
from goldwire.formats.registry import find_format, guess_format

ROWS = (("Item", "Annotator", "Label"), ("d1", "ada", "for"), ("d1", "ben", "against"), ("d2", "ada", "for"))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", ", "])
@pytest.mark.parametrize("before", ["", "\ufeff", "sep={}\n", "\ufeffsep={}\n"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_separators_are_those_of_the_header(separator: str, before: str, line_end: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = before.format(separator[0]) + "".join(f"{separator.join(row)}\n" for row in (*ROWS, ("", "", "")))
    path.write_bytes(text.replace("\n", line_end).encode())
    assert guess_format(path).name == "csv"
    documents = {document.id: document.labels for document in find_format("csv").read(path)}
    answers = {"for": (Relation(label="for", target_name="item"),)}
    answers["against"] = (Relation(label="against", target_name="item"),)
    assert documents == {
        "d1": (
            Labels(annotator="ada", relations=answers["for"]),
            Labels(annotator="ben", relations=answers["against"]),
        ),
        "d2": (Labels(annotator="ada", relations=answers["for"]),),
    }


def test_an_item_without_a_label_was_not_labelled(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("item,annotator,label\nd1,ada,\nd1,ben,for\n")
    (document,) = find_format("csv").read(tmp_path / "a.csv")
    assert [labels.annotator for labels in document.labels] == ["ben"]


def test_the_line_of_an_unreadable_row_is_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sep=;\nitem;annotator;label;start;end\nd1;ada;PER;x;9\n")
    with pytest.raises(DataError, match="unreadable row") as raised:
        list(find_format("csv").read(tmp_path / "a.csv"))
    assert raised.value.location == f"{tmp_path}/a.csv:3"
