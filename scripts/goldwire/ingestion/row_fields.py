"""The fields of a row: those that the source states, else guessed from the names that scrapers and datasets use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import msgspec

from goldwire.text import urls
from goldwire.text.field_names import plain_name
from goldwire.workspace.sources import Fields

__all__ = ["ROLES", "FieldRole", "RowField", "find_field", "find_page_field", "named_columns", "text_value"]

FieldRole = Literal["text", "html", "title", "url", "published"]
"""What a field holds, as `fields` in corpus/sources.toml names it."""

ROLES: tuple[FieldRole, ...] = get_args(FieldRole)

# Names as `plain_name` writes them, in the outputs of scrapers and news APIs and in published datasets.
_NAMES: dict[FieldRole, tuple[str, ...]] = {
    "text": (
        *("text", "body", "content", "article", "article_text", "article_body", "article_content", "full_text"),
        *(
            "fulltext",
            "body_text",
            "maintext",
            "main_text",
            "main_content",
            "page_content",
            "content_text",
            "news_text",
        ),
        *("story", "story_text", "document", "plain_text", "clean_text", "cleaned_text", "selftext", "tweet"),
        *("tweet_text", "post_text", "message"),
    ),
    "html": ("html", "raw_html", "page_html", "article_html", "html_content", "content_html", "body_html"),
    "title": ("title", "headline", "heading", "article_title", "news_title"),
    "url": (
        *("url", "link", "article_url", "article_link", "page_url", "news_url", "story_url", "permalink", "web_url"),
        *("canonical_url", "canonical_link", "original_url", "responded_url", "target_uri", "warc_target_uri"),
    ),
    "published": (
        *("published", "date", "published_at", "published_date", "published_on", "published_time", "publish_date"),
        *("publish_time", "publication_date", "date_published", "date_publish", "pub_date", "pubdate"),
        *("article_date", "news_date", "web_publication_date"),
    ),
}
# Names that are as often something else: read where no name above holds a value.
_LAST_NAMES: dict[FieldRole, tuple[str, ...]] = {
    "url": ("source", "uri"),  # `source`: the page in trafilatura's JSON, elsewhere the outlet
    "published": ("datetime", "timestamp", "created", "created_at"),
}
# A text that begins with a tag and closes one, or has two closed paragraphs: an editor's or a feed's HTML.
_FIRST_TAG = re.compile(
    r"\s*<(?:!doctype|html|body|article|section|main|div|p|h[1-6]|figure|span|blockquote|strong|em|b|i|a|ul|ol|br|img)"
    r"\b[^<>]*>",
    re.I,
)
_HOME_PAGES = (("", ""), ("/", ""))  # path and query
_MAX_LAYOUTS = 256  # of names per row that are remembered; a scraper writes a few


class RowField(msgspec.Struct, frozen=True):
    """The field that holds something, or those that may if that is not clear.

    Attributes
    ----------
    names : tuple of str
        The field; several if their values differ; none if no field holds it.
    is_guessed : bool
        Whether the source does not state the name, and it is not the default.
    """

    names: tuple[str, ...]
    is_guessed: bool = False

    @property
    def name(self) -> str | None:
        """The field, or None if there is none or more than one."""
        return self.names[0] if len(self.names) == 1 else None


def find_field(row: Mapping[str, Any], role: FieldRole, stated: str | None) -> RowField:
    """Return the field of a row that holds its text, HTML, title, URL or date.

    It is the one that the source states; else the field of the default name, which is the role's; else the only field
    with another common name that has a fitting value. Fields with equal values are no question.
    """
    if stated is not None:
        return RowField((stated,) if text_value(row.get(stated)) else ())
    if text_value(row.get(role)):
        return RowField((role,))
    common, last = _fields_named(tuple(row), role)
    for names in (common, last):
        values: dict[str, str] = {}  # field by value
        for name in names:
            value = _comparable(role, row[name])
            if value:
                values.setdefault(value, name)
        if values:
            return RowField(tuple(values.values()), is_guessed=True)
    if role == "published":  # a date that cannot be read is reported
        unread = (name for name in common if text_value(row[name]))
        return RowField(tuple(unread)[:1], is_guessed=True)
    return RowField(())


def find_page_field(row: Mapping[str, Any], fields: Fields) -> tuple[Literal["text", "html"], RowField]:
    """Return the field with a row's page, and what it holds: text, or HTML.

    It is the text of the stated or default name; else HTML of such a name, a guessed text, or guessed HTML.
    """
    text = find_field(row, "text", fields.text)
    if not text.names or text.is_guessed:
        html = find_field(row, "html", fields.html)
        if html.names and not (html.is_guessed and text.names):
            return "html", html
    return ("html" if text.name and is_markup(row[text.name]) else "text"), text


def is_markup(text: Any) -> bool:
    """Whether a text is HTML, as content management systems and feeds store it."""
    # Most pages have no "<": to see that takes a tenth of the time of a search for "</".
    if not isinstance(text, str) or "<" not in text or "</" not in text:
        return False
    return _FIRST_TAG.match(text) is not None or text.count("</p>") > 1


def named_columns(columns: Iterable[str], fields: Fields) -> list[str]:
    """Return the columns of a table that may be read: those stated, or else those with a common name."""
    available = tuple(columns)
    wanted: set[str] = set()
    for role in ROLES:
        stated = getattr(fields, role)
        wanted.update((stated,) if stated is not None else chain(*_fields_named(available, role)))
    return [name for name in available if name in wanted]


@lru_cache(maxsize=_MAX_LAYOUTS * len(ROLES))
def _fields_named(layout: tuple[str, ...], role: FieldRole) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the fields with a common name of a role, and those with a last name of it, in the order of the names."""
    by_name: dict[str, list[str]] = {}
    for field in layout:
        by_name.setdefault(plain_name(str(field)), []).append(field)
    common, last = (
        tuple(field for name in names for field in by_name.get(name, ()))
        for names in (_NAMES[role], _LAST_NAMES.get(role, ()))
    )
    return common, last


def _comparable(role: FieldRole, value: Any) -> str | None:
    """Return a value in the form in which two fields are compared, or None if it does not fit the role."""
    text = text_value(value)
    if text is None or role in ("text", "html", "title"):
        return text
    if role == "url":
        url = urls.canonical_url(text)
        # An outlet's home page is the same in all rows.
        return None if url is None or urlsplit(url)[2:4] in _HOME_PAGES else url
    return (urls.written_date(text) or "")[:10] or None


def text_value(value: Any) -> str | None:
    """Return a value as text: a string stripped, a date in ISO form, None for anything else or an empty string."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value.isoformat()) if value is not None and hasattr(value, "isoformat") else None
