"""A value with its interval, and the coverage of intervals in a small simulation."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from goldwire.agreement import krippendorff_alpha
from goldwire.agreement.estimates import IntervalOptions
from goldwire.agreement.gamma import gamma_estimate
from goldwire.agreement.intervals import measure
from goldwire.agreement.span_f1 import f1_estimate

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from bench_intervals import CELLS_DOCUMENT, CORPORA, DOCUMENT, cells, document, headline

from support.simulated_articles import SCENARIOS

RATINGS = [["a", "a"], ["a", "b"], ["b", "b"], ["b", "b"], ["a", "a"]]


@pytest.mark.parametrize("method", ["jackknife", "percentile", "bca"])
def test_a_value_states_how_its_interval_was_computed_and_over_how_many_groups(method: str) -> None:
    groups = [number // 2 for number in range(30)]
    alpha = krippendorff_alpha(RATINGS * 6, method=method, n_boot=200, groups=groups)
    assert (alpha.interval, alpha.n_groups) == (method, 15)
    assert alpha.low < alpha.value < alpha.high


def test_a_value_without_an_interval_counts_its_items() -> None:
    alpha = krippendorff_alpha(RATINGS, method=None)
    assert (alpha.interval, alpha.n_groups) == (None, 5)


def test_studies_of_the_simulation_have_the_values_of_their_articles() -> None:
    """What is summed once per corpus gives the intervals that the public functions give."""
    nominal, ordinal, spans, _, gamma = CORPORA
    random, drawn = np.random.default_rng(3), np.array([0, 5, 5, 9, 11, 17, 2, 30])
    for corpus, level in ((nominal, "nominal"), (ordinal, "ordinal")):
        ratings = corpus.simulate(random, SCENARIOS[1], 40, 0.2)
        chosen = [ratings[index] for index in drawn]
        groups = np.repeat(np.arange(len(drawn)), [len(of_article) for of_article in chosen])
        expected = krippendorff_alpha(np.concatenate(chosen), level, [0.0, 1.0, 2.0], groups=groups)
        (study,) = corpus.sums(ratings).intervals(drawn[None, :])
        assert tuple(study) == pytest.approx((expected.value, expected.low, expected.high))
    counts = spans.simulate(random, SCENARIOS[0], 40, 0.2)
    expected = measure(f1_estimate("span_f1_exact", [counts[index] for index in drawn], 3), IntervalOptions())
    (study,) = spans.sums(counts).intervals(drawn[None, :])
    assert tuple(study) == pytest.approx((expected.value, expected.low, expected.high))
    disorders = gamma.simulate(random, SCENARIOS[0]._replace(n_items=4), 40, 0.2)
    few = drawn[drawn < len(disorders)]
    expected = measure(gamma_estimate([disorders[index] for index in few]), IntervalOptions())
    (study,) = gamma.sums(disorders).intervals(few[None, :])
    assert tuple(study) == pytest.approx((expected.value, expected.low, expected.high))


@pytest.mark.parametrize("corpus", CORPORA[:4], ids=lambda corpus: corpus.coefficient)
def test_intervals_cover_the_true_value_with_eight_articles(corpus) -> None:
    """120 studies each: 95% are 114, and with intervals that hold, fewer than 106 are too rare to see."""
    found = list(cells(corpus, SCENARIOS[0], true_values=(0.7, 0.98), n_articles=(8,), n_studies=120))
    assert all(cell.covered >= 106 / 120 for cell in found)
    assert all(0.05 < cell.width < 1 for cell in found)
    lines = list(document(found))
    assert any(line.startswith("| three annotators, a fifth missing | 0.7 |") for line in lines)
    assert "Of 2 single cells" in headline(found).replace("\n", " ")


def test_the_page_begins_with_the_figures_of_the_tables() -> None:
    page, tables = (" ".join(path.read_text(encoding="utf-8").split()) for path in (DOCUMENT, CELLS_DOCUMENT))
    first, rest = page.split("<!-- end: headline of bench_intervals.py -->")
    means = rest[: rest.index("<!-- end: means")].split("<!-- begin: means")[1]
    shares = [float(share) for share in re.findall(r"(?<=\| )\**(\d\d\.\d)(?=\**)", means)]
    n_cells = sum(map(int, re.findall(r"Of (\d+) cells,", tables)))
    surely_above = sum(map(int, re.findall(r"above: (\d+) by more", tables)))
    (highest,) = re.findall(r"The highest of all these is ([\d.]+)%", tables)
    assert f"{min(shares)} to {max(shares)}% of the studies" in first
    assert f"Of {n_cells} single cells (one kind of corpora), {surely_above} are above 97%" in first
    assert f"the highest is {float(highest):.1f}%" in first
    assert not re.search("are below 93%", tables)


def test_intervals_cover_a_low_value_where_hard_articles_have_fewer_labels() -> None:
    """Without the allowance for good articles that were not drawn, 1,801 of the 2,000 intervals contain the value."""
    (cell,) = cells(CORPORA[3], SCENARIOS[3], true_values=(0.4,), n_articles=(26,), n_studies=2000)
    assert cell.covered >= 0.93


def test_intervals_are_not_wider_than_needed_where_articles_are_equally_hard() -> None:
    """With an allowance for articles not drawn that ignores those that were, 97.4% of the intervals contain the value.

    The standard error of the share is 0.5 points.
    """
    (cell,) = cells(CORPORA[3], SCENARIOS[4], true_values=(0.7,), n_articles=(16,), n_studies=1000)
    assert 0.93 <= cell.covered <= 0.97
