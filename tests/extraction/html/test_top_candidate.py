"""Block selection by the text that an element holds."""

from __future__ import annotations

import pytest

from goldwire.extraction.html.blocks import parse, split_blocks
from goldwire.extraction.html.top_candidate import select_by_text
from support.html_pages import FIRST, LINKS, SECOND, THIRD, html_page


def selected(body: str) -> list[str]:
    page = split_blocks(parse(html_page(body)))
    return [block.text for block, flag in zip(page.blocks, select_by_text(page), strict=True) if flag]


@pytest.mark.parametrize("template", ["<p>|</p>", "<div>|</div>", "|<br><br>"])
def test_the_element_with_most_text_is_selected_whatever_its_name(template: str) -> None:
    article = "".join(template.replace("|", text) for text in (FIRST, SECOND, THIRD))
    assert selected(f"<ul>{LINKS}</ul><div class='x1'>{article}</div><ul>{LINKS}</ul>") == [FIRST, SECOND, THIRD]


def test_siblings_with_the_same_name_are_added() -> None:
    parts = "".join(f"<div class='part'><p>{text}</p></div>" for text in (FIRST, SECOND, THIRD))
    assert selected(f"<div>{parts}</div>") == [FIRST, SECOND, THIRD]


def test_link_lists_and_comments_in_the_element_are_left_out() -> None:
    comments = f"<div class='comments'><p>{THIRD}</p></div>"
    body = f"<div class='article'><p>{FIRST}</p><p>{SECOND}</p><ul>{LINKS}</ul>{comments}</div>"
    assert selected(body) == [FIRST, SECOND]
    assert selected(body.replace("class='comments'", "id='c169981'")) == [FIRST, SECOND]


def test_a_page_without_text_has_no_selection() -> None:
    assert selected("") == []
    assert selected("<p>Home</p>") == []
