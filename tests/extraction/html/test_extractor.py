"""HTML pages: which blocks are the article, what the page says of it, and that no page is too odd to be read."""

from __future__ import annotations

import json
import re
from html import escape, unescape
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire.extraction.api import extract
from goldwire.extraction.html import extractor
from goldwire.extraction.html.blocks import cut, parse
from goldwire.extraction.html.class_names import KINDS, kinds_of
from goldwire.extraction.html.extractor import choose, read
from goldwire.extraction.html.metadata import read_facts
from goldwire.extraction.network import BLOCKS, load_network
from goldwire.text.normalization import normalize

FIRST = (
    "The harbour of Lanthe will stay closed for a third week, the port authority said on Monday, after divers found "
    "that the storm had moved two of the breakwater’s largest stones."
)
SECOND = (
    "“We will not open it for one hour before it is safe,” said the harbour master. Boats have been told to land "
    "their catch in Greyport, forty kilometres to the south of the town."
)
THIRD = (
    "The council of Lanthe is to meet on Thursday to vote on an advance of two million crowns for the repairs, which "
    "the insurer has so far refused to pay, said its chairwoman, Edda Marn."
)


def page(body: str, head: str = "") -> str:
    top = f'<html lang="en"><head><title>Lanthe harbour to stay closed | The Post</title>{head}</head>'
    return f"<!DOCTYPE html>{top}<body>{body}</body></html>"


def texts(markup: str) -> list[str]:
    return [block.text for block in cut(parse(markup)).blocks]


def test_blocks_are_what_stands_between_borders() -> None:
    assert texts(page("<p>One <b>bold</b>\n word.</p><div>Two<br>three<p>four</p>five</div>")) == [
        "One bold word.",
        "Two",
        "three",
        "four",
        "five",
    ]


def test_a_plain_row_of_a_table_is_one_block_and_one_with_paragraphs_is_not() -> None:
    assert texts(page("<table><tr><td>Port</td><td>Boats</td></tr></table>")) == ["Port Boats"]
    assert texts(page("<table><tr><td><p>Port</p></td><td><p>Boats</p></td></tr></table>")) == ["Port", "Boats"]


def test_what_no_reader_sees_is_in_no_block() -> None:
    hidden = '<span class="rollover-people-block">Edda Marn: all stories</span><span style="display: none">x</span>'
    assert texts(page(f"<p>Edda Marn{hidden} spoke.</p><script>var a</script><style>p</style>")) == ["Edda Marn spoke."]


def test_a_block_knows_how_much_of_it_is_linked() -> None:
    (block,) = cut(parse(page("<p>abcd<a href='#'>efgh</a></p>"))).blocks
    assert (block.linked, block.links) == (0.5, 1)


def test_names_of_elements_say_kinds_of_place() -> None:
    both = kinds_of("article-body js-related")
    assert both & kinds_of("articleBody")
    assert both & kinds_of("RelatedLinks")
    assert kinds_of("ad") != 0
    assert kinds_of("shadow") & kinds_of("ad") == 0
    assert len(KINDS) < 63  # they are bits of one number


@pytest.mark.parametrize("where", ["div", "section", "article", "td"])
def test_the_article_is_found_wherever_it_stands(where: str) -> None:
    links = "".join(f'<li><a href="/{i}">Story number {i} of the day</a></li>' for i in range(12))
    open_, close = (f"<{where}>", f"</{where}>") if where != "td" else ("<table><tr><td>", "</td></tr></table>")
    found = extract(
        page(
            f"<ul>{links}</ul>{open_}<h1>Lanthe harbour to stay closed</h1>"
            f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>{close}<ul>{links}</ul>"
        ),
        "html",
    )
    assert found.body.split("\n\n") == [FIRST, SECOND, THIRD]
    assert found.text == f"{found.title}\n\n{found.body}"


