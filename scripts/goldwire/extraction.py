"""One raw page in, one clean article out, and where every part of it came from."""

from __future__ import annotations

from typing import Literal

import msgspec

from goldwire import charsets
from goldwire.mojibake import found_in, mended
from goldwire.records import OriginRun
from goldwire.text import Traced, added, clean, join, through
from goldwire.wrapped import unbroken
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
    mended: int = 0  # stretches of `text` that were mojibake

    @property
    def zones(self) -> tuple[Zone, ...]:
        """What every line of `page` was taken for, and why: named on demand, for a person to look at."""
        return zone_lines(self.page, self.told)


def extract(
    raw: str | bytes,
    kind: Literal["text", "html"] = "text",
    *,
    title: str | None = None,
    encoding: str = "utf-8",
    mojibake: Literal["mend", "keep"] = "mend",
) -> Extracted:
    """Extract the article of one raw page: a text dump of it, or its HTML.

    `title` is the headline where something beside the page tells it; `encoding`, that of bytes given as text. Raises
    UnicodeDecodeError where they are not in it.
    """
    if kind == "html":
        from goldwire.html import extract_html

        text, source = _html(raw)
        mend = mended(text) if mojibake == "mend" else None
        found = extract_html(source if mend is None else mend.text, title)
        return found if mend is None else msgspec.structs.replace(found, mended=found_in(found.text, mend))
    page, mends = _page(raw, encoding, mojibake)
    return _from_text(page, " ".join(clean(title or "").text.split()), mends)


def _page(raw: str | bytes, encoding: str, mojibake: str) -> tuple[Traced, frozenset[tuple[int, int]]]:
    """Give the clean page, traced to its bytes, and the stretches of it (raw code points) that were mojibake."""
    mend = mended(raw if isinstance(raw, str) else raw.decode(encoding)) if mojibake == "mend" else None
    if mend is None:
        return unbroken(clean(raw, encoding)), frozenset()
    page = through(clean(mend.text), msgspec.structs.replace(mend, raw=raw, encoding=encoding))
    return unbroken(page), frozenset(piece[2:4] for piece in mend.pieces if not piece[4])


def _html(raw: str | bytes) -> tuple[str, str | bytes]:
    """Give a page of HTML as text ("" where its encoding cannot be told), and as it is best parsed: UTF-8 as bytes."""
    if isinstance(raw, str):
        return raw, raw
    try:
        text, encoding = charsets.decode(raw, markup=True)
    except UnicodeDecodeError:
        return "", raw
    return text, raw if encoding == "utf-8" else text


def _from_text(page: Traced, told: str, mends: frozenset[tuple[int, int]]) -> Extracted:
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
        mended=sum(piece[2:4] in mends for piece in text.pieces) if mends else 0,
    )
