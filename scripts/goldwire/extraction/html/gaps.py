"""Gaps in the chosen blocks of a page: blocks that are body for the chosen ones around them, and headings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.html.blocks import BlockPage

__all__ = ["blocks_in_gaps", "without_closing_headings"]

_HEADING = re.compile(r"h[1-6]")
_MAX_LINKED = 0.4  # of a heading
# Blocks from one chosen sibling to the next, and the probability of those between that are body too. On three sets of
# pages, on sites that the networks had not seen, F1 is .0001, .0004 and .0003 higher; so it is for any least
# probability from 0 to .3.
_MAX_BETWEEN, _MIN_BETWEEN = 40, 0.2
# The networks are unsure of headings. With those above chosen text F1 is .0000, .0007 and .0012 higher on unseen
# sites, and .0000, .0022 and .0012 on unseen sets: 97 pages are better and 26 worse, and 143 and 17.
_MIN_HEADING = 0.05


def blocks_in_gaps(
    page: BlockPage, is_chosen: NDArray[np.bool_], probability: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which further blocks are body.

    These are blocks between chosen siblings of the same kind that are not unlikely to be body, and headings of chosen
    blocks, unless they are very unlikely or mostly linked.

    Parameters
    ----------
    page : BlockPage
        The page.
    is_chosen : array of bool, shape (blocks,)
        Whether each block is chosen as body.
    probability : array of float, shape (blocks,)
        Probability of each block to be body.

    Returns
    -------
    array of bool, shape (blocks,)
    """
    is_between = _is_between(page, is_chosen, probability)
    return is_between | _is_heading_of(page, is_chosen | is_between, probability)


def without_closing_headings(page: BlockPage, selected: Sequence[int]) -> list[int]:
    """Return the selected blocks without headings at their end, whose text is not selected."""
    end = len(selected)
    while end and _is_heading(page, selected[end - 1]):
        end -= 1
    return list(selected[:end] or selected)


def _is_between(page: BlockPage, is_chosen: NDArray[np.bool_], probability: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which blocks are siblings of the same kind between two chosen ones, and not unlikely to be body."""
    is_between = np.zeros(len(page.blocks), bool)
    last_chosen: dict[tuple[int, str], int] = {}
    since: dict[tuple[int, str], list[int]] = defaultdict(list)  # siblings after the last chosen one
    for index, (block, chosen) in enumerate(zip(page.blocks, is_chosen.tolist(), strict=True)):
        element = page.elements[block.element]
        kind = element.parent, element.tag
        if not chosen:
            if kind in last_chosen:
                since[kind].append(index)
            continue
        if (between := since.pop(kind, None)) and index - last_chosen[kind] <= _MAX_BETWEEN:
            is_between[between] = probability[between] >= _MIN_BETWEEN
        last_chosen[kind] = index
    return is_between


def _is_heading_of(page: BlockPage, is_body: NDArray[np.bool_], probability: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which blocks are headings above body, and not very unlikely to be body themselves."""
    is_heading_of = np.zeros(len(page.blocks), bool)
    for index in range(len(page.blocks) - 2, -1, -1):
        if (is_body[index + 1] or is_heading_of[index + 1]) and probability[index] >= _MIN_HEADING:
            is_linked = page.blocks[index].linked >= _MAX_LINKED
            is_heading_of[index] = not is_body[index] and not is_linked and _is_heading(page, index)
    return is_heading_of


def _is_heading(page: BlockPage, index: int) -> bool:
    return _HEADING.fullmatch(page.elements[page.blocks[index].element].tag) is not None