def test_a_copy_of_the_text_for_search_engines_a_pull_quote_and_a_caption_stay_out() -> None:
    whole = " ".join((FIRST, SECOND, THIRD))
    found = extract(
        page(
            "<article><h1>Lanthe harbour shut</h1><figure><figcaption>Boats at the quay.</figcaption></figure>"
            f"<p>{FIRST}</p><aside class='pullquote'>“We will not open it for one hour before it is safe”</aside>"
            f"<p>{SECOND}</p><p>{THIRD}</p><div itemprop='articleBody'>{whole}</div></article>"
        ),
        "html",
    )
    assert found.body.split("\n\n") == [FIRST, SECOND, THIRD]
    assert found.captions == ("Boats at the quay.",)


DATA = {
    "@graph": [
        {"@type": "WebSite", "name": "The Post"},
        {
            "@type": "NewsArticle",
            "headline": "Lanthe harbour to stay closed &amp; dark",
            "datePublished": "2021-03-04T06:30:00+01:00",
            "author": [{"@type": "Person", "name": "Oda Brenn"}, "Jon Tal"],
            "publisher": {"@type": "Organization", "name": "The Post"},
            "articleBody": f"&lt;p&gt;{FIRST}&lt;/p&gt;",
        },
    ]
}


def test_what_a_page_says_is_told_with_where_it_says_so() -> None:
    head = f'<script type="application/ld+json">{json.dumps(DATA)}</script><link rel="canonical" href="https://post.example/a">'
    found = read_facts(parse(page("<h1>Harbour</h1>", head)))
    said = {name: (fact.value, fact.where) for name, fact in found.found.items()}
    assert said == {
        "headline": ("Lanthe harbour to stay closed & dark", "json-ld headline"),
        "byline": ("Oda Brenn, Jon Tal", "json-ld author"),
        "date": ("2021-03-04T06:30:00+01:00", "json-ld datePublished"),
        "outlet": ("The Post", "json-ld publisher"),
        "language": ("en", "element html lang"),
        "url": ("https://post.example/a", "element link rel=canonical"),
    }
    assert found.body == FIRST


def test_the_outlet_is_taken_off_a_headline_and_elements_are_asked_last() -> None:
    head = (
        '<meta property="og:site_name" content="The Post">'
        '<meta property="og:title" content="Lanthe harbour - shut again - The Post">'
    )
    body = '<p class="byline">By Oda Brenn</p><time datetime="2021-03-04">4 March</time>'
    found = read_facts(parse(page(body, head))).found
    assert (found["headline"].value, found["headline"].where) == ("Lanthe harbour - shut again", "meta og:title")
    assert (found["byline"].value, found["byline"].where) == ("Oda Brenn", "element class=byline")
    assert (found["date"].value, found["date"].where) == ("2021-03-04", "element time")
    plain = read_facts(parse(page(""))).found["headline"]
    assert (plain.value, plain.where) == ("Lanthe harbour to stay closed", "element title")


@pytest.mark.parametrize(
    "data", ["{", "[]", '"x"', '{"@type": ["NewsArticle"], "author": {"name": null}}', "[" * 20_000]
)
def test_broken_structured_data_is_passed_over(data: str) -> None:
    head = f'<script type="application/ld+json">{data}</script>'
    assert extract(page(f"<article><p>{FIRST}</p><p>{SECOND}</p></article>", head), "html").body.startswith(
        "The harbour"
    )


def test_nothing_is_chosen_where_nothing_is_likely() -> None:
    reading = read(page(f"<p>{FIRST}</p>"))
    assert reading is not None
    none = np.zeros(len(reading.page.blocks), np.float32)
    assert choose(reading.page, none, reading.main) == []
    assert choose(reading.page, none + 1, reading.main) == [0]
    assert reading.looks.shape == (1, len(load_network(BLOCKS).mean))


def test_very_deep_pages_are_read() -> None:
    deep = 600
    found = extract(page("<div>" * deep + f"<p>{FIRST}</p><p>{SECOND}</p>" + "</div>" * deep), "html")
    assert FIRST in found.body or found.body == ""


