"""Train the networks for HTML blocks on pages with gold text, and evaluate them on sites that they have not seen.

    python tests/benchmarks/train_html.py PAGES.jsonl.gz [--write]

PAGES has one row per page: {url, html, gold_text}. Prints 4-gram precision, recall and F1 over ten folds by site (all
pages of a site are in one fold), for four assignments of sites to folds. `--write` trains on all pages and writes
scripts/goldwire/extraction/html/weights.npz with the digest of the data and the scores.
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

from goldwire.extraction.html.extractor import analyze_page, article_paragraphs, select_blocks
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

FOLDS, ASSIGNMENTS = 10, 4
OPTIONS = TrainingOptions(units=16, networks=6, epochs=8, batch=512, rate=3e-3, decay=2e-4, dropout=0.5)


class Page:
    """A page with its gold text, its blocks, which of them are body, and their features."""

    def __init__(self, row: dict[str, str]) -> None:
        self.site = site_of(row["url"])
        self.gold = ngrams(row["gold_text"])
        analyzed = analyze_page(row["html"])
        assert analyzed is not None, row["url"]
        self.analyzed, self.features = analyzed, analyzed.features
        self.texts = [block.text for block in analyzed.page.blocks]
        # Blocks that are never selected, such as a second copy of the whole text, are no examples of body: two pages'
        # paragraphs were labelled boilerplate for a copy, and a network trained on these found no body in one of them.
        selectable = select_blocks(analyzed.page, np.ones(len(self.texts)), analyzed.is_heuristic)
        self.is_body = np.zeros(len(self.texts), bool)
        self.is_body[selectable] = best_selection([self.texts[index] for index in selectable], self.gold)
        self.weights = line_weights(self.texts)

    def score(self, probability: np.ndarray) -> tuple[float, float]:
        """Return precision and recall of the body that the probabilities select."""
        selected = select_blocks(self.analyzed.page, probability, self.analyzed.is_heuristic)
        paragraphs = article_paragraphs([self.texts[index] for index in selected])
        return precision_recall("\n".join(paragraphs), self.gold)


def fit(pages: list[Page], seed: int) -> Network:
    """Train networks on pages."""
    features, is_body, weights = (
        np.concatenate(column)
        for column in zip(*((page.features, page.is_body, page.weights) for page in pages), strict=True)
    )
    return train(features, is_body, weights, OPTIONS, seed)


def cross_validate(pages: list[Page], assignment: int) -> tuple[float, float, float]:
    """Return precision, recall and F1, of every page by networks that have seen no page of its site."""
    sites = sorted({page.site for page in pages})
    np.random.default_rng(assignment).shuffle(sites)
    fold = {site: number % FOLDS for number, site in enumerate(sites)}
    scores = []
    for number in range(FOLDS):
        networks = fit([page for page in pages if fold[page.site] != number], number + 1000 * assignment)
        scores += [page.score(probabilities(page.features, networks)) for page in pages if fold[page.site] == number]
    return macro_scores(scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    data = arguments.pages.read_bytes()
    pages = [Page(json.loads(line)) for line in gzip.decompress(data).splitlines()]
    best = macro_scores(page.score(page.is_body.astype(float)) for page in pages)
    print_line(
        f"{len(pages)} pages, {sum(len(page.texts) for page in pages)} blocks; the best selection scores {best[2]:.4f}"
    )
    scores = []
    for assignment in range(ASSIGNMENTS):
        scores.append(cross_validate(pages, assignment))
        print_line("assignment {}: P {:.4f} R {:.4f} F1 {:.4f}".format(assignment, *scores[-1]))
    mean = np.mean(scores, axis=0)
    print_line("mean:         P {:.4f} R {:.4f} F1 {:.4f}".format(*mean))
    if arguments.write:
        summary = "10 folds by site, four foldings: P {:.4f} R {:.4f} F1 {:.4f}".format(*mean)
        save_network(
            fit(pages, 0),
            BLOCKS,
            made_by="tests/benchmarks/train_html.py",
            data_sha256=hashlib.sha256(data).hexdigest(),
            scores=summary,
        )


if __name__ == "__main__":
    main()
