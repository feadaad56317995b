"""Variants of a page for training: the same text in other markup.

A classifier that sees only pages as their sites made them learns the names that sites of one time give to elements. In
a variant, names and semantic tags are removed, `<p>` becomes `<div>` or text between `<br>`, or the statements about
the article are missing; the text and its order stay.
"""

from __future__ import annotations

import random
from typing import Any

from lxml import etree

SECTIONING = frozenset(("article", "main", "section", "header", "footer", "nav", "aside"))
NAMING = frozenset(("class", "id", "itemprop", "itemtype", "role"))
STATEMENTS = frozenset(("meta", "script", "link"))
PARAGRAPHS = ("p", "p", "div", "div", "br")  # what `<p>` becomes; mostly it stays


def variant(html: str, seed: int) -> str:
    """Return a page in other markup, drawn by a seed."""
    draw = random.Random(seed)
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8", huge_tree=True)
    tree = etree.fromstring(html.encode("utf-8", "replace"), parser)
    without_names, without_tags, without_statements = draw.random() < 0.5, draw.random() < 0.4, draw.random() < 0.5
    paragraph, kept_share = draw.choice(PARAGRAPHS), draw.choice((0.0, 0.5))
    if not (without_names or without_tags or without_statements or paragraph != "p"):
        without_names = True
    for element in tree.iter(etree.Element):
        if without_names:
            for name in NAMING.intersection(element.keys()):
                if draw.random() >= kept_share:
                    del element.attrib[name]
        if without_tags and element.tag in SECTIONING:
            element.tag = "div"
    if paragraph != "p":
        for element in list(tree.iter("p")):
            change_paragraph(element, paragraph)
    if without_statements:
        remove_statements(tree)
    return etree.tostring(tree, encoding="unicode", method="html")


def change_paragraph(element: Any, paragraph: str) -> None:
    """Make a paragraph a `<div>`, or text with a line break before and after."""
    if paragraph == "div":
        element.tag = "div"
        return
    before, after = etree.Element("br"), etree.Element("br")
    element.tag, after.tail, element.tail = "span", element.tail, None
    element.addprevious(before)
    element.addnext(after)


def remove_statements(tree: Any) -> None:
    """Remove what the page states about its article: meta elements and structured data."""
    head = tree.find("head")
    for element in list(head) if head is not None else ():
        if element.tag in STATEMENTS:
            head.remove(element)
    for element in tree.iter("script"):
        element.text = None