TAGS = (
    "<p>|</p>|<div class='a'>|</div>|<table>|<tr>|<td>|</table>|<br>|<a href='#'>|</a>|<span hidden>|</span>|<script>|"
    "</script>|<h1>|<li>|<!--|-->|<body>|</body>|&amp;|word |\u200b|\x00|漢字|<|<form>|<button>|<b>|</tr>|<svg>"
)
MARKUP = st.lists(st.sampled_from([*TAGS.split("|"), FIRST, SECOND]), max_size=40)


@settings(max_examples=150, deadline=None)
@given(MARKUP)
def test_no_markup_breaks_it(parts: list[str]) -> None:
    found = extract("".join(parts), "html")
    assert "\n\n\n" not in found.text
    assert all(line and line == " ".join(line.split()) for line in found.body.split("\n\n")) or found.body == ""


def said(raw: bytes, encoding: str = "utf-8") -> tuple[str, list[tuple[str, str]]]:
    """Give the text of a page, and of each run what it stands for and what the raw bytes show there."""
    found = extract(raw, "html")
    runs = found.runs
    assert [run.start for run in runs] == sorted(run.start for run in runs)
    assert all(one.end <= other.start for one, other in pairwise(runs))
    shown = [(found.text[run.start : run.end], raw[run.raw_start : run.raw_end].decode(encoding)) for run in runs]
    covered = {place for run in runs for place in range(run.start, run.end)}
    left = "".join(found.text[place] for place in range(len(found.text)) if place not in covered)
    return left, shown


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_every_paragraph_is_shown_in_the_raw_bytes(encoding: str) -> None:
    second = SECOND.replace("“", "&ldquo;").replace("”", "&#8221;").replace("Boats have", "<b>Boats</b>\n\t  have")
    meta = f'<meta charset="{encoding}">' if encoding == "cp1252" else ""
    markup = page(
        f"<article><h1>Lanthe harbour to stay closed</h1><p>{FIRST}</p><p>{second}</p><p>{THIRD}</p></article>", meta
    )
    left, shown = said(markup.encode(encoding), encoding)
    assert left == "\n\n" * 3
    verbatim = [text for text, raw in shown if text == raw]
    assert {FIRST, THIRD} <= set(verbatim)
    assert ("“", "&ldquo;") in shown
    assert (" ", "</b>\n\t  ") in shown


WORDS = st.lists(
    st.sampled_from(["Lanthe", "the", "é", "‘quay’,", "AT&T", "<3", "x\u00ad", "a\u0301n", "Boats.", "漢字"]),
    min_size=3,
    max_size=12,
)
SPACES = st.sampled_from([" ", "\n", "  ", "&nbsp;", " <!-- x --> ", "<b> ", " </b>", "<i></i> "])


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=3), st.data())
def test_a_run_shows_what_it_stands_for(paragraphs: list[list[str]], data: st.DataObject) -> None:
    made = ""
    for words in paragraphs:
        parts = [escape(word, quote=False) for word in words]
        made += "<p>" + parts[0] + "".join(data.draw(SPACES) + part for part in parts[1:]) + f" {FIRST}</p>\n"
    raw = page(f"<article><h1>Lanthe harbour to stay closed</h1>{made}<p>{SECOND}</p><p>{THIRD}</p></article>").encode()
    _, shown = said(raw)
    for text, there in shown:
        plain = re.sub(r"<!--.*?-->|<[^>]*>", "", there)
        assert " ".join(normalize(unescape(plain)).text.split()) == text.strip()


def test_the_weights_say_what_made_them_and_what_they_score() -> None:
    with np.load(Path(extractor.__file__).parent.parent / BLOCKS) as arrays:
        assert str(arrays["made_by"]) == "tests/benchmarks/train_html.py"
        assert re.fullmatch(r"[0-9a-f]{64}", str(arrays["data_sha256"]))
        assert "10 folds by site" in str(arrays["scores"])
