"""The kind of a page: an article, or a forum, product, listing, live ticker, tag page or page of search results.

Two sources are read: what the page states about itself (structured data, meta elements, the classes that content
management systems give to `<body>`), and how its text is distributed, since a listing is a series of alike units that
each link to a page of their own. A page that states that it is an article needs more evidence to be something else.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from urllib.parse import urlsplit

import msgspec

from goldwire.extraction.html.blocks import Block, BlockPage
from goldwire.extraction.html.metadata import PageMetadata
from goldwire.extraction.result import PageKind
from goldwire.text.words import estimate_words

__all__ = ["TeaserSeries", "page_kind", "teaser_series"]

_ARTICLE_TYPES = re.compile(
    r"(?:News|Report|Opinion|Analysis|Review|Background|Satirical|Tech|Scholarly|Medical\w*)?Article|BlogPosting"
    r"|AskPublicNewsArticle|Report|Recipe|HowTo|Review|CriticReview"
)
_FORUM_TYPES = frozenset(("DiscussionForumPosting", "QAPage"))
_LISTING_TYPES = frozenset(("CollectionPage", "ItemList"))
_PRODUCT_TYPES = frozenset(("Product", "ProductGroup", "IndividualProduct", "Vehicle"))

_FORUM_SOFTWARE = re.compile(
    r"phpbb|vbulletin|discourse|xenforo|mybb|simple machines|vanilla|nodebb|invision|woltlab|flarum|burning board"
    r"|fluxbb|punbb|yabb|smf",
    re.I,
)
_POST = re.compile(
    r"postbody|post_body|post_message|postmessage|message-?body|message-?content|bbwrapper|topic-post|topic-body"
    r"|forum-?post|postcontent|posttext|post-text|js-post|answer(?:cell)?|bbp-reply-content|comment-?body|post_wrapper"
    r"|(?<!\S)post(?!\S)|cpost|lia-message|thread-?post|messagetext",
    re.I,
)
_FORUM_NAME = re.compile(
    r"forum|thread|topic|viewtopic|showthread|phpbb|vbulletin|bbpress|question-page|discussion", re.I
)
_FORUM_PATH = re.compile(
    r"/(?:forums?|threads?|viewtopic|showthread|topics?|board|community|discussions?|questions/\d+|t/[\w-]+/\d+)(?:[/.?]|$)"
)
_LIVE_NAME = re.compile(  # in lower case: a quarter of the time of `re.I` on all names of a page
    r"live-?blog|live-?ticker|liveupdate|live-?update|live-?coverage|ticker-?(?:entry|item|event)"
)
_LIVE_TITLE = re.compile(r"\blive ?(?:blog|ticker|updates?)\b|\bliveticker\b|\ben direct\b|\bminuto a minuto\b", re.I)
_CLOCK = re.compile(r"(?:[01]?\d|2[0-3])[:.h][0-5]\d(?:\s*(?:uhr|[ap]\.?m\.?|[a-z]{2,4}))?", re.I)
_SEARCH_PATH = re.compile(r"/(?:search|suche|recherche|buscar|busca|ricerca|zoeken)(?:[/.?]|$)", re.I)
_SEARCH_QUERY = re.compile(r"(?:^|&)(?:s|q|query|search|suchbegriff|keyword)=[^&]+", re.I)
_SEARCH_TITLE = re.compile(
    r"^(?:search(?: results)?(?: for)?\b|results for\b|you searched for\b|suchergebnis|suche nach\b|résultats\b"
    r"|resultados\b)",
    re.I,
)
_TAG_PATH = re.compile(
    r"/(?:tags?|categor(?:y|ies|ie)|topics?|thema|themen|schlagwort|kategorie|autor(?:en)?|authors?|archives?|label)/[^/]+/?"
    r"(?:page/\d+/?)?$|/page/\d+/?$|/\d{4}/(?:\d\d/)?$",
    re.I,
)
_TAG_BODY = frozenset(("archive", "tag", "category", "author", "date", "tax", "search-results", "search-no-results"))
_LISTING_BODY = frozenset(
    ("home", "blog", "front-page", "frontpage", "homepage", "index", "page-home", "path-frontpage")
)
_SINGLE_BODY = re.compile(
    r"(?:^|\s)(?:single|single-post|postid-\d+|page-node|node-type-\w+|item-view|article\S*)(?:\s|$)"
)
_FRONT_PATH = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?/)?(?:(?:index|default|home|main)(?:\.\w+)?/?)?", re.I)
_CART = re.compile(
    r"(?:add to (?:cart|bag|basket|trolley)|buy (?:it )?now|in den (?:waren|einkaufs)korb|jetzt kaufen"
    r"|ajouter au panier"
    r"|añadir al carrito|comprar agora|adicionar ao carrinho|aggiungi al carrello|out of stock|in stock"
    r"|sold out|ausverkauft|auf lager|pre-?order)\b.{0,20}",
    re.I,
)
_PRICE = re.compile(r".{0,24}(?:[$€£]\s?\d[\d.,]*|\d[\d.,]*\s?(?:[$€£]|eur|usd|gbp|chf)).{0,24}", re.I)
_PRODUCT_BODY = re.compile(
    r"(?:^|\s)(?:single-product|product-template\S*|template-product|product-page|catalog-product-view|productpage"
    r"|page-product|product-detail\S*)(?:\s|$)"
)

_MIN_POSTS = 2
_MIN_LIVE_ENTRIES = 4
_MIN_CLOCKS = 4
_MIN_TEASERS = 4
_TEASER_WORDS = (4, 110)  # words of a unit of a series: a longer one is a section of an article
_MAX_UNIT_SHARE = 0.34  # of the series' words that one unit may have
_MIN_LINK_WORDS = 3  # of a unit's headline, which is a link
_MOST, _NEARLY_ALL = 0.5, 0.75  # shares of a page's running text
_FEW_PROSE = 60  # words: a page with less running text has no article
# Of 242 real front pages whose address is known, 220 are recognized, 110 in each half. None of 502 articles has such an
# address; 345 of 527 would still be articles if they had.
_FRONT_SHARE = 0.2  # of the running text in teasers
_MAIN_WORDS, _MAIN_SHARE = 150, 0.4  # of running text in one element: what an article at such an address has
_PROSE_WORDS = 12  # words of a block of running text
_CONTAINER_TAGS = frozenset(("article", "div", "main", "section", "td"))  # text in these is a paragraph of theirs
_SHORT = 60  # characters of a button or a price


class TeaserSeries(msgspec.Struct, frozen=True, kw_only=True):
    """The largest series of alike units that each link to a page of their own.

    Attributes
    ----------
    units : int
        Number of units; 0 if the page has no series.
    share : float
        Share of the page's running text that is in the series, or of all its words if it has no running text.
    prose : int
        Words of running text on the page.
    """

    units: int
    share: float
    prose: int


def page_kind(page: BlockPage, metadata: PageMetadata, url: str | None = None) -> PageKind:
    """Return the kind of a page.

    Parameters
    ----------
    page : BlockPage
        Its blocks.
    metadata : PageMetadata
        What it states about itself.
    url : str, optional
        Its address, if it is known from outside the page. Default: the one it states.
    """
    if not page.blocks:
        return "article"
    evidence = _Evidence(page, metadata, url)
    kinds: tuple[tuple[PageKind, bool], ...] = (
        ("live-ticker", evidence.is_live_ticker()),
        ("forum", evidence.is_forum()),
        ("product", evidence.is_product()),
        ("search-results", evidence.is_search()),
        ("tag-page", evidence.is_tag_page()),
        ("listing", evidence.is_listing()),
    )
    return next((kind for kind, is_kind in kinds if is_kind), "article")


class _Evidence:
    """The statements of a page about itself, and the series of its text."""

    def __init__(self, page: BlockPage, metadata: PageMetadata, url: str | None) -> None:
        self.page, self.types, self.meta = page, metadata.types, metadata.meta
        self.title = metadata.value("headline")
        address = urlsplit(url or metadata.value("url"))
        self.path, self.query = address.path, address.query
        # Some sites state the address of their front page on every page.
        self.is_front = bool(url) and not address.query and _FRONT_PATH.fullmatch(address.path) is not None
        self.body = page.elements[0].names.casefold()
        self.body_words = frozenset(self.body.split())
        og_type = self.meta.get("og:type", "").casefold()
        self.og_type = og_type
        self.is_stated_article = any(map(_ARTICLE_TYPES.fullmatch, self.types)) or og_type.startswith("article")

    @cached_property
    def series(self) -> TeaserSeries:
        """The largest series of teasers; a page that states that it is an article often needs none."""
        return teaser_series(self.page)

    def is_live_ticker(self) -> bool:
        """Whether the page is a live blog: stated, or named or titled so, with entries."""
        if "LiveBlogPosting" in self.types:
            return True
        counts = Counter(element.names for element in self.page.elements)  # a page repeats its names
        entries = sum(count for names, count in counts.items() if _LIVE_NAME.search(names.lower()))
        is_named = entries >= _MIN_LIVE_ENTRIES or (entries and _LIVE_TITLE.search(self.title))
        if not is_named and not _LIVE_TITLE.search(self.title):
            return False
        clocks = sum(1 for block in self.page.blocks if _CLOCK.fullmatch(block.text))
        return clocks >= _MIN_CLOCKS

    def is_forum(self) -> bool:
        """Whether the page is a thread of a forum."""
        if self.types & _FORUM_TYPES:
            return True
        has_software = _FORUM_SOFTWARE.search(self.meta.get("generator", "")) is not None
        if self.is_stated_article:
            return has_software and self._has_posts()
        is_named = _FORUM_NAME.search(self.body) is not None or _FORUM_PATH.search(self.path) is not None
        return has_software or (is_named and self._has_posts())

    def _has_posts(self) -> bool:
        """Whether enough elements are named alike as posts."""
        counts: dict[str, int] = defaultdict(int)
        for element in self.page.elements:
            if element.names and (match := _POST.search(element.names)):
                counts[match[0].casefold()] += 1
        return max(counts.values(), default=0) >= _MIN_POSTS

    def is_product(self) -> bool:
        """Whether the page sells one product."""
        if self.is_stated_article:
            return False
        stated = bool(self.types & _PRODUCT_TYPES) or self.og_type.startswith(("product", "og:product"))
        stated = stated or _PRODUCT_BODY.search(self.body) is not None
        texts = [block.text for block in self.page.blocks if len(block.text) < _SHORT]
        has_cart = any(_CART.fullmatch(text) for text in texts)
        has_price = "product:price:amount" in self.meta or any(_PRICE.fullmatch(text) for text in texts)
        return (stated and (has_cart or has_price)) or (has_cart and has_price and self.series.prose < _FEW_PROSE)

    def is_search(self) -> bool:
        """Whether the page has the results of a search."""
        if "SearchResultsPage" in self.types or self.body_words & {"search-results", "search-no-results"}:
            return True
        signs = (
            _SEARCH_PATH.search(self.path) is not None or _SEARCH_QUERY.search(self.query) is not None,
            _SEARCH_TITLE.search(self.title) is not None,
        )
        return not self.is_stated_article and any(signs) and (all(signs) or self._has_series(_MOST))

    def is_tag_page(self) -> bool:
        """Whether the page lists the articles of a topic, an author or a month."""
        is_archive = bool(self.body_words & _TAG_BODY) and _SINGLE_BODY.search(self.body) is None
        is_archive = is_archive or _TAG_PATH.search(self.path) is not None or "ProfilePage" in self.types
        return not self.is_stated_article and is_archive and self._has_series(_MOST)

    def is_listing(self) -> bool:
        """Whether the page is a series of teasers, such as the front page of a site."""
        if self.is_front:  # what it states is no evidence: plug-ins state an article on all pages
            return self._has_series(_FRONT_SHARE) or not self._has_main_text()
        is_stated = bool(self.types & _LISTING_TYPES) or bool(self.body_words & _LISTING_BODY) or self.path == "/"
        if self.is_stated_article or _SINGLE_BODY.search(self.body):
            return False
        return self._has_series(_MOST if is_stated else _NEARLY_ALL)

    def _has_main_text(self) -> bool:
        """Whether one element holds enough running text for an article, and enough of the page's."""
        words: Counter[int] = Counter()
        for block in self.page.blocks:
            element = self.page.elements[block.element]
            is_container = element.tag in _CONTAINER_TAGS or element.parent < 0
            words[block.element if is_container else element.parent] += _running_words(block)
        most = max(words.values())
        return most >= max(_MAIN_WORDS, _MAIN_SHARE * self.series.prose)

    def _has_series(self, share: float) -> bool:
        """Whether a series has at least this share of the page's text."""
        return self.series.units >= _MIN_TEASERS and self.series.share >= share


