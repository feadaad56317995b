"""Train the network of `goldwire.model` on pages with gold text, and judge it on sites it has not seen.

    python tests/benchmarks/train_zones.py PAGES.jsonl.gz [--write]

PAGES has a row a page: {url, raw_text, gold_text}. Prints 4-gram F1 over ten folds by site (a site is in one fold).
`--write` trains on all pages and writes scripts/goldwire/zones.npz with the data's digest and the scores.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from goldwire import context, lines, zones  # noqa: E402
from goldwire.model import WEIGHTS, Network  # noqa: E402
from goldwire.text import clean  # noqa: E402

WORD = re.compile(r"\w+")
FOLDS, UNITS, NETWORKS, MIXES, ORIGINAL = 10, 16, 4, 4, 2.0
IS_TITLE = lines.BASE.index("is_title")


class Page:
    """A page with its gold, its lines, which of them are body, and what they look like."""

    def __init__(self, row: dict[str, str]) -> None:
        self.site = ".".join(urlsplit(row["url"]).netloc.split(".")[-2:])
        self.raw, self.gold = row["raw_text"], grams(row["gold_text"])
        self.lines = [line for line in clean(row["raw_text"]).text.split("\n") if line]
        self.body = label(self.lines, clean(row["gold_text"]).text)
        looks = lines.look("\n".join(self.lines).encode()).looks
        self.features, self.like_title = context.describe(looks), looks[:, IS_TITLE] > 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def grams(text: str) -> Counter[tuple[str, ...]]:
    words = WORD.findall(text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))) if words else Counter()


def score(gold: Counter[tuple[str, ...]], text: str) -> tuple[float, float]:
    """Precision and recall over 4-gram multisets, as the public article-extraction benchmark has it."""
    found = grams(text)
    both = sum((gold & found).values())
    return (both / sum(found.values()) if found else 0.0), (both / sum(gold.values()) if gold else 1.0)


def macro(scores: Iterable[tuple[float, float]]) -> tuple[float, float, float]:
    precision, recall = np.mean(list(scores), axis=0)
    return precision, recall, 2 * precision * recall / (precision + recall)


def label(page: list[str], gold: str) -> np.ndarray:
    """Choose the lines that together score best against the gold: those it covers, then one by one while it helps."""
    words = [WORD.findall(line) for line in page]
    owner = np.repeat(np.arange(len(page)), [len(line) for line in words])
    flat, wanted = [word for line in words for word in line], grams(gold)
    covered = np.zeros(len(flat), bool)
    for i in range(len(flat) - 3):
        covered[i : i + 4] |= tuple(flat[i : i + 4]) in wanted
    share = np.bincount(owner, covered, len(page)) / np.maximum(np.bincount(owner, minlength=len(page)), 1)
    chosen = share >= 0.5

    def value() -> float:
        found = grams("\n".join(line for line, body in zip(page, chosen, strict=True) if body))
        return 2 * sum((wanted & found).values()) / max(sum(wanted.values()) + sum(found.values()), 1)

    best = value()
    for i in np.flatnonzero(share > 0):
        chosen[i] ^= True
        if value() > best + 1e-9:
            best = value()
        else:
            chosen[i] ^= True
    return chosen


def weights(page: list[str]) -> np.ndarray:
    """Weigh lines by the root of their words, and pages by the root of that."""
    each = np.sqrt([1 + len(WORD.findall(line)) for line in page])
    return each / np.sqrt(each.sum())


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
    return context.describe(lines.look("\n".join(whole).encode()).looks), body, weights(whole)


def fit(pages: list[Page], seed: int) -> Network:
    """Train networks on the pages and on mixtures of them."""
    from sklearn.neural_network import MLPClassifier

    random = np.random.default_rng(seed)
    rows = [(page.features, page.body, ORIGINAL * weights(page.lines)) for page in pages]
    for page in pages:
        found = (mixed(page, pages[random.integers(len(pages))], random) for _ in range(MIXES))
        rows += [row for row in found if row is not None]
    features, body, weight = (np.concatenate(column) for column in zip(*rows, strict=True))
    middle, deviation = features.mean(0), features.std(0)
    scale = 1 / np.where(deviation > 1e-6, deviation, 1)
    standard = np.clip((features - middle) * scale, -5, 5).astype(np.float32)
    options = {"alpha": 1.0, "max_iter": 14, "batch_size": 256, "learning_rate_init": 2e-3}
    found = [
        MLPClassifier((UNITS,), random_state=number, **options).fit(
            standard, body, sample_weight=weight / weight.mean()
        )
        for number in range(NETWORKS)
    ]
    return Network(
        middle,
        scale,
        np.concatenate([net.coefs_[0] for net in found], axis=1),
        np.concatenate([net.intercepts_[0] for net in found]),
        np.stack([net.coefs_[1][:, 0] for net in found]),
        np.array([net.intercepts_[1][0] for net in found]),
    )


def extracted(page: Page, network: Network) -> str:
    """Extract a page's body as goldwire does, with this network."""
    text = clean(page.raw).text
    parts = zones.divide(text, weights=network).parts
    return "\n\n".join(text[part.start : part.end] for part in parts if part.zone == "body")


def judged(pages: list[Page]) -> tuple[float, float, float]:
    """Score every page by a network that has seen no page of its site."""
    sites = sorted({page.site for page in pages})
    order = np.random.default_rng(0).permutation(len(sites))
    fold = {sites[site]: number % FOLDS for number, site in enumerate(order)}
    scores = []
    for number in range(FOLDS):
        network = fit([page for page in pages if fold[page.site] != number], number)
        scores += [score(page.gold, extracted(page, network)) for page in pages if fold[page.site] == number]
        say(f"fold {number + 1} of {FOLDS}: F1 so far {macro(scores)[2]:.4f}")
    return macro(scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--write", action="store_true", help="train on all pages and write the weights")
    options = parser.parse_args()
    data = gzip.decompress(options.pages.read_bytes())
    pages = [Page(json.loads(row)) for row in data.splitlines()]
    precision, recall, f1 = judged(pages)
    say(f"{len(pages)} pages, folds by site: precision {precision:.4f} recall {recall:.4f} F1 {f1:.4f}")
    if options.write:
        trained = fit(pages, 0)
        made = {"data_sha256": hashlib.sha256(data).hexdigest(), "pages": len(pages), "folds": FOLDS}
        made |= {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
        arrays = {name: getattr(trained, name).astype(np.float32) for name in Network.__struct_fields__}
        np.savez(ROOT / "scripts" / "goldwire" / WEIGHTS, made=json.dumps(made), **arrays)


if __name__ == "__main__":
    main()
