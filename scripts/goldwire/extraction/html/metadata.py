"""What a page says of its article, each with where it says so: structured data, meta elements, elements."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from goldwire.extraction.metadata_words import BYLINE_WORDS, TITLE_SEPARATORS
from goldwire.text.normalization import normalize
from goldwire.text.urls import iso_date

__all__ = ["Fact", "Facts", "read_facts", "tidy"]

_ARTICLES = re.compile(r"(?:News|Report|Opinion|Analysis|Review|Background|Blog|Social)?\w*(?:Article|Posting)$")
_DEEPEST = 6
_TAG = re.compile(r"<[^>]{0,200}>")
_BY = re.compile(rf"^(?:{'|'.join(BYLINE_WORDS)}|di)[\s:]+", re.I)
_LONGEST_BYLINE = 200  # characters
_PARTED = re.compile(rf"\s+[{TITLE_SEPARATORS}]\s+")
# What is neither white space nor a letter, digit or mark that stands for itself, alone and beside others.
_ODD = re.compile("[^\t-\r -~\xa0-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e]")
_CAPTIONS = "//figcaption | //p[contains(@class, 'caption')] | //div[contains(@class, 'caption-text')]"
_META = {
    "headline": ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title", "title"),
    "byline": ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author", "byl"),
    "date": (
        *("article:published_time", "og:article:published_time", "datepublished", "dc.date.issued", "dc.date"),
        *("parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "date"),
    ),
    "outlet": ("og:site_name", "application-name", "twitter:site"),
    "language": ("og:locale", "content-language", "language"),
    "url": ("og:url",),
    "summary": ("og:description", "description", "twitter:description"),
}


class Fact(msgspec.Struct, frozen=True):
    """What is said, and where: `json-ld headline`, `meta og:title`, `element h1`."""

    value: str
    where: str


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says. `found` has, of what it says, headline, byline, date, outlet, language, url and summary.

    `body` is the text of the article in its structured data, "" where there is none.
    """

    found: dict[str, Fact]
    captions: tuple[Fact, ...]
    body: str = ""


def tidy(text: str) -> str:
    """Give a text on one line, clean."""
    # Nine paragraphs in ten have nothing to clean: a look tells in a thirtieth of the time.
    return " ".join((normalize(text).text if _ODD.search(text) else text).split())


