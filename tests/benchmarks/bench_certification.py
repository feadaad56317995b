"""Error rates of `goldwire certify`, coverage of debiased shares, and planned beside achieved precision.

    python tests/benchmarks/bench_certification.py [--studies 300] [--only PAGE] [--write]

`--write` replaces the generated parts of docs/certification.md, docs/debiased-figures.md and docs/planning.md.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

from goldwire.agreement import mean_span_f1, mean_stance_f1, stance_alpha
from goldwire.agreement.pilots import Pilot, pilot_of_layers
from goldwire.agreement.planning import plan_precision
from goldwire.certification import debiased_share, selective_risk
from goldwire.certification.alternative_annotator import comparison_p_value
from goldwire.certification.clustered_tests import clustered_mean
from goldwire.certification.equivalence import equivalence_of_estimate
from goldwire.records import Agreement, AnnotationLayer
from support.generated_block import replace_block
from support.simulated_machines import (
    AnswerScenario,
    advantage,
    counted_corpus,
    gain,
    labels_with_confidence,
    layers_of_people_and_machine,
    machine_with,
    simulated_answers,
)

DOCS = ROOT / "docs"
BEGIN = "<!-- begin: tables of bench_certification.py -->"
END = "<!-- end: tables of bench_certification.py -->"


_MEASURES: dict[str, Callable[[list[AnnotationLayer]], Agreement]] = {
    "span_f1_exact": mean_span_f1,
    "stance_f1_exact": mean_stance_f1,
    "stance_alpha_with_none": lambda layers: stance_alpha(layers, (), with_none=True),
}


class Table(NamedTuple):
    """A table of a page: its introduction, the names of the columns, and the rows."""

    introduction: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def lines(self) -> Iterator[str]:
        """Yield it as Markdown."""
        yield from (*textwrap.wrap(self.introduction, 99), "")
        yield "| " + " | ".join(self.columns) + " |"
        yield "| " + " | ".join("---" if n == 0 else "---:" for n in range(len(self.columns))) + " |"
        yield from ("| " + " | ".join(row) + " |" for row in self.rows)
        yield ""


def percent(values: Iterable[Any]) -> str:
    """Return the share of true values in percent."""
    return f"{100 * float(np.mean(list(values))):.1f}"


SCENARIOS = (
    AnswerScenario("people right in 85%"),
    AnswerScenario("articles of very unequal length", is_long_tailed=True),
    AnswerScenario("a few articles are much harder", spread=2.0),
    AnswerScenario("people right in 97%", people=0.97),
    AnswerScenario("very unequal length, a few much harder", spread=2.0, is_long_tailed=True),
)
"""Answers of people and a machine; the first scenario was the only one when the test was chosen, and all are shown."""
ARTICLES = (8, 16, 32, 64)
EPSILON, MARGIN = 0.15, 0.08
LEVEL = 0.05


def alt_test_rates(
    n_studies: int, sizes: Sequence[int] = ARTICLES, scenarios: Sequence[AnswerScenario] = SCENARIOS
) -> Table:
    """Return how often a machine wins against one person, at the limit and above it, with and without articles."""
    rows = []
    for scenario in scenarios:
        limit = machine_with(EPSILON, advantage, scenario)
        machines = {"at the limit": limit, "halfway": (limit + scenario.people) / 2, "like people": scenario.people}
        for title, machine in machines.items():
            wins = [list(_wins(n_studies, scenario, size, machine)) for size in sizes]
            name = f"{scenario.name}: {title} ({machine:.2f})"
            rows.append((name, *(percent(over_articles for over_articles, _ in of_size) for of_size in wins)))
            if scenario is scenarios[0]:
                independent = (percent(over_items for _, over_items in of_size) for of_size in wins)
                rows.append((f"{name}, items as if independent", *independent))
    return Table(
        "How often the machine wins against one of three people, in percent: the null hypothesis of one comparison is "
        f"rejected at 5%, with epsilon {EPSILON}. Twelve items per article; articles differ in how hard they are "
        "(normal on the logit, standard deviation 1.2 or, where a few are much harder, 2). At the limit the null "
        "hypothesis holds, and 5 is the most that is allowed. In brackets is how often the machine is right.",
        ("machine", *(f"{size} articles" for size in sizes)),
        rows,
    )


def _wins(n_studies: int, scenario: AnswerScenario, n_articles: int, machine: float) -> Iterator[tuple[bool, bool]]:
    """Yield whether the machine wins against the first person, by the test over articles and by that over items."""
    for seed in range(n_studies):
        answers, articles = simulated_answers(np.random.default_rng([seed, n_articles]), scenario, n_articles, machine)
        p_values = [comparison_p_value(advantage(answers), EPSILON, groups) for groups in (articles.tolist(), None)]
        yield p_values[0] < LEVEL, p_values[1] < LEVEL


def equivalence_rates(
    n_studies: int, sizes: Sequence[int] = ARTICLES, scenarios: Sequence[AnswerScenario] = SCENARIOS
) -> Table:
    """Return how often the machine is found to be equivalent, at the margin and within it."""
    rows = []
    for scenario in scenarios:
        limit = machine_with(-MARGIN, gain, scenario)
        for title, machine in (("at the margin", limit), ("like people", scenario.people)):
            rates = [percent(_equivalent(n_studies, scenario, size, machine)) for size in sizes]
            rows.append((f"{scenario.name}: {title} ({machine:.2f})", *rates))
    return Table(
        f"How often two one-sided tests at 5% find it equivalent with a margin of {MARGIN}, in percent. At the margin, "
        "5 is the most that is allowed; a test without enough data finds nothing.",
        ("machine", *(f"{size} articles" for size in sizes)),
        rows,
    )


def _equivalent(n_studies: int, scenario: AnswerScenario, n_articles: int, machine: float) -> Iterator[bool]:
    for seed in range(n_studies):
        answers, articles = simulated_answers(np.random.default_rng([seed, n_articles]), scenario, n_articles, machine)
        estimate = clustered_mean(gain(answers), articles.tolist())
        yield equivalence_of_estimate(estimate, margin=MARGIN, level=LEVEL).conclusion == "equivalent"


def risk_rates(n_studies: int, sizes: Sequence[int] = (20, 50, 150)) -> Table:
    """Return how often a calibrated threshold is too low, and how much it accepts."""
    rows = []
    grid = np.linspace(0, 1, 201)[:-1]
    for clustered in (False, True):
        confidence, wrong, _ = labels_with_confidence(np.random.default_rng(0), 20_000, clustered=clustered)
        order = np.argsort(confidence)[::-1]
        share_above = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
        counts = np.searchsorted(np.sort(confidence), grid, side="left")
        true_risk = share_above[len(order) - 1 - np.minimum(counts, len(order) - 1)]
        for grouped in (True, False) if clustered else (False,):
            broken, coverage = [], []
            for size in sizes:
                results = []
                for seed in range(n_studies):
                    scores, errors, articles = labels_with_confidence(
                        np.random.default_rng([seed, size]), size, clustered=clustered
                    )
                    groups = articles.tolist() if grouped else None
                    results.append(selective_risk(scores.tolist(), errors.tolist(), max_error=0.1, groups=groups))
                broken.append(
                    percent(r.threshold is not None and np.interp(r.threshold, grid, true_risk) > 0.1 for r in results)
                )
                coverage.append(f"{100 * np.mean([r.coverage if r.threshold is not None else 0 for r in results]):.0f}")
            errors_are = "by article" if clustered else "independent"
            treated = "articles as clusters" if grouped else "labels as if independent"
            cells = [f"{b} ({c})" for b, c in zip(broken, coverage, strict=True)]
            rows.append((f"errors {errors_are}, {treated}", *cells))
    return Table(
        "How often more than 10% of the labels above the calibrated threshold are wrong, in percent (5 is allowed), "
        "and in brackets the mean share of labels that it accepts. Fifteen labels per article.",
        ("labels", *(f"{size} articles" for size in sizes)),
        rows,
    )


def share_coverage(n_studies: int, sizes: Sequence[int] = (10, 25, 60, 150), n_stories: int = 60_000) -> Table:
    """Return the coverage of debiased shares by story."""
    rows = []
    for share in (0.3, 0.05):
        counts = np.array(list(counted_corpus(np.random.default_rng(0), n_stories, 10, share=share).people.values()))
        truth = float(counts[:, 0].sum() / counts[:, 1].sum())
        for uncertain in (False, True):
            outcomes: dict[str, list[str]] = {"ppi++": [], "dsl": [], "people": []}
            machine = []
            for size in sizes:
                intervals: dict[str, list[tuple[bool, float]]] = {method: [] for method in outcomes}
                for seed in range(n_studies):
                    random = np.random.default_rng([seed, size])
                    corpus = counted_corpus(random, 500, size, share=share, uncertain=uncertain)
                    sampled = corpus.sample(random)
                    for method, of_method in intervals.items():
                        estimate = debiased_share(
                            corpus.machine,
                            sampled,
                            probabilities=corpus.probabilities,
                            groups=corpus.stories,
                            method=method,  # type: ignore[arg-type]
                        )
                        if not np.isnan(estimate.low):
                            of_method.append((estimate.low <= truth <= estimate.high, estimate.high - estimate.low))
                    machine.append(estimate.machine)
                for method, of_method in intervals.items():
                    width = float(np.median([width for _, width in of_method]))
                    outcomes[method].append(f"{percent(covered for covered, _ in of_method)} ({width:.3f})")
            sampling = "more often where the machine draws much" if uncertain else "equal probabilities"
            title = f"share {truth:.2f} (machine {np.mean(machine):.2f}), {sampling}"
            rows += [(f"{title}: `{method}`", *cells) for method, cells in outcomes.items()]
    return Table(
        "How often the 95% interval contains the true share, in percent, and in brackets its median width. Corpora of "
        "500 stories of one to four articles. In brackets in the first column is what the machine alone says.",
        ("corpus and method", *(f"{size} stories labelled" for size in sizes)),
        rows,
    )


_PRECISIONS = {"span_f1_exact": 0.04, "stance_f1_exact": 0.05, "stance_alpha_with_none": 0.08}


def planned_and_achieved(n_studies: int, pilots: Sequence[int] = (8, 16, 32), n_articles: int = 3000) -> Table:
    """Return how often studies with the planned number of articles reach the precision."""
    people = _by_article(n_articles)
    rows = [
        (
            f"`{coefficient}`, +-{precision:.2f}, assurance {assurance:.0%}",
            *(_planned_studies(people, coefficient, n_studies, size, assurance=assurance) for size in pilots),
        )
        for coefficient, precision in _PRECISIONS.items()
        for assurance in (0.5, 0.8)
    ]
    return Table(
        "How often a study with the planned number of articles has the precision, in percent, and in brackets the "
        "median number of articles. Three annotators of each article.",
        ("figure", *(f"pilot of {size} articles" for size in pilots)),
        rows,
    )


def planned_overlaps(n_studies: int, pilot: int = 16, n_articles: int = 3000) -> Table:
    """Return how often studies with another number of annotators than the pilot's reach the precision."""
    people = _by_article(n_articles)
    rows = [
        (
            f"`{coefficient}`, +-{precision:.2f}",
            *(_planned_studies(people, coefficient, n_studies, pilot, overlap=overlap) for overlap in (2, 3, 4)),
        )
        for coefficient, precision in _PRECISIONS.items()
    ]
    return Table(
        f"The same with another number of annotators than in the pilot, which has {pilot} articles with three "
        "annotators each. The assurance is 80%.",
        ("figure", "2 annotators", "3 annotators", "4 annotators"),
        rows,
    )


