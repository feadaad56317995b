"""Canonical forms of the URLs and dates that pages state."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

__all__ = [
    "canonical_url",
    "domain_name",
    "is_video_headline",
    "is_video_url",
    "iso_date",
    "leading_date",
    "written_date",
]

_TRACKING = re.compile(r"(?:utm_|at_|mc_)\w+|fbclid|gclid|dclid|msclkid|igshid|yclid|cmpid|ocid|ref_src")
_VIDEO_PATH = re.compile(r"/(?:videos?|watch|mediaplayer)(?:/|$)", re.I)
_VIDEO_HEADLINE = re.compile(r"(?:watch|video|vídeo|vidéo)\s*[:|–—-]|.*\s[|–—-]\s*(?:video|vídeo|vidéo)$", re.I)
_CANONICAL = re.compile(r"https?://[a-z0-9.-]+/[^\s?#]*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WRITTEN_DATES = tuple(
    re.compile(rf"(?:[a-z]+,\s+)?{form}(?!\d)", re.I)
    for form in (
        rf"{_DAY}\s+{_MONTH},?\s+(?P<year>\d{{4}})",  # 7 January 2027
        rf"{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}})",  # January 7, 2027
        r"(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})",
    )
)
_PORTS = {"http": ":80", "https": ":443"}


def canonical_url(url: str | None) -> str | None:
    """Return the canonical form of a web address, or None if it is not one.

    The host is in lower case; fragment, default port and tracking parameters are removed.

    Examples
    --------
    >>> canonical_url("HTTPS://News.example:443/a?utm_source=x&page=2#top")
    'https://news.example/a?page=2'
    """
    if not url:
        return None
    if _CANONICAL.fullmatch(url) is not None:
        return url
    try:
        parts = urlsplit(url.strip())
        scheme, host = parts.scheme.lower(), parts.netloc.lower()
    except ValueError:
        return None
    if scheme not in _PORTS or not host or re.search(r"\s", host):
        return None
    parameters = parse_qsl(parts.query, True) if parts.query else ()
    query = [(key, value) for key, value in parameters if not _TRACKING.fullmatch(key)]
    return urlunsplit((scheme, host.removesuffix(_PORTS[scheme]), parts.path or "/", urlencode(query), ""))


def domain_name(url: str | None) -> str | None:
    """Return the domain name of a URL; None if it has none.

    Examples
    --------
    >>> domain_name("https://www.paper.example:8080/a?b=1")
    'www.paper.example'
    """
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:  # an unclosed bracket
        return None


def is_video_url(url: str | None) -> bool:
    """Whether a URL is in a site's section of videos."""
    return url is not None and _VIDEO_PATH.search(urlsplit(url).path) is not None


def is_video_headline(headline: str) -> bool:
    """Whether a headline announces a video (`Watch: ...`)."""
    return _VIDEO_HEADLINE.match(headline) is not None


def iso_date(value: str | None) -> str | None:
    """Return the ISO 8601 date, or date and time, of a value in ISO 8601 or RFC 2822 form (mail, RSS); else None."""
    value = (value or "").strip()
    if not value:
        return None
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return value if _parse_date(value) else None
    date = _parse_date(value)
    return None if date is None else date.isoformat()


def written_date(value: str | None) -> str | None:
    """Return the ISO 8601 date of a value as `iso_date` does, or as people write one in English.

    `03/04/2027` is none: it is March in one country and April in another.

    Examples
    --------
    >>> written_date("Thursday, January 7th, 2027"), written_date("2027/1/7"), written_date("03/04/2027")
    ('2027-01-07', '2027-01-07', None)
    """
    date, text = iso_date(value), (value or "").strip()
    for form in _WRITTEN_DATES if date is None else ():
        if match := form.match(text):
            month = match["month"].lower()
            number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
            return iso_date(f"{match['year']}-{number:02}-{int(match['day']):02}")
    return date


def leading_date(name: str) -> str | None:
    """Return the ISO date with which a file name begins (`2022-10-17-slug.txt`), or None."""
    match = _DATE.match(name)
    return iso_date(match[0]) if match else None


def _parse_date(value: str) -> datetime | None:
    """Return the date and time of a value in ISO 8601 or RFC 2822 form, or None."""
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(value)
        except (ValueError, TypeError, IndexError):
            continue
    return None
