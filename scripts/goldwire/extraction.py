"""One raw page in, one clean article out, and where every part of it came from."""

from __future__ import annotations

from typing import Literal

import msgspec

from goldwire.records import OriginRun
from goldwire.text import Traced, added, clean, join
from goldwire.zones import Zone, divide, zone_lines

__all__ = ["Extracted", "extract"]


class Extracted(msgspec.Struct, frozen=True, kw_only=True):
    """A clean article. `text` is the headline, a blank line and `body`; `body` the paragraphs, parted by blank lines.

    `runs` map `text` to bytes of the raw page (in UTF-8); they are empty for HTML, whose text is not in the raw bytes
    as it stands. `page` is the cleaned page (of text only) and `told` the headline that was told beside it.
    """

    title: str
    text: str
    body: str
    captions: tuple[str, ...]
    runs: tuple[OriginRun, ...] = ()
    page: str = ""
    told: str = ""
    url: str | None = None
    published: str | None = None
    language: str | None = None

    @property
    def zones(self) -> tuple[Zone, ...]:
        """What every line of `page` was taken for, and why: named on demand, for a person to look at."""
        return zone_lines(self.page, self.told)


def extract(raw: str | bytes, kind: Literal["text", "html"] = "text", *, title: str | None = None) -> Extracted:
    """Extract the article of one raw page: a text dump of it, or its HTML.

    `title` is the headline where something beside the page tells it. Raises UnicodeDecodeError where bytes given as
    text are not UTF-8.
    """
    if kind == "html":
        from goldwire.html import extract_html

        return extract_html(raw, title)
    return _from_text(clean(raw), " ".join(clean(title or "").text.split()))


def _from_text(page: Traced, told: str) -> Extracted:
    division = divide(page.text, told)
    parts = {name: [p for p in division.parts if p.zone == name] for name in ("headline", "body", "caption")}
    head = [page.cut(part.start, part.end) for part in parts["headline"]] or ([added(told)] if told else [])
    paragraphs = [page.cut(part.start, part.end) for part in parts["body"]]
    text = join([*head, *paragraphs], "\n\n")
    return Extracted(
        title=head[0].text if head else "",
        text=text.text,
        body="\n\n".join(paragraph.text for paragraph in paragraphs),
        captions=tuple(page.text[part.start : part.end] for part in parts["caption"]),
        runs=text.runs(),
        page=page.text,
        told=told,
    )
