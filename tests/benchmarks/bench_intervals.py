"""How often 95% intervals of agreement contain the true value, by method, number of articles and true value.

    python tests/benchmarks/bench_intervals.py --cells FILE [--studies N] [--only COEFFICIENT] [--write]
    python tests/benchmarks/bench_intervals.py --cells FILE --only-outside --studies 20000 [--write]

A study draws articles at random from a large simulated corpus, whose own value is the true one, and computes the
interval with the code that `goldwire agree` runs; what it sums over articles is counted once per corpus. FILE has a
line per cell: a cell in it is not simulated again, so that a killed run goes on. With 2,000 studies the standard error
of a share of 95% is 0.5 points. Of some hundred cells, chance alone puts a few outside 93 to 97%: `--only-outside`
draws other studies for those that are outside in FILE, or within by less than `--margin` points. `--write` puts the
tables into docs/agreement-intervals.md and docs/agreement-intervals-cells.md.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, groupby
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

from goldwire.agreement.estimates import Estimate, IntervalMethod, IntervalOptions
from goldwire.agreement.gamma import ArticleDisorder, GammaOptions, article_disorders, gamma_estimate
from goldwire.agreement.intervals import measure
from goldwire.agreement.jackknife import LeaveOneOut
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
TABLES = (
    ("krippendorff_alpha_nominal", "krippendorff_alpha_ordinal"),
    ("span_f1_exact", "stance_f1_exact"),
    ("gamma",),
)
DOCUMENT = ROOT / "docs" / "agreement-intervals.md"
CELLS_DOCUMENT = ROOT / "docs" / "agreement-intervals-cells.md"
LOW, HIGH = 0.93, 0.97
OTHER_DRAW = 1  # of the studies by which cells are tested again
BATCH = 400_000  # values that are computed at a time
BEGIN, END = "<!-- begin: tables of bench_intervals.py -->", "<!-- end: tables of bench_intervals.py -->"
BEGIN_HEADLINE, END_HEADLINE = BEGIN.replace("tables", "headline"), END.replace("tables", "headline")
BEGIN_MEANS, END_MEANS = "<!-- begin: means of bench_intervals.py -->", "<!-- end: means of bench_intervals.py -->"

Simulate = Callable[[np.random.Generator, Scenario, int, float], list[Any]]


class ArticleSums(NamedTuple):
    """What a coefficient sums over articles, shape (articles, sums), and its value as a function of the sums.

    `sizes` are the numbers of items compared in the articles.
    """

    columns: np.ndarray
    sizes: np.ndarray
    estimate: Estimate

    def value(self) -> float:
        """Return the value of all articles."""
        return float(self.estimate.value(self.columns.sum(axis=0)[None, :])[0])

    def intervals(self, drawn: np.ndarray) -> np.ndarray:
        """Return value, low and high of each study, shape (studies, 3): those of `measure`, many studies at a time."""
        step = max(1, BATCH // (drawn.shape[1] * self.columns.shape[1]))
        blocks = [self._intervals(drawn[start : start + step]) for start in range(0, len(drawn), step)]
        return np.concatenate(blocks)

    def _intervals(self, drawn: np.ndarray) -> np.ndarray:
        of_article = self.columns[drawn]
        total = of_article.sum(axis=1)
        values = self.estimate.value(total)
        without_one = (total[:, None, :] - of_article).reshape(-1, total.shape[1])
        left_out = self.estimate.value(without_one).reshape(drawn.shape)
        rows = np.full((len(drawn), 3), np.nan)
        rows[:, 0] = values
        for row, value, of_study, sizes in zip(rows, values, left_out, self.sizes[drawn], strict=True):
            if not np.isnan(value):
                compared = sizes > 0
                ones = np.ones(int(compared.sum()))
                basis = LeaveOneOut(of_study[compared], sizes[compared], ones)
                row[1:] = basis.interval(float(value), self.estimate.max_disagreement, 0.95)[:2]
        return rows

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


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of the studies of one size: shares of intervals that contain the true value, and that miss it."""

    coefficient: str
    scenario: str
    wanted: float  # about the true value
    n_articles: int
    method: IntervalMethod
    draw: int  # 0, or another number for other studies of the same corpora
    true_value: float
    n_studies: int
    covered: float
    too_high: float  # the lower bound is above the true value
    too_low: float
    perfect: float  # share of studies with full agreement
    width: float  # median

    @property
    def is_within(self) -> bool:
        """Whether it is between 93 and 97%."""
        return LOW <= self.covered <= HIGH

    @property
    def error(self) -> float:
        """Standard error of the share of intervals that contain the true value."""
        return float(np.sqrt(self.covered * (1 - self.covered) / self.n_studies))

    @property
    def task(self) -> Task:
        """What to simulate for it."""
        return Task(self.coefficient, self.scenario, self.wanted, self.n_articles, self.method, self.draw)


