"""Features of blocks for the block classifier: families of named columns, stacked in the order of `FEATURE_NAMES`.

The families are the text of a block, its element, its position, the metadata of its page, its neighbours, the groups
of blocks that it belongs to, and how much of the page the heuristics select.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.html.block_words import BlockWords, ngram_coverage, number_words, words
from goldwire.extraction.html.blocks import Block, BlockPage, Element
from goldwire.extraction.html.class_names import CLASS_HINTS, TAGS, tag_bit
from goldwire.extraction.html.cues import CUES, cue_features
from goldwire.extraction.html.metadata import PageMetadata
from goldwire.extraction.html.tree_features import (
    GROUPINGS,
    PROSE_LEVELS,
    SENTENCE_ENDS,
    TreePositions,
    prose_features,
    prose_words,
    tree_positions,
)
from goldwire.extraction.html.verdict_features import VERDICT_COLUMNS, BlockGroups, verdict_features, window_sums

__all__ = ["FEATURE_NAMES", "DescribedBlocks", "describe_blocks", "with_verdicts"]

Floats = NDArray[np.float64]
Columns = Mapping[str, NDArray[Any]]

_TEXT = (
    *("words", "characters", "word_length", "linked", "links", "strong", "after_break"),
    *("ends_sentence", "ends_colon", "starts_quote", "sentence_ends", "commas", "has_address", "has_copyright"),
    *("capitals", "digits", "common_words", "has_appeal", "copies"),
)
_OWN_HINTS, _NEAR_HINTS = (tuple(f"{scope}_hint_{hint}" for hint in CLASS_HINTS) for scope in ("own", "near"))
_WITHIN_TAGS, _IS_TAG = (tuple(f"{scope}_{tag}" for tag in TAGS) for scope in ("within", "is"))
_ELEMENT = ("heading_level", "is_hidden", "is_article_body")
_POSITION = (
    *("depth", "block_place", "word_place", "page_blocks", "page_words"),
    *(f"prose_share_{level}" for level in range(PROSE_LEVELS)),
    *("parent_score", "above_candidate", "below_candidate", "from_first", "to_last"),
)
_METADATA = (
    *("in_article_body", "has_article_body", "headline_jaccard", "in_headline", "summary_jaccard", "of_summary"),
    *("from_headline", "from_last_headline", "from_h1"),
)
_NEIGHBOUR = (
    *("words", "linked", "ends_sentence", "sentence_ends", "is_p", "is_li", "is_h"),
    *("above_candidate", "below_candidate", "common_words", "strong", "headline_jaccard", "is_hidden"),
    *("in_article_body", "depth"),
)
"""Columns of a block that are also features of the blocks before and after it."""
_BEFORE, _AFTER = (tuple(f"{side}_{name}" for name in _NEIGHBOUR) for side in ("before", "after"))
_GROUP = ("linked_rate", "prose_share", "mean_words", "log_blocks")
_NEAR_WINDOWS = (3, 8)  # blocks on both sides
_DENSITY = tuple(f"{name}_within_{reach}" for reach in _NEAR_WINDOWS for name in ("words", "linked", "prose"))
_CUES = tuple(f"{scope}_{cue}" for cue in CUES for scope in ("cue", "since"))

FEATURE_NAMES = (
    *_TEXT,
    *chain.from_iterable(zip(_OWN_HINTS, _NEAR_HINTS, strict=True)),
    *chain.from_iterable(zip(_WITHIN_TAGS, _IS_TAG, strict=True)),
    *(*_ELEMENT, *_POSITION, *_METADATA),
    *(*_BEFORE, *_AFTER, "shares_parent_with_before", "shares_parent_with_after"),
    *(f"{grouping}_{name}" for grouping in GROUPINGS for name in _GROUP),
    *(*_DENSITY, *_CUES),
)
"""The columns of `block_features`, in the order in which the networks were trained on them."""

_STARTING_QUOTES = frozenset("“\"'«‘—–-")
_COMMON_WORDS = frozenset(
    (
        *("the", "of", "and", "to", "a", "in", "that", "he", "she", "was", "said", "is", "for", "on", "with"),
        *("it", "as", "his", "her", "by", "have", "had", "they", "from", "de", "que", "o", "e", "do", "da"),
        *("em", "para", "com", "no", "na", "der", "die", "und", "das", "il", "di", "la", "che", "и", "в", "на"),
        *("не", "el", "los"),
    )
)
_APPEAL_WORDS = frozenset(["you", "your", "our", "us", "we", "click", "here", "subscribe", "sign", "follow"])
_MAX_SENTENCE_ENDS, _MAX_COMMAS, _MAX_COPIES = 10, 8, 4  # larger counts are set to these
_MIN_DISTANCE, _MAX_DISTANCE = -30, 60  # blocks before and after; larger distances are set to these
_SIMILAR_TO_HEADLINE = 0.6  # Jaccard similarity of a block that repeats the headline
_NOT_AVAILABLE = -1.0  # of a feature whose source the page or the block does not have

# Additive smoothing. The networks were trained with these values: a change needs new weights.
_LINKED_PRIOR, _LINKED_PRIOR_RATE = 0.4, 0.5  # words, half of them linked: neither a link list nor prose
_SMALLEST_TOTAL = 1e-9  # words: the divisor for a page without any prose

_TAG_BITS = np.array([tag_bit(tag) for tag in TAGS])


class DescribedBlocks(msgspec.Struct, frozen=True, eq=False):
    """The blocks of a page, described.

    Attributes
    ----------
    features : array of float32, shape (blocks, len(FEATURE_NAMES))
    words : BlockWords
    groups : BlockGroups
    """

    features: NDArray[np.float32]
    words: BlockWords
    groups: BlockGroups


def describe_blocks(page: BlockPage, metadata: PageMetadata) -> DescribedBlocks:
    """Compute the features of each block of a page.

    Parameters
    ----------
    page : BlockPage
    metadata : PageMetadata
        What the page states about its article; the headline, summary and article body are compared with the blocks.
    """
    block_words = number_words(page.blocks)
    if not page.blocks:
        groups = BlockGroups(np.zeros(0), np.zeros(0), np.zeros(0, np.int64))
        return DescribedBlocks(np.zeros((0, len(FEATURE_NAMES)), np.float32), block_words, groups)
    positions = tree_positions(page)
    columns: dict[str, NDArray[Any]] = {
        **_text_features(page.blocks, block_words),
        **_element_features(page, positions),
        **_position_features(page, block_words, positions),
        **_metadata_features(page, block_words, metadata),
        **cue_features([block.text for block in page.blocks]),
    }
    groups = BlockGroups.of(block_words.count, columns["linked"], positions.groups)
    columns |= _neighbour_features(columns, positions)
    columns |= _group_features(columns["linked"], groups)
    columns |= _density_features(columns["linked"], groups)
    return DescribedBlocks(_stack(columns, FEATURE_NAMES), block_words, groups)


def with_verdicts(described: DescribedBlocks, verdicts: Sequence[Floats]) -> NDArray[np.float32]:
    """Return the features of each block, followed by those of each verdict over the blocks.

    Returns
    -------
    array of float32, shape (blocks, len(FEATURE_NAMES) + len(verdicts) * len(VERDICT_COLUMNS))
    """
    if not len(described.features):
        return np.zeros((0, described.features.shape[1] + len(verdicts) * len(VERDICT_COLUMNS)), np.float32)
    columns = verdict_features(np.array(verdicts), described.groups)
    matrix = np.empty((len(verdicts), len(VERDICT_COLUMNS), len(described.features)), np.float32)
    for number, name in enumerate(VERDICT_COLUMNS):
        matrix[:, number] = columns[name]
    return np.hstack((described.features, matrix.reshape(-1, len(described.features)).T))


def _stack(columns: Columns, names: Sequence[str]) -> NDArray[np.float32]:
    """Return columns as a matrix."""
    # Half the time of an assignment for each column, a third on pages of a few kB.
    values = np.concatenate([columns[name] for name in names], dtype=np.float32, casting="unsafe")
    return values.reshape(len(names), -1).T


def _text_features(blocks: Sequence[Block], block_words: BlockWords) -> Columns:
    """Return the features of each block's own text."""
    texts = [block.text for block in blocks]
    n_characters = np.array([len(text) for text in texts], float)
    n_words = np.maximum(block_words.count, 1)
    copies = Counter(texts)
    return {
        "words": np.log1p(block_words.count),
        "characters": np.log1p(n_characters),
        "word_length": n_characters / n_words,
        "linked": np.array([block.linked for block in blocks]),
        "links": np.log1p([block.links for block in blocks]),
        "strong": np.array([block.strong for block in blocks]),
        "after_break": np.array([block.after_break for block in blocks]),
        "ends_sentence": np.array([text[-1] in SENTENCE_ENDS for text in texts]),
        "ends_colon": np.array([text[-1] in ":：" for text in texts]),
        "starts_quote": np.array([text[0] in _STARTING_QUOTES for text in texts]),
        "sentence_ends": np.array([_n_sentence_ends(text) for text in texts]),
        "commas": np.array([_n_commas(text) for text in texts]),
        "has_address": np.array(["http" in text or "@" in text or "www." in text for text in texts]),
        "has_copyright": np.array(["©" in text or "opyright" in text for text in texts]),
        **_character_features(texts, n_characters),
        "common_words": block_words.count_of(_COMMON_WORDS) / n_words,
        "has_appeal": block_words.count_of(_APPEAL_WORDS) > 0,
        "copies": np.array([min(copies[text], _MAX_COPIES) for text in texts]),
    }


