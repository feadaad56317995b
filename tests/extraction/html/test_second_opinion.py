"""The second opinion of Resiliparse on blocks."""

from __future__ import annotations

from goldwire.extraction.html.block_words import number_words
from goldwire.extraction.html.blocks import parse, split_blocks
from goldwire.extraction.html.second_opinion import select_by_resiliparse
from support.html_pages import FIRST, LINKS, SECOND, html_page

PAGE = html_page(
    f"<nav><ul>{LINKS}</ul></nav><article><p>{FIRST}</p><h2>Why</h2><p>{SECOND}</p></article>"
    "<footer>Contact us here</footer>"
)


def test_blocks_that_resiliparse_extracts_are_selected() -> None:
    page = split_blocks(parse(PAGE))
    verdict = select_by_resiliparse(PAGE.encode(), page, number_words(page.blocks))
    chosen = [block.text for block, share in zip(page.blocks, verdict, strict=True) if share > 0.5]
    assert chosen == [FIRST, "Why", SECOND]


def test_a_page_without_blocks_has_no_verdict() -> None:
    page = split_blocks(parse("<html><body></body></html>"))
    assert len(select_by_resiliparse(b"<html><body></body></html>", page, number_words([]))) == 0
