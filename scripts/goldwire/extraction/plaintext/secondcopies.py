"""Find second copies: pages repeat their whole text in one line or block, for search engines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from goldwire.text.batches import InMemoryTexts
from goldwire.text.ngrams import Hashes, Offsets, ngram_counts, text_ngrams

__all__ = ["find", "said_above"]

_WORDS = 60
_SHARE = 0.6  # of its grams: of 14 copies on 665 pages the least had .79, and the next line of so many words .21


def find(lines: Sequence[str], said: Sequence[bool]) -> set[int]:
    """Give which long lines are made of what lines above them said: most of their word 5-grams stand there.

    `said` are those that may be, by their words.
    """
    shortest = 2 * _WORDS - 1  # characters
    able = [index for index, line in enumerate(lines) if said[index] and len(line) >= shortest]
    long = [index for index in able if lines[index].count(" ") >= _WORDS - 1]
    if not long:
        return set()
    grams, bounds = text_ngrams(*InMemoryTexts(lines).slice(0, long[-1] + 1))
    above, count = said_above(grams, bounds), ngram_counts(bounds)
    return {index for index in long if above[index] >= _SHARE * max(count[index], 1)}


def said_above(grams: Hashes, bounds: Offsets) -> Offsets:
    """Count the grams of each line that stand in lines above it."""
    _, first, number = np.unique(grams, return_index=True, return_inverse=True)
    line = np.arange(len(bounds) - 1).repeat(np.diff(bounds))
    is_above = (grams > 0) & (first[number] < bounds[line])
    return np.bincount(line[is_above], minlength=len(bounds) - 1)
