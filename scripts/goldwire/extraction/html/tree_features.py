"""Positions of blocks in the tree of their page, and the distribution of the page's prose over its elements."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.html.blocks import BlockPage
from goldwire.extraction.html.class_names import CLASS_HINTS, without_numbers

__all__ = [
    *("GROUPINGS", "MIN_PROSE_WORDS", "PROSE_LEVELS", "SENTENCE_ENDS", "TreePositions"),
    *("prose_features", "prose_words", "tree_positions"),
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SENTENCE_ENDS = frozenset('.!?…。！？”"’»')

GROUPINGS = ("element", "parent", "grandparent", "great_grandparent", "alike")
"""What the blocks of a group share: an ancestor, or tag and names, but for numbers, of the element and its parent."""

PROSE_LEVELS = 5
"""The element of a block, and four ancestors, whose share of the page's prose is a feature."""

MIN_PROSE_WORDS = 8
"""Words of a block that is prose: shorter ones are headings, links and labels."""

_UNFINISHED = 0.5  # weight of the words of a block that does not end a sentence
_GRANDPARENT = 0.5  # weight of a paragraph's prose for the score of its grandparent


class TreePositions(msgspec.Struct, kw_only=True, frozen=True, eq=False):
    """Positions of blocks in the tree.

    Attributes
    ----------
    parents : array of int, shape (elements,)
        Parent of each element, -1 for the root.
    elements : array of int, shape (blocks,)
        Innermost element of each block.
    depth : array of int, shape (blocks,)
        Number of ancestors of that element.
    own_hints : array of float, shape (blocks, len(CLASS_HINTS))
        1 for each hint of the element's own names.
    near_hints : array of float, shape (blocks, len(CLASS_HINTS))
        1 / (1 + steps up to the nearest element with the hint), itself included; 0 if there is none.
    groups : array of int, shape (blocks, len(GROUPINGS))
        Number of the group of each block, in each grouping.
    """

    parents: Ints
    elements: Ints
    depth: Ints
    own_hints: Floats
    near_hints: Floats
    groups: Ints


def tree_positions(page: BlockPage) -> TreePositions:
    """Return the positions of a page's blocks in its tree."""
    parents = np.array([element.parent for element in page.elements], np.int64)
    elements = np.array([block.element for block in page.blocks], np.int64)
    bits = np.array([element.hints for element in page.elements], np.int64)
    has_hint = (bits[:, None] >> np.arange(len(CLASS_HINTS)) & 1).astype(bool)
    depth = _depths(parents)
    nearest = _nearest_hints(parents, depth, has_hint)
    return TreePositions(
        parents=parents,
        elements=elements,
        depth=depth[elements],
        own_hints=has_hint[elements].astype(float),
        near_hints=nearest[elements],
        groups=_groups(page, parents, elements),
    )


def _depths(parents: Ints) -> Ints:
    """Return the number of ancestors of each element."""
    depths = [0] * len(parents)
    for index, parent in enumerate(parents.tolist()):
        if parent >= 0:
            depths[index] = depths[parent] + 1
    return np.array(depths, np.int64)


def _nearest_hints(parents: Ints, depth: Ints, has_hint: NDArray[np.bool_]) -> Floats:
    """Return 1 / (1 + steps) up to the nearest element with each hint: level by level, so that each is read once."""
    nearest = has_hint.astype(float)
    order = np.argsort(depth, kind="stable")
    bounds = np.searchsorted(depth[order], np.arange(1, int(depth.max()) + 2))
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        level = order[start:end]
        above = nearest[parents[level]]
        inherited = np.divide(above, 1 + above)  # 1 / (1 + (steps + 1)); 0 stays 0
        nearest[level] = np.where(has_hint[level], 1.0, inherited)
    return nearest


