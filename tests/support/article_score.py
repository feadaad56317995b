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


def segment_scores(
    texts: Iterable[str], segments: Iterable[tuple[Sequence[str], Sequence[str]]]
) -> tuple[float, float, float]:
    """Return precision, recall and F1 of segments: those that each text must have, and those that it must not have."""
    found = missed = wrong = 0
    for text, (required, forbidden) in zip(texts, segments, strict=True):
        line = " ".join(text.split())
        hits = sum(" ".join(segment.split()) in line for segment in required)
        found += hits
        missed += len(required) - hits
        wrong += sum(" ".join(segment.split()) in line for segment in forbidden)
    precision, recall = found / max(found + wrong, 1), found / max(found + missed, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


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
    selection = _Selection(words, share >= 0.5, gold)
    for i in np.flatnonzero(share > 0).tolist():
        before = selection.f1()
        selection.flip(i)
        if selection.f1() <= before + 1e-9:
            selection.flip(i)
    return selection.selected


class _Selection:
    """Selected lines with their n-grams, updated line by line: to count all of a page for each line is quadratic."""

    def __init__(self, words: list[list[str]], selected: np.ndarray, gold: Ngrams) -> None:
        self.words, self.selected, self.gold = words, selected.copy(), gold
        self.n_gold = max(sum(gold.values()), 1)
        self.extracted = ngrams(" ".join(" ".join(line) for line, is_in in zip(words, selected, strict=True) if is_in))
        self.shared, self.size = sum((gold & self.extracted).values()), sum(self.extracted.values())

    def f1(self) -> float:
        """Return the F1 of the selection."""
        return 2 * self.shared / (self.n_gold + self.size)

    def flip(self, index: int) -> None:
        """Add a line to the selection, or remove it: n-grams change in it and up to three words around it."""
        before, after = self._words_before(index), self._words_after(index)
        without, within = _windows(before + after), _windows(before + self.words[index] + after)
        removed, added = (within, without) if self.selected[index] else (without, within)
        for sign, changed in ((-1, removed), (1, added)):
            for ngram in changed:
                count, in_gold = self.extracted[ngram], self.gold.get(ngram, 0)
                self.shared += min(count + sign, in_gold) - min(count, in_gold)
                self.extracted[ngram] = count + sign
                self.size += sign
        self.selected[index] ^= True

    def _words_before(self, index: int) -> list[str]:
        """Return the last three selected words before a line."""
        found: list[str] = []
        while index > 0 and len(found) < 3:
            index -= 1
            if self.selected[index]:
                found = self.words[index][-3 + len(found) :] + found
        return found[-3:]

    def _words_after(self, index: int) -> list[str]:
        """Return the first three selected words after a line."""
        found: list[str] = []
        while index < len(self.words) - 1 and len(found) < 3:
            index += 1
            if self.selected[index]:
                found += self.words[index][: 3 - len(found)]
        return found


def _windows(words: list[str]) -> list[tuple[str, ...]]:
    """Return the word 4-grams; none of a shorter text."""
    return [tuple(words[i : i + 4]) for i in range(len(words) - 3)]
