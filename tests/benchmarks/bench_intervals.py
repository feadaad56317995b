"""How often 95% intervals of agreement contain the true value, by method, number of articles and true value.

    python tests/benchmarks/bench_intervals.py [--studies N] [--only COEFFICIENT] [--write]

A study draws articles at random from a large simulated corpus, whose own value is the true one, and computes the
interval with the code that `goldwire agree` runs; what it sums over articles is counted once per corpus. `--write` puts
the tables into docs/agreement-intervals.md. With 2,000 studies the standard error of a share of 95% is 0.5 points, and
all of it takes about ten minutes of one core.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

from goldwire.agreement.estimates import Estimate, IntervalMethod, IntervalOptions
from goldwire.agreement.gamma import ArticleDisorder, GammaOptions, article_disorders, gamma_estimate
from goldwire.agreement.intervals import measure
from goldwire.agreement.krippendorff import alpha_estimate
from goldwire.agreement.ratings import parse
from goldwire.agreement.span_f1 import MatchCounts, count_matches, f1_estimate
from goldwire.agreement.stance_f1 import count_triples
from goldwire.records import Agreement
from support.generated_block import replace_block
from support.simulated_articles import (
    OTHER_SCENARIOS,
    SCENARIOS,
    Scenario,
    simulated_ratings_by_article,
    simulated_spans,
    simulated_stances,
)

TRUE_VALUES = (0.4, 0.7, 0.9, 0.98)
N_ARTICLES = (8, 16, 26, 78)
BOOTSTRAP_STUDIES = 250
OTHER_VALUES = (0.3, 0.55, 0.8, 0.95)
OTHER_ARTICLES = (8, 12, 20, 40)
DOCUMENT = ROOT / "docs" / "agreement-intervals.md"
BEGIN, END = "<!-- begin: tables of bench_intervals.py -->", "<!-- end: tables of bench_intervals.py -->"

Simulate = Callable[[np.random.Generator, Scenario, int, float], list[Any]]


class ArticleSums(NamedTuple):
    """What a coefficient sums over articles, shape (articles, sums), and its value as a function of the sums.

    `sizes` are the numbers of items compared in the articles.
    """

    columns: np.ndarray
    sizes: np.ndarray
    estimate: Estimate

    def measure(self, articles: np.ndarray, method: IntervalMethod | None) -> Agreement:
        """Return the value of these articles with its interval."""
        columns = self.columns[articles]
        study = msgspec.structs.replace(
            self.estimate,
            frequencies=np.ones(len(articles), dtype=np.int64),
            value=lambda frequencies: self.estimate.value(frequencies @ columns),
            row_of_item=np.arange(len(articles)),
            row_sizes=self.sizes[articles],
        )
        return measure(study, IntervalOptions(method=method))


class Corpus(NamedTuple):
    """How to simulate articles (of a scenario, their number, the chance to err), and how to measure them."""

    coefficient: str
    simulate: Simulate
    sums: Callable[[Sequence[Any]], ArticleSums]
    n_articles: int  # in the corpus that studies draw from: gamma takes 10 ms per article

    def value(self, articles: Sequence[Any]) -> float:
        """Return the value of all articles."""
        return self.sums(articles).measure(np.arange(len(articles)), None).value


class Cell(NamedTuple):
    """The outcome of the studies of one size: shares of intervals that contain the true value, and that miss it."""

    coefficient: str
    scenario: str
    true_value: float
    n_articles: int
    covered: float
    too_high: float  # the lower bound is above the true value
    too_low: float
    perfect: float  # share of studies with full agreement
    width: float  # median


def _ratings(is_ordinal: bool) -> Simulate:
    return lambda random, scenario, n, error: simulated_ratings_by_article(
        random, scenario, n, error, is_ordinal=is_ordinal
    )


def _alpha(level: Any) -> Callable[[Sequence[np.ndarray]], ArticleSums]:
    def sums(articles: Sequence[np.ndarray]) -> ArticleSums:
        estimate = alpha_estimate(parse(np.concatenate(articles), [0.0, 1.0, 2.0]), level)
        columns = np.zeros((len(articles), len(estimate.frequencies)))  # how often an article has each row
        article_of_item = np.repeat(np.arange(len(articles)), [len(ratings) for ratings in articles])
        np.add.at(columns, (article_of_item, estimate.row_of_item), 1)
        return ArticleSums(columns, columns @ estimate.row_sizes, estimate)

    return sums


def _f1(unit: Any) -> Callable[[Sequence[Sequence[MatchCounts]]], ArticleSums]:
    def sums(articles: Sequence[Sequence[MatchCounts]]) -> ArticleSums:
        n_pairs = len(articles[0])
        cells = [[(c.matched, c.first_total + c.second_total) for c in counts] for counts in articles]
        sizes = np.array([sum(c.n_compared for c in counts) for counts in articles], float)
        # One row for each sum: a row that occurs x times then adds x to it.
        rows = [{pair: MatchCounts(*one)} for pair in range(n_pairs) for one in ((1.0, 0, 0), (0.0, 1, 0))]
        estimate = f1_estimate(f"{unit}_f1_exact", rows, 3, unit=unit)
        columns = np.zeros((len(articles), 2 * n_pairs))
        columns[:, estimate.row_of_item] = np.array(cells, float).reshape(len(articles), -1)
        return ArticleSums(columns, sizes, estimate)

    return sums


def _gamma(disorders: Sequence[ArticleDisorder]) -> ArticleSums:
    columns = np.array([[d.weight * d.observed, d.weight * d.expected] for d in disorders])
    estimate = gamma_estimate([ArticleDisorder(1.0, 0.0, 0.0, 1.0), ArticleDisorder(0.0, 1.0, 0.0, 1.0)])
    return ArticleSums(columns, np.array([d.weight for d in disorders]), estimate)


def _pair_counts(
    by_annotator: dict[str, Any], scenario: Scenario, count: Callable[[Any, Any], MatchCounts]
) -> list[MatchCounts]:
    names = [f"A{number + 1}" for number in range(scenario.n_annotators)]
    return [
        count(by_annotator[a], by_annotator[b]) if a in by_annotator and b in by_annotator else MatchCounts()
        for a, b in combinations(names, 2)
    ]


def _span_counts(random: np.random.Generator, scenario: Scenario, n: int, error: float) -> list[Any]:
    return [
        _pair_counts(article, scenario, lambda a, b: count_matches(a, b, "exact"))
        for article in simulated_spans(random, scenario, n, error)
    ]


def _stance_counts(random: np.random.Generator, scenario: Scenario, n: int, error: float) -> list[Any]:
    return [
        _pair_counts(article, scenario, lambda a, b: count_triples(a, b, "exact"))
        for article in simulated_stances(random, scenario, n, error)
    ]


def _disorders(random: np.random.Generator, scenario: Scenario, n: int, error: float) -> list[Any]:
    options = GammaOptions(n_samples=10)
    return [
        article_disorders(list(article.values()), [("gamma", None)], options)[0]
        for article in simulated_spans(random, scenario, n, error)
        if len(article) > 1 and any(article.values())
    ]


CORPORA = (
    Corpus("krippendorff_alpha_nominal", _ratings(False), _alpha("nominal"), 3000),
    Corpus("krippendorff_alpha_ordinal", _ratings(True), _alpha("ordinal"), 3000),
    Corpus("span_f1_exact", _span_counts, _f1("span"), 2000),
    Corpus("stance_f1_exact", _stance_counts, _f1("stance"), 2000),
    Corpus("gamma", _disorders, _gamma, 300),
)


def calibrated_articles(corpus: Corpus, scenario: Scenario, true_value: float, seed: int) -> list[Any]:
    """Return a corpus whose own value is about `true_value`: by bisection of the chance to err, on a part of it."""
    low, high = 1e-4, 0.98
    for _ in range(10):
        error = float(np.sqrt(low * high)) if high < 0.2 else (low + high) / 2
        part = corpus.simulate(np.random.default_rng(seed), scenario, min(400, corpus.n_articles // 5), error)
        if corpus.value(part) > true_value:
            low = error
        else:
            high = error
    return corpus.simulate(np.random.default_rng(seed), scenario, corpus.n_articles, (low + high) / 2)


def cells(
    corpus: Corpus,
    scenario: Scenario,
    *,
    true_values: Sequence[float] = TRUE_VALUES,
    n_articles: Sequence[int] = N_ARTICLES,
    n_studies: int = 1000,
    method: IntervalMethod = "jackknife",
    seed: int = 1,
) -> Iterator[Cell]:
    """Yield the outcome for each true value and number of articles."""
    for wanted in true_values:
        articles = calibrated_articles(corpus, scenario, wanted, seed)
        sums = corpus.sums(articles)
        true_value = sums.measure(np.arange(len(articles)), None).value
        for n in n_articles:
            random = np.random.default_rng([seed, n])
            drawn = random.integers(0, len(articles), (n_studies, n))
            values = [sums.measure(study, method) for study in drawn]
            low, high = (np.array([getattr(value, name) for value in values]) for name in ("low", "high"))
            has_interval = ~np.isnan(low)
            yield Cell(
                corpus.coefficient,
                scenario.name,
                true_value,
                n,
                float(((low <= true_value) & (true_value <= high)).mean()),
                float((low > true_value).mean()),
                float((high < true_value).mean()),
                float(np.mean([value.value > 1 - 1e-12 for value in values])),
                float(np.median((high - low)[has_interval])) if has_interval.any() else float("nan"),
            )


def table(of_scenario: Sequence[Cell]) -> Iterator[str]:
    """Yield the Markdown table of one coefficient and scenario: a row per true value."""
    sizes = sorted({cell.n_articles for cell in of_scenario})
    yield "| true value | " + " | ".join(f"{n} articles" for n in sizes) + " |"
    yield "| --- |" + " ---: |" * len(sizes)
    for true_value in sorted({cell.true_value for cell in of_scenario}):
        row = [next(c for c in of_scenario if (c.true_value, c.n_articles) == (true_value, n)) for n in sizes]
        shares = [
            f"**{100 * c.covered:.1f}**" if not 0.93 <= c.covered <= 0.97 else f"{100 * c.covered:.1f}" for c in row
        ]
        yield f"| {true_value:.2f} | " + " | ".join(shares) + " |"


def summary(cells: Sequence[Cell]) -> Iterator[str]:
    """Yield how many cells are within 93 to 97%, and the lowest and the highest."""
    within = sum(0.93 <= cell.covered <= 0.97 for cell in cells)
    above = sum(cell.covered > 0.97 for cell in cells)
    below = sum(cell.covered < 0.93 for cell in cells)
    yield f"Of {len(cells)} cells, {within} are within 93 to 97%, {above} above and {below} below (bold);"
    yield f"the mean is {100 * np.mean([cell.covered for cell in cells]):.1f}%."
    by_coverage = sorted(cells, key=lambda cell: cell.covered)
    for word, cell in (("lowest", by_coverage[0]), ("highest", by_coverage[-1])):
        yield f"The {word} is {100 * cell.covered:.1f}%: `{cell.coefficient}`, {cell.scenario},"
        yield f"true value {cell.true_value:.2f}, {cell.n_articles} articles."


def document(
    all_cells: Sequence[Cell], other: Sequence[Cell], bootstrap: Sequence[Cell], n_studies: int
) -> Iterator[str]:
    """Yield the lines of the generated part of the document."""
    yield f"{n_studies:,} studies in each cell: by chance alone, a cell of 95% deviates by"
    yield f"{100 * np.sqrt(0.95 * 0.05 / n_studies):.1f} points (standard error)."
    yield from summary(all_cells)
    if other:
        values = f"true values of {min(OTHER_VALUES)} to"
        yield f"\nOn corpora of another kind, seen only when the last candidates were compared ({values}"
        yield f"{max(OTHER_VALUES)}, {min(OTHER_ARTICLES)} to {max(OTHER_ARTICLES)} articles):"
        yield from summary(other)
    for name in dict.fromkeys(cell.coefficient for cell in all_cells):
        yield f"\n### `{name}`\n"
        of_name = [cell for cell in all_cells if cell.coefficient == name]
        for scenario in dict.fromkeys(cell.scenario for cell in of_name):
            yield f"{scenario[0].upper()}{scenario[1:]}:\n"
            yield from table([cell for cell in of_name if cell.scenario == scenario])
            yield ""
    if bootstrap:
        yield f"\n### For comparison: percentile bootstrap over articles, {BOOTSTRAP_STUDIES} studies in each cell\n"
        for name in dict.fromkeys(cell.coefficient for cell in bootstrap):
            yield f"`{name}`, {bootstrap[0].scenario}:\n"
            yield from table([cell for cell in bootstrap if cell.coefficient == name])
            yield ""


def write(lines: Sequence[str]) -> None:
    """Replace the generated part of the document."""
    replace_block(DOCUMENT, BEGIN, END, "\n".join(lines).strip())


def main() -> None:
    """Run the simulation and print a row per cell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--only", help="name of one coefficient")
    parser.add_argument("--write", action="store_true", help=f"write {DOCUMENT.name}")
    options = parser.parse_args()
    corpora = [corpus for corpus in CORPORA if options.only in (None, corpus.coefficient)]
    all_cells, other, bootstrap = [], [], []
    for corpus in corpora:
        # Alignments of gamma take time: one scenario.
        for scenario in SCENARIOS[:1] if corpus.coefficient == "gamma" else SCENARIOS:
            start = time.perf_counter()
            for cell in cells(corpus, scenario, n_studies=options.studies):
                all_cells.append(cell)
                sys.stdout.write(
                    f"{cell.coefficient:28} {cell.scenario:38} {cell.true_value:.2f} {cell.n_articles:3} "
                    f"{100 * cell.covered:5.1f}% (misses {100 * cell.too_high:4.1f} high, "
                    f"{100 * cell.too_low:4.1f} low) full agreement {100 * cell.perfect:3.0f}%, "
                    f"width {cell.width:.3f}\n"
                )
                sys.stdout.flush()
            sys.stdout.write(f"{time.perf_counter() - start:.0f} s\n")
        for scenario in () if corpus.coefficient == "gamma" else OTHER_SCENARIOS:
            sizes = {"true_values": OTHER_VALUES, "n_articles": OTHER_ARTICLES}
            other += cells(corpus, scenario, n_studies=options.studies, seed=7, **sizes)
        if corpus.coefficient in ("krippendorff_alpha_nominal", "span_f1_exact"):
            studies = min(BOOTSTRAP_STUDIES, options.studies)
            bootstrap += cells(corpus, SCENARIOS[0], n_studies=studies, method="percentile")
    if other:
        sys.stdout.write("other corpora: " + " ".join(summary(other)) + "\n")
    if options.write:
        write(list(document(all_cells, other, bootstrap, options.studies)))


if __name__ == "__main__":
    main()
