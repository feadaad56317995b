"""Metadata that a page states, with its sources."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.extraction.html.blocks import parse
from goldwire.extraction.html.metadata import PageMetadata, clean_line, read_metadata
from goldwire.text.normalization import normalize
from support.html_pages import FIRST, html_page

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


def read(body: str, head: str = "", given_title: str | None = None) -> PageMetadata:
    return read_metadata(parse(html_page(body, head)), given_title)


def stated(metadata: PageMetadata) -> dict[str, tuple[str, str]]:
    assert all(name == value.name for name, value in metadata.values.items())
    return {name: (value.value, value.source) for name, value in metadata.values.items()}


def test_structured_data_are_read_with_their_sources() -> None:
    head = f'<script type="application/ld+json">{json.dumps(DATA)}</script><link rel="canonical" href="https://post.example/a">'
    metadata = read("<h1>Harbour</h1>", head)
    assert stated(metadata) == {
        "headline": ("Lanthe harbour to stay closed & dark", "json-ld headline"),
        "byline": ("Oda Brenn, Jon Tal", "json-ld author"),
        "date": ("2021-03-04T06:30:00+01:00", "json-ld datePublished"),
        "outlet": ("The Post", "json-ld publisher"),
        "language": ("en", "element html lang"),
        "url": ("https://post.example/a", "element link rel=canonical"),
    }
    assert metadata.article_body == FIRST


def test_the_name_of_the_outlet_is_removed_from_the_headline_and_elements_are_the_last_source() -> None:
    head = (
        '<meta property="og:site_name" content="The Post">'
        '<meta property="og:title" content="Lanthe harbour - shut again - The Post">'
    )
    body = '<p class="byline">By Oda Brenn</p><time datetime="2021-03-04">4 March</time>'
    values = stated(read(body, head))
    assert values["headline"] == ("Lanthe harbour - shut again", "meta og:title")
    assert values["byline"] == ("Oda Brenn", "element class=byline")
    assert values["date"] == ("2021-03-04", "element time")
    assert stated(read(""))["headline"] == ("Lanthe harbour to stay closed", "element title")


@pytest.mark.parametrize(
    ("body", "name", "expected"),
    [
        (
            "<p class='author byline'>A<a rel=author>B</a><b itemprop=author>C",
            "byline",
            ("C", "element itemprop=author"),
        ),
        ("<p class='author byline'>A</p><a rel=author>B</a>", "byline", ("B", "element a rel=author")),
        ("<p class=author>A</p><p class=the-byline>B</p>", "byline", ("B", "element class=byline")),
        ("<p class=post-author>A</p>", "byline", ("A", "element class=author")),
        (
            "<time datetime=2021-03-04></time><i itemprop=datePublished content=2021-03-05></i>",
            *("date", ("2021-03-05", "element itemprop=datePublished")),
        ),
        ("<time>soon</time><time datetime=2021-03-04></time>", "date", ("2021-03-04", "element time")),
    ],
)
def test_of_several_elements_the_most_reliable_one_is_read(body: str, name: str, expected: tuple[str, str]) -> None:
    assert stated(read(body))[name] == expected


def test_types_are_those_of_structured_data_and_microdata() -> None:
    head = '<script type="application/ld+json">{"@type": "WebPage"}</script>'
    body = "<div itemscope itemtype='https://schema.org/Product/'><b itemprop=name>A</b></div>"
    assert read(body, head).types == {"WebPage", "Product"}


def test_a_given_title_has_priority() -> None:
    assert stated(read("<h1>Harbour</h1>", given_title="Quay shut"))["headline"] == ("Quay shut", "given title")


def test_unreadable_dates_and_addresses_of_authors_are_skipped() -> None:
    head = '<meta name="pubdate" content="soon"><meta name="date" content="2021-03-04">'
    values = stated(read("", f'{head}<meta name="author" content="https://post.example/oda">'))
    assert values["date"] == ("2021-03-04", "meta date")
    assert "byline" not in values


def test_a_missing_value_is_empty() -> None:
    metadata = read("")
    assert metadata.value("byline") == ""
    assert metadata.value("headline") == "Lanthe harbour to stay closed"


def test_equal_captions_are_read_once() -> None:
    metadata = read("<figcaption>Boats.</figcaption><p class='caption'>Boats.</p><p class='caption'>Quay.</p>")
    assert [(caption.name, caption.value, caption.source) for caption in metadata.captions] == [
        ("caption", "Boats.", "element figcaption"),
        ("caption", "Quay.", "element class=caption"),
    ]


@pytest.mark.parametrize(
    "data", ["{", "[]", '"x"', '{"@type": ["NewsArticle"], "author": {"name": null}}', "[" * 20_000]
)
def test_broken_structured_data_are_skipped(data: str) -> None:
    head = f'<script type="application/ld+json">{data}</script>'
    assert stated(read("", head))["headline"] == ("Lanthe harbour to stay closed", "element title")


@given(st.text() | st.text(st.sampled_from("ab \t\n\xa0\xad\x1c\x85\u200b\u2028“é́e漢")))
def test_a_clean_line_is_normalized(text: str) -> None:
    assert clean_line(text) == " ".join(normalize(text).text.split())
