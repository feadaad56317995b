"""Zones: the kinds of the stretches of a cleaned page, each with its reason."""

from __future__ import annotations

import msgspec

from goldwire.extraction.plaintext.line_table import PageView

__all__ = ["Zone", "line_zone", "split_breadcrumb"]


class Zone(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A stretch `[start, end)` of the cleaned page, on one line, with what it is and the reason.

    Attributes
    ----------
    line : int
        Line number on the cleaned page, from 1.
    start, end : int
        Half-open range of code points of the cleaned page.
    zone : str
        `headline`, `body` and `caption` make the article. Others: `repeated-headline`, `breadcrumb`, `byline`,
        `publication-date`, `pull-quote`, `comments`, `advertisement`, `newsletter`, `cookie-notice`, `legal`,
        `share-links`, `tags`, `source-link`, `related`, `navigation`, `correction` and `other`.
    reason : str
        Why, in words.
    """

    line: int
    start: int
    end: int
    zone: str
    reason: str


def line_zone(page: PageView, index: int, zone: str, reason: str) -> Zone:
    """Return the zone of a whole line."""
    start = page.starts[index]
    end = start + len(page.lines[index])
    return Zone(line=page.numbers[index], start=start, end=end, zone=zone, reason=reason)


def split_breadcrumb(line: Zone, size: int) -> list[Zone]:
    """Split a breadcrumb of `size` code points from the line that it is joined to."""
    end = line.start + size
    breadcrumb = msgspec.structs.replace(line, end=end, zone="breadcrumb", reason="joined to the headline")
    return [breadcrumb, msgspec.structs.replace(line, start=end)]
