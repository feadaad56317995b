"""Agreement: goldwire beside the libraries that compute the same measure, where they are installed.

    python tests/benchmarks/bench_agreement.py [--items N] [--articles N]

Ratings: 100,000 items x 5 raters with 8 labels, a fifth missing; nltk, which loops in Python, gets a hundredth of the
items. Spans: 12 per article x 3 annotators. The tools run in turns; times are medians, and a ratio is the other tool's
time over goldwire's. The last rows show how the time grows with ten times as many articles.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

from peers import PeerProcess, UnavailableError
from timing import Timing, duration, print_header, print_reasons, print_row, ratio, take_turns

from goldwire import agreement
from goldwire.agreement.krippendorff import Level
from goldwire.records import AnnotationLayer
from support import factories

LABELS = ("PER", "ORG", "LOC", "MISC")
PYTHON_LOOP_SHARE = 100
"""A tool that loops in Python gets this fraction of the items."""

Run = Callable[[], Any]
Spans = dict[str, list[tuple[int, int, str]]]


REASONS = {
    "opt-gamma": (
        "it computes a variant with another alignment, whose value differs; most of goldwire's time is the best "
        "alignment of each sample, one call of a solver per sample."
    )
}
"""Why goldwire takes longer, where it does."""


def compare(
    measure: str, ours: Run, theirs: Mapping[str, Run], note: Callable[[Any, Any], str], rounds: int = 5
) -> None:
    """Print a row for each other tool; a tool that is not installed is an empty mapping."""
    took = take_turns({"goldwire": ours, **theirs}, rounds)
    own = took.pop("goldwire")
    if not took:
        print_row((measure, duration(own), "not installed", "", "", ""))
    for tool, timing in took.items():
        row = measure, duration(own), tool, duration(timing), ratio(timing, own), note(own.result, timing.result)
        print_row(row)
        print_reasons(own.median, {tool: timing.median}, REASONS)


def difference(ours: Any, theirs: Any) -> str:
    """Return how far apart two values are."""
    return f"values differ by {abs(float(getattr(ours, 'value', ours)) - float(theirs)):.0e}"


def simulated_ratings(n_items: int, n_raters: int = 5) -> np.ndarray:
    """Return ratings that are wrong one time in four; a fifth is missing."""
    random = np.random.default_rng(0)
    truth = random.choice(8, n_items, p=[0.3, 0.2, 0.15, 0.1, 0.1, 0.07, 0.05, 0.03])
    is_wrong = random.random((n_items, n_raters)) < 0.25
    ratings = np.where(is_wrong, random.integers(0, 8, (n_items, n_raters)), truth[:, None]).astype(float)
    ratings[random.random(ratings.shape) < 0.2] = np.nan
    return ratings


def simulated_spans(random: np.random.Generator) -> dict[str, list[tuple[int, int, str]]]:
    """Return twelve names in 3,000 characters, of which each annotator misses 12%, moves 10% and mislabels 8%."""
    starts = np.sort(random.choice(70, 12, replace=False)) * 40 + 5
    names = [(int(s), int(s + random.integers(5, 30)), LABELS[random.integers(4)]) for s in starts]
    by_annotator: dict[str, list[tuple[int, int, str]]] = {}
    for annotator in ("A1", "A2", "A3"):
        by_annotator[annotator] = []
        for start, end, label in names:
            draw = random.random()
            moved_end = max(start + 2, end + int(random.integers(-4, 5))) if 0.12 <= draw < 0.22 else end
            if draw >= 0.12:
                chosen = LABELS[random.integers(4)] if draw > 0.92 else label
                by_annotator[annotator].append((start, moved_end, chosen))
    return by_annotator


def simulated_layers(n_articles: int) -> tuple[list[AnnotationLayer], dict[str, int]]:
    """Return layers of simulated spans, and the lengths of their articles."""
    random, text = np.random.default_rng(1), "Headline\n\n" + "word " * 600
    layers, lengths = [], {}
    for number in range(n_articles):
        article = factories.article(text, id=f"wire-{number:012d}")
        lengths[article.id] = len(text)
        spans = simulated_spans(random)
        layers += [factories.layer(article, marked, annotator=annotator) for annotator, marked in spans.items()]
    return layers, lengths


def bench_alpha(ratings: np.ndarray) -> None:
    if not find_spec("krippendorff"):
        return
    import krippendorff

    counts = np.stack([(ratings == label).sum(axis=1) for label in range(8)], axis=1)

    def resampled(level: Level, number: int) -> float:
        random = np.random.default_rng(0)
        values = [
            krippendorff.alpha(
                value_counts=counts[random.integers(0, len(counts), len(counts))], level_of_measurement=level
            )
            for _ in range(number)
        ]
        return float(np.quantile(values, 0.025))

    levels: tuple[Level, ...] = ("nominal", "ordinal")
    for level in levels:
        ours = partial(agreement.krippendorff_alpha, ratings, level)
        theirs = partial(krippendorff.alpha, reliability_data=ratings.T, level_of_measurement=level)
        compare(f"Krippendorff's alpha, {level}", ours, {"krippendorff": theirs}, difference)
        compare(
            f"the same, {level}, 10 resamples beside 1,000 of goldwire",
            partial(ours, n_boot=1000),
            {"krippendorff": partial(resampled, level, 10)},
            lambda mine, _: f"[{mine.low:.4f}, {mine.high:.4f}]",
            3,
        )


def bench_python_loops(ratings: np.ndarray) -> None:
    """Compare with nltk, on a part of the items that every rater has."""
    if not find_spec("nltk"):
        return
    from nltk.metrics.agreement import AnnotationTask

    few = np.nan_to_num(ratings[: len(ratings) // PYTHON_LOOP_SHARE], nan=0.0).astype(int)
    triples = [(str(rater), str(item), str(label)) for (item, rater), label in np.ndenumerate(few)]
    ours = partial(agreement.krippendorff_alpha, few)
    theirs = {"nltk": lambda: AnnotationTask(triples).alpha()}
    compare(f"Krippendorff's alpha, nominal, {len(few):,} items", ours, theirs, difference)


def bench_kappa(ratings: np.ndarray) -> None:
    from sklearn.metrics import cohen_kappa_score

    complete = np.nan_to_num(ratings, nan=0.0).astype(int)
    pairs = list(combinations(range(complete.shape[1]), 2))
    compare(
        "Cohen's kappa, mean of 10 pairs",
        lambda: np.mean([agreement.cohen_kappa(complete[:, pair]).value for pair in pairs]),
        {"scikit-learn": lambda: np.mean([cohen_kappa_score(complete[:, a], complete[:, b]) for a, b in pairs])},
        difference,
        3,
    )


def bench_gwet(ratings: np.ndarray) -> None:
    """Compare with irrCAC, in an environment of its own: coefficients with their intervals by formula."""
    measures = {
        "Gwet's AC1": (agreement.gwet_ac, "gwet"),
        "Fleiss' kappa": (agreement.fleiss_kappa, "fleiss"),
        "Conger's kappa": (agreement.conger_kappa, "conger"),
        "Krippendorff's alpha, nominal, with its interval": (agreement.krippendorff_alpha, "krippendorff"),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "ratings.npy"))
        np.save(path, ratings)
        try:
            with PeerProcess("irrCAC") as irrcac:
                for measure, (ours, theirs) in measures.items():
                    compare(measure, partial(ours, ratings), {"irrCAC": partial(irrcac, [theirs, path])}, difference, 3)
        except UnavailableError as error:
            print_row(("Gwet's AC1", "", "irrCAC", f"not run: {error}", "", ""))


def bench_dawid_skene(ratings: np.ndarray) -> None:
    if not find_spec("crowdkit"):
        return
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    items, raters = np.nonzero(~np.isnan(ratings))
    table = pd.DataFrame({"task": items, "worker": raters, "label": ratings[items, raters]})

    def share_equal(model: Any, labels: Any) -> str:
        ours = np.array([np.nan if label is None else label for label in model.most_likely_labels()], dtype=float)
        return f"{np.mean(ours[labels.index] == labels.to_numpy()):.4%} of labels are the same"

    compare(
        "Dawid-Skene, 20 iterations",
        lambda: agreement.dawid_skene(ratings, n_iter=20, tol=0),
        {"crowd-kit": lambda: DawidSkene(n_iter=20, tol=-1.0).fit_predict(table)},
        share_equal,
        3,
    )


def bench_gamma(n_articles: int = 30) -> None:
    random = np.random.default_rng(2)
    texts = [simulated_spans(random) for _ in range(n_articles)]
    compare(
        f"gamma, {n_articles} articles, 30 samples",
        lambda: agreement.gamma(texts),
        {"pygamma-agreement": partial(pygamma, texts)} if find_spec("pygamma_agreement") else {},
        lambda mine, theirs: f"{mine.value:.3f}, their mean over articles {theirs:.3f}",
        3,
    )
    pairs = [{name: text[name] for name in ("A1", "A2")} for text in texts]
    compare(
        f"gamma of two annotators, {n_articles} articles, 30 samples",
        lambda: agreement.gamma(pairs),
        {"opt-gamma": partial(opt_gamma, pairs)} if find_spec("opt_gamma") else {},
        lambda mine, theirs: f"{mine.value:.3f}, their variant {theirs:.3f}",
        3,
    )


def pygamma(texts: list[Spans]) -> float:
    """Return the mean gamma over articles."""
    from pyannote.core import Segment
    from pygamma_agreement import CombinedCategoricalDissimilarity, Continuum

    values = []
    for text in texts:
        continuum = Continuum()
        for annotator, marked in text.items():
            for start, end, label in marked:
                continuum.add(annotator, Segment(start, end), label)
        values.append(continuum.compute_gamma(CombinedCategoricalDissimilarity(alpha=1, beta=1)).gamma)
    return float(np.mean(values))


def opt_gamma(texts: list[Spans]) -> float:
    """Return the mean gamma over articles, corrected for chance by as many samples as ours."""
    from opt_gamma import GammaConfig, Span, Unit, gamma_segments

    config = GammaConfig(chance_correction=True, n_iter=30)
    units = [[[Unit(Span(start, end), label) for start, end, label in marked] for marked in t.values()] for t in texts]
    return float(np.mean([gamma_segments(first, second, config=config).gamma for first, second in units]))


def bench_growth(n_articles: int) -> None:
    took: dict[str, list[Timing]] = {}
    for number in (n_articles // 10, n_articles):
        layers, lengths = simulated_layers(number)
        measures: dict[str, Run] = {
            "span F1, exact": partial(agreement.mean_span_f1, layers),
            "span F1, characters": partial(agreement.mean_span_f1, layers, "characters"),
            "unitizing alpha": partial(agreement.unitizing_alpha, layers, lengths),
        }
        for measure, timing in take_turns(measures, 3).items():
            took.setdefault(measure, []).append(timing)
    for measure, (tenth, whole) in took.items():
        note = f"{ratio(whole, tenth)} the time for ten times the articles"
        print_row((f"{measure}, {n_articles:,} articles x 3", duration(whole), "", "", "", note))


def main() -> None:
    """Print a row for each measure and other tool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--articles", type=int, default=10_000)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print_header("measure", "goldwire", "beside", "its time", "ratio", "values")
    ratings = simulated_ratings(options.items)
    bench_alpha(ratings)
    bench_python_loops(ratings)
    bench_kappa(ratings)
    bench_gwet(ratings)
    bench_dawid_skene(ratings)
    bench_gamma()
    bench_growth(options.articles)


if __name__ == "__main__":
    main()
