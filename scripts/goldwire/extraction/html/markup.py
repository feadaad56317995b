"""Repairs and limits of a page's markup before it is parsed: every page is parsed in linear time, or refused."""

from __future__ import annotations

import re
import time

from goldwire.errors import DataError

__all__ = ["MAX_PAGE_BYTES", "MAX_PAGE_SECONDS", "Deadline", "flatten_markup", "prepare_markup"]

MAX_PAGE_BYTES = 16 << 20
"""Bytes of the largest page: ten times the largest of 1,175 pages of news and blogs."""

MAX_PAGE_SECONDS = 60.0
"""Seconds that one page may take: the slowest of these 1,175 pages takes half a second."""

_MAX_ATTRIBUTES = 200  # of a tag: libxml2 compares each with all others, 200,000 were not done in 120 s
_LONG_TAG = 4_096  # bytes: a shorter tag cannot have attributes enough to matter
# An element whose content is no markup, a comment, or a tag. A quotation mark that does not follow `=` is no quote. A
# tag that is not closed matches to the end of the page: else each of 10,000 would be searched to there (3 s for 60 kB).
_TAG = re.compile(
    rb"<(script|style|textarea|xmp)\b(?:[^<]++|<(?!/\1))*+|<!--(?:[^-]++|-(?!->))*+"
    rb"|<[a-z](?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+>?+",
    re.I,
)
_ATTRIBUTE = re.compile(rb"[^\s>/=]++\s*+(?:=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]++)?+)?+|[/=]")
_NESTING_TAG = re.compile(
    rb"</?+(?!(?:html|head|title|body|script|style|noscript|template|textarea|meta|link|p|h[1-6]|li|pre|br)\b)"
    rb"([a-z][^\s/>]*+)[^>]*+>?+",
    re.I,
)
_INLINE = frozenset(
    (
        *(b"a", b"abbr", b"b", b"big", b"cite", b"code", b"em", b"font", b"i", b"ins", b"label", b"mark", b"q", b"s"),
        *(b"small", b"span", b"strong", b"sub", b"sup", b"tt", b"u"),
    )
)
_TITLE = re.compile(rb"<title\b[^>]*+>?+", re.I)
_TITLE_END = re.compile(rb"</title", re.I)
_BODY_END = re.compile(rb"</(?:body|html)\s*+>", re.I)


class Deadline:
    """The time by which the extraction of a page has to be done.

    Parameters
    ----------
    seconds : float, optional
        From now on. Default: `MAX_PAGE_SECONDS`.
    """

    def __init__(self, seconds: float | None = None) -> None:
        self._seconds = MAX_PAGE_SECONDS if seconds is None else seconds
        self._end = time.monotonic() + self._seconds

    def check(self) -> None:
        """Raise an error if the time is up.

        Raises
        ------
        DataError
        """
        if time.monotonic() >= self._end:
            raise DataError(
                f"extraction took more than {self._seconds:g} s", hint="remove the page: articles take milliseconds"
            )


def prepare_markup(raw: str | bytes) -> bytes:
    """Return the markup of a page as it can be parsed in linear time.

    1. Refuse a page that is too large.
    2. Close a title that is not closed: it swallows the page.
    3. Drop the end tags of `<body>` and `<html>` that other elements follow: the parser loses these elements.
    4. Leave out the attributes of a tag after its first 200.

    Parameters
    ----------
    raw : str or bytes
        The page; bytes are UTF-8.

    Returns
    -------
    bytes
        The markup in UTF-8.

    Raises
    ------
    DataError
        If the page is larger than `MAX_PAGE_BYTES`.
    """
    data = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
    if len(data) > MAX_PAGE_BYTES:
        raise DataError(
            f"the page has {len(data):,} bytes, at most {MAX_PAGE_BYTES:,} are read",
            hint="remove the page, or cut it to the article",
        )
    return _without_attribute_floods(_with_one_body(_with_closed_title(data)))


def flatten_markup(data: bytes) -> bytes:
    """Return the markup without the elements that can be in each other: a line break for each that is not inline.

    This is for pages whose elements are nested more deeply than they can be parsed.
    """
    return _NESTING_TAG.sub(lambda tag: b"" if tag[1].lower() in _INLINE else b"<br>", data)


def _with_closed_title(data: bytes) -> bytes:
    """Close a title that is not closed, before the next tag."""
    opened = _TITLE.search(data)
    if opened is None or _TITLE_END.search(data, opened.end()):
        return data
    end = data.find(b"<", opened.end())
    return data if end < 0 else data[:end] + b"</title>" + data[end:]


def _with_one_body(data: bytes) -> bytes:
    """Drop the end tags of `<body>` and `<html>`, which may be left out, if elements follow the first of them.

    Pages whose header is a page of its own have their article below such an end tag: browsers show it.
    """
    end = _BODY_END.search(data)
    return data if end is None or b"<" not in _BODY_END.sub(b"", data[end.end() :]) else _BODY_END.sub(b"", data)


def _without_attribute_floods(data: bytes) -> bytes:
    """Leave out the attributes after the first 200 of each tag."""
    parts, start = [], 0
    for tag in _TAG.finditer(data):
        if tag.end() - tag.start() < _LONG_TAG or tag[1] or tag[0].startswith(b"<!"):
            continue
        name_end = tag.start() + 1 + len(tag[0][1:].split(None, 1)[0])
        for number, attribute in enumerate(_ATTRIBUTE.finditer(data, name_end, tag.end())):
            if number == _MAX_ATTRIBUTES:
                parts.append(data[start : attribute.start()])
                start = tag.end() - tag[0].endswith(b">")
                break
    return b"".join((*parts, data[start:])) if parts else data
