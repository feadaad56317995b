"""The rules that are one witness of what an article's blocks are, and the quick ways of reading a page."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.extraction.html.block_features import Told, look, words_of
from goldwire.extraction.html.blocks import cut, parse
from goldwire.extraction.html.heuristics import take
from goldwire.extraction.html.metadata import tidy
from goldwire.text.normalization import normalize

LONG = "The harbour of Lanthe stays closed for a third week, the port authority said, after divers found two stones. "
FIRST, SECOND, THIRD = (f"{word} {LONG * 3}".strip() for word in ("First:", "Second:", "Third:"))
LINKS = "".join(f'<li><a href="/{number}">Story number {number} of the day</a></li>' for number in range(12))


def taken(body: str) -> list[str]:
    """Give the first words of the blocks that the rules take."""
    page = cut(parse(f"<html><body>{body}</body></html>"))
    marks = take(page)
    assert set(marks.tolist()) <= {0.0, 1.0}
    return [block.text.split(" ")[0] for block, mark in zip(page.blocks, marks, strict=True) if mark]


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


@pytest.mark.parametrize(
    "place",
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
def test_the_first_place_that_is_named_for_an_article_is_taken(place: str) -> None:
    inside = place.replace("|", paragraphs(FIRST, SECOND))
    assert taken(f"<div>{paragraphs(THIRD)}</div>{inside}<div>{paragraphs(THIRD)}</div>") == ["First:", "Second:"]


def test_a_surer_name_goes_before_one_that_comes_first() -> None:
    found = taken(f"<main>{paragraphs(THIRD, THIRD)}</main><div class='post-content'>{paragraphs(FIRST, SECOND)}</div>")
    assert found == ["First:", "Second:"]


@pytest.mark.parametrize(
    "place",
    [
        '<div class="related-stories">|</div>',
        '<div id="newsletter">|</div>',
        '<p class="photo caption">|</p>',
        '<div class="ad">|</div>',
        '<div style="display:none">|</div>',
        '<div class="x comment-list">|</div>',
        '<span class="y"><section class="Comments">|</section></span>',
        "<aside>|</aside>",
        "<figure>|</figure>",
        "<form>|</form>",
    ],
)
def test_what_is_named_for_something_else_is_left_out(place: str) -> None:
    other = place.replace("|", "Other: " + LONG)
    assert taken(f"<article>{paragraphs(FIRST)}{other}{paragraphs(SECOND)}</article>") == ["First:", "Second:"]


@pytest.mark.parametrize("name", ["commentary", "shadow", "barcelona", "address"])
def test_words_that_hold_such_a_name_are_not_it(name: str) -> None:
    found = taken(f"<article>{paragraphs(FIRST)}<div class='{name}'>{paragraphs(SECOND)}</div></article>")
    assert found == ["First:", "Second:"]


def test_names_that_leave_out_most_say_nothing() -> None:
    inside = f"<div class='widget'>{paragraphs(FIRST, SECOND)}</div>"
    assert taken(f"<article><p>Short:</p>{inside}</article>") == ["Short:", "First:", "Second:"]
    assert taken(f"<article>{paragraphs(THIRD)}{inside}</article>") == ["Third:"]


def test_lists_of_links_are_left_out_and_linked_paragraphs_stay() -> None:
    linked = SECOND.replace("harbour", "<a href='#'>harbour</a>")
    found = taken(f"<article>{paragraphs(FIRST)}<ul>{LINKS}</ul>{paragraphs(linked)}</article>")
    assert found == ["First:", "Second:"]


def test_a_page_that_is_one_form_is_read() -> None:
    assert taken(f"<form><article>{paragraphs(FIRST, SECOND)}</article></form>") == ["First:", "Second:"]


def test_an_article_that_is_cut_into_several_is_taken_whole() -> None:
    one, other = (f'<div class="body article-body">{paragraphs(text)}</div>' for text in (FIRST + SECOND, THIRD))
    other_name = f'<div class="article-body teaserless">{paragraphs(SECOND)}</div>'
    assert taken(f"{one}<p>{LONG}</p>{other}{other_name}") == ["First:", "Third:"]


def test_of_several_articles_the_first_is_taken() -> None:
    assert taken(f"<article>{paragraphs(FIRST)}</article><article>{paragraphs(SECOND)}</article>") == ["First:"]


def test_text_beside_enough_paragraphs_and_a_heading_at_the_end_stay_out() -> None:
    body = f"<article>Beside: {LONG}{paragraphs(FIRST, SECOND, THIRD)}<h2>More:</h2></article>"
    assert taken(body) == ["First:", "Second:", "Third:"]
    assert taken(f"<article>Beside: {LONG}{paragraphs(FIRST)}</article>") == ["Beside:", "First:"]


def test_without_a_named_place_paragraphs_are_taken_and_without_those_long_blocks() -> None:
    assert taken(f"<div>Beside: {LONG}</div><ul>{LINKS}</ul>{paragraphs(FIRST)}") == ["First:"]
    assert taken(f"<div>Beside: {LONG}</div><div>Short:</div><ul>{LINKS}</ul>") == ["Beside:"]
    assert taken("") == []


def test_what_the_rules_take_is_among_the_looks() -> None:
    page = cut(parse(f"<html><body><article>{paragraphs(FIRST, SECOND)}</article><p>{THIRD}</p></body></html>"))
    looks, main = look(page, words_of(page.blocks), Told())
    assert main.tolist() == take(page).tolist() == [1, 1, 0]
    assert any(np.array_equal(column, main) for column in looks.T)


@given(st.text() | st.text(st.sampled_from("ab \t\n\xa0\xad\x1c\x85\u200b\u2028“é́e漢")))
def test_a_text_is_tidied_as_it_is_cleaned(text: str) -> None:
    assert tidy(text) == " ".join(normalize(text).text.split())


def test_no_other_extractor_is_loaded() -> None:
    code = (
        "import sys; from goldwire import extract; extract('<p>x</p>', 'html');"
        " print({'trafilatura', 'lxml.html'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