def _n_sentence_ends(text: str) -> int:
    """Count the full stops, exclamation and question marks, at most 10."""
    return min(text.count(".") + text.count("!") + text.count("?") + text.count("。"), _MAX_SENTENCE_ENDS)


def _n_commas(text: str) -> int:
    """Count the commas, at most 8."""
    return min(text.count(",") + text.count("，") + text.count("、"), _MAX_COMMAS)


def _character_features(texts: Sequence[str], n_characters: Floats) -> Columns:
    """Return the shares of capital letters, Latin and Cyrillic, and of digits."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "replace"), np.uint32)
    starts = np.concatenate(([0], np.cumsum(n_characters)[:-1])).astype(np.int64)
    is_capital = ((codes >= ord("A")) & (codes <= ord("Z"))) | ((codes >= ord("А")) & (codes <= ord("Я")))
    is_digit = (codes >= ord("0")) & (codes <= ord("9"))
    return {
        "capitals": np.add.reduceat(is_capital, starts, dtype=np.int64) / n_characters,
        "digits": np.add.reduceat(is_digit, starts, dtype=np.int64) / n_characters,
    }


def _element_features(page: BlockPage, positions: TreePositions) -> Columns:
    """Return what the element of each block, and those around it, are by their names, tags and attributes."""
    elements = [page.elements[block.element] for block in page.blocks]
    bits = np.array([(element.tags, tag_bit(element.tag)) for element in elements])
    has_tag = bits[:, :, None] & _TAG_BITS > 0
    return {
        **_name_columns(_OWN_HINTS, positions.own_hints),
        **_name_columns(_NEAR_HINTS, positions.near_hints),
        **_name_columns(_WITHIN_TAGS, has_tag[:, 0]),
        **_name_columns(_IS_TAG, has_tag[:, 1]),
        "heading_level": np.array([_heading_level(element) for element in elements]),
        "is_hidden": np.array([element.is_hidden for element in elements]),
        "is_article_body": np.array([element.is_article_body for element in elements]),
    }


def _name_columns(names: Sequence[str], matrix: NDArray[Any]) -> Columns:
    """Return the columns of a matrix by their names."""
    return dict(zip(names, matrix.T, strict=True))


def _heading_level(element: Element) -> int:
    """Return the level of a heading; 0 for other elements."""
    return int(element.tag[1]) if element.tag[0] == "h" and element.tag[1:].isdigit() else 0


def _position_features(page: BlockPage, block_words: BlockWords, positions: TreePositions) -> Columns:
    """Return where each block is in the tree, on the page, and relative to the page's prose."""
    n_blocks = len(page.blocks)
    index, words_to_here = np.arange(n_blocks), np.cumsum(block_words.count)
    prose = prose_features(positions, prose_words(page, block_words.count))
    in_candidate = prose["above_candidate"] == 0
    first = int(np.argmax(in_candidate)) if in_candidate.any() else 0
    last = n_blocks - 1 - int(np.argmax(in_candidate[::-1])) if in_candidate.any() else n_blocks - 1
    return {
        "depth": positions.depth,
        "block_place": index / n_blocks,
        "word_place": words_to_here / max(words_to_here[-1], 1),
        "page_blocks": np.full(n_blocks, np.log(n_blocks + 1)),
        "page_words": np.full(n_blocks, np.log(words_to_here[-1] + 1)),
        **prose,
        "from_first": _limit_distances(index - first),
        "to_last": _limit_distances(last - index),
    }


