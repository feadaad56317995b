"""One raw page in, one clean article out, and where every part of it came from."""

from __future__ import annotations

from typing import Literal

import msgspec

from goldwire.records import OriginRun
from goldwire.text import Traced, added, clean, join
from goldwire.zones import Zone, zone_lines

__all__ = ["Extracted", "extract"]


class Extracted(msgspec.Struct, frozen=True, kw_only=True):
    """A clean article. `text` is the headline, a blank line and `body`; `body` the paragraphs, parted by blank lines.

    `runs` map `text` to bytes of the raw page (in UTF-8); they are empty for HTML, whose text is not in the raw bytes
    as it stands. `zones` say what every line of the cleaned page was taken for, and why.
    """

    title: str
    text: str
    body: str
    captions: tuple[str, ...]
    zones: tuple[Zone, ...] = ()
    runs: tuple[OriginRun, ...] = ()
    url: str | None = None
    published: str | None = None
    language: str | None = None


def extract(raw: str | bytes, kind: Literal["text", "html"] = "text", *, title: str | None = None) -> Extracted:
    """Extract the article of one raw page: a text dump of it, or its HTML.

    `title` is the headline where something beside the page tells it. Raises UnicodeDecodeError where bytes given as
    text are not UTF-8.
    """
    if kind == "html":
        from goldwire.html import extract_html

        return extract_html(raw)
    return _from_text(clean(raw), " ".join(clean(title or "").text.split()))


def _from_text(page: Traced, told: str) -> Extracted:
    zones = zone_lines(page.text, told)
    head = [page.cut(zone.start, zone.end) for zone in zones if zone.zone == "headline"][:1]
    paragraphs = [page.cut(zone.start, zone.end) for zone in zones if zone.zone == "body"]
    if told and not head:
        head = [added(told)]
    text = join([*head, *paragraphs], "\n\n")
    return Extracted(
        title=head[0].text if head else "",
        text=text.text,
        body="\n\n".join(paragraph.text for paragraph in paragraphs),
        captions=tuple(page.text[zone.start : zone.end] for zone in zones if zone.zone == "caption"),
        zones=zones,
        runs=text.runs(),
    )
