"""What the names that a page gives its elements (class, id) and their tags say of what is in them."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["KINDS", "TAGS", "is_invisible", "kinds_of", "tag_bit"]

# Each a kind of place, by what the words in its names begin with or hold; `=` before one: the whole word.
KINDS: tuple[tuple[str, ...], ...] = (
    ("article",),
    ("body",),
    ("content",),
    ("story",),
    ("entry",),
    ("post",),
    ("text",),
    ("main",),
    ("paragraph",),
    ("rich", "wysiwyg", "prose"),
    ("lede", "=lead", "intro", "standfirst", "=dek", "deck", "subtitle", "subhead", "summary", "excerpt", "descri"),
    ("comment", "disqus", "respond", "reply"),
    ("share", "sharing", "social", "sociable", "addthis"),
    ("relat", "recommend", "=more", "readmore", "also", "popular", "trending", "latest", "=most", "recirc", "taboola"),
    ("outbrain", "teaser", "card"),
    ("promo", "sponsor", "advert", "=ad", "=ads", "banner", "dfp", "affiliate", "commerce"),
    ("newsletter", "subscri", "signup", "mailing", "email"),
    ("foot", "copyright", "legal", "disclaimer", "colophon"),
    ("nav", "menu", "breadcrumb", "toolbar"),
    ("side", "aside", "=rail", "widget", "module"),
    ("author", "byline", "=bio", "contributor", "writer"),
    ("caption", "credit", "figure", "photo", "image", "gallery", "slide", "media", "video", "embed", "player"),
    ("twitter", "instagram", "tweet", "facebook"),
    ("=tag", "=tags", "topic", "categor", "keyword"),
    ("meta", "date", "time", "publish", "updat"),
    ("hidden", "hide", "invisible", "visually", "modal", "popup", "overlay", "tooltip"),
    ("pull", "quote"),
    ("head", "title"),
    ("paywall", "premium", "meter", "=gate", "login", "register"),
    ("correction", "=note", "tagline", "shirttail", "about", "print"),
    ("list", "item", "grid", "=row", "feed", "stream"),
    ("button", "btn", "icon", "link", "cta", "label"),
    ("info", "=box", "fact", "table"),
    ("pager", "pagination", "prev", "next"),
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_INVISIBLE = re.compile(
    r"rollover-|tooltip|popover|(?<![a-z])sr-only|visually-?hidden|screen-?reader|assistive-text|(?:^|\s)hidden(?:\s|$)",
    re.I,
)

TAGS = (
    *("article", "main", "section", "aside", "nav", "header", "footer", "form", "figure", "ul", "ol", "table"),
    *("blockquote", "li", "p", "td", "figcaption", "dl", "h", "div", "pre", "tr"),
)
_ALIKE = {"dd": "dl", "dt": "dl", "th": "td", "menu": "ul", "hgroup": "header", "fieldset": "form"}
_BITS = {tag: 1 << place for place, tag in enumerate(TAGS)}
_BITS |= {f"h{level}": _BITS["h"] for level in range(1, 7)}
_BITS |= {tag: _BITS[like] for tag, like in _ALIKE.items()}


def tag_bit(tag: str) -> int:
    """Give the bit of a tag in `TAGS`, 0 where it says nothing."""
    return _BITS.get(tag, 0)


_PARTS = [(hint, 1 << place) for place, hints in enumerate(KINDS) for hint in hints if hint[0] != "="]
_WHOLE = {hint[1:]: 1 << place for place, hints in enumerate(KINDS) for hint in hints if hint[0] == "="}


@lru_cache(maxsize=1 << 14)
def _kinds_of_word(word: str) -> int:
    found = _WHOLE.get(word, 0)
    for hint, bit in _PARTS:
        if hint in word:
            found |= bit
    return found


@lru_cache(maxsize=1 << 14)
def kinds_of(names: str) -> int:
    """Give the kinds of place that an element's names say, a bit each in the order of `KINDS`."""
    found = 0
    for word in _WORD.findall(names):
        found |= _kinds_of_word(word.lower())
    return found


@lru_cache(maxsize=1 << 14)
def is_invisible(names: str) -> bool:
    """Tell whether an inline element's class says that no reader sees it."""
    return _INVISIBLE.search(names) is not None
