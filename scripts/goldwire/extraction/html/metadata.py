"""Statements of a page about its article, with their sources: structured data, meta elements, other elements."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from goldwire.extraction.metadata_words import BYLINE_WORDS, TITLE_SEPARATORS
from goldwire.records import MetadataValue
from goldwire.text.normalization import normalize
from goldwire.text.urls import iso_date

__all__ = ["PageMetadata", "clean_line", "read_metadata"]

_ARTICLE_TYPE = re.compile(r"(?:News|Report|Opinion|Analysis|Review|Background|Blog|Social)?\w*(?:Article|Posting)$")
_MAX_CAPTIONS = 1 << 20  # characters: captions that are nested in each other repeat their text
_MAX_DEPTH = 6  # of structured data
_MAX_ITEMS = 20  # of microdata whose types are read: a page has about three
_TAG = re.compile(r"<[^>]{0,200}>")
_BYLINE_START = re.compile(rf"^(?:{'|'.join(BYLINE_WORDS)}|di)[\s:]+", re.I)
_MAX_BYLINE = 200  # characters
_MAX_BYLINE_ELEMENTS, _MAX_DATE_ELEMENTS = 3, 2  # of one kind: those after them are of other articles
_SEPARATOR = re.compile(rf"\s+[{TITLE_SEPARATORS}]\s+")
# Anything but white space and the letters, digits and signs that normalization never changes, alone or in sequence.
_MAY_NEED_NORMALIZATION = re.compile("[^\t-\r -~\xa0-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e]")
_CAPTION_CLASSES = {"figcaption": "", "p": "caption", "div": "caption-text"}  # a part of the class of such captions
_META_NAMES = {
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
_JSON_LD_KEYS = {
    "headline": ("headline",),
    "byline": ("author", "creator"),
    "date": ("datePublished", "dateCreated"),
    "outlet": ("publisher",),
    "language": ("inLanguage",),
    "url": ("url", "mainEntityOfPage"),
}
_BYLINE_CLASSES = ("byline", "author")  # parts of the class of such elements
_TAGS = ("meta", "script", "link", "a", "time", *_CAPTION_CLASSES)  # of elements that may state something


class PageMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """The metadata that a page states about its article.

    Attributes
    ----------
    values : dict of str to MetadataValue
        Of `headline`, `byline`, `date`, `outlet`, `language`, `url` and `summary`, those that the page states.
    captions : tuple of MetadataValue
        Picture captions.
    article_body : str
        The article's text in structured data (`articleBody`); "" if there is none.
    types : frozenset of str
        Types of the page in structured data (JSON-LD and microdata), such as `NewsArticle` or `Product`.
    meta : mapping of str to str
        Content of meta elements by their names, in lower case.
    """

    values: dict[str, MetadataValue]
    captions: tuple[MetadataValue, ...]
    article_body: str = ""
    types: frozenset[str] = frozenset()
    meta: Mapping[str, str] = {}

    def value(self, name: str) -> str:
        """Return the value of a name; "" if the page does not state it."""
        return self.values[name].value if name in self.values else ""


class _Statement(NamedTuple):
    """A value as the page has it, and its source: `json-ld headline`, `meta og:title`, `element h1`."""

    value: str
    source: str


class _Sources(NamedTuple):
    """Parts of a page that may state something about its article.

    `tree` is the parsed page. `meta` has the contents of its meta elements, `json_ld_items` its structured data and
    `json_ld` that of its article. `microdata` are elements with `itemprop` or `itemtype`, `with_class` those with a
    class, `by_tag` those with one of `_TAGS`, and `captions` those that may be captions.
    """

    tree: Any
    meta: Mapping[str, str]
    json_ld_items: Sequence[Any]
    json_ld: Mapping[str, Any]
    microdata: Sequence[Any]
    with_class: Sequence[Any]
    by_tag: Mapping[str, Sequence[Any]]
    captions: Sequence[Any]


def clean_line(text: str) -> str:
    """Normalize a text and put it on one line, with single blanks."""
    # Nine paragraphs in ten need no normalization, and the search takes a thirtieth of its time.
    return " ".join((normalize(text).text if _MAY_NEED_NORMALIZATION.search(text) else text).split())


def read_metadata(tree: Any, given_title: str | None = None) -> PageMetadata:
    """Read what a page states about its article; of several sources, the most reliable.

    Parameters
    ----------
    tree : lxml element
        The parsed page.
    given_title : str, optional
        The headline, if it is known from outside the page, for example from a feed.
    """
    sources = _read_sources(tree)
    outlet = _first("outlet", (*_json_ld(sources, "outlet"), *_meta(sources, "outlet")))
    values = (
        outlet,
        _first("headline", _headlines(sources, given_title), outlet.value if outlet else ""),
        _first("byline", _bylines(sources)),
        _first("date", _dates(sources)),
        _first("language", _languages(sources)),
        _first("url", _urls(sources)),
        _first("summary", _meta(sources, "summary")),
    )
    body = sources.json_ld.get("articleBody")
    return PageMetadata(
        values={value.name: value for value in values if value is not None},
        captions=_captions(sources.captions),
        article_body=clean_line(_TAG.sub(" ", html.unescape(body))) if isinstance(body, str) else "",
        types=frozenset(_page_types(sources)),
        meta=sources.meta,
    )


def _read_sources(tree: Any) -> _Sources:
    """Find the elements of a page that may state something, and read its meta elements and structured data."""
    captions: list[Any] = []  # of three tags, in page order
    by_tag: dict[str, list[Any]] = {tag: captions if tag in _CAPTION_CLASSES else [] for tag in _TAGS}
    microdata, with_class = [], []
    # One pass over the tree for all of them: it takes as long as one XPath expression.
    for element in tree.iterdescendants("*"):
        if (same_tag := by_tag.get(element.tag)) is not None:
            same_tag.append(element)
        if attributes := element.keys():
            if "class" in attributes:
                with_class.append(element)
            if "itemprop" in attributes or "itemtype" in attributes:
                microdata.append(element)
    items = _read_json_ld(by_tag["script"])
    return _Sources(
        tree=tree,
        meta=_read_meta(by_tag["meta"]),
        json_ld_items=items,
        json_ld=_article_json_ld(items),
        microdata=microdata,
        with_class=with_class,
        by_tag=by_tag,
        captions=captions,
    )


def _first(name: str, statements: Iterable[_Statement], outlet: str = "") -> MetadataValue | None:
    """Return the first statement that has text, cleaned, and without the name of the outlet."""
    for statement in statements:
        value = clean_line(statement.value)
        value = _without_outlet(value, outlet) if outlet else value
        if value:
            return MetadataValue(name=name, value=value, source=statement.source)
    return None


def _without_outlet(headline: str, outlet: str) -> str:
    """Remove the outlet's name from the end of a headline (`Harbour shut | The Post`)."""
    parts = _SEPARATOR.split(headline)
    if len(parts) > 1 and parts[-1].casefold() == outlet.casefold():
        return headline[: headline.rindex(parts[-1])].rstrip(f" {TITLE_SEPARATORS}")
    return headline


