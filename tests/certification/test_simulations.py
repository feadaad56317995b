"""The simulations behind the pages on certification, debiased figures and planning run, and the pages have them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from bench_certification import (
    BEGIN,
    DOCS,
    END,
    EPSILON,
    MARGIN,
    SCENARIOS,
    Table,
    alt_test_rates,
    equivalence_rates,
    planned_and_achieved,
    planned_overlaps,
    risk_rates,
    share_coverage,
)

from goldwire.certification import alt_test, equivalence_test
from goldwire.certification.alternative_annotator import comparison_p_value
from goldwire.certification.clustered_tests import clustered_mean, clustered_test
from support.simulated_machines import (
    AnswerScenario,
    advantage,
    expected_value,
    gain,
    machine_with,
    simulated_answers,
)

PAGES = {"certification.md": 3, "debiased-figures.md": 1, "planning.md": 2}


def cells(table: Table) -> list[float]:
    """The first number of each cell but the title."""
    return [float(cell.split()[0]) for row in table.rows for cell in row[1:]]


def test_error_rates_and_power_of_the_tests() -> None:
    alt = alt_test_rates(60, (40,), SCENARIOS[:1])
    assert len(alt.rows) == 6
    limit, like_people = (float(alt.rows[row][1]) for row in (0, 4))
    assert limit <= 12 < 90 <= like_people
    equivalence = equivalence_rates(60, (80,), SCENARIOS[:1])
    at_margin, like_people = (float(row[1]) for row in equivalence.rows)
    assert at_margin <= 12 < 80 <= like_people


@pytest.mark.parametrize("scenario", SCENARIOS[1:], ids=lambda scenario: scenario.name)
def test_no_more_than_nominal_at_the_limit(scenario: AnswerScenario) -> None:
    """Of 400 studies with true null hypotheses 5% may be rejected: 33 are within three standard errors."""
    limit, margin = machine_with(EPSILON, advantage, scenario), machine_with(-MARGIN, gain, scenario)
    rejected = [0, 0]
    for seed in range(400):
        n_articles = (8, 16, 32, 64)[seed % 4]
        random = np.random.default_rng([seed, 77])
        answers, articles = simulated_answers(random, scenario, n_articles, limit)
        rejected[0] += comparison_p_value(advantage(answers), EPSILON, articles.tolist()) < 0.05
        answers, articles = simulated_answers(random, scenario, n_articles, margin)
        rejected[1] += clustered_test(clustered_mean(gain(answers), articles.tolist())).p_above(-MARGIN) < 0.05
    assert max(rejected) <= 33


def test_simulated_answers_have_the_expected_values() -> None:
    scenario = SCENARIOS[0]
    machine = machine_with(EPSILON, advantage, scenario)
    answers, articles = simulated_answers(np.random.default_rng(5), scenario, 20_000, machine)
    assert advantage(answers).mean() == pytest.approx(EPSILON, abs=0.01)
    assert gain(answers).mean() == pytest.approx(expected_value(gain, scenario, machine), abs=0.01)
    few = articles < 30
    humans = {f"A{row + 1}": dict(enumerate(answers[row, few].tolist())) for row in range(3)}
    labels = dict(enumerate(answers[3, few].tolist()))
    groups = dict(enumerate(articles[few].tolist()))
    own = comparison_p_value(advantage(answers[:, few]), EPSILON, articles[few].tolist())
    assert alt_test(humans, labels, epsilon=EPSILON, groups=groups).comparisons[0].p_value == pytest.approx(own)
    equivalence = equivalence_test(humans, labels, margin=MARGIN, groups=groups)
    test = clustered_test(clustered_mean(gain(answers[:, few]), articles[few].tolist()))
    assert equivalence.p_inferior == pytest.approx(test.p_above(-MARGIN))


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


def test_tests_of_the_page_reject_at_most_as_often_as_they_say() -> None:
    """Three standard errors of 2,000 studies are 1.5 points."""
    text = (DOCS / "certification.md").read_text(encoding="utf-8").split(BEGIN)[1]
    lines = [
        line for line in text.splitlines() if re.search("at the (limit|margin)", line) and "independent" not in line
    ]
    assert len(lines) == 2 * len(SCENARIOS)
    assert max(float(cell) for line in lines for cell in line.strip("| ").split("|")[1:]) <= 6.5


def test_intervals_of_the_page_cover() -> None:
    text = (DOCS / "debiased-figures.md").read_text(encoding="utf-8").split(BEGIN)[1]
    shares = [float(share) for share in re.findall(r"\| (\d+\.\d) \(", text)]
    assert len(shares) == 48
    assert min(shares) > 89
    assert sum(shares) / 48 > 94
