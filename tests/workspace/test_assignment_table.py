"""The text of splits/assignment.tsv: appended rows, and the column of reasons."""

from __future__ import annotations

import msgspec
import pytest

from goldwire.records import SplitAssignment
from goldwire.workspace.assignment_table import COLUMNS, append_rows, columns_of, padded_lines, parse_row

HEADER = "article_id\tcluster\tsplit\tsince_version"
IN_TRAIN = SplitAssignment(article_id="a", cluster="a", split="train", since_version="0.0.1")
BRIDGE = SplitAssignment(article_id="b", cluster="a", split="held-out", since_version="0.1.0", reason="near a and z")


def test_a_table_has_reasons_once_an_article_is_held_out() -> None:
    first = append_rows("", [IN_TRAIN])
    assert first == f"{HEADER}\na\ta\ttrain\t0.0.1\n"
    assert append_rows(first, []) == first
    second = append_rows(first, [BRIDGE])
    assert second == f"{HEADER}\treason\na\ta\ttrain\t0.0.1\t\nb\ta\theld-out\t0.1.0\tnear a and z\n"
    assert append_rows(second, [IN_TRAIN]) == second + "a\ta\ttrain\t0.0.1\t\n"
    assert append_rows(first.removesuffix("\n"), [IN_TRAIN]) == first + "a\ta\ttrain\t0.0.1\n"


@pytest.mark.parametrize("row", [IN_TRAIN, BRIDGE])
def test_a_row_is_read_as_it_was_written(row: SplitAssignment) -> None:
    header, line = append_rows("", [row]).splitlines()
    assert parse_row(line, columns_of(header)) == row


@pytest.mark.parametrize("line", ["a\ta\theld-out\t0.0.1\t", "a\ta\ttrain\t0.0.1\tnear b", "a\ta\ttrain\t0.0.1"])
def test_a_row_without_its_reason_or_with_one_too_many_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"reason|columns"):
        parse_row(line, COLUMNS)


def test_an_unknown_split_and_an_unknown_header_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        parse_row("a\ta\tdev\t0.0.1", columns_of(HEADER))
    with pytest.raises(ValueError, match="the first line is 'article"):
        columns_of("article\tsplit")


def test_tables_with_and_without_reasons_are_compared_line_by_line() -> None:
    first = append_rows("", [IN_TRAIN])
    second = append_rows(first, [BRIDGE])
    assert padded_lines(first.encode()) == padded_lines(second.encode())[:2]
    assert padded_lines(b"") == []