def _groups(page: BlockPage, parents: Ints, elements: Ints) -> Ints:
    """Number the groups of blocks: by their element, three ancestors of it, and its and its parent's tag and names."""
    groups = [elements]
    for _ in GROUPINGS[1:-1]:
        groups.append(_parent_or_root(parents, groups[-1]))
    numbers: dict[tuple[str, str, str, str], int] = {}
    alike = np.zeros(len(elements), np.int64)
    for index, (own, above) in enumerate(zip(groups[0].tolist(), groups[1].tolist(), strict=True)):
        element, parent = page.elements[own], page.elements[above]
        key = (element.tag, without_numbers(element.names), parent.tag, without_numbers(parent.names))
        alike[index] = numbers.setdefault(key, len(numbers))
    return np.stack([*groups, alike], axis=1)


def _parent_or_root(parents: Ints, elements: Ints) -> Ints:
    """Return the parent of each element; the root, which has none, is its own."""
    above = parents[elements]
    return np.where(above >= 0, above, elements)


def prose_words(page: BlockPage, n_words: Ints) -> Floats:
    """Return the words of each block that count as prose: unlinked, in a long block, half if it ends no sentence."""
    linked = np.array([block.linked for block in page.blocks])
    completeness = np.array([1.0 if block.text[-1] in SENTENCE_ENDS else _UNFINISHED for block in page.blocks])
    return np.asarray(n_words * (1 - linked) * (n_words >= MIN_PROSE_WORDS) * completeness)


def prose_features(positions: TreePositions, prose: Floats) -> dict[str, NDArray[np.generic]]:
    """Return how much of the page's prose is in the elements around each block, and the way to the top candidate.

    The top candidate is the element with the largest sum of its children's prose and half of its grandchildren's.

    Parameters
    ----------
    positions : TreePositions
        Positions of the blocks.
    prose : array of float, shape (blocks,)
        Words of prose of each block, as `prose_words` returns them.

    Returns
    -------
    dict of str to array of shape (blocks,)
        `prose_share_0` to `_4`: share of the page's prose in the block's element and its ancestors;
        `parent_score`: score of the parent as a candidate; `above_candidate`, `below_candidate`: steps from the top
        candidate up to the first element that also holds the block, and from there down to the block.

    Notes
    -----
    The score is that of the Readability algorithm of Arc90 (2009) and Mozilla: a paragraph counts in full for its
    parent and by half for its grandparent.
    """
    total, n_elements = max(prose.sum(), 1.0), len(positions.parents)
    subtree = np.bincount(positions.elements, prose, n_elements).tolist()
    above = positions.parents.tolist()
    # Elements are few: plain Python takes two thirds of the time of array operations level by level.
    for index in range(n_elements - 1, 0, -1):
        subtree[above[index]] += subtree[index]
    subtree_prose = np.array(subtree)
    columns: dict[str, NDArray[np.generic]] = {}
    ancestor = positions.elements
    for level in range(PROSE_LEVELS):
        columns[f"prose_share_{level}"] = subtree_prose[ancestor] / total
        ancestor = _parent_or_root(positions.parents, ancestor)
    parent = _parent_or_root(positions.parents, positions.elements)
    grandparent = positions.parents[parent]
    has_grandparent = grandparent >= 0
    score = np.bincount(parent, prose, n_elements)
    score += np.bincount(grandparent[has_grandparent], prose[has_grandparent] * _GRANDPARENT, n_elements)
    up, down = _steps_from(above, int(np.argmax(score)))
    columns["parent_score"] = score[parent] / total
    columns["above_candidate"] = np.array(up)[positions.elements]
    columns["below_candidate"] = np.array(down)[positions.elements]
    return columns


def _steps_from(parents: list[int], start: int) -> tuple[list[int], list[int]]:
    """Return the steps from one element up to the first that also holds each element, and down from there to it."""
    up, down = [-1] * len(parents), [0] * len(parents)
    ancestor, steps = start, 0
    while ancestor >= 0:
        up[ancestor] = steps
        ancestor, steps = parents[ancestor], steps + 1
    for index, parent in enumerate(parents):
        if up[index] < 0:
            up[index], down[index] = up[parent], down[parent] + 1
    return up, down
