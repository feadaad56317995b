"""Hints of the class, the id and the tag of an element: what kind of content it holds."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["CLASS_HINTS", "TAGS", "class_hints", "is_invisible", "tag_bit", "without_numbers"]

CLASS_HINTS: dict[str, tuple[str, ...]] = {
    "article": ("article",),
    "body": ("body",),
    "content": ("content",),
    "story": ("story",),
    "entry": ("entry",),
    "post": ("post",),
    "text": ("text",),
    "main": ("main",),
    "paragraph": ("paragraph",),
    "rich_text": ("rich", "wysiwyg", "prose"),
    "standfirst": (
        *("lede", "=lead", "intro", "standfirst", "=dek", "deck", "subtitle", "subhead", "summary", "excerpt"),
        "descri",
    ),
    "comments": ("comment", "disqus", "respond", "reply"),
    "share": ("share", "sharing", "social", "sociable", "addthis"),
    "related": (
        *("relat", "recommend", "=more", "readmore", "also", "popular", "trending", "latest", "=most", "recirc"),
        "taboola",
    ),
    "teaser": ("outbrain", "teaser", "card"),
    "advertisement": ("promo", "sponsor", "advert", "=ad", "=ads", "banner", "dfp", "affiliate", "commerce"),
    "newsletter": ("newsletter", "subscri", "signup", "mailing", "email"),
    "footer": ("foot", "copyright", "legal", "disclaimer", "colophon"),
    "navigation": ("nav", "menu", "breadcrumb", "toolbar"),
    "sidebar": ("side", "aside", "=rail", "widget", "module"),
    "author": ("author", "byline", "=bio", "contributor", "writer"),
    "media": (
        *("caption", "credit", "figure", "photo", "image", "gallery", "slide", "media", "video", "embed", "player"),
    ),
    "social_media": ("twitter", "instagram", "tweet", "facebook"),
    "topics": ("=tag", "=tags", "topic", "categor", "keyword"),
    "date": ("meta", "date", "time", "publish", "updat"),
    "hidden": ("hidden", "hide", "invisible", "visually", "modal", "popup", "overlay", "tooltip"),
    "pull_quote": ("pull", "quote"),
    "heading": ("head", "title"),
    "paywall": ("paywall", "premium", "meter", "=gate", "login", "register"),
    "note": ("correction", "=note", "tagline", "shirttail", "about", "print"),
    "list": ("list", "item", "grid", "=row", "feed", "stream"),
    "button": ("button", "btn", "icon", "link", "cta", "label"),
    "info_box": ("info", "=box", "fact", "table"),
    "pagination": ("pager", "pagination", "prev", "next"),
    "numbered": (),
}
"""Kinds of content, each with strings of which a word of the class or id contains one; after `=`, the whole word.

The last hint is a number in the name, as comments and posts of a series have one (`comment-2071`). A name such as
`c169981` also hints at a comment.

The order is part of the trained weights.
"""

TAGS = (
    *("article", "main", "section", "aside", "nav", "header", "footer", "form", "figure", "ul", "ol", "table"),
    *("blockquote", "li", "p", "td", "figcaption", "dl", "h", "div", "pre", "tr"),
)
"""Tags that have a feature; "h" stands for headings of all levels. The order is part of the trained weights."""

_SIMILAR_TAGS = {"dd": "dl", "dt": "dl", "th": "td", "menu": "ul", "hgroup": "header", "fieldset": "form"}
_TAG_BITS = {tag: 1 << index for index, tag in enumerate(TAGS)}
_TAG_BITS |= {f"h{level}": _TAG_BITS["h"] for level in range(1, 7)}
_TAG_BITS |= {tag: _TAG_BITS[similar] for tag, similar in _SIMILAR_TAGS.items()}

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_WHOLE_WORD = "="
_HINT_BITS = [(string, 1 << index) for index, strings in enumerate(CLASS_HINTS.values()) for string in strings]
_SUBSTRING_BITS = [(string, bit) for string, bit in _HINT_BITS if not string.startswith(_WHOLE_WORD)]
_WORD_BITS = {string[1:]: bit for string, bit in _HINT_BITS if string.startswith(_WHOLE_WORD)}
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"\d{3,}")
_NUMBERED_BIT = 1 << list(CLASS_HINTS).index("numbered")
_COMMENT_ID = re.compile(r"(?<!\S)c-?\d{4,}(?!\S)")  # of Blogger, Movable Type and TypePad
_COMMENTS_BIT = 1 << list(CLASS_HINTS).index("comments")
_INVISIBLE = re.compile(
    r"rollover-|tooltip|popover|(?<![a-z])sr-only|visually-?hidden|screen-?reader|assistive-text|(?:^|\s)hidden(?:\s|$)",
    re.I,
)


def tag_bit(tag: str) -> int:
    """Return the bit of a tag, in the order of `TAGS`; 0 if it has none."""
    return _TAG_BITS.get(tag, 0)


@lru_cache(maxsize=1 << 14)  # the pages of a site share their class names
def class_hints(names: str) -> int:
    """Return the kinds of content that an element's class and id hint at, one bit each in the order of `CLASS_HINTS`.

    Examples
    --------
    >>> class_hints("article-body") == class_hints("body article")
    True
    """
    hints = 0
    if _NUMBER.search(names):
        hints = _NUMBERED_BIT | _COMMENTS_BIT * (_COMMENT_ID.search(names) is not None)
    for word in _WORD.findall(names):
        hints |= _word_hints(word)
    return hints


@lru_cache(maxsize=1 << 14)
def _word_hints(word: str) -> int:
    """Return the hints of one word of a class or id."""
    lowered = word.lower()
    hints = _WORD_BITS.get(lowered, 0)
    for string, bit in _SUBSTRING_BITS:
        if string in lowered:
            hints |= bit
    return hints


@lru_cache(maxsize=1 << 14)
def without_numbers(names: str) -> str:
    """Return names without their digits, which the units of a series share.

    Examples
    --------
    >>> without_numbers("comment comment-2071")
    'comment comment-'
    """
    return _DIGITS.sub("", names)


@lru_cache(maxsize=1 << 14)
def is_invisible(names: str) -> bool:
    """Whether the class of an inline element hides it from readers: tooltips, text for screen readers."""
    return _INVISIBLE.search(names) is not None