def _metadata_features(page: BlockPage, block_words: BlockWords, metadata: PageMetadata) -> Columns:
    """Return how similar each block is to the stated article body, headline and summary, and how far from these."""
    n_blocks, body = len(page.blocks), metadata.article_body
    vocabularies = [set(of_block) for of_block in block_words.by_block]
    n_distinct = np.array([len(vocabulary) for vocabulary in vocabularies], float)
    headline, summary = set(words(metadata.value("headline"))), set(words(metadata.value("summary")))
    in_headline = np.array([len(vocabulary & headline) for vocabulary in vocabularies], float)
    in_summary = np.array([len(vocabulary & summary) for vocabulary in vocabularies], float)
    headline_jaccard = in_headline / np.maximum(n_distinct + len(headline) - in_headline, 1)
    similar = np.flatnonzero(headline_jaccard > _SIMILAR_TO_HEADLINE)
    best = int(np.argmax(headline_jaccard)) if len(similar) else None
    # Most pages have one element of level one, and it is the headline.
    level_one = (index for index, block in enumerate(page.blocks) if page.elements[block.element].tag == "h1")
    return {
        "in_article_body": ngram_coverage(block_words, body) if body else np.full(n_blocks, _NOT_AVAILABLE),
        "has_article_body": np.full(n_blocks, float(bool(body))),
        "headline_jaccard": headline_jaccard,
        "in_headline": in_headline / np.maximum(n_distinct, 1),
        "summary_jaccard": in_summary / np.maximum(n_distinct + len(summary) - in_summary, 1),
        "of_summary": in_summary / max(len(summary), 1),
        "from_headline": _distance_from(best, n_blocks),
        "from_last_headline": _distance_from(int(similar[-1]) if len(similar) else None, n_blocks),
        "from_h1": _distance_from(next(level_one, None), n_blocks),
    }


