"""Extraction of articles from HTML pages."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire.extraction.api import extract
from goldwire.extraction.html.extractor import analyze_page, article_paragraphs, extract_html, select_blocks
from goldwire.extraction.network import BLOCKS, load_network
from support.html_pages import FIRST, LINKS, SECOND, THIRD, html_page
from support.sample_pages import BODY


@pytest.mark.parametrize("container", ["div", "section", "article", "td"])
def test_the_article_is_extracted_from_any_container(container: str) -> None:
    open_, close = (
        (f"<{container}>", f"</{container}>") if container != "td" else ("<table><tr><td>", "</td></tr></table>")
    )
    article = extract(
        html_page(
            f"<ul>{LINKS}</ul>{open_}<h1>Lanthe harbour to stay closed</h1>"
            f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>{close}<ul>{LINKS}</ul>"
        ),
        "html",
    )
    assert article.body.split("\n\n") == [FIRST, SECOND, THIRD]
    assert article.text == f"{article.title}\n\n{article.body}"


def test_a_copy_of_the_text_a_pull_quote_and_a_caption_are_not_body() -> None:
    whole = " ".join((FIRST, SECOND, THIRD))
    article = extract(
        html_page(
            "<article><h1>Lanthe harbour shut</h1><figure><figcaption>Boats at the quay.</figcaption></figure>"
            f"<p>{FIRST}</p><aside class='pullquote'>“We will not open it for one hour before it is safe”</aside>"
            f"<p>{SECOND}</p><p>{THIRD}</p><div itemprop='articleBody'>{whole}</div></article>"
        ),
        "html",
    )
    assert article.body.split("\n\n") == [FIRST, SECOND, THIRD]
    assert article.captions == ("Boats at the quay.",)


@pytest.mark.parametrize(
    "data", ["{", "[]", '"x"', '{"@type": ["NewsArticle"], "author": {"name": null}}', "[" * 20_000]
)
def test_a_page_with_broken_structured_data_has_an_article(data: str) -> None:
    head = f'<script type="application/ld+json">{data}</script>'
    assert extract(html_page(f"<article><p>{FIRST}</p><p>{SECOND}</p></article>", head), "html").body.startswith(
        "The harbour"
    )


def test_only_chosen_blocks_are_selected() -> None:
    analyzed = analyze_page(html_page(f"<p>{FIRST}</p>"))
    assert analyzed is not None
    assert select_blocks(analyzed.page, np.zeros(1, bool), analyzed.is_heuristic) == []
    assert select_blocks(analyzed.page, np.ones(1, bool), analyzed.is_heuristic) == [0]
    assert analyzed.features.shape == (1, len(load_network(BLOCKS).mean))


def selected(body: str) -> list[str]:
    """Return the texts of the blocks that are selected if all are probable."""
    analyzed = analyze_page(html_page(body))
    assert analyzed is not None
    nothing = np.zeros(len(analyzed.page.blocks))
    indices = select_blocks(analyzed.page, nothing == 0, nothing)
    return [analyzed.page.blocks[index].text for index in indices]


def test_captions_and_short_bylines_are_not_selected() -> None:
    body = f"<figcaption>Boats at the quay.</figcaption><p class='byline'>By Oda Brenn.</p><p>{FIRST}</p>"
    assert selected(body) == [FIRST]
    assert selected(f"<p class='byline'>{FIRST} {SECOND}</p>") == [f"{FIRST} {SECOND}"]


def test_a_second_version_of_the_article_for_another_screen_is_not_body() -> None:
    paragraphs = "".join(f"<p>{text}</p>" for text in BODY)
    body = f"<div class='wide'><h1>Harbour closed</h1>{paragraphs}</div><div class='narrow'>{paragraphs}</div>"
    assert selected(body)[1:] == [*BODY]
    assert selected(f"<p>{FIRST}</p>" * 2) == [FIRST] * 2


def test_an_embedded_tweet_is_body_if_the_text_beside_it_is() -> None:
    tweet, signature = "The breakwater has moved. pic.example/8", "— Port of Lanthe (@portoflanthe) November 4, 2019"
    markup = f"<blockquote class='twitter-tweet'><p>{tweet}</p>{signature}</blockquote>"
    page = html_page(f"<p>{FIRST}</p>{markup}<p>{SECOND}</p><ul>{LINKS}</ul>{markup}<p>{THIRD}</p>{markup}")
    analyzed = analyze_page(page)
    assert analyzed is not None
    for chosen, expected in ((FIRST, [FIRST, tweet, signature]), (SECOND, [tweet, signature, SECOND]), ("", [])):
        is_chosen = np.array([block.text == chosen for block in analyzed.page.blocks])
        indices = select_blocks(analyzed.page, is_chosen, np.zeros(len(is_chosen)))
        assert [analyzed.page.blocks[index].text for index in indices] == expected


def test_a_second_copy_has_most_ngrams_in_blocks_above() -> None:
    whole = " ".join((FIRST, SECOND, THIRD))
    assert selected(f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p><div>{whole}</div>") == [FIRST, SECOND, THIRD]
    assert selected(f"<p>{FIRST}</p><p>{SECOND}</p><div>{whole}</div>") == [FIRST, SECOND, whole]  # .6 of its n-grams


def test_a_paragraph_that_repeats_one_paragraph_is_no_copy() -> None:
    terms = " ".join((FIRST, SECOND, THIRD))
    assert selected(f"<h2>Lanthe</h2><p>{terms}</p><h2>Dune</h2><p>{terms} It is</p>")[1::2] == [
        terms,
        f"{terms} It is",
    ]


def test_a_pull_quote_is_named_and_aside_or_repeats_another_block() -> None:
    quote, other = "“We will not open it for one hour before it is safe”", "“It was the storm of the century, no less.”"
    for template in ("<aside><p>|</p></aside>", "<p class='pull-quote'>|</p>"):
        assert selected(template.replace("|", quote) + f"<p>{SECOND}</p>") == [SECOND]
        assert selected(template.replace("|", other) + f"<p>{SECOND}</p>") == [other, SECOND]
    assert selected(f"<aside><p class='pull-quote'>{other}</p></aside><p>{SECOND}</p>") == [SECOND]
    assert selected(f"<p>{quote}</p><p>{SECOND}</p>") == [quote, SECOND]


def test_a_label_is_selected_with_the_block_after_it() -> None:
    label, caption = "<p>Read more</p>", "<figcaption>Boats at the quay.</figcaption>"
    assert selected(f"{label}<p>{FIRST}</p>{label}{caption}") == ["Read more", FIRST]


def test_boilerplate_headline_and_captions_are_no_paragraphs() -> None:
    texts = [FIRST, "Sign up for our newsletter", "Boats.", " x\u00ad  y ", "https://shop.example/1"]
    assert article_paragraphs(texts, {"Boats."}) == [FIRST, "x y", "https://shop.example/1"]


def test_rules_hold_against_the_networks_up_to_their_own_certainty() -> None:
    texts = [FIRST, "By Mara Oskel", "Sign up for our newsletter", "All rights reserved."]
    assert article_paragraphs(texts, probability=[0.9, 0.89, 0.99, 0.94]) == [FIRST]
    assert article_paragraphs(texts, probability=[0.9, 0.9, 0.99, 0.95]) == [FIRST, *texts[1::2]]


@pytest.mark.parametrize(
    ("line", "is_body"),
    [
        ("Email Oda Brenn at brenn@post.example or follow her @odabrenn.", False),
        ("Follow the harbour on Facebook.", False),
        ("Lanthe harbour: the storm in pictures [GALLERY]", False),
        ("https://post.example/og-image.png", False),
        ("A version of this article appears in print on May 4, 2019, on Page B2 of the Lanthe edition.", False),
        ("Lorem ipsum dolor sit amet.", False),
        ("Follow the coast to the south until the road ends.", True),
        ("The harbour [photos] was empty.", True),
        ("https://post.example/timetable", True),
    ],
)
def test_what_interrupts_the_text_is_no_paragraph_however_certain_the_networks_are(line: str, is_body: bool) -> None:
    assert article_paragraphs([FIRST, line], probability=[1.0, 1.0]) == ([FIRST, line] if is_body else [FIRST])


def test_rules_leave_no_page_empty() -> None:
    only = "The harbour on Monday. (Mara Oskel/Example Photos)"
    assert article_paragraphs([only, "Boats."], {"Boats."}) == [only]


@pytest.mark.parametrize("raw", ["", "<html><head></head></html>", "<body></body>"])
def test_a_page_without_text_has_an_empty_body(raw: str) -> None:
    article = extract_html(raw)
    assert (article.body, article.captions, article.confidence) == ("", (), 0)


def test_a_clear_article_has_more_confidence_than_a_few_lines_among_links() -> None:
    clear = extract(html_page(f"<article><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></article>"), "html")
    unclear = extract(
        html_page(f"<ul>{LINKS}</ul><div>Closed on Monday</div><ul>{LINKS}</ul><div>Call us</div>"), "html"
    )
    assert clear.confidence > 0.85
    assert clear.text_share == 1
    assert unclear.confidence < 0.6 < clear.confidence


def test_the_kind_of_a_page_is_stated() -> None:
    data = '<script type="application/ld+json">{"@type": "DiscussionForumPosting"}</script>'
    assert extract(html_page(f"<p>{FIRST}</p>"), "html").page_kind == "article"
    assert extract(html_page(f"<p>{FIRST}</p>", data), "html").page_kind == "forum"


def test_very_deep_pages_have_an_article() -> None:
    deep = 600
    article = extract(html_page("<div>" * deep + f"<p>{FIRST}</p><p>{SECOND}</p>" + "</div>" * deep), "html")
    assert FIRST in article.body or article.body == ""


TAGS = (
    "<p>|</p>|<div class='a'>|</div>|<table>|<tr>|<td>|</table>|<br>|<a href='#'>|</a>|<span hidden>|</span>|<script>|"
    "</script>|<h1>|<li>|<!--|-->|<body>|</body>|&amp;|word |\u200b|\x00|漢字|<|<form>|<button>|<b>|</tr>|<svg>"
)
MARKUP = st.lists(st.sampled_from([*TAGS.split("|"), FIRST, SECOND]), max_size=40)


@settings(max_examples=150, deadline=None)
@given(MARKUP)
def test_any_markup_is_extracted(parts: list[str]) -> None:
    article = extract("".join(parts), "html")
    assert "\n\n\n" not in article.text
    assert all(line and line == " ".join(line.split()) for line in article.body.split("\n\n")) or article.body == ""


def test_no_other_extractor_is_loaded() -> None:
    code = (
        "import sys; from goldwire import extract; extract('<p>x</p>', 'html');"
        " print({'trafilatura', 'lxml.html'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
