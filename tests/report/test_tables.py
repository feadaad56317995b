"""Tables as CSV and LaTeX."""

from __future__ import annotations

import csv
import io

from goldwire.records import Agreement
from goldwire.report.tables import Table, csv_text, latex_text

NAN = float("nan")


def value(x: float, low: float = NAN, high: float = NAN) -> Agreement:
    return Agreement(coefficient="span_f1_exact", value=x, low=low, high=high, n_items=9, n_raters=2, unit="span")


TABLE = Table(
    name="labels",
    caption="100% of R&D_1",
    columns=("label", "F1", "count"),
    rows=(("POLICY_{x}~\\", value(0.8, 0.75, 0.851), 3), ('a "b", c', value(NAN), 0), ("neg", value(-0.25), 1)),
)


def test_csv_has_unrounded_values_and_a_column_for_each_bound() -> None:
    rows = list(csv.reader(io.StringIO(csv_text(TABLE))))
    assert rows[0] == ["label", "F1", "F1 low", "F1 high", "count"]
    assert rows[1] == ["POLICY_{x}~\\", "0.8", "0.75", "0.851", "3"]
    assert rows[2] == ['a "b", c', "", "", "", "0"]


def test_latex_is_escaped_and_rounded_as_in_papers() -> None:
    latex = latex_text(TABLE)
    assert r"\caption{100\% of R\&D\_1}" in latex
    assert r"POLICY\_\{x\}\textasciitilde{}\textbackslash{} & $.80$ [$.75, .86$] & 3 \\" in latex
    assert r'a "b", c & -- & 0 \\' in latex
    assert r"neg & $-.25$ & 1 \\" in latex
    assert r"\begin{tabular}{lrr}" in latex
    assert latex.count("{") == latex.count("}")