def _distance_from(index: int | None, n_blocks: int) -> NDArray[Any]:
    """Return the distance of each block from one of them; less than any distance if there is no such block."""
    if index is None:
        return np.full(n_blocks, _MIN_DISTANCE - 1.0)
    return _limit_distances(np.arange(-index, n_blocks - index))


def _limit_distances(distances: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return distances of at least -30 and at most 60 blocks, in half the time of np.clip."""
    return np.minimum(np.maximum(distances, _MIN_DISTANCE), _MAX_DISTANCE)


def _neighbour_features(columns: Columns, positions: TreePositions) -> Columns:
    """Return the features of the blocks before and after each block, and whether these have the same parent."""
    n_blocks = len(positions.depth)
    padded = np.full((len(_NEIGHBOUR), n_blocks + 2), _NOT_AVAILABLE)
    for row, name in zip(padded, _NEIGHBOUR, strict=True):
        row[1:-1] = columns[name]
    parents = positions.groups[:, GROUPINGS.index("parent")]
    shares_parent = np.zeros(n_blocks + 1)  # of the block before each
    shares_parent[1:-1] = parents[1:] == parents[:-1]
    return {
        **dict(zip(_BEFORE, padded[:, :-2], strict=True)),
        **dict(zip(_AFTER, padded[:, 2:], strict=True)),
        "shares_parent_with_before": shares_parent[:-1],
        "shares_parent_with_after": shares_parent[1:],
    }


def _group_features(linked: Floats, groups: BlockGroups) -> Columns:
    """Return, for each grouping, what the other blocks of each block's group are like, and its share of the page."""
    weight, prose = groups.weight, groups.prose
    group_weight, group_linked, group_prose, group_size = groups.sums(
        np.array((weight, linked * weight, prose, np.ones(len(weight))))
    )
    # Rates are of the other blocks of the group.
    other_weight = group_weight - weight
    other_linked = group_linked - linked * weight
    features = {
        "linked_rate": (other_linked + _LINKED_PRIOR * _LINKED_PRIOR_RATE) / (other_weight + _LINKED_PRIOR),
        "prose_share": group_prose / max(prose.sum(), _SMALLEST_TOTAL),
        "mean_words": np.log1p(other_weight / np.maximum(group_size - 1, 1)),
        "log_blocks": np.log(group_size),
    }
    return {
        f"{grouping}_{name}": of_groupings[number]
        for name, of_groupings in features.items()
        for number, grouping in enumerate(GROUPINGS)
    }


def _density_features(linked: Floats, groups: BlockGroups) -> Columns:
    """Return how many words are around each block, and which shares of these are linked, and are prose."""
    columns = {}
    rows = np.array((groups.weight, linked * groups.weight, groups.prose))
    for reach in _NEAR_WINDOWS:
        n_words, n_linked, n_prose = window_sums(rows, reach)
        columns[f"words_within_{reach}"] = np.log(n_words)
        columns[f"linked_within_{reach}"] = n_linked / n_words
        columns[f"prose_within_{reach}"] = n_prose / n_words
    return columns
