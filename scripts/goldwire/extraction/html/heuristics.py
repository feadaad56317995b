"""Heuristic block selection, after trafilatura's cascade. Its verdict is one input feature of the block classifier.

The blocks of the first element that is named as an article's text, without elements that are named as something else
and without lists of links. The names, and their order, are those of trafilatura (Apache-2.0); they are matched on the
element table instead of on copies of the tree, in a fifth of its time, and in a twentieth for a site whose names are
cached.

References
----------
A. Barbaresi (2021). Trafilatura: a web scraping library and command-line tool for text discovery and extraction.
Proceedings of ACL-IJCNLP: System Demonstrations, 122-131. doi:10.18653/v1/2021.acl-demo.15
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.html.blocks import Block, BlockPage, Element

__all__ = ["select_by_heuristics"]

_NON_ARTICLE_TAGS = frozenset(
    (
        *("aside", "button", "dialog", "fieldset", "figcaption", "figure", "footer", "form", "label", "legend"),
        *("menu", "nav"),
    )
)
_CONTAINER_TAGS = frozenset(("article", "div", "main", "section"))
_EXCLUDABLE_TAGS = frozenset(("dd", "div", "dl", "dt", "li", "ol", "p", "section", "ul"))
_LINK_LIST_TAGS = frozenset(("div", "dl", "ol", "p", "section", "ul"))
_PARAGRAPH_TAGS = frozenset(("blockquote", "p", "pre"))
_TEXT_TAGS = _PARAGRAPH_TAGS | {
    *("dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "li", "summary", "td", "th", "tr"),
}
# Each pattern is searched in one word of an element's names (class, id) at a time. All alternatives begin with a
# literal character, to which `re` skips, and look back from there: half the time of beginning with a border.
_OTHER_CONTENT = re.compile(
    r"social|viral|newsletter|syndication|tags|sidebar|banner|bread-?crumb|button|author|byline|Byline|footer|Footer"
    r"|sociable|share-|Share-|share\b|Share\b|shar(?<=\bshar)|nav(?<=\bnav)|-nav\b|subnav|avigation|navbar|navbox|menu"
    r"|bar(?![a-z])|ad(?<=\bad)(?:-|$)|-ad-|-ad\b|dfpad|dfpAd|outbrain|taboola|criteo|paid-?content|widget|embed|consent"
    r"|cookie|modal-content|permission|related|Related|next-|-stories|most-popular|more-on|meta|rating|attachment"
    r"|timestamp|user-info|user-profile|-icon|article-infos|message-container|slide|viewport|overlay|options|expand"
    r"|obfuscated|blurred|premium|teaser|Teaser|caption"
)
_HIDDEN_CONTENT = re.compile(
    r"comments-title|nocomments|reply-(?<=\breply-)|-reply-|message|akismet|suggest-links|hide(?<=\bhide)(?:-|\b)|-hide-"
    r"|hidden(?<=\bhidden)|noprint"
)
_COMMENTS = re.compile(
    r"comment(?<=^comment)(?!ary)|Comment(?<=^Comment)(?!ary)|comol|disqus_thread|dsq-comments|article-comments|post-comments"
    r"|c(?<=^c)-?\d{4,}$"  # the number of one, of Movable Type and TypePad
)
# Names of the element with an article's text, the most reliable first; the tag <article> is between the first two.
_ARTICLE_TEXT = re.compile(
    r"post(?<=^post)$|entry(?<=^entry)$|entry-content|page-content|text-content|art-content|article-content"
    r"|article__(?:content|container|body)|article-?body|articleBody|article[cC]ontent|ArticleContent|article-?text"
    r"|articleText|body-text|post[-_]text|post-body|post-?entry|post[-_]?content|postContent"
)
_STORY = re.compile(  # in lower case
    r"primary(?<=^primary)|article(?<=^article)$|story(?<=^story)$|postarea(?<=^postarea)|text(?<=^text)$|cell(?<=^cell)$"
    r"|story-body|post-bodycopy|story-?content|theme-content|blog-content|section-content|single-content|single-post"
    r"|main-column|text_column|field-body|fulltext"
)
_MAIN_CONTENT = re.compile(
    r"content(?<=^content)$|content[-_]main|content(?:-|__)body|contentBody|main-content|Main-content|page-content"
    r"|Page-content"
)

# Bits of an element's marks.
_DROPPED, _EXCLUDED, _EXCLUDED_IF_TAG = (1 << bit for bit in range(3))
_IS_ARTICLE_TEXT, _IS_ARTICLE, _IS_STORY, _IS_CONTENT, _IS_MAIN = _CASCADE = tuple(1 << bit for bit in range(3, 8))
_PATTERNS = (
    (_EXCLUDED_IF_TAG, _OTHER_CONTENT),
    (_EXCLUDED, _HIDDEN_CONTENT),
    (_DROPPED, _COMMENTS),
    (_IS_ARTICLE_TEXT, _ARTICLE_TEXT),
    (_IS_CONTENT, _MAIN_CONTENT),
)

_MIN_ARTICLE = 250  # characters: a selection with fewer is not an article, and the next step is tried
_ENOUGH_PARAGRAPHS = 750  # characters in <p>: text outside of paragraphs is left out
_MAX_EXCLUDED = 6 / 7  # of a container's text: names that exclude more are not what they seem
_LONG_BLOCK = 100  # characters: counts as a paragraph on a page without any; a longer link is text
_MAX_LINKED = 0.5  # of the characters of such a block
_SHORT_PARAGRAPH, _SHORT_LIST = 45, 150  # characters: `<p>` and others that are link lists by their linked share alone
_SHORT_LINKED, _LONG_LINKED = 0.8, 0.9  # shares of the characters of a link list, short or longer, that are linked
_MANY_LINKS = 4
# States of the elements of a container.
_NOT_SELECTED, _SELECTED, _SELECTED_BUT_EXCLUDED = 0, 1, 2


class _SubtreeTotals(msgspec.Struct, frozen=True):
    """Characters, linked characters and number of links in each element and its descendants."""

    size: list[int]
    linked: list[float]
    links: list[int]


class _MarkedPage(msgspec.Struct, frozen=True):
    """A page with the marks of each element, whether it is dropped, and the totals of text that is not dropped."""

    page: BlockPage
    parents: list[int]
    marks: list[int]
    dropped: list[bool]
    totals: _SubtreeTotals


def select_by_heuristics(page: BlockPage) -> NDArray[np.float64]:
    """Select the blocks of the article by the names and tags of their elements.

    1. Mark the elements whose names or tags are those of an article's text, or of other content.
    2. Go through the kinds of article elements, the most reliable first: take the blocks of the first such element.
    3. If all of these have too little text, take all paragraphs of the page.
    4. If these have too little text too, add all long blocks that are not links.

    Returns
    -------
    array of float, shape (blocks,)
        1 for each selected block, 0 for the others.
    """
    is_selected = np.zeros(len(page.blocks))
    if page.blocks:
        is_selected[_select(_mark(page))] = 1
    return is_selected


def _mark(page: BlockPage) -> _MarkedPage:
    """Mark the elements of a page."""
    parents = [element.parent for element in page.elements]
    marks = [_element_marks(element.tag, element.names) for element in page.elements]
    all_sizes = _subtree_totals(parents, page.blocks).size
    dropped: list[bool] = []
    for index, element in enumerate(page.elements):
        if element.is_article_body and element.tag in _CONTAINER_TAGS:
            marks[index] |= _IS_ARTICLE_TEXT
        if element.is_hidden:
            marks[index] |= _EXCLUDED
        # Some pages are one form.
        is_page_form = element.tag == "form" and all_sizes[index] > all_sizes[0] / 2
        is_dropped = marks[index] & _DROPPED and not is_page_form
        dropped.append(bool(is_dropped) or (element.parent >= 0 and dropped[element.parent]))
    totals = _subtree_totals(parents, [block for block in page.blocks if not dropped[block.element]])
    return _MarkedPage(page, parents, marks, dropped, totals)


@lru_cache(maxsize=1 << 14)
def _element_marks(tag: str, names: str) -> int:
    """Return the marks of an element by its tag and its names."""
    marks = 0
    for word in names.split():
        marks |= _word_marks(word)
    if marks & _EXCLUDED_IF_TAG and tag in _EXCLUDABLE_TAGS:
        marks |= _EXCLUDED
    if tag not in _EXCLUDABLE_TAGS:
        marks &= ~_DROPPED
    if tag not in _CONTAINER_TAGS:
        marks &= ~(_IS_ARTICLE_TEXT | _IS_STORY | _IS_CONTENT)
    elif names.startswith("main"):
        marks |= _IS_MAIN
    marks |= _DROPPED * (tag in _NON_ARTICLE_TAGS)
    return marks | _IS_ARTICLE * (tag == "article") | _IS_MAIN * (tag == "main")


@lru_cache(maxsize=1 << 14)
def _word_marks(word: str) -> int:
    """Return the marks of one word of an element's names, whatever its tag."""
    marks = _IS_STORY * bool(_STORY.search(word.lower()))
    for mark, pattern in _PATTERNS:
        if pattern.search(word):
            marks |= mark
    return marks