def _headlines(sources: _Sources, given_title: str | None) -> Iterator[_Statement]:
    """Yield the stated headlines, the most reliable first; so do the functions below."""
    if given_title:
        yield _Statement(given_title, "given title")
    yield from _meta(sources, "headline")
    yield from _json_ld(sources, "headline")
    yield from _element_texts(sources.tree, "h1")
    for title in _element_texts(sources.tree, "title"):
        # The longest part: before or after a separator is the name of the outlet or of its department.
        yield _Statement(max(_SEPARATOR.split(title.value), key=len), title.source)


def _bylines(sources: _Sources) -> Iterator[_Statement]:
    """Yield the stated authors, without words such as `by`."""
    for byline in (*_json_ld(sources, "byline"), *_meta(sources, "byline")):
        if "://" not in byline.value:
            yield _Statement(_BYLINE_START.sub("", byline.value.strip()), byline.source)
    for source, elements in _byline_elements(sources):
        for element in elements[:_MAX_BYLINE_ELEMENTS]:
            text = _element_text(element)
            if 0 < len(text) < _MAX_BYLINE:
                yield _Statement(_BYLINE_START.sub("", text), source)


def _byline_elements(sources: _Sources) -> Iterator[tuple[str, list[Any]]]:
    """Yield the elements that may state an author, by source."""
    yield "element itemprop=author", _with_attribute(sources.microdata, "itemprop", "author")
    yield "element a rel=author", _with_attribute(sources.by_tag["a"], "rel", "author")
    for part in _BYLINE_CLASSES:
        yield f"element class={part}", [element for element in sources.with_class if part in element.get("class")]


def _with_attribute(elements: Iterable[Any], name: str, value: str) -> list[Any]:
    """Return the elements whose attribute has this value."""
    return [element for element in elements if element.get(name) == value]


def _dates(sources: _Sources) -> Iterator[_Statement]:
    """Yield the stated dates in ISO 8601, without those that cannot be read."""
    for statement in _date_statements(sources):
        date = iso_date(statement.value)
        if date is not None:
            yield _Statement(date, statement.source)


def _date_statements(sources: _Sources) -> Iterator[_Statement]:
    """Yield the stated dates in any form."""
    yield from _json_ld(sources, "date")
    yield from _meta(sources, "date")
    for element in _with_attribute(sources.microdata, "itemprop", "datePublished")[:_MAX_DATE_ELEMENTS]:
        value = element.get("content") or element.get("datetime") or " ".join(element.itertext())
        yield _Statement(value, "element itemprop=datePublished")
    stated = (value for element in sources.by_tag["time"] if (value := element.get("datetime")) is not None)
    for value in islice(stated, _MAX_DATE_ELEMENTS):
        yield _Statement(value, "element time")


def _languages(sources: _Sources) -> Iterator[_Statement]:
    """Yield the stated languages."""
    if sources.tree.get("lang"):
        yield _Statement(sources.tree.get("lang"), "element html lang")
    yield from _meta(sources, "language")
    yield from _json_ld(sources, "language")


