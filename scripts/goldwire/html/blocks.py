"""A page as a row of blocks: the text between two borders of paragraphs, and the elements that it stands in."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from goldwire.html.names import is_invisible, kinds_of, tag_bit

__all__ = ["Block", "Page", "Place", "cut", "parse", "strip"]

_SKIPPED = frozenset(
    (
        *("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "select", "option"),
        *("textarea", "canvas", "video", "audio", "map", "embed", "applet", "math", "datalist", "frame"),
        *("frameset", "noframes"),
    )
)
_BORDERS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog"),
        *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4"),
        *("h5", "h6", "header", "hgroup", "hr", "legend", "li", "main", "menu", "nav", "ol", "p", "pre"),
        *("section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
_APART = frozenset(("button", "label", "td", "th"))  # no border, yet a space between
_STRONG = frozenset(("b", "strong"))
_UNSEEN = ("script", "style", "svg", "noscript", "iframe", "template", "link", "select", "canvas", "object")
_AROUND = ("nav", "footer", "aside", "button", "input", "head")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)


class Place(msgspec.Struct, gc=False):
    """An element that blocks stand in: its parent's number, its tag, what its names say, and what holds in it."""

    parent: int
    tag: str
    names: str
    kinds: int
    tags: int  # its own and those it stands in, as `names.tag_bit`
    hidden: bool
    is_body: bool  # the page itself says so, as `itemprop`
    row: bool = False  # a table's row that is one block


class Block(msgspec.Struct, gc=False):
    """A block of text: spaces are single; `linked` and `strong` are shares of its characters."""

    place: int
    text: str
    linked: float
    strong: float
    links: int
    after_break: bool


class Page(msgspec.Struct):
    """The blocks of a page in reading order, and their places, parents before children."""

    blocks: list[Block]
    places: list[Place]


def parse(raw: str | bytes) -> Any:
    """Parse a page (bytes are UTF-8) into an lxml tree; None where there is none."""
    from lxml import etree, html

    data = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8", huge_tree=True)
    try:
        return html.document_fromstring(data, parser=parser, ensure_head_body=True)
    except (etree.ParserError, ValueError):
        return None


def strip(tree: Any, *, around: bool = False) -> None:
    """Take what no reader sees out of a tree or, where `around`, what never holds an article.

    trafilatura leaves all of it out, too, but copies the tree several times first, and scripts are half of it.
    """
    from lxml import etree

    etree.strip_elements(tree, *(_AROUND if around else _UNSEEN), with_tail=False)


class _Cutter:
    """The blocks so far, and the block that is being read."""

    def __init__(self) -> None:
        self.page = Page([], [])
        self.open: list[int] = []
        self.parts: list[str] = []
        self.size = self.linked = self.strong = self.links = 0
        self.in_link = self.in_strong = 0
        self.after_break = False

    def add(self, text: str) -> None:
        self.parts.append(text)
        if not text.isspace():
            size = len(text)
            self.size += size
            if self.in_link:
                self.linked += size
            if self.in_strong:
                self.strong += size

    def end_block(self, at_break: bool = False) -> None:
        if self.size:
            text = " ".join("".join(self.parts).split())
            if text and self.open:
                shares = (self.linked / self.size, self.strong / self.size, self.links, self.after_break)
                self.page.blocks.append(Block(self.open[-1], text, *shares))
        self.parts.clear()
        self.size = self.linked = self.strong = 0
        self.links = self.in_link
        self.after_break = at_break

    def enter(self, element: Any, tag: str) -> None:
        places = self.page.places
        told = dict(element.items())
        names = f"{told.get('class', '')} {told.get('id', '')}" if told else ""
        parent = self.open[-1] if self.open else -1
        above = places[parent] if parent >= 0 else None
        place = Place(
            parent=parent,
            tag=tag,
            names=names,
            kinds=kinds_of(names) if len(names) > 1 else 0,
            tags=tag_bit(tag) | (above.tags if above else 0),
            hidden=(above is not None and above.hidden) or (bool(told) and _is_hidden(told)),
            is_body=(above is not None and above.is_body) or told.get("itemprop") == "articleBody",
        )
        if tag == "tr":
            place.row = not any(each.tag in _BORDERS for cell in element for each in cell.iter() if each is not cell)
        self.open.append(len(places))
        places.append(place)


def _is_hidden(told: Any) -> bool:
    style = told.get("style")
    return (
        "hidden" in told
        or told.get("aria-hidden") == "true"
        or (style is not None and _HIDDEN.search(style) is not None)
    )


def _is_unseen(told: Any) -> bool:
    """Tell whether an inline element is not shown: what a mouse would have to open, or a screen reader's words."""
    names, style = told.get("class"), told.get("style")
    return (
        (names is not None and is_invisible(names))
        or "hidden" in told
        or (style is not None and _HIDDEN.search(style) is not None)
    )


def cut(tree: Any) -> Page:
    """Cut a page's tree into blocks."""
    from lxml import etree

    cutter = _Cutter()
    body = tree.find("body")
    if body is None:
        return cutter.page
    walker = etree.iterwalk(body, events=("start", "end"))
    skipped = None
    for event, element in walker:
        tag = element.tag
        if event == "start":
            if not _start(cutter, element, tag):
                skipped = element
                walker.skip_subtree()
            continue
        if element is skipped:
            skipped = None
        else:
            _end(cutter, tag)
        if element.tail and element is not body:
            cutter.add(element.tail)
    return cutter.page


def _start(cutter: _Cutter, element: Any, tag: Any) -> bool:
    """Begin an element; False where it is to be skipped."""
    if not isinstance(tag, str) or tag in _SKIPPED:
        return False
    if tag == "br":
        cutter.end_block(at_break=True)
        return True
    if tag in _BORDERS and not (tag in _APART and cutter.page.places[cutter.open[-1]].row):
        cutter.end_block()
        cutter.enter(element, tag)
    else:
        if element.attrib and _is_unseen(element.attrib):
            return False
        if tag in _APART:
            cutter.parts.append(" ")
        elif tag == "a":
            cutter.in_link += 1
            cutter.links += 1
        elif tag in _STRONG:
            cutter.in_strong += 1
    if element.text:
        cutter.add(element.text)
    return True


def _end(cutter: _Cutter, tag: str) -> None:
    if tag in _BORDERS:
        if not (tag in _APART and cutter.page.places[cutter.open[-1]].row):
            cutter.end_block()
            cutter.open.pop()
    elif tag == "a":
        cutter.in_link -= 1
    elif tag in _STRONG:
        cutter.in_strong -= 1