def _subtree_totals(parents: Sequence[int], blocks: Iterable[Block]) -> _SubtreeTotals:
    """Sum the characters, linked characters and links of blocks over the elements that hold them."""
    size, linked, links = [0] * len(parents), [0.0] * len(parents), [0] * len(parents)
    for block in blocks:
        size[block.element] += len(block.text)
        if block.links:
            linked[block.element] += block.linked * len(block.text)
            links[block.element] += block.links
    for index in range(len(parents) - 1, 0, -1):
        if size[index]:
            parent = parents[index]
            size[parent] += size[index]
            linked[parent] += linked[index]
            links[parent] += links[index]
    return _SubtreeTotals(size, linked, links)


def _select(marked: _MarkedPage) -> list[int]:
    """Return the indices of the selected blocks."""
    page = marked.page
    for mark in _CASCADE:
        selected = _in_first_container(marked, mark)
        if _n_characters(page, selected) >= _MIN_ARTICLE:
            return selected
    anywhere = _in_container(marked, 0)
    paragraphs = [index for index in anywhere if _tag(page, index) in _PARAGRAPH_TAGS]
    if _n_characters(page, paragraphs) >= _MIN_ARTICLE:
        return paragraphs
    blocks = page.blocks
    long = {
        index for index in anywhere if len(blocks[index].text) >= _LONG_BLOCK and blocks[index].linked < _MAX_LINKED
    }
    return sorted(long.union(paragraphs))


