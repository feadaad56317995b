"""Blocks of a page, and the elements that hold them."""

from __future__ import annotations

import pytest

from goldwire.extraction.html.blocks import parse, split_blocks
from goldwire.extraction.html.class_names import tag_bit
from support.html_pages import html_page


def texts(body: str) -> list[str]:
    return [block.text for block in split_blocks(parse(html_page(body))).blocks]


def test_blocks_are_separated_by_borders_of_paragraphs_and_line_breaks() -> None:
    assert texts("<p>One <b>bold</b>\n word.</p><div>Two<br>three<p>four</p>five</div>") == [
        "One bold word.",
        "Two",
        "three",
        "four",
        "five",
    ]


def test_a_table_row_is_one_block_if_its_cells_hold_no_paragraphs() -> None:
    assert texts("<table><tr><td>Port</td><td>Boats</td></tr></table>") == ["Port Boats"]
    assert texts("<table><tr><td><p>Port</p></td><td><p>Boats</p></td></tr></table>") == ["Port", "Boats"]


def test_invisible_text_is_in_no_block() -> None:
    hidden = '<span class="rollover-people-block">Edda Marn: all stories</span><span style="display: none">x</span>'
    assert texts(f"<p>Edda Marn{hidden} spoke.</p><script>var a</script><style>p</style>") == ["Edda Marn spoke."]


def test_a_block_has_the_shares_of_links_and_bold_type() -> None:
    linked, strong = split_blocks(parse(html_page("<p>abcd<a href='#'>efgh</a></p><p>ab<b>cdefgh</b></p>"))).blocks
    assert (linked.linked, linked.links, linked.strong) == (0.5, 1, 0)
    assert (strong.linked, strong.links, strong.strong) == (0, 0, 0.75)


def test_a_block_after_a_line_break_is_marked() -> None:
    blocks = split_blocks(parse(html_page("<p>One<br>two</p><p>three</p>"))).blocks
    assert [block.after_break for block in blocks] == [False, True, False]


def test_an_element_inherits_tags_and_visibility_of_its_parent() -> None:
    page = split_blocks(
        parse(html_page('<aside hidden><p class="a" id="b">x</p></aside><p itemprop="articleBody">y</p>'))
    )
    hidden, shown = (page.elements[block.element] for block in page.blocks)
    assert (hidden.names, hidden.is_hidden, hidden.is_article_body) == ("a b", True, False)
    assert hidden.tags == tag_bit("p") | tag_bit("aside")
    assert page.elements[hidden.parent].tag == "aside"
    assert (shown.is_hidden, shown.is_article_body, shown.tags) == (False, True, tag_bit("p"))


@pytest.mark.parametrize("raw", ["", b"", "<!-- -->", "<?x?>"])
def test_a_page_without_elements_is_not_parsed(raw: str | bytes) -> None:
    assert parse(raw) is None


def test_a_page_without_a_body_has_no_blocks() -> None:
    assert split_blocks(parse("<html><head><title>x</title></head></html>")).blocks == []
