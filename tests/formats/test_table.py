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


@pytest.mark.parametrize(
    "names", ["annotator_1,annotator_2", "Rater 1,Rater 2", "ann.a,ann.b", "A1,A2", "coder1,coder2"]
)
def test_a_wide_table_has_a_column_per_annotator(names: str, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(f"item,text,{names}\nd1,One tram.,for,against\nd2,Two trams.,for,\n")
    assert guess_format(path).name == "csv"
    documents = list(find_format("csv").read(path))
    assert [(document.id, document.text) for document in documents] == [("d1", "One tram."), ("d2", "Two trams.")]
    answers = [
        {labels.annotator: [relation.label for relation in labels.relations] for labels in document.labels}
        for document in documents
    ]
    first, second = names.split(",")
    assert answers == [{first: ["for"], second: ["against"]}, {first: ["for"]}]


def test_rows_of_a_wide_table_without_documents_are_numbered(tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_text("A1,A2\nfor,against\n,\nfor,for\n")
    assert [document.id for document in find_format("csv").read(tmp_path / "wide.csv")] == ["1", "2", "3"]
    (tmp_path / "cut.csv").write_text("A1,A2\nfor,against\nfor")
    with pytest.raises(DataError, match="the last row is cut off"):
        list(find_format("csv").read(tmp_path / "cut.csv"))


@pytest.mark.parametrize("header", ["item,label_1,label_2", "item,annotator,a1,a2", "item,A1,label", "A1"])
def test_columns_of_which_several_annotators_are_not_clear_are_not_read(header: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{header}\n{'x,' * header.count(',')}x\n")
    with pytest.raises(DataError, match="not recognized") as raised:
        guess_format(tmp_path / "a.csv")
    assert "or one per annotator (annotator_1, annotator_2)" in (raised.value.hint or "")


def test_a_spreadsheet_is_to_be_saved_as_csv(tmp_path: Path) -> None:
    (tmp_path / "a.XLSX").write_bytes(b"PK\3\4")
    with pytest.raises(DataError, match="not recognized") as raised:
        guess_format(tmp_path / "a.XLSX")
    assert raised.value.hint == "save the sheet as CSV"


def test_named_as_csv_a_table_without_annotators_says_how_their_columns_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("item,Anna,Ben\nd1,for,against\n")
    with pytest.raises(DataError, match=r"no column for annotator \(columns: item, anna, ben\)") as raised:
        list(find_format("csv").read(tmp_path / "a.csv"))
    assert raised.value.hint == "rename a column, or those of several annotators: annotator_1, annotator_2"
