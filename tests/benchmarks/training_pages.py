"""Pages with gold text as training examples for HTML blocks."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from page_variants import variant

from goldwire.errors import DataError
from goldwire.extraction.html.block_features import FEATURE_NAMES, with_verdicts
from goldwire.extraction.html.blocks import parse
from goldwire.extraction.html.decoding import choose_blocks
from goldwire.extraction.html.extractor import analyze_page, article_paragraphs, select_blocks
from goldwire.extraction.html.metadata import read_metadata
from goldwire.extraction.network import Network, probabilities
from support.article_score import best_selection, line_weights, ngrams, site_of

COLUMN = {name: number for number, name in enumerate(FEATURE_NAMES)}
OPENING_WORDS, LABEL_WORDS, PROSE_WORDS = 40, 15, 15
CUT_SHARE = 0.25  # of the gold's words: more prose after its end, in the same elements, and the gold is cut short
MOST_BLOCKS = 120  # of a page in training: others are drawn by their weights
VERDICT_DROPOUT = 0.25


class Page:
    """A page with its gold text, its blocks, which of them are body, and their features.

    `convention` is the set of pages whose rules of what belongs to an article the gold follows. A page without gold
    text has no body.
    """

    def __init__(self, row: dict[str, str], convention: str, seed: int | None = None) -> None:
        html = row["html"] if seed is None else variant(row["html"], seed)
        analyzed = analyze_page(html)
        if analyzed is None or not analyzed.page.blocks:
            raise DataError("a page without text")
        self.convention, self.is_variant, self.row_id = convention, seed is not None, row.get("id", "")
        # A variant may lack the statement of its address. It is of the site of the page that it was made from: else it
        # was in training where that page was scored (271 of 671 variants of older pages).
        address = row.get("url") or stated_address(row["html"])
        self.site = site_of(address) if address else f"{convention}-{self.row_id}"
        self.has_gold, self.gold = "gold_text" in row, ngrams(row.get("gold_text", ""))
        self.segments = (row.get("with") or (), row.get("without") or ())
        self.blocks, self.described, self.verdicts = analyzed.page, analyzed.described, analyzed.verdicts
        self.not_body = {
            analyzed.metadata.value("headline"),
            *(caption.value for caption in analyzed.metadata.captions),
        }
        self.texts = [block.text for block in analyzed.page.blocks]
        self.n_words = analyzed.described.words.count
        all_blocks = np.ones(len(self.texts), bool)
        certain = all_blocks.astype(float)
        # With boxes: among all blocks, an article in one of several posts seems to be in a box.
        everything = select_blocks(self.blocks, all_blocks, self.verdicts[0], certain, without_boxes=False)
        # Blocks that are never selected, such as a second copy of the whole text, are not examples of body: two pages'
        # paragraphs were labelled boilerplate for a copy, and a network trained on these found no body in one of them.
        self.is_body = np.zeros(len(self.texts), bool)
        self.is_body[everything] = best_selection([self.texts[index] for index in everything], self.gold)
        self.weights = line_weights(self.texts) * self._is_example()

    def features(self) -> np.ndarray:
        """Return the features of all blocks."""
        return with_verdicts(self.described, self.verdicts)

    def examples(self, is_body: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return features, labels and weights of the blocks to train on; in variants some verdicts are missing."""
        verdicts = list(self.verdicts)
        if self.is_variant:
            for number in range(len(verdicts)):
                if random.random() < VERDICT_DROPOUT:
                    verdicts[number] = np.zeros(len(self.texts))
        share = np.minimum(1, MOST_BLOCKS * self.weights / max(self.weights.sum(), 1e-9))
        drawn = random.random(len(share)) < share
        features = with_verdicts(self.described, verdicts)[drawn]
        return features, is_body[drawn], (self.weights / np.maximum(share, 1e-9))[drawn]

    def body(self, is_chosen: np.ndarray, probability: np.ndarray) -> str:
        """Return the body that the chosen blocks make."""
        selected = select_blocks(self.blocks, is_chosen, self.verdicts[0], probability)
        texts = [self.texts[index] for index in selected]
        return "\n".join(article_paragraphs(texts, self.not_body, probability[selected].tolist()))

    def predicted(self, network: Network) -> np.ndarray:
        """Return the probability of each block to be body."""
        return probabilities(self.features(), network)

    def choice(self, probability: np.ndarray) -> np.ndarray:
        """Return which blocks are chosen."""
        return choose_blocks(probability, self.n_words).is_chosen

    def _is_example(self) -> np.ndarray:
        """Return which blocks say something about articles, and not only about the habits of a set of gold texts.

        Left out are headlines, bylines and dates that a gold text has, and the rest of an article of which the gold
        has only the beginning.
        """
        features, index = self.described.features, np.arange(len(self.texts))
        is_prose = self.n_words >= PROSE_WORDS
        prose = np.flatnonzero(self.is_body & is_prose & (features[:, COLUMN["ends_sentence"]] > 0))
        first = prose[0] if len(prose) else len(index)
        is_dated = (features[:, COLUMN["cue_date"]] > 0) | (features[:, COLUMN["cue_author"]] > 0)
        is_opening = self.is_body & (self.n_words < OPENING_WORDS) & (index < first)
        is_label = self.is_body & (self.n_words < LABEL_WORDS) & is_dated
        is_rest = np.zeros(len(index), bool)
        body = np.flatnonzero(self.is_body)
        if len(body):
            parents = [self.blocks.elements[block.element].parent for block in self.blocks.blocks]
            of_article = {parents[number] for number in body if is_prose[number]}
            unlinked = is_prose & (features[:, COLUMN["linked"]] < 0.3)
            rest = [n for n in range(body[-1] + 1, len(index)) if unlinked[n] and parents[n] in of_article]
            is_rest[body[-1] + 1 :] = self.n_words[rest].sum() > CUT_SHARE * self.n_words[body].sum()
        return ~(is_opening | is_label | is_rest)


def stated_address(html: str) -> str:
    """Return the address that a page states; "" if it states none."""
    tree = parse(html)
    return "" if tree is None else read_metadata(tree).value("url")


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read pages of JSON Lines, compressed by gzip."""
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def load_page(job: tuple[dict[str, str], str, int | None]) -> Page | None:
    """Make a page, in its own markup or as a variant; None if it has no text."""
    try:
        return Page(*job)
    except DataError:
        return None


def jobs(
    rows: Sequence[dict[str, str]], convention: str, n_variants: int
) -> Iterator[tuple[dict[str, str], str, int | None]]:
    """Yield the arguments of `load_page` for each row and its variants."""
    for number, row in enumerate(rows):
        for seed in (None, *(number + 10_000 * copy for copy in range(n_variants))):
            yield row, convention, seed