def _planned_studies(
    people: list[list[AnnotationLayer]],
    coefficient: str,
    n_studies: int,
    size: int,
    *,
    assurance: float = 0.8,
    overlap: int = 3,
) -> str:
    """Return how often studies reach the precision, and the median number of their articles."""
    planned, reached = [], []
    for seed in range(n_studies):
        random = np.random.default_rng([seed, size])
        pilot = pilot_of_layers(_draw(random, people, size, 3), coefficient)  # type: ignore[arg-type]
        if not isinstance(pilot, Pilot):
            continue
        plan = plan_precision(pilot, _PRECISIONS[coefficient], assurance=assurance)
        design = next(design for design in plan.designs if design.overlap == overlap)
        articles = min(design.articles or 2, 1000)
        study = _MEASURES[coefficient](_draw(random, people, articles, overlap))
        planned.append(articles)
        reached.append((study.high - study.low) / 2 <= _PRECISIONS[coefficient])
    return f"{percent(reached)} ({np.median(planned):.0f})"


def _by_article(n_articles: int) -> list[list[AnnotationLayer]]:
    layers = layers_of_people_and_machine(7, n_articles, people=0.85, machine=0.8, n_people=4)
    by_article: dict[str, list[AnnotationLayer]] = {}
    for layer in layers:
        if layer.annotator != "M1":
            by_article.setdefault(layer.article_id, []).append(layer)
    return list(by_article.values())


