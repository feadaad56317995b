"""Train the network of `goldwire.extraction.network` on pages with gold text, and judge it on sites it has not seen.

    python tests/benchmarks/train_zones.py PAGES.jsonl.gz [--more MORE.jsonl.gz] [--write]

PAGES has a row a page: {url, raw_text, gold_text}. Prints 4-gram F1 over ten folds by site (a site is in one fold).
MORE, which dump_pages.py makes, and the repository's own text pages are learnt from but never judged by; of a judged
page's site nothing is learnt. `--write` trains on all pages and writes
scripts/goldwire/extraction/plaintext/weights.npz with the data's
digests and the scores.
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
sys.path[:0] = [str(ROOT / "scripts"), str(Path(__file__).parent)]

from article_score import grams, label, macro, say, score, site, weights
from bench_extract import own_rows
from networks import Way, keep, train

from goldwire.extraction.network import LINES, Network
from goldwire.extraction.plaintext.context_features import context_features
from goldwire.extraction.plaintext.line_features import FEATURE_NAMES, line_features, tokenize_lines
from goldwire.extraction.plaintext.segmenter import segment_page
from goldwire.text.normalization import normalize

FOLDS, ORIGINAL = 10, 2.0
WAY = Way(units=16, networks=4, epochs=16, batch=1024, rate=5e-3, decay=6e-3)
MIXES, MIXES_MORE, MIXES_OWN = 6, 2, 0  # of a page with gold, of one more, and of the repository's: invented, and alike
IS_TITLE = FEATURE_NAMES.index("is_title")


class Page:
    """A page with its gold, its lines, which of them are body, and what they look like."""

    def __init__(self, row: dict[str, str], mixes: int) -> None:
        self.mixes = mixes
        self.site = site(row["url"])
        self.raw, self.gold = row["raw_text"], grams(row["gold_text"])
        self.lines = [line for line in normalize(row["raw_text"]).text.split("\n") if line]
        self.body = label(self.lines, grams(normalize(row["gold_text"]).text))
        features = line_features(tokenize_lines("\n".join(self.lines).encode()))
        self.features, self.like_title = context_features(features), features[:, IS_TITLE] > 0


def mixed(page: Page, other: Page, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Set one page's article, with a few lines around it, into the residue of another."""
    own, its = np.flatnonzero(page.body), np.flatnonzero(other.body)
    if not len(own) or not len(its):
        return None
    first, last = max(own[0] - random.integers(2, 16), 1), min(own[-1] + 1 + random.integers(1, 16), len(page.body))
    headline = re.split(r"\s+[|\-–—•:]\s+(?=[^|\-–—]*$)", page.lines[0])[0]
    above = range(1, max(its[0] - random.integers(0, 6), 1))
    before = [headline if other.like_title[i] else other.lines[i] for i in above]
    after = other.lines[min(its[-1] + 1 + random.integers(0, 3), len(other.lines)) :]
    before, after = (part if random.random() > 0.15 else [] for part in (before, after))
    top = [page.lines[0]] if random.random() > 0.15 else []
    whole = [*top, *before, *page.lines[first:last], *after]
    body = np.zeros(len(whole), bool)
    start = len(top) + len(before)
    body[start : start + last - first] = page.body[first:last]
    return context_features(line_features(tokenize_lines("\n".join(whole).encode()))), body, weights(whole)


def fit(pages: list[Page], seed: int) -> Network:
    """Train networks on the pages and on mixtures of them."""
    random = np.random.default_rng(seed)
    rows = [(page.features, page.body, ORIGINAL * weights(page.lines)) for page in pages]
    for page in pages:
        found = (mixed(page, pages[random.integers(len(pages))], random) for _ in range(page.mixes))
        rows += [row for row in found if row is not None]
    features, body, weight = (np.concatenate(column) for column in zip(*rows, strict=True))
    return train(features, body, weight, WAY, seed)


def extracted(page: Page, network: Network) -> str:
    """Extract a page's body as goldwire does, with this network."""
    text = normalize(page.raw).text
    zones = segment_page(text, network=network).zones
    return "\n\n".join(text[zone.start : zone.end] for zone in zones if zone.zone == "body")


def fold(task: tuple[int, list[Page], list[Page]]) -> list[tuple[float, float]]:
    """Score pages by a network that has seen no page of their sites."""
    number, learnt, kept_back = task
    network = fit(learnt, number)
    return [score(extracted(page, network), page.gold) for page in kept_back]


def judged(pages: list[Page], more: list[Page]) -> tuple[float, float, float]:
    """Score every page by a network that has seen no page of its site."""
    sites = sorted({page.site for page in pages})
    order = np.random.default_rng(0).permutation(len(sites))
    folds = [{sites[site] for site in order[number::FOLDS]} for number in range(FOLDS)]
    tasks = [
        (
            number,
            [page for page in (*pages, *more) if page.site not in hidden],
            [page for page in pages if page.site in hidden],
        )
        for number, hidden in enumerate(folds)
    ]
    scores: list[tuple[float, float]] = []
    with Pool() as pool:
        for number, found in enumerate(pool.imap(fold, tasks), 1):
            scores += found
            say(f"fold {number} of {FOLDS}: F1 so far {macro(scores)[2]:.4f}")
    return macro(scores)


def read(path: Path | None, mixes: int) -> tuple[list[Page], str]:
    """Read pages, and the digest of their file."""
    if path is None:
        return [], ""
    data = path.read_bytes()
    rows = gzip.decompress(data).splitlines()
    return [Page(json.loads(row), mixes) for row in rows], hashlib.sha256(data).hexdigest()


def own() -> list[Page]:
    """Read the repository's own text pages, also those that are no article."""
    rows = dict(own_rows("article", "rejected"))["corpus, raw_text"]
    return [Page({"url": "", **row}, MIXES_OWN) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--more", type=Path, help="pages to learn from that are not judged by")
    parser.add_argument("--write", action="store_true", help="train on all pages and write the weights")
    options = parser.parse_args()
    pages, digest = read(options.pages, MIXES)
    more, digest_more = read(options.more, MIXES_MORE)
    ours = own()
    precision, recall, f1 = judged(pages, [*more, *ours])
    told = f"{FOLDS} folds by site: P {precision:.4f} R {recall:.4f} F1 {f1:.4f}"
    say(f"{len(pages)} pages, {told}")
    if options.write:
        learnt = f"{len(pages)} pages, {len(more)} of {digest_more or 'none'}, {len(ours)} of the repository"
        trained = fit([*pages, *more, *ours], 0)
        made_by = "tests/benchmarks/train_zones.py"
        keep(trained, LINES, made_by=made_by, data_sha256=digest, learnt=learnt, scores=told)


if __name__ == "__main__":
    main()
