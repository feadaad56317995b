"""Words of blocks as numbers, and the coverage of blocks by other texts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.extraction.html.block_words import BlockWords, ngram_coverage, number_words, words
from goldwire.extraction.html.blocks import Block


def block_words(*texts: str) -> BlockWords:
    return number_words([Block(0, text, 0, 0, 0, after_break=False) for text in texts])


def test_words_are_numbered_by_first_occurrence() -> None:
    numbered = block_words("The port, the quay", "…", "Quay and port")
    assert numbered.flat.tolist() == [0, 1, 0, 2, 2, 3, 1]
    assert numbered.block_of.tolist() == [0, 0, 0, 0, 2, 2, 2]
    assert numbered.count.tolist() == [4, 0, 3]
    assert numbered.count_of(frozenset(("the", "quay", "boat"))).tolist() == [3, 0, 1]


def test_coverage_is_the_share_of_trigrams_within_a_block() -> None:
    numbered = block_words("a b c d e", "f g", "h i j")
    assert ngram_coverage(numbered, "A B C, x c d e").tolist() == pytest.approx([2 / 3, 0, 0])
    assert ngram_coverage(numbered, "d e f g h").tolist() == [0, 0, 0]
    assert ngram_coverage(numbered, "a b").tolist() == [0, 0, 0]


WORDS = st.lists(st.sampled_from("abcd"), max_size=12).map(" ".join)


@given(st.lists(WORDS, min_size=1, max_size=5), WORDS)
def test_coverage_is_that_of_sets_of_trigrams(texts: list[str], other: str) -> None:
    def trigrams(text: str) -> list[tuple[str, ...]]:
        return list(zip(*(words(text)[start:] for start in range(3)), strict=False))

    covered = [[ngram in trigrams(other) for ngram in trigrams(text)] for text in texts]
    expected = [sum(flags) / max(len(flags), 1) for flags in covered]
    assert np.allclose(ngram_coverage(block_words(*texts), other), expected)