class Task(NamedTuple):
    """A cell to simulate."""

    coefficient: str
    scenario: str
    wanted: float
    n_articles: int
    method: IntervalMethod = "jackknife"
    draw: int = 0


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
        if corpus.sums(part).value() > true_value:
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
    draw: int = 0,
) -> Iterator[Cell]:
    """Yield the outcome for each true value and number of articles."""
    for wanted in true_values:
        sums = corpus.sums(calibrated_articles(corpus, scenario, wanted, seed))
        true_value = sums.value()
        for n in n_articles:
            random = np.random.default_rng([seed, n, draw] if draw else [seed, n])
            drawn = random.integers(0, len(sums.columns), (n_studies, n))
            if method == "jackknife":
                values, low, high = sums.intervals(drawn).T
            else:
                measured = [sums.measure(study, method) for study in drawn]
                values, low, high = np.array([(each.value, each.low, each.high) for each in measured]).T
            has_interval = ~np.isnan(low)
            yield Cell(
                coefficient=corpus.coefficient,
                scenario=scenario.name,
                wanted=wanted,
                n_articles=n,
                method=method,
                draw=draw,
                true_value=true_value,
                n_studies=n_studies,
                covered=float(((low <= true_value) & (true_value <= high)).mean()),
                too_high=float((low > true_value).mean()),
                too_low=float((high < true_value).mean()),
                perfect=float((values > 1 - 1e-12).mean()),
                width=float(np.median((high - low)[has_interval])) if has_interval.any() else float("nan"),
            )


def percent(share: float) -> str:
    """Return a share in percent, bold outside 93 to 97%."""
    return f"{100 * share:.1f}" if LOW <= share <= HIGH else f"**{100 * share:.1f}**"


def table(cells: Sequence[Cell], coefficients: Sequence[str]) -> Iterator[str]:
    """Yield a Markdown table: a row per kind of corpora and true value, four columns per coefficient."""
    sizes = sorted({cell.n_articles for cell in cells})
    columns = [(name, n) for name in coefficients for n in sizes]
    found = {(cell.scenario, cell.wanted, cell.coefficient, cell.n_articles): cell for cell in cells}
    yield f"| | true value |{''.join(f' {n} |' for _, n in columns)}"
    yield f"| --- | ---: |{' ---: |' * len(columns)}"
    for scenario, wanted in dict.fromkeys((cell.scenario, cell.wanted) for cell in cells):
        row = [found.get((scenario, wanted, name, n)) for name, n in columns]
        if any(row):
            shares = ("" if cell is None else percent(cell.covered) for cell in row)
            yield f"| {scenario} | {wanted:g} | {' | '.join(shares)} |"


