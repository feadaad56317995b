"""Markdown tables: escaped cells, and agreement values with their intervals."""

from __future__ import annotations

from math import nan

from goldwire.records import Agreement
from goldwire.release.markdown import agreement_table, markdown_table

ALPHA = Agreement(coefficient="alpha", batch="b01", value=0.5, low=0.4, high=0.6, n_items=9, n_raters=3, n_groups=8)


def test_a_vertical_bar_in_a_cell_is_escaped():
    assert markdown_table(("a", "b"), [("x | y", 1)]) == "| a | b |\n| --- | --- |\n| x \\| y | 1 |"


def test_an_undefined_value_is_replaced_by_its_reason():
    undefined = Agreement(
        coefficient="kappa", batch="b01", value=nan, low=nan, high=nan, n_items=0, n_raters=1, reason="one annotator"
    )
    assert agreement_table([ALPHA, undefined]).splitlines()[2:] == [
        "| b01 | alpha | 0.500 | 0.400 to 0.600 | 9 items | 8 | 3 |",
        "| b01 | kappa | undefined: one annotator |  | 0 items |  | 1 |",
    ]


def test_values_of_a_single_label_are_left_out():
    per_label = Agreement(
        coefficient="alpha", batch="b01", label="PER", value=0.9, low=nan, high=nan, n_items=4, n_raters=3
    )
    assert agreement_table([ALPHA, per_label]) == agreement_table([ALPHA])


def test_a_conditional_value_states_its_condition():
    stance = Agreement(
        coefficient="stance_alpha_nominal",
        batch="b01",
        unit="stance",
        condition="drawn-by-two",
        value=1.0,
        low=0.9996,
        high=1.0,
        n_items=200,
        n_raters=3,
        n_groups=16,
    )
    assert agreement_table([stance]).splitlines()[2] == (
        "| b01 | stance_alpha_nominal | 1.000 | 0.999 to 1.000 | 200 holder-target pairs that two annotators drew "
        "| 16 | 3 |"
    )


def test_line_ends_and_html_in_a_cell_neither_break_the_table_nor_become_markup() -> None:
    table = markdown_table(("source", "meaning"), [("The\nHerald", "<script>alert(1)</script>\r\n| a <b>b</b> 1 < 2")])
    assert table.splitlines() == [
        "| source | meaning |",
        "| --- | --- |",
        "| The Herald | &lt;script>alert(1)&lt;/script> \\| a &lt;b>b&lt;/b> 1 < 2 |",
    ]
