"""Block selection by the text that an element holds: the top candidate of the Readability algorithm, and its siblings.

Names and tags decide little here, so that this verdict is independent of that of `heuristics`: it is right on pages
whose elements have no telling names.

References
----------
Arc90 Labs (2009). Readability. Ported to Python as readability-lxml and maintained by Mozilla as readability.js.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.html.blocks import BlockPage

__all__ = ["select_by_text"]

# Searched in names in lower case: a fifth of the time of `re.I`, with which no search skips to a first letter.
_UNLIKELY = re.compile(
    r"combx|comment|community|disqus|extra|foot|header|menu|remark|rss|shoutbox|sidebar|sponsor|ad-break|agegate"
    r"|pagination|pager|popup|tweet|twitter|banner|breadcrumb|cookie|legends|modal|related|replies|skyscraper|social"
    r"|supplemental|newsletter|subscribe|share|author|promo|nav(?![a-z])|c(?<!\Sc)-?\d{4,}(?!\S)"
)
_MAYBE = re.compile(r"and|article|body|column|main|shadow|content")
_POSITIVE = re.compile(r"article|body|content|entry|hentry|main|page|pagination|post|text|blog|story")
_NEGATIVE = re.compile(
    r"combx|comment|com-|contact|foot|footer|footnote|masthead|media|meta|outbrain|promo|related|scroll|shoutbox"
    r"|sidebar|sponsor|shopping|tags|tool|widget|hidden|share|nav"
)
_TAG_SCORES = {"div": 5, "article": 8, "section": 5, "pre": 3, "td": 3, "blockquote": 3}
_TAG_SCORES |= dict.fromkeys(("address", "ol", "ul", "dl", "dd", "dt", "li", "form", "aside", "nav", "footer"), -3)
_TAG_SCORES |= dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "th", "header"), -5)
_NAME_SCORE = 25
_MIN_CHARACTERS = 25  # of a block that gives points
_CHARACTERS_PER_POINT, _MAX_LENGTH_POINTS = 100, 3
_LEVELS = 3  # ancestors that a block gives points to: in full, by half, and by a sixth
_SIBLING_SHARE, _MIN_SIBLING = 0.2, 10.0  # of the top score, and at least
_LONG, _LINKED_LONG, _LINKED_SHORT = 80, 0.25, 0.0  # a sibling paragraph: characters, and largest linked shares
_MAX_LINKED, _MAX_LINKED_NAMED = 0.33, 0.5  # of an element in the candidate, without and with a positive name


def select_by_text(page: BlockPage) -> NDArray[np.float64]:
    """Select the blocks of the element that holds most text, and of those siblings that hold text too.

    1. Each block with text gives points, for its length and its commas, to the three elements around it.
    2. The element with most points, less its linked share, is the top candidate.
    3. Its siblings with a fifth of its points, and paragraphs between these, are added.
    4. Elements in it with unlikely names, and lists of links, are left out.

    Parameters
    ----------
    page : BlockPage

    Returns
    -------
    array of float, shape (blocks,)
        1 for each selected block, 0 for the others.
    """
    verdict = np.zeros(len(page.blocks))
    if not page.blocks:
        return verdict
    parents = [element.parent for element in page.elements]
    size, linked = _subtree_characters(page, parents)
    unlikely = _inherited([_is_unlikely(element.tag, element.names) for element in page.elements], parents)
    scores = _scores(page, parents, unlikely)
    for index, score in scores.items():
        scores[index] = score * (1 - linked[index] / max(size[index], 1))
    if not scores:
        return verdict
    top = max(scores, key=lambda index: (scores[index], -index))
    roots = _with_siblings(page, parents, scores, top)
    states = [False] * len(parents)
    for index, element in enumerate(page.elements):
        inside = index in roots or (element.parent >= 0 and states[element.parent])
        states[index] = inside and (index == top or not _is_other(page, index, size[index], linked[index]))
    verdict[[number for number, block in enumerate(page.blocks) if states[block.element]]] = 1
    return verdict


def _subtree_characters(page: BlockPage, parents: Sequence[int]) -> tuple[list[int], list[float]]:
    """Return the characters and the linked characters in each element and its descendants."""
    size, linked = [0] * len(parents), [0.0] * len(parents)
    for block in page.blocks:
        size[block.element] += len(block.text)
        linked[block.element] += block.linked * len(block.text)
    for index in range(len(parents) - 1, 0, -1):
        size[parents[index]] += size[index]
        linked[parents[index]] += linked[index]
    return size, linked


def _inherited(flags: list[bool], parents: Sequence[int]) -> list[bool]:
    """Return which elements have a flag, or an ancestor that has."""
    for index, parent in enumerate(parents):
        flags[index] = flags[index] or (parent >= 0 and flags[parent])
    return flags


def _scores(page: BlockPage, parents: Sequence[int], unlikely: Sequence[bool]) -> dict[int, float]:
    """Return the points of the elements that hold text."""
    scores: dict[int, float] = {}
    for block in page.blocks:
        length = len(block.text)
        if length < _MIN_CHARACTERS or unlikely[block.element]:
            continue
        points = 1 + block.text.count(",") + min(length / _CHARACTERS_PER_POINT, _MAX_LENGTH_POINTS)
        element = page.elements[block.element]
        # A block of text directly in a container is a paragraph of it.
        ancestor = block.element if element.tag in ("div", "section", "article", "td") else element.parent
        for level in range(_LEVELS):
            if ancestor < 0:
                break
            if ancestor not in scores:
                scores[ancestor] = _start_score(page.elements[ancestor].tag, page.elements[ancestor].names)
            scores[ancestor] += points / (1, 2, 6)[level]
            ancestor = parents[ancestor]
    return scores


def _with_siblings(page: BlockPage, parents: Sequence[int], scores: dict[int, float], top: int) -> set[int]:
    """Return the top candidate and its siblings that hold text too."""
    roots, parent = {top}, parents[top]
    if parent < 0:
        return roots
    least = max(_MIN_SIBLING, _SIBLING_SHARE * scores[top])
    names = page.elements[top].names
    for index in range(parent + 1, len(parents)):
        if parents[index] != parent:
            continue
        bonus = _SIBLING_SHARE * scores[top] if names.strip() and page.elements[index].names == names else 0
        if scores.get(index, 0) + bonus >= least:
            roots.add(index)
    for block in page.blocks:
        if parents[block.element] == parent and page.elements[block.element].tag == "p":
            is_long = len(block.text) > _LONG
            if block.linked <= (_LINKED_LONG if is_long else _LINKED_SHORT) and (is_long or block.text[-1] == "."):
                roots.add(block.element)
    return roots


def _is_other(page: BlockPage, index: int, size: int, linked: float) -> bool:
    """Whether an element in the candidate is named as other content, or holds links and little else."""
    element = page.elements[index]
    if _is_unlikely(element.tag, element.names) or element.tag in ("footer", "aside", "nav", "form", "figcaption"):
        return True
    if element.tag not in ("div", "ul", "ol", "table", "section", "dl"):
        return False
    is_named = _start_score(element.tag, element.names) >= _NAME_SCORE
    return size > 0 and linked > (_MAX_LINKED_NAMED if is_named else _MAX_LINKED) * size


@lru_cache(maxsize=1 << 14)  # the pages of a site share their names
def _is_unlikely(tag: str, names: str) -> bool:
    """Whether an element is named as other content and not as an article."""
    if tag in ("body", "article"):
        return False
    lowered = names.lower()
    return _UNLIKELY.search(lowered) is not None and not _MAYBE.search(lowered)


@lru_cache(maxsize=1 << 14)
def _start_score(tag: str, names: str) -> float:
    """Return the points of an element for its tag and its names."""
    lowered = names.lower()
    score = float(_TAG_SCORES.get(tag, 0))
    score += _NAME_SCORE * bool(_POSITIVE.search(lowered))
    return score - _NAME_SCORE * bool(_NEGATIVE.search(lowered))
