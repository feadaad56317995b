"""Agreement: goldwire beside krippendorff, scikit-learn, crowd-kit and pygamma-agreement, where they are installed.

    python tests/benchmarks/bench_agreement.py [--items N] [--articles N]

Ratings: 100,000 items x 5 raters with 8 labels, a fifth missing. Spans: 12 per article x 3 annotators. Times are the
best of several runs, and a ratio is the other tool's time over ours. The last rows show how the time grows with ten
times as many articles.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

from goldwire import agreement
from goldwire.agreement.krippendorff import Level
from goldwire.records import AnnotationLayer
from support import factories

LABELS = ("PER", "ORG", "LOC", "MISC")


def fastest(run: Callable[[], Any], repeats: int = 5) -> tuple[Any, float]:
    """Return the result, and the seconds of the fastest run."""
    seconds, result = float("inf"), None
    for _ in range(repeats):
        start = time.perf_counter()
        result = run()
        seconds = min(seconds, time.perf_counter() - start)
    return result, seconds


def alternate(ours: Callable[[], Any], theirs: Callable[[], Any], repeats: int = 15) -> tuple[Any, float, Any, float]:
    """Return both results and seconds; the two run in turns, so that other work on the machine slows both."""
    our_result, our_seconds, their_result, their_seconds = ours(), float("inf"), theirs(), float("inf")
    for _ in range(repeats):
        our_seconds = min(our_seconds, fastest(ours, 1)[1])
        their_seconds = min(their_seconds, fastest(theirs, 1)[1])
    return our_result, our_seconds, their_result, their_seconds


def report(task: str, ours: float, tool: str = "", theirs: float | None = None, note: str = "") -> None:
    """Print one row."""
    ratio = "" if theirs is None else f"{tool} {theirs:9.4f} s  {theirs / ours:6.1f}x"
    sys.stdout.write(f"{task:44} {ours:9.4f} s  {ratio:42} {note}\n")


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
    krippendorff = __import__("krippendorff") if find_spec("krippendorff") else None
    counts = np.stack([(ratings == label).sum(axis=1) for label in range(8)], axis=1)
    levels: tuple[Level, ...] = ("nominal", "ordinal")
    for level in levels:
        run = partial(agreement.krippendorff_alpha, ratings, level)
        interval, resampled = fastest(partial(run, n_boot=1000), 3)
        if krippendorff is None:
            report(f"alpha, {level}", fastest(run)[1])
            report(f"alpha, {level}, 1,000 resamples", resampled)
            continue
        their_run = partial(krippendorff.alpha, reliability_data=ratings.T, level_of_measurement=level)
        alpha, ours, their_alpha, theirs = alternate(run, their_run)

        def ten_resamples(level: str = level) -> None:
            random = np.random.default_rng(0)
            for _ in range(10):
                drawn = counts[random.integers(0, len(counts), len(counts))]
                krippendorff.alpha(value_counts=drawn, level_of_measurement=level)

        _, ten = fastest(ten_resamples, 1)
        report(f"alpha, {level}", ours, "krippendorff", theirs, f"differ by {abs(alpha.value - their_alpha):.0e}")
        note = f"[{interval.low:.4f}, {interval.high:.4f}]; theirs: 10 resamples x 100"
        report(f"alpha, {level}, 1,000 resamples", resampled, "krippendorff", ten * 100, note)


def bench_kappa(ratings: np.ndarray) -> None:
    complete = np.nan_to_num(ratings, nan=0.0).astype(int)
    pairs = list(combinations(range(complete.shape[1]), 2))
    _, ours = fastest(lambda: [agreement.cohen_kappa(complete[:, pair]) for pair in pairs])
    theirs = None
    if find_spec("sklearn"):
        from sklearn.metrics import cohen_kappa_score

        _, theirs = fastest(lambda: [cohen_kappa_score(complete[:, a], complete[:, b]) for a, b in pairs], 1)
    report("Cohen's kappa of 10 pairs", ours, "scikit-learn", theirs)


def bench_dawid_skene(ratings: np.ndarray) -> None:
    model, ours = fastest(lambda: agreement.dawid_skene(ratings, n_iter=20, tol=0), 3)
    if not find_spec("crowdkit"):
        report("Dawid-Skene, 20 iterations", ours)
        return
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    items, raters = np.nonzero(~np.isnan(ratings))
    table = pd.DataFrame({"task": items, "worker": raters, "label": ratings[items, raters]})
    their_labels, theirs = fastest(lambda: DawidSkene(n_iter=20, tol=-1.0).fit_predict(table), 1)
    our_labels = np.array([np.nan if label is None else label for label in model.most_likely_labels()], dtype=float)
    share_equal = float(np.mean(our_labels[their_labels.index] == their_labels.to_numpy()))
    report("Dawid-Skene, 20 iterations", ours, "crowd-kit", theirs, f"{share_equal:.4%} of labels are the same")


def bench_gamma(n_articles: int = 100) -> None:
    random = np.random.default_rng(2)
    texts = [simulated_spans(random) for _ in range(n_articles)]
    gamma, ours = fastest(lambda: agreement.gamma(texts), 3)
    task = f"gamma of {n_articles} articles, 30 samples"
    if not find_spec("pygamma_agreement"):
        report(task, ours, note=f"{gamma.value:.3f}")
        return
    from pyannote.core import Segment
    from pygamma_agreement import CombinedCategoricalDissimilarity, Continuum

    def mean_gamma() -> float:
        values = []
        for text in texts:
            continuum = Continuum()
            for annotator, marked in text.items():
                for start, end, label in marked:
                    continuum.add(annotator, Segment(start, end), label)
            values.append(continuum.compute_gamma(CombinedCategoricalDissimilarity(alpha=1, beta=1)).gamma)
        return float(np.mean(values))

    mean_gamma()  # numba compiles in the first run
    their_mean, theirs = fastest(mean_gamma, 1)
    report(task, ours, "pygamma-agreement", theirs, f"{gamma.value:.3f}, their mean {their_mean:.3f}")


def bench_growth(n_articles: int) -> None:
    seconds: dict[str, list[float]] = {}
    for number in (n_articles // 10, n_articles):
        layers, lengths = simulated_layers(number)
        for task, run in {
            "span F1, exact": partial(agreement.mean_span_f1, layers),
            "span F1, characters": partial(agreement.mean_span_f1, layers, "characters"),
            "unitizing alpha": partial(agreement.unitizing_alpha, layers, lengths),
        }.items():
            seconds.setdefault(task, []).append(fastest(run, 3)[1])
    for task, (small, large) in seconds.items():
        note = f"{large / small:.1f}x the time for a tenth of the articles"
        report(f"{task}, {n_articles:,} articles x 3", large, note=note)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--articles", type=int, default=10_000)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    ratings = simulated_ratings(options.items)
    bench_alpha(ratings)
    bench_kappa(ratings)
    bench_dawid_skene(ratings)
    bench_gamma()
    bench_growth(options.articles)


if __name__ == "__main__":
    main()
