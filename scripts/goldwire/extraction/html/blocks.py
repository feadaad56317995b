"""A page as a row of blocks: the text between two borders of paragraphs, and the elements that it stands in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from goldwire.extraction.html.class_names import is_invisible, kinds_of, tag_bit

__all__ = ["Block", "Page", "Place", "cut", "parse"]

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
_SKIP, _BORDER, _SPACED, _BREAK, _LINK, _BOLD = (1 << bit for bit in range(6))
_ROLES = dict.fromkeys(_SKIPPED, _SKIP) | {"br": _BREAK, "a": _LINK} | dict.fromkeys(_STRONG, _BOLD)
_ROLES |= {tag: _BORDER * (tag in _BORDERS) | _SPACED * (tag in _APART) for tag in _BORDERS | _APART}
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
    from lxml import etree

    data = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
    # Not lxml.html's parser: it looks each element's class up in Python, a fifth of the time to cut a page.
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8", huge_tree=True)
    try:
        return etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError):
        return None


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
        # Two borders in three have nothing between them.
        if self.parts:
            if self.size:
                text = " ".join("".join(self.parts).split())
                if text and self.open:
                    shares = (self.linked / self.size, self.strong / self.size, self.links, self.after_break)
                    self.page.blocks.append(Block(self.open[-1], text, *shares))
                self.size = self.linked = self.strong = 0
            self.parts.clear()
        self.links = self.in_link
        self.after_break = at_break

    def enter(self, element: Any, tag: str) -> None:
        places = self.page.places
        parent = self.open[-1] if self.open else -1
        above = places[parent] if self.open else _OUTSIDE
        names, kinds, tags, hidden, is_body = "", 0, above.tags | tag_bit(tag), above.hidden, above.is_body
        if told := dict(element.items()):
            names = f"{told.get('class', '')} {told.get('id', '')}"
            kinds = kinds_of(names) if len(names) > 1 else 0
            hidden = hidden or _is_hidden(told)
            is_body = is_body or told.get("itemprop") == "articleBody"
        place = Place(parent, tag, names, kinds, tags, hidden, is_body)
        if tag == "tr":
            place.row = not any(each.tag in _BORDERS for cell in element for each in cell.iter() if each is not cell)
        self.open.append(len(places))
        places.append(place)

    def start(self, element: Any, tag: Any) -> bool:
        """Begin an element; False where it is to be skipped."""
        role = _ROLES.get(tag, 0) if isinstance(tag, str) else _SKIP
        if role & _BORDER and not (role & _SPACED and self.in_row()):
            self.end_block()
            self.enter(element, tag)
        elif role & (_SKIP | _BREAK):
            if role & _SKIP:
                return False
            self.end_block(at_break=True)
            return True
        else:
            if (told := element.attrib) and _is_unseen(told):
                return False
            if role & _SPACED:
                self.parts.append(" ")
            elif role & _LINK:
                self.in_link += 1
                self.links += 1
            elif role & _BOLD:
                self.in_strong += 1
        if text := element.text:
            self.add(text)
        return True

    def end(self, tag: str) -> None:
        role = _ROLES.get(tag, 0)
        if role & _BORDER:
            if not (role & _SPACED and self.in_row()):
                self.end_block()
                self.open.pop()
        elif role & _LINK:
            self.in_link -= 1
        elif role & _BOLD:
            self.in_strong -= 1

    def in_row(self) -> bool:
        """Tell whether a cell stands in a row that is one block."""
        return self.page.places[self.open[-1]].row


_OUTSIDE = Place(-1, "", "", 0, 0, False, False)


def _is_hidden(told: Mapping[str, str]) -> bool:
    return (
        "hidden" in told
        or told.get("aria-hidden") == "true"
        or ("style" in told and _HIDDEN.search(told["style"]) is not None)
    )


def _is_unseen(told: Mapping[str, str]) -> bool:
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
        if event == "start":
            if not cutter.start(element, element.tag):
                skipped = element
                walker.skip_subtree()
            continue
        if element is skipped:
            skipped = None
        else:
            cutter.end(element.tag)
        if (tail := element.tail) and element is not body:
            cutter.add(tail)
    return cutter.page