def _draw(
    random: np.random.Generator, people: list[list[AnnotationLayer]], size: int, overlap: int
) -> list[AnnotationLayer]:
    """Return layers of articles that are drawn with replacement, each with an id of its own."""
    return [
        msgspec.structs.replace(layer, article_id=f"wire-{number:012d}")
        for number, index in enumerate(random.integers(0, len(people), size))
        for layer in people[index][:overlap]
    ]


def write(page: str, tables: Sequence[Table]) -> None:
    """Replace the generated part of a page."""
    lines = "\n".join(line for table in tables for line in table.lines()).strip()
    replace_block(DOCS / page, BEGIN, END, lines)


def main() -> None:
    """Run all simulations, and print or write their tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=300)
    parser.add_argument("--write", action="store_true", help="write the pages")
    parser.add_argument("--only", help="name of one page")
    options = parser.parse_args()
    few = max(1, options.studies // 3)
    pages = {
        "certification.md": (
            (alt_test_rates, options.studies),
            (equivalence_rates, options.studies),
            (risk_rates, options.studies),
        ),
        "debiased-figures.md": ((share_coverage, options.studies),),
        "planning.md": ((planned_and_achieved, few), (planned_overlaps, few)),
    }
    for page, simulations in pages.items():
        if options.only not in (None, page):
            continue
        start = time.perf_counter()
        tables = []
        for simulate, studies in simulations:
            table = simulate(studies)
            tables.append(table._replace(introduction=f"{table.introduction} {studies} studies in each cell."))
        print(f"{page}: {time.perf_counter() - start:.0f} s")
        print("\n".join(line for table in tables for line in table.lines()), flush=True)
        if options.write:
            write(page, tables)


if __name__ == "__main__":
    main()
