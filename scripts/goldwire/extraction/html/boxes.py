"""Boxes among the text of an article: teasers of other articles, captions, calls to action, promotions, disclaimers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from goldwire.extraction.html.blocks import BlockPage

__all__ = ["boxed_blocks"]

# Of 75 names of boxes, those whose removal raises F1 on pages of sites that the networks had not seen. Most others are
# of boxes that belong to an article (`faq`, `quote`, `product`, `card`: F1 is .0010 to .0026 lower without them), or
# the networks choose none of their blocks. With sibling posts, F1 is .0037 higher on news, .0020 on WCXB and .0015 on
# older pages.
_BOX = re.compile(r"(?<![a-z])(?:captions?|cta|disclaimers?|excerpts?|modals?|module-list|promos?)(?![a-z])", re.I)
_POST = re.compile(r"(?<![\w-])post-\d+(?![\w-])")  # WordPress's name of a post
_LEVELS = 4  # elements around a block whose names count
_MIN_ARTICLE = 300  # characters: with fewer outside of all boxes, these are the text of the page
_MIN_SHARE = 0.5  # of the characters outside of named boxes, to those in them
# To those in <center>: pages from before style sheets have all of their text in it. Without the centred text of others
# F1 is .0030, .0002 and .0009 higher.
_MIN_UNCENTRED = 2.0


def boxed_blocks(page: BlockPage, selected: Sequence[int]) -> set[int]:
    """Return which of the selected blocks are in boxes.

    These are blocks in elements that are named as a box, blocks in `<center>` (captions, links, advertisements) and
    blocks in posts of WordPress that are siblings (`post-12`, `post-30`), if there is an article beside them.

    Parameters
    ----------
    page : BlockPage
    selected : sequence of int
        Indices of the selected blocks.
    """
    length = {index: len(page.blocks[index].text) for index in selected}
    total = sum(length.values())
    found: set[int] = set()
    for blocks, min_share in (
        (_in_named_boxes(page, selected), _MIN_SHARE),
        (_in_center(page, selected), _MIN_UNCENTRED),
        (_in_sibling_posts(page, selected), 0.0),
    ):
        n_boxed = sum(length[index] for index in blocks)
        if total - n_boxed >= max(_MIN_ARTICLE, min_share * n_boxed):
            found |= blocks
    return found


def _in_named_boxes(page: BlockPage, selected: Sequence[int]) -> set[int]:
    """Return which blocks have an element around them that is named as a box."""
    is_box: dict[int, bool] = {}
    found = set()
    for index in selected:
        number = page.blocks[index].element
        for _ in range(_LEVELS):
            if number < 0:
                break
            if number not in is_box:
                is_box[number] = bool(_BOX.search(page.elements[number].names))
            if is_box[number]:
                found.add(index)
                break
            number = page.elements[number].parent
    return found


def _in_center(page: BlockPage, selected: Sequence[int]) -> set[int]:
    """Return which blocks are in `<center>`."""
    is_inside: list[bool] = []
    for element in page.elements:
        is_inside.append(element.tag == "center" or (element.parent >= 0 and is_inside[element.parent]))
    return {index for index in selected if is_inside[page.blocks[index].element]}


def _in_sibling_posts(page: BlockPage, selected: Sequence[int]) -> set[int]:
    """Return which blocks are in one of two or more sibling posts."""
    post_of: list[int] = []  # the innermost post around each element
    for number, element in enumerate(page.elements):
        is_post = "post-" in element.names and _POST.search(element.names)
        post_of.append(number if is_post else post_of[element.parent] if element.parent >= 0 else -1)
    by_post: dict[int, list[int]] = defaultdict(list)
    for index in selected:
        post = post_of[page.blocks[index].element]
        if post >= 0:
            by_post[post].append(index)
    siblings: dict[int, list[int]] = defaultdict(list)
    for post in by_post:
        siblings[page.elements[post].parent].append(post)
    return {index for posts in siblings.values() if len(posts) > 1 for post in posts for index in by_post[post]}
