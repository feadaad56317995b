"""Score an extracted text against its gold: word 4-grams, as the public article-extraction benchmark does."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

import numpy as np

_WORD = re.compile(r"\w+")
Ngrams = Counter[tuple[str, ...]]


def print_line(line: str) -> None:
    """Print a line at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def site_of(url: str) -> str:
    """Return the last two labels of a URL's host."""
    return ".".join(urlsplit(url).netloc.split(".")[-2:])


def ngrams(text: str) -> Ngrams:
    """Return the multiset of word 4-grams of a text; of a shorter text, all its words are one n-gram."""
    words = _WORD.findall(text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))) if words else Counter()


def precision_recall(text: str, gold: Ngrams) -> tuple[float, float]:
    """Return precision and recall of a text's n-grams, as multisets."""
    extracted = ngrams(text)
    shared = sum((gold & extracted).values())
    precision = shared / sum(extracted.values()) if extracted else 0.0
    return precision, (shared / sum(gold.values()) if gold else 1.0)


def macro_scores(scores: Iterable[tuple[float, float]]) -> tuple[float, float, float]:
    """Return the mean precision, the mean recall, and the F1 of these."""
    precision, recall = np.mean(list(scores), axis=0)
    return float(precision), float(recall), float(2 * precision * recall / (precision + recall))


def line_weights(texts: Sequence[str]) -> np.ndarray:
    """Return training weights: lines or blocks by the root of their words, and pages by the root of that."""
    weights = np.sqrt([1 + len(_WORD.findall(text)) for text in texts])
    return weights / np.sqrt(weights.sum())


def best_selection(texts: Sequence[str], gold: Ngrams) -> np.ndarray:
    """Return which lines or blocks together score best against the gold.

    1. Those of whose words the gold covers at least half.
    2. Each of the others that the gold covers in part is added or removed, one by one, if that raises the F1.
    """
    words = [_WORD.findall(text) for text in texts]
    owner = np.repeat(np.arange(len(texts)), [len(line) for line in words])
    flat = [word for line in words for word in line]
    covered = np.zeros(len(flat), bool)
    for i in range(len(flat) - 3):
        covered[i : i + 4] |= tuple(flat[i : i + 4]) in gold
    share = np.bincount(owner, covered, len(texts)) / np.maximum(np.bincount(owner, minlength=len(texts)), 1)
    selected = share >= 0.5

    def f1() -> float:
        extracted = ngrams("\n".join(text for text, body in zip(texts, selected, strict=True) if body))
        return 2 * sum((gold & extracted).values()) / max(sum(gold.values()) + sum(extracted.values()), 1)

    best = f1()
    for i in np.flatnonzero(share > 0):
        selected[i] ^= True
        if f1() > best + 1e-9:
            best = f1()
        else:
            selected[i] ^= True
    return selected
