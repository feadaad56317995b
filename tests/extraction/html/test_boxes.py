"""Boxes among the text of an article."""

from __future__ import annotations

import pytest

from goldwire.extraction.html.blocks import parse, split_blocks
from goldwire.extraction.html.boxes import boxed_blocks
from support.html_pages import FIRST, SECOND, THIRD, html_page
from support.sample_pages import BODY


def selected(body: str) -> list[str]:
    """Return the texts of the blocks that are in no box if all are selected."""
    page = split_blocks(parse(html_page(body)))
    boxed = boxed_blocks(page, range(len(page.blocks)))
    return [block.text for index, block in enumerate(page.blocks) if index not in boxed]


@pytest.mark.parametrize("name", ["post-excerpt", "wp-caption-text", "newsletter-promo", "cta", "disclaimer", "modal"])
def test_a_box_beside_an_article_is_not_body(name: str) -> None:
    article, box = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>", f"<p>{BODY[2]}</p>"
    assert selected(f"{article}<div class='{name}'><div>{box}</div></div>") == [FIRST, SECOND, THIRD]
    # A name counts for what is near, and not for the whole text of a page.
    assert selected(f"<div class='{name}'>{article}</div>") == [FIRST, SECOND, THIRD]
    assert selected(f"<div class='{name}'><div><div><div>{box}</div></div></div></div>{article}")[0] == BODY[2]


def test_centred_text_in_an_article_is_not_body_unless_all_of_it_is() -> None:
    paragraphs = [f"<p>{text}</p>" for text in (FIRST, SECOND, THIRD)]
    link = "<center><p>The ferry in pictures</p></center>"
    assert selected(paragraphs[0] + link + "".join(paragraphs[1:])) == [FIRST, SECOND, THIRD]
    assert len(selected(f"<center>{''.join(paragraphs)}</center>")) == 3
    assert len(selected(f"<center>{paragraphs[0]}{paragraphs[1]}</center>{paragraphs[2]}")) == 3


def test_posts_below_an_article_are_not_body() -> None:
    article = f"<div class='post-7'><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></div>"
    post = "<article class='box post-{0}'><p>{1}</p></article>"
    posts = post.format(12, BODY[2]) + post.format(30, BODY[3])
    assert selected(f"{article}<section>{posts}</section>") == [FIRST, SECOND, THIRD]
    assert selected(f"{article}<section>{post.format(12, BODY[2])}</section>") == [FIRST, SECOND, THIRD, BODY[2]]
    assert selected(f"<section>{posts}</section>") == [*BODY[2:4]]  # a list of posts
