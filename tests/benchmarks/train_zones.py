"""Train the network for lines on pages with gold text, and judge it on sites that it has not seen.

    python tests/benchmarks/train_zones.py PAGES.jsonl.gz [--more MORE.jsonl.gz] [--write]

PAGES has one row per page: {url, raw_text, gold_text}. Prints 4-gram F1 over ten folds by site: all pages of a site
are in one fold. MORE, which dump_pages.py writes, and the repository's own text pages are used in training, but not to
judge; none of the site of a judged page is used. `--write` trains on all pages and writes
scripts/goldwire/extraction/plaintext/weights.npz with the digests of the data and the scores.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import re
import sys
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests"), str(Path(__file__).parent)]

from bench_extract import own_rows
from networks import TrainingOptions, save_network, train

from goldwire.extraction.network import LINES, Network
from goldwire.extraction.plaintext.context_features import context_features
from goldwire.extraction.plaintext.line_features import FEATURE_NAMES, line_features, tokenize_lines
from goldwire.extraction.plaintext.segmenter import segment_page
from goldwire.text.normalization import normalize
from support.article_score import (
    best_selection,
    line_weights,
    macro_scores,
    ngrams,
    precision_recall,
    print_line,
    site_of,
)

FOLDS, ORIGINAL_WEIGHT = 10, 2.0
OPTIONS = TrainingOptions(units=16, networks=4, epochs=16, batch=1024, rate=5e-3, decay=6e-3)
MIXTURES, MIXTURES_MORE = 6, 2  # of each page with gold text, and of each page of MORE
MIXTURES_OWN = 0  # of the repository's pages: they are invented, and alike
IS_TITLE = FEATURE_NAMES.index("is_title")


class Page:
    """A page with its gold, its lines, which of them are body, and their features."""

    def __init__(self, row: dict[str, str], mixtures: int) -> None:
        self.mixtures = mixtures
        self.site = site_of(row["url"])
        self.raw, self.gold = row["raw_text"], ngrams(row["gold_text"])
        self.lines = [line for line in normalize(row["raw_text"]).text.split("\n") if line]
        self.is_body = best_selection(self.lines, ngrams(normalize(row["gold_text"]).text))
        features = line_features(tokenize_lines("\n".join(self.lines).encode()))
        self.features, self.is_like_title = context_features(features), features[:, IS_TITLE] > 0


def mixture(page: Page, other: Page, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Set one page's article, with a few lines around it, into the boilerplate of another."""
    body, other_body = np.flatnonzero(page.is_body), np.flatnonzero(other.is_body)
    if not len(body) or not len(other_body):
        return None
    first = max(body[0] - random.integers(2, 16), 1)
    last = min(body[-1] + 1 + random.integers(1, 16), len(page.is_body))
    headline = re.split(r"\s+[|\-–—•:]\s+(?=[^|\-–—]*$)", page.lines[0])[0]
    above = range(1, max(other_body[0] - random.integers(0, 6), 1))
    before = [headline if other.is_like_title[i] else other.lines[i] for i in above]
    after = other.lines[min(other_body[-1] + 1 + random.integers(0, 3), len(other.lines)) :]
    before, after = (part if random.random() > 0.15 else [] for part in (before, after))
    top = [page.lines[0]] if random.random() > 0.15 else []
    lines = [*top, *before, *page.lines[first:last], *after]
    is_body = np.zeros(len(lines), bool)
    start = len(top) + len(before)
    is_body[start : start + last - first] = page.is_body[first:last]
    features = context_features(line_features(tokenize_lines("\n".join(lines).encode())))
    return features, is_body, line_weights(lines)


def fit(pages: list[Page], seed: int) -> Network:
    """Train networks on the pages and on mixtures of them."""
    random = np.random.default_rng(seed)
    rows = [(page.features, page.is_body, ORIGINAL_WEIGHT * line_weights(page.lines)) for page in pages]
    for page in pages:
        mixtures = (mixture(page, pages[random.integers(len(pages))], random) for _ in range(page.mixtures))
        rows += [row for row in mixtures if row is not None]
    features, is_body, weights = (np.concatenate(column) for column in zip(*rows, strict=True))
    return train(features, is_body, weights, OPTIONS, seed)


def extract_body(page: Page, network: Network) -> str:
    """Extract a page's body as goldwire does, with this network."""
    text = normalize(page.raw).text
    zones = segment_page(text, network=network).zones
    return "\n\n".join(text[zone.start : zone.end] for zone in zones if zone.zone == "body")


def judge_fold(task: tuple[int, list[Page], list[Page]]) -> list[tuple[float, float]]:
    """Score pages by a network that has seen no page of their sites."""
    number, training, test = task
    network = fit(training, number)
    return [precision_recall(extract_body(page, network), page.gold) for page in test]


def cross_validate(pages: list[Page], more: list[Page]) -> tuple[float, float, float]:
    """Return precision, recall and F1, of every page by a network that has seen no page of its site."""
    sites = sorted({page.site for page in pages})
    order = np.random.default_rng(0).permutation(len(sites))
    folds = [{sites[site] for site in order[number::FOLDS]} for number in range(FOLDS)]
    tasks = [
        (
            number,
            [page for page in (*pages, *more) if page.site not in test_sites],
            [page for page in pages if page.site in test_sites],
        )
        for number, test_sites in enumerate(folds)
    ]
    scores: list[tuple[float, float]] = []
    with Pool() as pool:
        for number, fold_scores in enumerate(pool.imap(judge_fold, tasks), 1):
            scores += fold_scores
            print_line(f"fold {number} of {FOLDS}: F1 so far {macro_scores(scores)[2]:.4f}")
    return macro_scores(scores)


def read_pages(path: Path | None, mixtures: int) -> tuple[list[Page], str]:
    """Read pages, and return them with the digest of their file."""
    if path is None:
        return [], ""
    data = path.read_bytes()
    rows = gzip.decompress(data).splitlines()
    return [Page(json.loads(row), mixtures) for row in rows], hashlib.sha256(data).hexdigest()


def own_pages() -> list[Page]:
    """Read the repository's own text pages, also those without an article."""
    rows = dict(own_rows("article", "rejected"))["corpus, raw_text"]
    return [Page({"url": "", **row}, MIXTURES_OWN) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--more", type=Path, help="pages that are used in training but not to judge")
    parser.add_argument("--write", action="store_true", help="train on all pages and write the weights")
    options = parser.parse_args()
    pages, digest = read_pages(options.pages, MIXTURES)
    more, digest_more = read_pages(options.more, MIXTURES_MORE)
    ours = own_pages()
    precision, recall, f1 = cross_validate(pages, [*more, *ours])
    scores = f"{FOLDS} folds by site: P {precision:.4f} R {recall:.4f} F1 {f1:.4f}"
    print_line(f"{len(pages)} pages, {scores}")
    if options.write:
        learnt = f"{len(pages)} pages, {len(more)} of {digest_more or 'none'}, {len(ours)} of the repository"
        network = fit([*pages, *more, *ours], 0)
        made_by = "tests/benchmarks/train_zones.py"
        save_network(network, LINES, made_by=made_by, data_sha256=digest, learnt=learnt, scores=scores)


if __name__ == "__main__":
    main()
