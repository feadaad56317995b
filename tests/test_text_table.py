"""Tables of plain text."""

from __future__ import annotations

from goldwire.text_table import align_columns


def test_columns_are_aligned_and_empty_ones_left_out() -> None:
    rows = [("name", "n", "", "note"), ("A1", "7", "", ""), ("Annotator", "1,200", "", "late")]
    assert list(align_columns(rows, numbers={1})) == [
        "name           n  note",
        "A1             7",
        "Annotator  1,200  late",
    ]
    assert list(align_columns([])) == []