def read_facts(tree: Any, told: str | None = None) -> Facts:
    """Read what a page says of its article. `told` is the headline where something beside the page tells it."""
    meta = _meta_of(tree)
    data = _article_of(tree)
    found: dict[str, Fact] = {}
    _first(found, "outlet", (*_in_data(data, "outlet"), *_in_meta(meta, "outlet")))
    _first(found, "headline", _headlines(tree, meta, data, told), found["outlet"].value if "outlet" in found else "")
    _first(found, "byline", _bylines(tree, meta, data))
    _first(found, "date", (_dated(fact) for fact in _dates(tree, meta, data)))
    _first(found, "language", (*_of_attribute(tree, "lang"), *_in_meta(meta, "language"), *_in_data(data, "language")))
    canonical = (link.get("href") for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical")
    addresses = [Fact(link, "element link rel=canonical") for link in canonical if link]
    _first(found, "url", (fact for fact in (*addresses, *_in_meta(meta, "url"), *_in_data(data, "url"))))
    _first(found, "summary", _in_meta(meta, "summary"))
    body = data.get("articleBody")
    text = tidy(_TAG.sub(" ", html.unescape(body))) if isinstance(body, str) else ""
    return Facts(found=found, captions=_captions(tree), body=text)


def _first(found: dict[str, Fact], name: str, facts: Iterable[Fact | None], outlet: str = "") -> None:
    for fact in facts:
        value = tidy(fact.value) if fact is not None else ""
        value = _without_outlet(value, outlet) if outlet else value
        if fact is not None and value:
            found[name] = Fact(value, fact.where)
            return


def _without_outlet(headline: str, outlet: str) -> str:
    """Take the outlet's name off a headline that ends with it (`Harbour shut | The Post`)."""
    parts = _PARTED.split(headline)
    if len(parts) > 1 and parts[-1].casefold() == outlet.casefold():
        return headline[: headline.rindex(parts[-1])].rstrip(f" {TITLE_SEPARATORS}")
    return headline


def _meta_of(tree: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        content = element.get("content")
        if name and content and content.strip():
            found.setdefault(name.lower(), content)
    return found


def _in_meta(meta: Mapping[str, str], field: str) -> Iterator[Fact]:
    for name in _META[field]:
        if name in meta:
            yield Fact(meta[name], f"meta {name}")


def _article_of(tree: Any) -> dict[str, Any]:
    """Give the structured data (JSON-LD) of the page's article: of several, the one that says most."""
    best: dict[str, Any] = {}
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json" or not script.text:
            continue
        try:
            data = json.loads(script.text, strict=False)
        except (ValueError, RecursionError):
            continue
        for row in _rows(data, 0):
            if _is_article(row) and _says(row) > _says(best):
                best = row
    return best


def _rows(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
        data = list(data.values())
    if isinstance(data, list) and depth < _DEEPEST:
        for part in data:
            yield from _rows(part, depth + 1)


def _is_article(row: Mapping[str, Any]) -> bool:
    kinds = row.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return "articleBody" in row or any(isinstance(kind, str) and _ARTICLES.match(kind) for kind in kinds)


def _says(row: Mapping[str, Any]) -> tuple[int, int]:
    body = row.get("articleBody")
    fields = ("headline", "author", "datePublished", "publisher")
    return len(body) if isinstance(body, str) else 0, sum(name in row for name in fields)


_DATA = {
    "headline": ("headline",),
    "byline": ("author", "creator"),
    "date": ("datePublished", "dateCreated"),
    "outlet": ("publisher",),
    "language": ("inLanguage",),
    "url": ("url", "mainEntityOfPage"),
}


def _in_data(data: Mapping[str, Any], field: str) -> Iterator[Fact]:
    for name in _DATA[field]:
        value = ", ".join(_names(data.get(name), "@id" if field == "url" else "name"))
        if value:
            yield Fact(html.unescape(value), f"json-ld {name}")


def _names(value: Any, key: str) -> Iterator[str]:
    """Give the names in a value of structured data: a text, something named, or a list of these."""
    if isinstance(value, str) and value.strip():
        yield value.strip()
    elif isinstance(value, dict):
        yield from _names(value.get(key), key)
    elif isinstance(value, list):
        for part in value:
            yield from _names(part, key)


def _headlines(tree: Any, meta: Mapping[str, str], data: Mapping[str, Any], told: str | None) -> Iterator[Fact]:
    if told:
        yield Fact(told, "beside the page")
    yield from _in_meta(meta, "headline")
    yield from _in_data(data, "headline")
    yield from _of_elements(tree, "h1", "element h1")
    for fact in _of_elements(tree, "title", "element title"):
        # The longest part: what is before or after the bar is the outlet's name, or its department's.
        yield Fact(max(_PARTED.split(fact.value), key=len), fact.where)


def _bylines(tree: Any, meta: Mapping[str, str], data: Mapping[str, Any]) -> Iterator[Fact]:
    for fact in (*_in_data(data, "byline"), *_in_meta(meta, "byline")):
        if "://" not in fact.value:
            yield Fact(_BY.sub("", fact.value.strip()), fact.where)
    for test, where in (
        (".//*[@itemprop='author']", "element itemprop=author"),
        (".//a[@rel='author']", "element a rel=author"),
        (".//*[contains(@class, 'byline')]", "element class=byline"),
        (".//*[contains(@class, 'author')]", "element class=author"),
    ):
        for element in _xpath(test)(tree)[:3]:
            text = tidy(" ".join(element.itertext()))
            if 0 < len(text) < _LONGEST_BYLINE:
                yield Fact(_BY.sub("", text), where)


def _dates(tree: Any, meta: Mapping[str, str], data: Mapping[str, Any]) -> Iterator[Fact]:
    yield from _in_data(data, "date")
    yield from _in_meta(meta, "date")
    for element in _xpath(".//*[@itemprop='datePublished']")(tree)[:2]:
        value = element.get("content") or element.get("datetime") or " ".join(element.itertext())
        yield Fact(value, "element itemprop=datePublished")
    for element in _xpath(".//time[@datetime]")(tree)[:2]:
        yield Fact(element.get("datetime"), "element time")


@cache
def _xpath(path: str) -> Any:
    from lxml import etree

    return etree.XPath(path)


def _dated(fact: Fact) -> Fact | None:
    value = iso_date(fact.value)
    return None if value is None else Fact(value, fact.where)


def _of_elements(tree: Any, tag: str, where: str) -> Iterator[Fact]:
    for element in tree.iter(tag):
        yield Fact(" ".join(element.itertext()), where)


def _of_attribute(tree: Any, name: str) -> Iterator[Fact]:
    if tree.get(name):
        yield Fact(tree.get(name), f"element html {name}")


def _captions(tree: Any) -> tuple[Fact, ...]:
    found: dict[str, str] = {}
    for node in _xpath(_CAPTIONS)(tree):
        line = tidy(" ".join(node.itertext()))
        if line:
            found.setdefault(line, "element figcaption" if node.tag == "figcaption" else "element class=caption")
    return tuple(Fact(line, where) for line, where in found.items())
