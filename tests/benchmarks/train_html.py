"""Train the HTML block networks on pages with gold text, and judge them on unseen sites.

    python tests/benchmarks/train_html.py PAGES.jsonl.gz [--write]

PAGES has one row per page: {url, html, gold_text}. Prints 4-gram precision, recall and F1 over ten folds by site (a
site is in one fold), for four ways to fold. `--write` trains on all pages and writes
scripts/goldwire/extraction/html/weights.npz with the data's digest and the scores.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests"), str(Path(__file__).parent)]

from networks import TrainingOptions, save_network, train

from goldwire.extraction.html import extractor
from goldwire.extraction.network import BLOCKS, Network, probabilities
from support.article_score import (
    best_selection,
    line_weights,
    macro_scores,
    ngrams,
    precision_recall,
    print_line,
    site_of,
)

FOLDS, FOLDINGS = 10, 4
OPTIONS = TrainingOptions(units=16, networks=6, epochs=8, batch=512, rate=3e-3, decay=2e-4, dropout=0.5)


class Sample:
    """A page with its gold, and which of its blocks are body."""

    def __init__(self, row: dict[str, str]) -> None:
        self.site = site_of(row["url"])
        self.gold = ngrams(row["gold_text"])
        reading = extractor.read(row["html"])
        assert reading is not None, row["url"]
        self.page, self.looks, self.main = reading.page, reading.looks, reading.main
        self.texts = [block.text for block in reading.page.blocks]
        # Of what is never chosen, such as a second copy of the whole text in one block, nothing is to be learned: two
        # pages' paragraphs were labelled residue for it, and a network trained on these found nothing in one of them.
        open_ = extractor.choose(self.page, np.ones(len(self.texts), np.float32), self.main)
        self.body = np.zeros(len(self.texts), bool)
        self.body[open_] = best_selection([self.texts[place] for place in open_], self.gold)
        self.weights = line_weights(self.texts)

    def score(self, likely: np.ndarray) -> tuple[float, float]:
        chosen = [extractor.tidy(self.texts[place]) for place in extractor.choose(self.page, likely, self.main)]
        return precision_recall("\n".join(extractor.without_residue(chosen)), self.gold)


def fit(samples: list[Sample], seed: int) -> Network:
    looks, body, heavy = (
        np.concatenate(column) for column in zip(*((s.looks, s.body, s.weights) for s in samples), strict=True)
    )
    return train(looks, body, heavy, OPTIONS, seed)


def judge(samples: list[Sample], folding: int) -> tuple[float, float, float]:
    sites = sorted({each.site for each in samples})
    np.random.default_rng(folding).shuffle(sites)
    fold = {site: place % FOLDS for place, site in enumerate(sites)}
    scores = []
    for number in range(FOLDS):
        networks = fit([each for each in samples if fold[each.site] != number], number + 1000 * folding)
        scores += [each.score(probabilities(each.looks, networks)) for each in samples if fold[each.site] == number]
    return macro_scores(scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    data = asked.pages.read_bytes()
    samples = [Sample(json.loads(line)) for line in gzip.decompress(data).splitlines()]
    best = macro_scores(each.score(each.body.astype(np.float32)) for each in samples)
    print_line(
        f"{len(samples)} pages, {sum(len(each.texts) for each in samples)} blocks; the best choice scores {best[2]:.4f}"
    )
    found = []
    for folding in range(FOLDINGS):
        found.append(judge(samples, folding))
        print_line("folding {}: P {:.4f} R {:.4f} F1 {:.4f}".format(folding, *found[-1]))
    scores = np.mean(found, axis=0)
    print_line("mean:      P {:.4f} R {:.4f} F1 {:.4f}".format(*scores))
    if asked.write:
        told = "10 folds by site, four foldings: P {:.4f} R {:.4f} F1 {:.4f}".format(*scores)
        digest = hashlib.sha256(data).hexdigest()
        save_network(fit(samples, 0), BLOCKS, made_by="tests/benchmarks/train_html.py", data_sha256=digest, scores=told)


if __name__ == "__main__":
    main()
