"""Blocks that are body for the chosen blocks around them."""

from __future__ import annotations

import numpy as np
import pytest

from goldwire.extraction.html.blocks import BlockPage, parse, split_blocks
from goldwire.extraction.html.gaps import blocks_in_gaps, without_closing_headings
from support.html_pages import FIRST, SECOND, THIRD, html_page


def page_of(body: str) -> BlockPage:
    return split_blocks(parse(html_page(body)))


def added(body: str, probability: float) -> list[str]:
    """Return the texts that are added to FIRST and THIRD, if all other blocks have this probability."""
    page = page_of(body)
    is_chosen = np.array([block.text in (FIRST, THIRD) for block in page.blocks])
    is_added = blocks_in_gaps(page, is_chosen, np.where(is_chosen, 0.9, probability))
    return [block.text for block, flag in zip(page.blocks, is_added, strict=True) if flag]


def test_a_block_between_two_chosen_siblings_is_body_unless_it_is_unlikely() -> None:
    body = f"<div><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p><p>{SECOND}</p></div>"
    assert added(body, 0.2) == [SECOND]
    assert added(body, 0.15) == []
    assert added(f"<p>{FIRST}</p><div>{SECOND}</div><p>{THIRD}</p>", 0.2) == []


@pytest.mark.parametrize("tag", ["h2", "h4"])
def test_headings_above_body_are_body_unless_they_are_very_unlikely_or_linked(tag: str) -> None:
    body = f"<div><{tag}>A</{tag}><p>{FIRST}</p></div><{tag}>B</{tag}><{tag}>C</{tag}><p>{THIRD}</p><{tag}>D</{tag}>"
    assert added(body, 0.05) == ["A", "B", "C"]
    assert added(body, 0.04) == []
    assert added(body.replace(">B<", "><a href='/b'>B</a><"), 0.05) == ["A", "C"]
    assert added(body.replace(f"<{tag}>C</{tag}>", "<p>C</p>"), 0.05) == ["A"]


def test_headings_at_the_end_are_not_selected() -> None:
    page = page_of(f"<h2>A</h2><p>{FIRST}</p><h2>B</h2><h3>C</h3>")
    assert without_closing_headings(page, [0, 1, 2, 3]) == [0, 1]
    assert without_closing_headings(page, [0, 2]) == [0, 2]
    assert without_closing_headings(page, []) == []
