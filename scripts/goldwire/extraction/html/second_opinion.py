"""A second opinion on a page: which of its blocks another extractor takes as the main text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.html.block_words import BlockWords, ngram_coverage
from goldwire.extraction.html.blocks import BlockPage

__all__ = ["select_by_resiliparse"]

_MIN_WORDS = 3  # shorter blocks have no n-grams: they are selected where a line is equal


def select_by_resiliparse(markup: bytes, page: BlockPage, block_words: BlockWords) -> NDArray[np.float64]:
    """Return how much of each block Resiliparse extracts as main text, from 0 to 1.

    Parameters
    ----------
    markup : bytes
        The page in UTF-8, as `prepare_markup` returns it: with 200,000 attributes in a tag, Resiliparse takes minutes.
    page : BlockPage
        Its blocks.
    block_words : BlockWords
        The words of these blocks.

    References
    ----------
    J. Bevendorff, B. Stein, M. Hagen, M. Potthast (2018). Elastic ChatNoir: Search Engine for the ClueWeb and the
    Common Crawl. ECIR 2018.
    """
    if not page.blocks:
        return np.zeros(0)
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse_from_bytes(markup, "utf-8")
    text = extract_plain_text(tree, main_content=True, comments=False, alt_texts=False, list_bullets=False)
    lines = {" ".join(line.split()) for line in text.split("\n")}
    is_line = np.array([block.text in lines for block in page.blocks], float)
    return np.where(block_words.count < _MIN_WORDS, is_line, np.maximum(is_line, ngram_coverage(block_words, text)))
