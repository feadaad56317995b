"""The simulations behind the pages on certification, debiased figures and planning run, and the pages have them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from bench_certification import (
    BEGIN,
    DOCS,
    END,
    Table,
    alt_test_rates,
    equivalence_rates,
    planned_and_achieved,
    planned_overlaps,
    risk_rates,
    share_coverage,
)

PAGES = {"certification.md": 3, "debiased-figures.md": 1, "planning.md": 2}


def cells(table: Table) -> list[float]:
    """The first number of each cell but the title."""
    return [float(cell.split()[0]) for row in table.rows for cell in row[1:]]


def test_error_rates_and_power_of_the_tests() -> None:
    alt = alt_test_rates(6, (40,), 150)
    assert len(alt.rows) == 6
    limit, like_people = (float(alt.rows[row][1]) for row in (0, 2))
    assert limit <= 40 < 80 <= like_people
    equivalence = equivalence_rates(6, (80,), 150)
    at_margin, like_people = (float(row[1]) for row in equivalence.rows)
    assert at_margin <= 40 < 80 <= like_people


def test_selective_risk_and_coverage() -> None:
    assert max(cells(risk_rates(6, (40,)))) <= 50
    coverage = share_coverage(6, (40,), 1500)
    assert len(coverage.rows) == 12
    assert sum(cells(coverage)) / 12 > 80


def _median(cell: str) -> int:
    """The median number of articles in a cell, in brackets."""
    return int(cell.partition("(")[2].rstrip(")"))


def test_planned_precision() -> None:
    planned = planned_and_achieved(6, (12,), 200)
    others = planned_overlaps(4, 12, 200)
    assert [row[0].split(",")[0] for row in others.rows] == [row[0].split(",")[0] for row in planned.rows[1::2]]
    two, _, four = zip(*(map(_median, row[1:]) for row in others.rows), strict=True)
    assert sum(two) > sum(four)  # fewer annotators need more articles
    assert len(planned.rows) == 6
    assert sum(cells(planned)[1::2]) / 3 >= 50  # with an assurance of 80%


@pytest.mark.parametrize("page", PAGES)
def test_pages_have_the_tables_of_a_full_run(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    generated = " ".join(text.split(BEGIN)[1].split(END)[0].split())
    studies = [int(number) for number in re.findall(r"(\d+) studies in each cell", generated)]
    assert len(studies) == PAGES[page]
    assert min(studies) >= 100


def test_intervals_of_the_page_cover() -> None:
    text = (DOCS / "debiased-figures.md").read_text(encoding="utf-8").split(BEGIN)[1]
    shares = [float(share) for share in re.findall(r"\| (\d+\.\d) \(", text)]
    assert len(shares) == 48
    assert min(shares) > 89
    assert sum(shares) / 48 > 94
