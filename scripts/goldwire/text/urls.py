"""Addresses and dates as pages state them, brought to one form."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

__all__ = ["canonical_url", "is_video_headline", "is_video_url", "iso_date", "leading_date"]

_TRACKING = re.compile(r"(?:utm_|at_|mc_)\w+|fbclid|gclid|dclid|msclkid|igshid|yclid|cmpid|ocid|ref_src")
_VIDEO_PATH = re.compile(r"/(?:videos?|watch|mediaplayer)(?:/|$)", re.I)
_VIDEO_TITLE = re.compile(r"(?:watch|video|vídeo|vidéo)\s*[:|–—-]|.*\s[|–—-]\s*(?:video|vídeo|vidéo)$", re.I)
_PLAIN = re.compile(r"https?://[a-z0-9.-]+/[^\s?#]*")  # as it is in one form already
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")
_PORTS = {"http": ":80", "https": ":443"}


def canonical_url(url: str | None) -> str | None:
    """Give the one form of a web address: lower-case host, no fragment, no tracking; None where it is none."""
    if not url:
        return None
    if _PLAIN.fullmatch(url) is not None:
        return url
    try:
        parts = urlsplit(url.strip())
        scheme, host = parts.scheme.lower(), parts.netloc.lower()
    except ValueError:
        return None
    if scheme not in _PORTS or not host or re.search(r"\s", host):
        return None
    told = parse_qsl(parts.query, True) if parts.query else ()
    query = [(key, value) for key, value in told if not _TRACKING.fullmatch(key)]
    return urlunsplit((scheme, host.removesuffix(_PORTS[scheme]), parts.path or "/", urlencode(query), ""))


def is_video_url(url: str | None) -> bool:
    """Tell whether an address is in a site's department of videos."""
    return url is not None and _VIDEO_PATH.search(urlsplit(url).path) is not None


def is_video_headline(headline: str) -> bool:
    """Tell whether a headline says that it stands over a video (`Watch: ...`)."""
    return _VIDEO_TITLE.match(headline) is not None


def iso_date(value: str | None) -> str | None:
    """Give an ISO 8601 date, or date and time, from one or from the form that mail and RSS use; else None."""
    value = (value or "").strip()
    if not value:
        return None
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return value if _parsed(value) else None
    found = _parsed(value)
    return None if found is None else found.isoformat()


def leading_date(name: str) -> str | None:
    """Give the ISO date that begins a file's name (`2022-10-17-slug.txt`), None where none does."""
    found = _DATE.match(name)
    return iso_date(found[0]) if found else None


def _parsed(value: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(value)
        except (ValueError, TypeError, IndexError):
            continue
    return None