def headline(cells: Sequence[Cell]) -> str:
    """Return the paragraph that the document begins with."""
    means = [share for row in mean_coverage(cells)[1].values() for share in row]
    all_cells = _last_draws(cells)
    above = sum(cell.covered - 1.96 * cell.error > HIGH for cell in all_cells)
    below = sum(cell.covered + 1.96 * cell.error < LOW for cell in all_cells)
    highest = max(cell.covered for cell in all_cells)
    span = f"{100 * min(means):.1f} to {100 * max(means):.1f}%"
    text = (
        f"In simulated studies, 95% intervals contain the true value in {span} of the studies, as means over kinds of "
        "corpora: one for each measure, true value and number of articles. "
        f"Of {len(all_cells)} single cells (one kind of corpora), {above} are above 97% by more than the error of the "
        f"simulation, and {below} below 93%; the highest is {100 * highest:.1f}%. Where a cell is above, intervals are "
        "wider than they need be."
    )
    return textwrap.fill(text, 100)


def _last_draws(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells, those that were simulated again with the other studies: the first ones decided which are."""
    again = {cell.task._replace(draw=0): cell for cell in cells if cell.draw}
    return [again.get(cell.task, cell) for cell in cells if cell.method == "jackknife" and not cell.draw]


def mean_coverage(cells: Sequence[Cell]) -> tuple[list[int], dict[tuple[str, float], list[float]]]:
    """Return the numbers of articles, and the mean coverage for each by coefficient and true value."""
    names = {scenario.name for scenario in SCENARIOS}
    all_cells = [cell for cell in _last_draws(cells) if cell.scenario in names]
    sizes = sorted({cell.n_articles for cell in all_cells})
    means: dict[tuple[str, float], list[float]] = {}
    for coefficient in dict.fromkeys(cell.coefficient for cell in all_cells):
        for wanted in sorted({cell.wanted for cell in all_cells}):
            alike = [cell for cell in all_cells if (cell.coefficient, cell.wanted) == (coefficient, wanted)]
            if alike:
                of_size = ([cell.covered for cell in alike if cell.n_articles == n] for n in sizes)
                means[coefficient, wanted] = [float(np.mean(shares)) for shares in of_size]
    return sizes, means


def mean_table(cells: Sequence[Cell]) -> Iterator[str]:
    """Yield the Markdown table of the mean over the kinds of corpora: a row per coefficient and true value."""
    sizes, means = mean_coverage(cells)
    yield "| | true value | " + " | ".join(f"{n} articles" for n in sizes) + " |"
    yield "| --- | ---: |" + " ---: |" * len(sizes)
    for (coefficient, wanted), row in means.items():
        yield f"| `{coefficient}` | {wanted:g} | " + " | ".join(map(percent, row)) + " |"


def summary(cells: Sequence[Cell]) -> Iterator[str]:
    """Yield how many cells are within 93 to 97%, and the lowest and the highest."""
    within = sum(cell.is_within for cell in cells)
    above = sum(cell.covered > HIGH for cell in cells)
    below = sum(cell.covered < LOW for cell in cells)
    yield f"Of {len(cells)} cells, {within} are within 93 to 97%, {above} above and {below} below (bold);"
    yield f"the mean is {100 * np.mean([cell.covered for cell in cells]):.1f}%."
    by_coverage = sorted(cells, key=lambda cell: cell.covered)
    for word, cell in (("lowest", by_coverage[0]), ("highest", by_coverage[-1])):
        yield f"The {word} is {100 * cell.covered:.1f}%: {_place(cell)}."


def _place(cell: Cell) -> str:
    return f"`{cell.coefficient}`, {cell.scenario},\ntrue value {cell.true_value:.2f}, {cell.n_articles} articles"


def repetition(first: Sequence[Cell], again: Sequence[Cell]) -> Iterator[str]:
    """Yield what other studies of the cells outside 93 to 97%, and of those within by little, show."""
    found = {cell.task._replace(draw=0): cell for cell in again}
    pairs = [(cell, found[cell.task]) for cell in first if cell.task in found]
    outside = [other for cell, other in pairs if not cell.is_within]
    near = [other for cell, other in pairs if cell.is_within]
    if not outside:
        return
    largest = max((other for _, other in pairs), key=lambda cell: cell.covered)
    studies = min(cell.n_studies for cell in again)
    error = max(cell.error for cell in again)
    yield f"Chance puts some cells outside. With {studies:,} other studies each (standard error"
    yield f"{100 * error:.2f} points), of the {len(outside)} cells that were outside, {_sorted_by_error(outside)}."
    if near:
        margin = max(min(cell.covered - LOW, HIGH - cell.covered) for cell, _ in pairs if cell.is_within)
        yield f"Of the {len(near)} cells that were within by at most {100 * margin:.2f} points,"
        yield f"{_sorted_by_error(near)}."
    lowest = min((other for _, other in pairs), key=lambda cell: cell.covered)
    yield f"The highest of all these is {100 * largest.covered:.2f}%:\n{_place(largest)}."
    yield f"The lowest is {100 * lowest.covered:.2f}%:\n{_place(lowest)}."


def _sorted_by_error(cells: Sequence[Cell]) -> str:
    """Return how many cells are above 97% or below 93% by more, and by less, than their simulation error."""
    above = [cell for cell in cells if cell.covered > HIGH]
    surely_above = sum(cell.covered - 1.96 * cell.error > HIGH for cell in above)
    below = [cell for cell in cells if cell.covered < LOW]
    within = len(cells) - len(above) - len(below)
    text = f"{within} are within 93 to 97%\nand {len(above)} above: {surely_above} by more than the error of the "
    text += f"simulation (1.96 standard errors), {len(above) - surely_above} by less"
    return text + (f"; {len(below)} are below 93%" if below else "")


def document(cells: Sequence[Cell]) -> Iterator[str]:
    """Yield the lines of the generated part of the document."""
    first = [cell for cell in cells if cell.method == "jackknife" and not cell.draw]
    again = [cell for cell in cells if cell.draw]
    names = {scenario.name for scenario in SCENARIOS}
    all_cells = [cell for cell in first if cell.scenario in names]
    other = [cell for cell in first if cell.scenario not in names]
    bootstrap = [cell for cell in cells if cell.method != "jackknife"]
    n_studies = min(cell.n_studies for cell in all_cells)
    yield f"{n_studies:,} studies in each cell: by chance alone, a cell of 95% deviates by"
    yield f"{100 * np.sqrt(0.95 * 0.05 / n_studies):.1f} points (standard error)."
    yield from summary(all_cells)
    if other:
        yield "\nOn corpora of another kind, seen only when the last candidates were compared (true values of"
        yield f"{min(OTHER_VALUES)} to {max(OTHER_VALUES)}, {min(OTHER_ARTICLES)} to {max(OTHER_ARTICLES)} articles):"
        yield from summary(other)
    if again:
        yield ""
        yield from repetition(first, again)
    for names_of_table in TABLES:
        of_table = [cell for cell in all_cells if cell.coefficient in names_of_table]
        if of_table:
            yield f"\n{_title(names_of_table)}:\n"
            yield from table(of_table, names_of_table)
    if bootstrap:
        names_of_table = tuple(dict.fromkeys(cell.coefficient for cell in bootstrap))
        yield f"\nFor comparison, the percentile bootstrap over articles, {BOOTSTRAP_STUDIES} studies in each cell:"
        yield f"{_title(names_of_table)}:\n"
        yield from table(bootstrap, names_of_table)


def _title(names: Sequence[str]) -> str:
    order = ", in this order" if len(names) > 1 else ""
    return f"{' and '.join(f'`{name}`' for name in names)}{order}, by number of articles"


def write(cells: Sequence[Cell]) -> None:
    """Replace the generated parts of both documents."""
    replace_block(DOCUMENT, BEGIN_HEADLINE, END_HEADLINE, headline(cells))
    replace_block(DOCUMENT, BEGIN_MEANS, END_MEANS, "\n".join(mean_table(cells)).strip())
    replace_block(CELLS_DOCUMENT, BEGIN, END, "\n".join(document(cells)).strip())


def tasks(corpus: Corpus) -> Iterator[Task]:
    """Yield the cells of a coefficient."""
    # Alignments of gamma take time: one scenario.
    for scenario in SCENARIOS[:1] if corpus.coefficient == "gamma" else SCENARIOS:
        for wanted in TRUE_VALUES:
            yield from (Task(corpus.coefficient, scenario.name, wanted, n) for n in N_ARTICLES)
    for scenario in () if corpus.coefficient == "gamma" else OTHER_SCENARIOS:
        for wanted in OTHER_VALUES:
            yield from (Task(corpus.coefficient, scenario.name, wanted, n) for n in OTHER_ARTICLES)
    if corpus.coefficient in ("krippendorff_alpha_nominal", "span_f1_exact"):
        for wanted in TRUE_VALUES:
            yield from (Task(corpus.coefficient, SCENARIOS[0].name, wanted, n, "percentile") for n in N_ARTICLES)


def simulate(wanted: Sequence[Task], n_studies: int) -> Iterator[Cell]:
    """Yield the cells, those of one corpus together: a corpus takes longer than its studies."""
    corpora = {corpus.coefficient: corpus for corpus in CORPORA}
    scenarios = {scenario.name: scenario for scenario in (*SCENARIOS, *OTHER_SCENARIOS)}
    for key, group in groupby(wanted, lambda task: task._replace(n_articles=0)):
        yield from cells(
            corpora[key.coefficient],
            scenarios[key.scenario],
            true_values=(key.wanted,),
            n_articles=[task.n_articles for task in group],
            n_studies=n_studies if key.method == "jackknife" else min(BOOTSTRAP_STUDIES, n_studies),
            method=key.method,
            seed=7 if scenarios[key.scenario] in OTHER_SCENARIOS else 1,
            draw=key.draw,
        )


def read_cells(path: Path) -> list[Cell]:
    """Return the cells in a file, if it exists."""
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [msgspec.json.decode(line, type=Cell) for line in lines]


def main() -> None:
    """Run the simulation and print a row per cell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=Path, required=True, help="file of the cells, which is continued")
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--only", help="name of one coefficient")
    parser.add_argument("--only-outside", action="store_true", help="other studies of the cells outside 93 to 97%%")
    parser.add_argument("--margin", type=float, default=0.0, help="points within 93 to 97%% that count as outside")
    parser.add_argument("--write", action="store_true", help=f"write {DOCUMENT.name} and {CELLS_DOCUMENT.name}")
    options = parser.parse_args()
    known = {cell.task: cell for cell in read_cells(options.cells)}
    wanted = [task for corpus in CORPORA for task in tasks(corpus) if options.only in (None, corpus.coefficient)]
    if options.only_outside:
        low, high = LOW + options.margin / 100, HIGH - options.margin / 100
        outside = [task for task in wanted if task in known and not low <= known[task].covered <= high]
        wanted = [task._replace(draw=OTHER_DRAW) for task in outside if task.method == "jackknife"]
    start = time.perf_counter()
    for cell in simulate([task for task in wanted if task not in known], options.studies):
        known[cell.task] = cell
        with options.cells.open("ab") as file:
            file.write(msgspec.json.encode(cell) + b"\n")
        sys.stdout.write(
            f"{cell.coefficient:28} {cell.scenario:38} {cell.true_value:.2f} {cell.n_articles:3} "
            f"{100 * cell.covered:6.2f}% (misses {100 * cell.too_high:4.1f} high, "
            f"{100 * cell.too_low:4.1f} low) full agreement {100 * cell.perfect:3.0f}%, "
            f"width {cell.width:.3f}, {time.perf_counter() - start:.0f} s\n"
        )
        sys.stdout.flush()
    if options.write:
        order = [task for corpus in CORPORA for task in tasks(corpus)]
        order += [task._replace(draw=OTHER_DRAW) for task in order]
        write([known[task] for task in order if task in known])


if __name__ == "__main__":
    main()
