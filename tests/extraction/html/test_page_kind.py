"""Pages that are not articles are recognized, articles stay."""

from __future__ import annotations

from collections import Counter

import pytest

from goldwire.extraction.html.blocks import parse, split_blocks
from goldwire.extraction.html.metadata import read_metadata
from goldwire.extraction.html.page_kind import page_kind, teaser_series
from support.html_pages import FIRST, LINKS, SECOND, THIRD, html_page
from support.layouts import layout_pages
from support.page_kinds import pages_of_other_kinds

KINDS = ("forum", "listing", "live-ticker", "product", "search-results", "tag-page")


def kind_of(html: str, url: str | None = None) -> str:
    tree = parse(html)
    return page_kind(split_blocks(tree), read_metadata(tree), url)


@pytest.mark.parametrize("kind", KINDS)
def test_pages_of_each_kind_are_recognized(kind: str) -> None:
    found = Counter(kind_of(html, url) for true, html, url in pages_of_other_kinds() if true == kind)
    assert found.total() >= 4
    assert set(found) == {kind}


def test_articles_of_all_layouts_are_articles() -> None:
    assert {kind_of(page.html) for page in layout_pages(3)} == {"article"}


def test_an_article_with_many_teasers_below_it_is_an_article() -> None:
    teasers = "".join(
        f"<div class='item'><h3><a href='/{n}'>Story number {n} of the day</a></h3><p>{SECOND}</p></div>"
        for n in range(3)
    )
    body = f"<article><h1>Quay shut</h1><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></article>{teasers}<ul>{LINKS}</ul>"
    assert kind_of(html_page(body)) == "article"
    assert kind_of(html_page(body), "https://post.example/2019/03/quay-shut") == "article"


def test_a_front_page_needs_less_evidence_but_a_stated_address_is_none() -> None:
    teasers = "".join(
        f"<div class='item'><h3><a href='/{n}'>Story number {n} of the day</a></h3><p>{SECOND}</p></div>"
        for n in range(4)
    )
    body = f"{teasers}<p>{FIRST}</p><p>{THIRD}</p>" + "".join(f"<p>{SECOND} ({n})</p>" for n in range(5))
    stated = '<meta property="og:url" content="https://post.example/">'
    assert kind_of(html_page(body), "https://post.example/index.php") == "listing"
    assert kind_of(html_page(body), "https://post.example/2019/03/quay-shut") == "article"
    assert kind_of(html_page(body, stated)) == "article"
    story = "".join(f"<p>{FIRST} ({n}) {SECOND}</p>" for n in range(5))
    assert kind_of(html_page(story), "https://post.example/") == "article"
    assert kind_of(html_page(f"<p>{FIRST}</p>"), "https://post.example/") == "listing"


def test_a_front_page_is_an_article_only_if_one_element_has_most_of_its_text() -> None:
    stated = '<meta property="og:type" content="article">'  # plug-ins state this of every page
    boxes = "".join(f"<div><h2>Service {n}</h2><p>{FIRST}</p></div>" for n in range(12))
    assert kind_of(html_page(boxes, stated), "https://post.example/") == "listing"
    assert kind_of(html_page(boxes, stated), "https://post.example/de/") == "listing"
    assert kind_of(html_page(boxes, stated), "https://post.example/2019/03/quay-shut") == "article"
    story = "<article>" + "".join(f"<p>{FIRST} ({n}) {SECOND}</p>" for n in range(8)) + "</article>"
    assert kind_of(html_page(story + boxes), "https://post.example/de/") == "article"
    lines = "<br>".join(f"{FIRST} ({n}) {SECOND}" for n in range(8))
    assert kind_of(html_page(f"<div>{lines}</div>"), "https://post.example/") == "article"


def test_a_stated_article_about_a_product_is_an_article() -> None:
    data = (
        '<script type="application/ld+json">[{"@type": "Product"}, {"@type": "NewsArticle", "headline": "x"}]</script>'
    )
    body = f"<h1>A kettle</h1><p>{FIRST}</p><p>{SECOND}</p><span>€ 49.90</span><button>Add to cart</button>"
    assert kind_of(html_page(body, data)) == "article"


def test_a_series_of_teasers_is_measured() -> None:
    units = "".join(
        f"<div class='item-{n}'><h3><a href='/{n}'>Story number {n} of the day</a></h3><p>{FIRST}</p></div>"
        for n in range(6)
    )
    series = teaser_series(split_blocks(parse(html_page(units))))
    assert (series.units, round(series.share, 2)) == (6, 1.0)
    assert teaser_series(split_blocks(parse(html_page(f"<p>{FIRST}</p>")))).units == 0


def test_a_page_without_text_is_an_article() -> None:
    assert kind_of("<html><body></body></html>") == "article"
