"""What an extracted text scores against its gold: word 4-grams, as the public article-extraction benchmark has them."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

import numpy as np

WORD = re.compile(r"\w+")
Grams = Counter[tuple[str, ...]]


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def site(url: str) -> str:
    return ".".join(urlsplit(url).netloc.split(".")[-2:])


def grams(text: str) -> Grams:
    words = WORD.findall(text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))) if words else Counter()


def score(text: str, gold: Grams) -> tuple[float, float]:
    """Precision and recall over multisets."""
    found = grams(text)
    both = sum((gold & found).values())
    return (both / sum(found.values()) if found else 0.0), (both / sum(gold.values()) if gold else 1.0)


def macro(scores: Iterable[tuple[float, float]]) -> tuple[float, float, float]:
    """Mean precision and recall, and the F1 of these."""
    precision, recall = np.mean(list(scores), axis=0)
    return float(precision), float(recall), float(2 * precision * recall / (precision + recall))


def weights(texts: Sequence[str]) -> np.ndarray:
    """Weigh lines or blocks by the root of their words, and pages by the root of that."""
    each = np.sqrt([1 + len(WORD.findall(text)) for text in texts])
    return each / np.sqrt(each.sum())


def label(texts: Sequence[str], gold: Grams) -> np.ndarray:
    """Choose the texts that together score best against the gold: those it covers, then one by one while it helps."""
    words = [WORD.findall(text) for text in texts]
    owner = np.repeat(np.arange(len(texts)), [len(each) for each in words])
    flat = [word for each in words for word in each]
    covered = np.zeros(len(flat), bool)
    for i in range(len(flat) - 3):
        covered[i : i + 4] |= tuple(flat[i : i + 4]) in gold
    share = np.bincount(owner, covered, len(texts)) / np.maximum(np.bincount(owner, minlength=len(texts)), 1)
    chosen = share >= 0.5

    def value() -> float:
        found = grams("\n".join(text for text, body in zip(texts, chosen, strict=True) if body))
        return 2 * sum((gold & found).values()) / max(sum(gold.values()) + sum(found.values()), 1)

    best = value()
    for i in np.flatnonzero(share > 0):
        chosen[i] ^= True
        if value() > best + 1e-9:
            best = value()
        else:
            chosen[i] ^= True
    return chosen
