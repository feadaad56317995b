"""Split a page into blocks: the text between two paragraph borders, with the element that holds it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from goldwire.extraction.html.class_names import class_hints, is_invisible, tag_bit
from goldwire.extraction.html.markup import flatten_markup, prepare_markup

__all__ = ["Block", "BlockPage", "Element", "parse", "parse_markup", "split_blocks"]

_SKIPPED_TAGS = frozenset(
    (
        *("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "select", "option"),
        *("textarea", "canvas", "video", "audio", "map", "embed", "applet", "math", "datalist", "frame"),
        *("frameset", "noframes"),
    )
)
_BORDER_TAGS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog"),
        *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4"),
        *("h5", "h6", "header", "hgroup", "hr", "legend", "li", "main", "menu", "nav", "ol", "p", "pre"),
        *("section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
_SPACED_TAGS = frozenset(("button", "label", "td", "th"))  # inline, but with a blank before their text
_STRONG_TAGS = frozenset(("b", "strong"))
_SKIP, _BORDER, _SPACED, _BREAK, _LINK, _STRONG = (1 << bit for bit in range(6))
_ENDING = _BORDER | _LINK | _STRONG  # roles that end with their element
_ROLES = dict.fromkeys(_SKIPPED_TAGS, _SKIP) | {"br": _BREAK, "a": _LINK} | dict.fromkeys(_STRONG_TAGS, _STRONG)
_ROLES |= {
    tag: _BORDER * (tag in _BORDER_TAGS) | _SPACED * (tag in _SPACED_TAGS) for tag in _BORDER_TAGS | _SPACED_TAGS
}
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)


class Element(msgspec.Struct, gc=False):
    """An element with paragraph borders.

    Attributes
    ----------
    parent : int
        Index of the parent in `BlockPage.elements`, -1 for the root.
    tag : str
    names : str
        Its class and its id.
    hints : int
        Kinds of content that the names hint at, as `class_hints` returns them.
    tags : int
        Bits (`tag_bit`) of its tag and those of its ancestors.
    is_hidden, is_article_body : bool
        Whether its attributes, or those of an ancestor, hide it, or mark it by `itemprop="articleBody"`.
    is_plain_row : bool
        Whether it is a table row whose cells hold no paragraphs, and which is one block.
    """

    parent: int
    tag: str
    names: str
    hints: int
    tags: int
    is_hidden: bool
    is_article_body: bool
    is_plain_row: bool = False


class Block(msgspec.Struct, gc=False):
    """A block of text.

    Attributes
    ----------
    element : int
        Index in `BlockPage.elements` of the innermost element that holds it.
    text : str
        The text, with single blanks.
    linked, strong : float
        Shares of its characters that are in links, and in bold type.
    links : int
        Number of links.
    after_break : bool
        Whether a line break (`<br>`) is before it.
    """

    element: int
    text: str
    linked: float
    strong: float
    links: int
    after_break: bool


class BlockPage(msgspec.Struct):
    """The blocks of a page in reading order, and their elements, parents before children."""

    blocks: list[Block]
    elements: list[Element]


_NO_ELEMENT = Element(-1, "", "", 0, 0, is_hidden=False, is_article_body=False)


def parse(raw: str | bytes) -> Any:
    """Parse a page (bytes are UTF-8) into an lxml tree; None if it has no element.

    Raises
    ------
    DataError
        If the page is too large.
    """
    return parse_markup(prepare_markup(raw))[0]


def parse_markup(data: bytes) -> tuple[Any, bytes]:
    """Parse markup that `prepare_markup` has returned; return the tree and the markup that it is of.

    That is other markup if the elements are nested more deeply than they can be parsed.
    """
    from lxml import etree

    # Not the parser of lxml.html: it looks up each element's class in Python, a fifth of the time to split a page.
    parser = etree.HTMLParser(
        remove_comments=True, remove_pis=True, encoding="utf-8", huge_tree=True, collect_ids=False
    )
    try:
        tree = etree.fromstring(data, parser)
        # libxml2 stops at a depth of 2048, whatever its options: the text below was lost without a word.
        if (errors := parser.error_log) and errors[-1].type == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            data = flatten_markup(data)
            tree = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError):
        return None, data
    return tree, data


def split_blocks(tree: Any) -> BlockPage:
    """Split a parsed page into blocks of visible text."""
    from lxml import etree

    splitter = _BlockSplitter()
    body = tree.find("body")
    if body is None:
        return splitter.page
    walker = etree.iterwalk(body, events=("start", "end"))
    roles: list[int] = []  # of the open elements
    for event, element in walker:
        if event == "start":
            role = splitter.start(element, element.tag)
            if role == _SKIP:
                walker.skip_subtree()
            elif text := element.text:
                splitter.add_text(text)
            roles.append(role)
        else:
            if (role := roles.pop()) & _ENDING:
                splitter.end(role)
            if tail := element.tail:
                splitter.add_text(tail)
    return splitter.page


class _BlockSplitter:
    """The blocks of a page so far, and the block that is being read."""

    def __init__(self) -> None:
        self.page = BlockPage([], [])
        self.open_elements: list[int] = []
        self.texts: list[str] = []
        self.size = self.linked = self.strong = 0  # characters of the block
        self.links = 0
        self.link_depth = self.strong_depth = 0
        self.after_break = False

    def start(self, element: Any, tag: Any) -> int:
        """Begin an element and return its role; that is `_SKIP` if it is to be skipped."""
        role = _ROLES.get(tag, 0) if isinstance(tag, str) else _SKIP
        if role & _SPACED and role & _BORDER and self.page.elements[self.open_elements[-1]].is_plain_row:
            role = _SPACED  # a cell of a row that is one block
        if role & _BORDER:
            self._end_block()
            self._enter(element, tag)
        elif role == _BREAK:
            self._end_block(at_break=True)
        elif role != _SKIP:
            if (attributes := element.attrib) and _is_invisible_inline(attributes):
                return _SKIP
            if role == _SPACED:
                self.texts.append(" ")
            elif role == _LINK:
                self.link_depth += 1
                self.links += 1
            elif role == _STRONG:
                self.strong_depth += 1
        return role

    def add_text(self, text: str) -> None:
        """Add text to the block."""
        self.texts.append(text)
        if not text.isspace():
            size = len(text)
            self.size += size
            if self.link_depth:
                self.linked += size
            if self.strong_depth:
                self.strong += size

    def end(self, role: int) -> None:
        """End an element with this role."""
        if role & _BORDER:
            self._end_block()
            self.open_elements.pop()
        elif role == _LINK:
            self.link_depth -= 1
        else:
            self.strong_depth -= 1

    def _enter(self, element: Any, tag: str) -> None:
        """Open an element with paragraph borders; it inherits tags and visibility from its parent."""
        elements = self.page.elements
        index = self.open_elements[-1] if self.open_elements else -1
        parent = elements[index] if self.open_elements else _NO_ELEMENT
        names, hints, is_hidden, is_article_body = "", 0, parent.is_hidden, parent.is_article_body
        if attributes := dict(element.items()):
            names = f"{attributes.get('class', '')} {attributes.get('id', '')}"
            hints = class_hints(names) if len(names) > 1 else 0
            is_hidden = is_hidden or _is_hidden(attributes)
            is_article_body = is_article_body or attributes.get("itemprop") == "articleBody"
        opened = Element(index, tag, names, hints, parent.tags | tag_bit(tag), is_hidden, is_article_body)
        if tag == "tr":
            opened.is_plain_row = not any(
                descendant.tag in _BORDER_TAGS
                for cell in element
                for descendant in cell.iter()
                if descendant is not cell
            )
        self.open_elements.append(len(elements))
        elements.append(opened)

    def _end_block(self, at_break: bool = False) -> None:
        """End the block, if it has text, and begin another."""
        # Two borders in three have nothing between them.
        if self.texts:
            if self.size:
                text = " ".join("".join(self.texts).split())
                if text and self.open_elements:
                    shares = (self.linked / self.size, self.strong / self.size)
                    self.page.blocks.append(Block(self.open_elements[-1], text, *shares, self.links, self.after_break))
                self.size = self.linked = self.strong = 0
            self.texts.clear()
        self.links = self.link_depth
        self.after_break = at_break


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    """Whether the attributes of an element hide it."""
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or ("style" in attributes and _HIDING_STYLE.search(attributes["style"]) is not None)
    )


def _is_invisible_inline(attributes: Mapping[str, str]) -> bool:
    """Whether an inline element is not shown: text for screen readers, or behind a mouse-over."""
    names, style = attributes.get("class"), attributes.get("style")
    return (
        (names is not None and is_invisible(names))
        or "hidden" in attributes
        or (style is not None and _HIDING_STYLE.search(style) is not None)
    )
