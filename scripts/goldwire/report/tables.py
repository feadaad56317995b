r"""The tables of an agreement measurement as CSV, for programs, and as LaTeX, for papers.

LaTeX tables need the package `booktabs`. Numbers are written as in papers (`.81 [.77, .85]`) in LaTeX, and unrounded,
with a column for each bound, in CSV.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from math import isnan

import msgspec

from goldwire.agreement.batch import BatchAgreement
from goldwire.agreement.descriptions import scope
from goldwire.records import Agreement
from goldwire.report.phrasing import interval, number

__all__ = ["Table", "agreement_tables", "csv_text", "escape_latex", "latex_text"]

Cell = str | int | float | Agreement
"""A cell of a table; a coefficient is one cell in LaTeX and three columns in CSV."""

_LATEX_ESCAPES = str.maketrans(
    {
        **{character: f"\\{character}" for character in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\n": " ",
    }
)


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table: its file name without an ending, what it shows, and its columns and rows."""

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def agreement_tables(measured: BatchAgreement) -> tuple[Table, ...]:
    """Return all tables that have rows: the whole batch, its parts, pairs, disagreements and annotators."""
    batch = measured.batch
    counts = msgspec.structs.asdict(measured.disagreements)
    total = sum(counts.values()) or 1
    tables = (
        _values(
            "overall", f"Agreement in batch {batch}", [value for value in measured.values if value.is_whole], "measure"
        ),
        _values("labels", f"Agreement in batch {batch} by label", measured.values, "label"),
        _values("targets", f"Stance agreement in batch {batch} by target", measured.values, "target"),
        _values("sources", f"Stance agreement in batch {batch} by source", measured.values, "source"),
        _values("pairs", f"Agreement in batch {batch} by pair of annotators", measured.values, "annotators"),
        Table(
            name="disagreements",
            caption=f"Pairs of annotators at one mention in batch {batch}, by what they did",
            columns=("kind", "count", "share"),
            rows=tuple((kind.replace("_", " and "), count, count / total) for kind, count in counts.items()),
        ),
        Table(
            name="stances",
            caption=f"Stances that two annotators chose for one pair of mentions in batch {batch}",
            columns=("one annotator", "the other", "count"),
            rows=tuple((*cell.stances, cell.count) for cell in measured.stance_confusion),
        ),
        Table(
            name="annotators",
            caption=f"Annotators of batch {batch}: exact F1 with the others, and among the others",
            columns=("annotator", "articles", "spans", "stances", "with the others", "among the others"),
            rows=tuple(
                (one.annotator, one.articles, one.spans, one.stances, one.with_others, one.among_others)
                for one in measured.annotator_reports
            ),
        ),
    )
    return tuple(table for table in tables if table.rows)


def _values(name: str, caption: str, values: Sequence[Agreement], part: str) -> Table:
    """Return the table of the values of one kind of part; `measure` is the whole batch."""
    columns = ("measure", "value", "over", "articles", "annotators")
    rows: list[tuple[Cell, ...]] = []
    for value in values:
        shared = (value, scope(value), value.n_groups or "", value.n_raters)
        if part == "measure":
            rows.append((value.coefficient, *shared))
        elif getattr(value, part):
            owner = getattr(value, part)
            rows.append((owner if isinstance(owner, str) else " and ".join(owner), value.coefficient, *shared))
    return Table(
        name=name,
        caption=caption,
        columns=columns if part == "measure" else (part, *columns),
        rows=tuple(rows),
    )


def csv_text(table: Table) -> str:
    """Return a table as CSV with a header; undefined values are empty."""
    coefficients = {index for row in table.rows for index, cell in enumerate(row) if isinstance(cell, Agreement)}
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    header: list[str] = []
    for index, column in enumerate(table.columns):
        header += [column, f"{column} low", f"{column} high"] if index in coefficients else [column]
    writer.writerow(header)
    for row in table.rows:
        cells: list[object] = []
        for cell in row:
            if isinstance(cell, Agreement):
                cells += ["" if isnan(number) else number for number in (cell.value, cell.low, cell.high)]
            else:
                cells.append(cell)
        writer.writerow(cells)
    return output.getvalue()


def latex_text(table: Table) -> str:
    """Return a table as a LaTeX `table` environment with `booktabs` rules; its label is `tab:NAME`."""
    numeric = [all(not isinstance(row[index], str) for row in table.rows) for index in range(len(table.columns))]
    lines = [
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{escape_latex(table.caption)}}}",
        rf"  \label{{tab:{table.name}}}",
        rf"  \begin{{tabular}}{{{''.join('r' if right else 'l' for right in numeric)}}}",
        r"    \toprule",
        f"    {_latex_row(table.columns)}",
        r"    \midrule",
        *(f"    {_latex_row(row)}" for row in table.rows),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _latex_row(cells: Sequence[Cell]) -> str:
    return " & ".join(_latex_cells(cells)) + r" \\"


def _latex_cells(cells: Sequence[Cell]) -> Iterator[str]:
    for cell in cells:
        if isinstance(cell, Agreement):
            bounds = interval(cell).replace(" to ", ", ")
            yield f"${number(cell.value)}$" + (f" [${bounds}$]" if bounds else "") if not isnan(cell.value) else "--"
        elif isinstance(cell, float):
            yield f"${number(cell)}$"
        else:
            yield escape_latex(str(cell))


def escape_latex(text: str) -> str:
    """Return text with the characters that LaTeX would take for commands escaped, on one line."""
    return text.translate(_LATEX_ESCAPES)