def teaser_series(page: BlockPage) -> TeaserSeries:
    """Return the largest series of teasers on a page.

    1. Count the words and the words of running text in each element, and look for a headline that is a link.
    2. Group the elements with such a headline by their parent, tag and names; each such group is a series.
    3. Of the series of at least four units, none with a third of its words, return that with the most words.
    """
    elements, blocks = page.elements, page.blocks
    words, prose, has_headline = [0] * len(elements), [0] * len(elements), [False] * len(elements)
    for block in blocks:
        count = estimate_words(block.text)
        words[block.element] += count
        if running := _running_words(block, count):
            prose[block.element] += running
        elif block.linked > _MOST and count >= _MIN_LINK_WORDS:
            has_headline[block.element] = True
    for index in range(len(elements) - 1, 0, -1):
        parent = elements[index].parent
        words[parent] += words[index]
        prose[parent] += prose[index]
        has_headline[parent] = has_headline[parent] or has_headline[index]
    series: Mapping[tuple[int, str], list[int]] = defaultdict(list)
    for index, element in enumerate(elements):
        if has_headline[index] and _TEASER_WORDS[0] <= words[index] <= _TEASER_WORDS[1]:
            series[element.parent, element.tag].append(index)
    total_prose = prose[0]
    best, units = 0, 0
    counted, total = (prose, total_prose) if total_prose >= _FEW_PROSE else (words, words[0])
    for members in series.values():
        sizes = [counted[index] for index in members]
        if len(members) >= _MIN_TEASERS and _is_even(sizes) and sum(sizes) > best:
            best, units = sum(sizes), len(members)
    return TeaserSeries(units=units, share=best / max(total, 1), prose=total_prose)


def _running_words(block: Block, count: int | None = None) -> int:
    """Return the words of a block of running text; 0 for links and short blocks. `count` is its words, if known."""
    count = estimate_words(block.text) if count is None else count
    return count if count >= _PROSE_WORDS and block.linked < _MOST else 0


def _is_even(sizes: Iterable[int]) -> bool:
    """Whether none of the units has a third of the words of all."""
    sizes = list(sizes)
    return max(sizes) <= _MAX_UNIT_SHARE * sum(sizes) and sum(sizes) > 0
