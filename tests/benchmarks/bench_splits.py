"""Splits: time, leaks and balance of goldwire beside scikit-learn and iterative-stratification, on the same articles.

    python tests/benchmarks/bench_splits.py [ARTICLES] [--rounds N]

Invented articles in clusters of near-duplicates, with labels whose rates span two orders of magnitude and differ
between outlets. A leak is a cluster in more than one split. Imbalance is the largest difference between the share of a
label's mentions in a split and the share that was asked for, over labels and splits. StratifiedGroupKFold takes one
class per article (here the outlet); iterative-stratification takes labels and no groups. Both divide into ten parts,
of which eight are train, one validation and one test. The last row is the cost of ten times as many articles.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold
from timing import Timing, duration, print_header, print_reasons, print_row, ratio, take_turns

from goldwire.splitting.assignment import SPLITS, SplitItem, assign
from goldwire.splitting.strategies import StratifiedStrategy

RATIOS = {"train": 0.8, "validation": 0.1, "test": 0.1}
RATES = np.geomspace(4, 0.04, 12)
"""Mentions of each label per article."""
OUTLETS = 8
REASONS = {
    "iterative-stratification": (
        "it neither keeps clusters whole nor improves what it has drawn; goldwire then moves single groups for as long "
        "as that makes the splits more alike, which takes most of its time."
    )
}
"""Why goldwire takes longer, where it does."""


class Articles:
    """Invented articles: counts of labels, outlets, and clusters."""

    def __init__(self, number: int) -> None:
        random = np.random.default_rng(number)
        sizes = random.geometric(0.8, number)
        self.clusters = np.repeat(np.arange(number), sizes)[:number]
        self.outlets = random.integers(OUTLETS, size=number)
        self.counts = random.poisson(RATES * random.lognormal(0, 0.5, (OUTLETS, len(RATES)))[self.outlets])
        self.items = [
            SplitItem(
                f"wire-{index:012d}",
                f"g{cluster:08d}",
                {f"entity:L{label}": int(count) for label, count in enumerate(row) if count} | {f"outlet:{outlet}": 1},
            )
            for index, (cluster, outlet, row) in enumerate(
                zip(self.clusters.tolist(), self.outlets.tolist(), self.counts, strict=True)
            )
        ]


def goldwire(articles: Articles) -> np.ndarray:
    plan = assign(articles.items, {}, StratifiedStrategy(RATIOS, 1))
    return np.array([SPLITS.index(plan.splits[item.article_id]) for item in articles.items])


def of_parts(parts: Sequence[np.ndarray], number: int) -> np.ndarray:
    """Return splits from ten parts: the last is test, the last but one validation."""
    split_of = np.zeros(number, int)
    split_of[parts[-2]], split_of[parts[-1]] = 1, 2
    return split_of


def scikit_learn(articles: Articles) -> np.ndarray:
    folds = StratifiedGroupKFold(10, shuffle=True, random_state=1)
    divided = folds.split(articles.counts, articles.outlets, articles.clusters)
    return of_parts([held_out for _, held_out in divided], len(articles.items))


def iterative_stratification(articles: Articles) -> np.ndarray:
    from iterstrat.ml_stratifiers import MultilabelStratifiedKFold

    folds = MultilabelStratifiedKFold(n_splits=10, shuffle=True, random_state=1)
    divided = folds.split(articles.counts, articles.counts > 0)
    return of_parts([held_out for _, held_out in divided], len(articles.items))


TOOLS = {
    "goldwire": goldwire,
    "scikit-learn, StratifiedGroupKFold": scikit_learn,
    "iterative-stratification": iterative_stratification,
}
MODULES = {"iterative-stratification": "iterstrat"}
"""What has to be installed for a tool."""


def leaks(articles: Articles, split_of: np.ndarray) -> int:
    """Return the number of clusters in more than one split."""
    splits = defaultdict(set)
    for cluster, split in zip(articles.clusters.tolist(), split_of.tolist(), strict=True):
        splits[cluster].add(split)
    return sum(len(found) > 1 for found in splits.values())


def imbalance(articles: Articles, split_of: np.ndarray) -> float:
    """Return the largest difference between the share of a label in a split and the share asked for."""
    in_split = np.array([articles.counts[split_of == split].sum(axis=0) for split in range(len(SPLITS))])
    shares = in_split / articles.counts.sum(axis=0)
    return float(np.abs(shares - np.array([[RATIOS[split]] for split in SPLITS])).max())


def main() -> None:
    """Run every tool on the same articles, and print a row for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("articles", type=int, nargs="?", default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    articles = Articles(options.articles)
    tools = {name: partial(tool, articles) for name, tool in TOOLS.items() if find_spec(MODULES.get(name, "numpy"))}
    took = take_turns(tools, options.rounds, warm_up=False)
    print_header("tool", "time", "ratio", "clusters that leak", "imbalance")
    for name, timing in took.items():
        split_of = timing.result
        quality = f"{leaks(articles, split_of):,}", f"{imbalance(articles, split_of):.2%}"
        print_row((name, duration(timing), ratio(timing, took["goldwire"]), *quality))
    for name in TOOLS.keys() - took.keys():
        print_row((name, f"not run: no module {MODULES[name]}", "", "", ""))
    many = Articles(10 * options.articles)
    tenfold: Timing = take_turns({"tenfold": partial(goldwire, many)}, 1, warm_up=False)["tenfold"]
    quality = f"{leaks(many, tenfold.result):,}", f"{imbalance(many, tenfold.result):.2%}"
    print_row(
        (f"goldwire, {len(many.items):,} articles", duration(tenfold), ratio(tenfold, took["goldwire"]), *quality)
    )
    print_reasons(took["goldwire"].median, {name: timing.median for name, timing in took.items()}, REASONS)


if __name__ == "__main__":
    main()