def _urls(sources: _Sources) -> Iterator[_Statement]:
    """Yield the stated addresses of the page."""
    for link in sources.by_tag["link"]:
        if (link.get("rel") or "").lower() == "canonical" and link.get("href"):
            yield _Statement(link.get("href"), "element link rel=canonical")
    yield from _meta(sources, "url")
    yield from _json_ld(sources, "url")


def _captions(elements: Iterable[Any]) -> tuple[MetadataValue, ...]:
    """Return the different picture captions among elements, in page order."""
    sources: dict[str, str] = {}
    size = 0
    for element in elements:
        if size > _MAX_CAPTIONS:  # nested in each other
            break
        if _CAPTION_CLASSES[element.tag] in element.get("class", "") and (caption := _element_text(element)):
            size += len(caption)
            sources.setdefault(
                caption, "element figcaption" if element.tag == "figcaption" else "element class=caption"
            )
    return tuple(MetadataValue(name="caption", value=caption, source=source) for caption, source in sources.items())


def _element_text(element: Any) -> str:
    """Return the text of an element, cleaned."""
    return clean_line(" ".join(element.itertext()))


def _element_texts(tree: Any, tag: str) -> Iterator[_Statement]:
    """Yield the texts of all elements with a tag."""
    for element in tree.iter(tag):
        yield _Statement(" ".join(element.itertext()), f"element {tag}")


def _read_meta(elements: Iterable[Any]) -> dict[str, str]:
    """Return the content of meta elements by their names, in lower case; of several, the first."""
    contents: dict[str, str] = {}
    for element in elements:
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        content = element.get("content")
        if name and content and content.strip():
            contents.setdefault(name.lower(), content)
    return contents


def _meta(sources: _Sources, field: str) -> Iterator[_Statement]:
    """Yield the values of a field in meta elements."""
    for name in _META_NAMES[field]:
        if name in sources.meta:
            yield _Statement(sources.meta[name], f"meta {name}")


def _read_json_ld(scripts: Iterable[Any]) -> list[Any]:
    """Return the structured data (JSON-LD) of a page, one value for each script."""
    items = []
    for script in scripts:
        if (script.get("type") or "").strip().lower() != "application/ld+json" or not script.text:
            continue
        try:
            items.append(json.loads(script.text, strict=False))
        except (ValueError, RecursionError):
            continue
    return items


def _article_json_ld(items: Iterable[Any]) -> dict[str, Any]:
    """Return the structured data of the page's article; of several objects, the most complete."""
    article: dict[str, Any] = {}
    for data in items:
        for item in _json_objects(data, 0):
            if _is_article(item) and _completeness(item) > _completeness(article):
                article = item
    return article


def _page_types(sources: _Sources) -> Iterator[str]:
    """Yield the types that structured data gives to the page itself, not to what it mentions."""
    for data in sources.json_ld_items:
        for item in data if isinstance(data, list) else [data]:
            graph = item.get("@graph") if isinstance(item, dict) else None
            for node in [item, *(graph if isinstance(graph, list) else ())]:
                if isinstance(node, dict):
                    yield from _types(node)
                    yield from _types(node.get("mainEntity"))
    types = (value for element in sources.microdata if (value := element.get("itemtype")) is not None)
    for value in islice(types, _MAX_ITEMS):
        yield value.rstrip("/").rpartition("/")[2]


def _types(item: Any) -> Iterator[str]:
    """Yield the types of an object of structured data."""
    types = item.get("@type") if isinstance(item, dict) else None
    for name in types if isinstance(types, list) else [types]:
        if isinstance(name, str):
            yield name.rpartition("/")[2]


def _json_objects(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Yield the objects in structured data, also nested ones."""
    if isinstance(data, dict):
        yield data
        data = list(data.values())
    if isinstance(data, list) and depth < _MAX_DEPTH:
        for child in data:
            yield from _json_objects(child, depth + 1)


def _is_article(item: Mapping[str, Any]) -> bool:
    """Whether an object of structured data is an article."""
    types = item.get("@type")
    types = types if isinstance(types, list) else [types]
    return "articleBody" in item or any(isinstance(name, str) and _ARTICLE_TYPE.match(name) for name in types)


def _completeness(item: Mapping[str, Any]) -> tuple[int, int]:
    """Return the length of an article's body in structured data, and the number of other fields."""
    body = item.get("articleBody")
    fields = ("headline", "author", "datePublished", "publisher")
    return len(body) if isinstance(body, str) else 0, sum(field in item for field in fields)


def _json_ld(sources: _Sources, field: str) -> Iterator[_Statement]:
    """Yield the values of a field in the structured data."""
    for key in _JSON_LD_KEYS[field]:
        value = ", ".join(_json_names(sources.json_ld.get(key), "@id" if field == "url" else "name"))
        if value:
            yield _Statement(html.unescape(value), f"json-ld {key}")


def _json_names(value: Any, key: str) -> Iterator[str]:
    """Yield the names in a value of structured data: a string, an object with `key`, or a list of these."""
    if isinstance(value, str) and value.strip():
        yield value.strip()
    elif isinstance(value, dict):
        yield from _json_names(value.get(key), key)
    elif isinstance(value, list):
        for item in value:
            yield from _json_names(item, key)
