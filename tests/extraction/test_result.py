"""Extracted articles: their runs and zones lead back to the raw page."""

from __future__ import annotations

from goldwire.extraction.api import extract
from support.sample_pages import ABOVE, BODY, CAPTION, HEADLINE, page

HTML = f"<html><body><article><h1>{HEADLINE}</h1><p>{'</p><p>'.join(BODY)}</p></article></body></html>"


def test_zones_are_ranges_of_the_cleaned_page() -> None:
    article = extract(page(above=ABOVE))
    of_zone = {zone.zone: article.page[zone.start : zone.end] for zone in article.zones}
    assert (of_zone["headline"], of_zone["caption"], of_zone["body"]) == (HEADLINE, CAPTION, BODY[-1])
    assert all(zone.reason for zone in article.zones)
    assert all(
        article.page.split("\n")[zone.line - 1].find(article.page[zone.start : zone.end]) >= 0 for zone in article.zones
    )


def test_an_article_of_html_has_runs_but_neither_page_nor_zones() -> None:
    article = extract(HTML, "html")
    assert article.body == "\n\n".join(BODY)
    assert (article.page, article.zones) == ("", ())
    assert [HTML.encode()[run.raw_start : run.raw_end].decode() for run in article.runs] == [HEADLINE, *BODY]


def test_runs_of_text_are_bytes_of_the_raw_page() -> None:
    raw = page(above=ABOVE).encode("cp1252")
    article = extract(raw, encoding="cp1252")
    shown = [raw[run.raw_start : run.raw_end].decode("cp1252") for run in article.runs]
    assert shown == [article.text[run.start : run.end] for run in article.runs] == [HEADLINE, *BODY]


def test_equal_pages_have_equal_articles() -> None:
    assert extract(page()) == extract(page())
    assert extract(page()) != extract(page(above=ABOVE))