def _in_first_container(marked: _MarkedPage, mark: int) -> list[int]:
    """Return the blocks of the first element with a mark, and of others with the same names for the surest mark."""
    page = marked.page
    containers = [index for index, marks in enumerate(marked.marks) if marks & mark and not marked.dropped[index]]
    if not containers:
        return []
    first = page.elements[containers[0]]
    in_containers = set(_in_container(marked, containers[0]))
    # Some articles are split into several such elements, for example by advertisements.
    for index in containers[1:] if mark == _IS_ARTICLE_TEXT else ():
        if (page.elements[index].tag, page.elements[index].names) == (first.tag, first.names):
            in_containers.update(_in_container(marked, index))
    selected = sorted(in_containers)
    if _n_characters(page, [index for index in selected if _tag(page, index) == "p"]) >= _ENOUGH_PARAGRAPHS:
        selected = [index for index in selected if _tag(page, index) in _TEXT_TAGS or page.blocks[index].after_break]
    while selected and _tag(page, selected[-1]).startswith("h"):
        selected.pop()
    return selected


def _in_container(marked: _MarkedPage, container: int) -> list[int]:
    """Return the blocks of an element, without dropped elements and link lists.

    Elements that are named as other content are left out too, unless these have most of the container's text.
    """
    states = bytearray(len(marked.parents))
    states[container] = _SELECTED
    excluded_size = 0
    for index in range(container + 1, len(states)):
        parent = marked.parents[index]
        if parent < container:
            break
        state = states[parent]
        if marked.dropped[index]:
            state = _NOT_SELECTED
        elif state == _SELECTED and marked.marks[index] & _EXCLUDED:
            state = _SELECTED_BUT_EXCLUDED
            excluded_size += marked.totals.size[index]
        elif state == _SELECTED and _is_link_list(marked.page.elements[index], marked.totals, index):
            state = _NOT_SELECTED
        states[index] = state
    may_exclude = excluded_size < _MAX_EXCLUDED * marked.totals.size[container]
    selected_states = (_SELECTED,) if may_exclude else (_SELECTED, _SELECTED_BUT_EXCLUDED)
    return [index for index, block in enumerate(marked.page.blocks) if states[block.element] in selected_states]


def _is_link_list(element: Element, totals: _SubtreeTotals, index: int) -> bool:
    """Whether an element holds links and little else; long links, for example of a catalogue, are text."""
    links, size, linked = totals.links[index], totals.size[index], totals.linked[index]
    if not links or not size or element.tag not in _LINK_LIST_TAGS:
        return False
    if links == 1 and linked > _LONG_BLOCK and linked > _LONG_LINKED * size:
        return True
    if size < (_SHORT_PARAGRAPH if element.tag == "p" else _SHORT_LIST):
        return linked > _SHORT_LINKED * size
    return links > _MANY_LINKS and _LONG_LINKED * size < linked < _LONG_BLOCK * links


def _tag(page: BlockPage, index: int) -> str:
    """Return the tag of a block's element."""
    return page.elements[page.blocks[index].element].tag


def _n_characters(page: BlockPage, indices: Iterable[int]) -> int:
    """Return the number of characters in some blocks."""
    return sum(len(page.blocks[index].text) for index in indices)
