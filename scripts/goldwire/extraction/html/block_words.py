"""The words of a page's blocks as numbers, and how much of each block another text covers."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, repeat

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.html.blocks import Block
from goldwire.text.words import word_pieces

__all__ = ["BlockWords", "ngram_coverage", "number_words", "words"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NGRAM = 3  # words
_NUMBER_BITS = 20  # of a word's number: three of them fit into 63 bits


class BlockWords(msgspec.Struct, frozen=True, eq=False):
    """The words of blocks, numbered in the order of their first occurrence.

    Attributes
    ----------
    numbers : dict of str to int
        Number of each word.
    by_block : list of list of str
        Words of each block, in lower case.
    flat : array of int, shape (words,)
        Numbers of all words in reading order.
    block_of : array of int, shape (words,)
        Block of each word.
    count : array of int, shape (blocks,)
        Number of words of each block.
    """

    numbers: dict[str, int]
    by_block: list[list[str]]
    flat: Ints
    block_of: Ints
    count: Ints

    def count_of(self, vocabulary: frozenset[str]) -> Floats:
        """Return how many words of each block are in a vocabulary."""
        is_member = np.zeros(len(self.numbers) + 1, bool)
        is_member[[self.numbers[word] for word in vocabulary if word in self.numbers]] = True
        return np.bincount(self.block_of, is_member[self.flat], len(self.count)).astype(float)


def words(text: str) -> list[str]:
    """Return the words of a text in lower case; pieces of them where no blanks separate words."""
    return word_pieces(text.lower())


def number_words(blocks: Sequence[Block]) -> BlockWords:
    """Number the words of blocks."""
    by_block = [words(block.text) for block in blocks]
    count = np.fromiter(map(len, by_block), np.int64, len(by_block))
    numbers: defaultdict[str, int] = defaultdict(itertools.count().__next__)  # a new word has the next number
    flat = np.fromiter(map(numbers.__getitem__, chain.from_iterable(by_block)), np.int64, int(count.sum()))
    numbers.default_factory = None
    return BlockWords(numbers, by_block, flat, np.repeat(np.arange(len(blocks)), count), count)


def ngram_coverage(block_words: BlockWords, text: str) -> Floats:
    """Return the share of each block's word 3-grams that a text has too; 0 for blocks of fewer than three words."""
    n_blocks = len(block_words.count)
    text_words = words(text)
    numbers = np.fromiter(map(block_words.numbers.get, text_words, repeat(-1)), np.int64, len(text_words))
    text_ngrams = np.sort(_ngrams(numbers))
    if not len(text_ngrams):
        return np.zeros(n_blocks)
    ngrams = _ngrams(block_words.flat)
    first = block_words.block_of[: len(ngrams)]
    is_within_block = first == block_words.block_of[_NGRAM - 1 : _NGRAM - 1 + len(ngrams)]
    first, ngrams = first[is_within_block], ngrams[is_within_block]
    # Half the time of np.isin, which sorts both.
    is_covered = text_ngrams[np.searchsorted(text_ngrams[:-1], ngrams)] == ngrams
    covered, total = np.bincount(first, is_covered, n_blocks), np.bincount(first, minlength=n_blocks)
    return np.asarray(covered / np.maximum(total, 1))


def _ngrams(numbers: Ints) -> Ints:
    """Return one number for each word n-gram: equal if the n-grams are, negative if a word has no number (-1)."""
    count = max(len(numbers) - _NGRAM + 1, 0)
    ngrams = numbers[:count]
    for offset in range(1, _NGRAM):
        ngrams = ngrams << _NUMBER_BITS | numbers[offset : count + offset]
    return ngrams
