"""Heuristic selection of blocks by the names and tags of their elements."""

from __future__ import annotations

import pytest

from goldwire.extraction.html.blocks import parse, split_blocks
from goldwire.extraction.html.heuristics import select_by_heuristics
from support.html_pages import LINKS

LONG = "The harbour of Lanthe stays closed for a third week, the port authority said, after divers found two stones. "
FIRST, SECOND, THIRD = (f"{word} {LONG * 3}".strip() for word in ("First:", "Second:", "Third:"))


def selected(body: str) -> list[str]:
    """Return the first words of the blocks that the heuristics select."""
    page = split_blocks(parse(f"<html><body>{body}</body></html>"))
    is_selected = select_by_heuristics(page)
    assert set(is_selected.tolist()) <= {0.0, 1.0}
    return [block.text.split(" ")[0] for block, flag in zip(page.blocks, is_selected, strict=True) if flag]


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


@pytest.mark.parametrize(
    "element",
    [
        '<div class="article-body">|</div>',
        '<section class="x entry y">|</section>',
        "<article>|</article>",
        '<div itemprop="articleBody">|</div>',
        '<div id="story-body">|</div>',
        '<div class="content">|</div>',
        "<main>|</main>",
        '<div class="main">|</div>',
    ],
)
def test_the_first_element_that_is_named_as_an_article_is_selected(element: str) -> None:
    inside = element.replace("|", paragraphs(FIRST, SECOND))
    assert selected(f"<div>{paragraphs(THIRD)}</div>{inside}<div>{paragraphs(THIRD)}</div>") == ["First:", "Second:"]


def test_a_more_reliable_name_has_priority_over_the_first() -> None:
    blocks = selected(
        f"<main>{paragraphs(THIRD, THIRD)}</main><div class='post-content'>{paragraphs(FIRST, SECOND)}</div>"
    )
    assert blocks == ["First:", "Second:"]


@pytest.mark.parametrize(
    "element",
    [
        '<div class="related-stories">|</div>',
        '<div id="newsletter">|</div>',
        '<p class="photo caption">|</p>',
        '<div class="ad">|</div>',
        '<div style="display:none">|</div>',
        '<div class="x comment-list">|</div>',
        '<div id="c980784">|</div>',
        '<span class="y"><section class="Comments">|</section></span>',
        "<aside>|</aside>",
        "<figure>|</figure>",
        "<form>|</form>",
    ],
)
def test_other_content_in_the_article_is_left_out(element: str) -> None:
    other = element.replace("|", "Other: " + LONG)
    assert selected(f"<article>{paragraphs(FIRST)}{other}{paragraphs(SECOND)}</article>") == ["First:", "Second:"]


@pytest.mark.parametrize("name", ["commentary", "shadow", "barcelona", "address"])
def test_longer_words_that_contain_such_a_name_are_not_other_content(name: str) -> None:
    blocks = selected(f"<article>{paragraphs(FIRST)}<div class='{name}'>{paragraphs(SECOND)}</div></article>")
    assert blocks == ["First:", "Second:"]


def test_names_that_exclude_most_of_the_text_are_ignored() -> None:
    inside = f"<div class='widget'>{paragraphs(FIRST, SECOND)}</div>"
    assert selected(f"<article><p>Short:</p>{inside}</article>") == ["Short:", "First:", "Second:"]
    assert selected(f"<article>{paragraphs(THIRD)}{inside}</article>") == ["Third:"]


def test_link_lists_are_left_out_and_linked_paragraphs_are_selected() -> None:
    linked = SECOND.replace("harbour", "<a href='#'>harbour</a>")
    blocks = selected(f"<article>{paragraphs(FIRST)}<ul>{LINKS}</ul>{paragraphs(linked)}</article>")
    assert blocks == ["First:", "Second:"]


def test_a_page_that_is_one_form_has_an_article() -> None:
    assert selected(f"<form><article>{paragraphs(FIRST, SECOND)}</article></form>") == ["First:", "Second:"]


def test_an_article_in_several_elements_of_the_same_names_is_selected_whole() -> None:
    one, other = (f'<div class="body article-body">{paragraphs(text)}</div>' for text in (FIRST + SECOND, THIRD))
    other_name = f'<div class="article-body teaserless">{paragraphs(SECOND)}</div>'
    assert selected(f"{one}<p>{LONG}</p>{other}{other_name}") == ["First:", "Third:"]


def test_the_first_of_several_articles_is_selected() -> None:
    assert selected(f"<article>{paragraphs(FIRST)}</article><article>{paragraphs(SECOND)}</article>") == ["First:"]


def test_text_outside_of_paragraphs_and_a_last_heading_are_left_out() -> None:
    body = f"<article>Beside: {LONG}{paragraphs(FIRST, SECOND, THIRD)}<h2>More:</h2></article>"
    assert selected(body) == ["First:", "Second:", "Third:"]
    assert selected(f"<article>Beside: {LONG}{paragraphs(FIRST)}</article>") == ["Beside:", "First:"]


def test_a_page_without_an_article_element_has_its_paragraphs_or_its_long_blocks() -> None:
    assert selected(f"<div>Beside: {LONG}</div><ul>{LINKS}</ul>{paragraphs(FIRST)}") == ["First:"]
    assert selected(f"<div>Beside: {LONG}</div><div>Short:</div><ul>{LINKS}</ul>") == ["Beside:"]
    assert selected("") == []
