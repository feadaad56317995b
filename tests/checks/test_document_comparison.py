"""Tables of a text, and values that differ from those elsewhere."""

from __future__ import annotations

from goldwire.checks.document_comparison import Problem, Table, compare, tables


def test_tables_are_found_below_their_heading() -> None:
    text = "# A\n\n| x | y |\n| --- | --- |\n| 1 | 2 |\n\n## B\n\n| z |\n| --- |\n"
    assert list(tables(text)) == [Table("A", ("x", "y"), (("1", "2"),))]  # a table without rows states nothing


def test_only_values_that_differ_are_problems() -> None:
    found = list(compare("README.md", [("n", 1, 1), ("m", None, "x" * 90)]))
    assert found == [Problem("README.md", "m", f"has nothing, the manifest has {'x' * 77}...")]
