"""One raw page in, one clean article out, and where every part of it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from goldwire.extraction.plaintext.segmenter import Division, Zone, divide_all, zone_lines
from goldwire.extraction.site_boilerplate import Recurring
from goldwire.records import MetadataValue, OriginRun
from goldwire.text import encodings
from goldwire.text.mojibake import count_repairs, repair
from goldwire.text.normalization import normalize
from goldwire.text.provenance import TracedText, compose, join, untraced
from goldwire.text.scan import scan
from goldwire.text.unwrapping import unwrap

__all__ = ["Extracted", "TextPage", "extract", "extract_texts", "read_text"]


class Markup(msgspec.Struct, frozen=True):
    """The source of a page of HTML: as it was read, its bytes, their encoding, and what of it was mended."""

    text: str
    raw: bytes | str
    encoding: str
    mend: TracedText | None


class Cut(msgspec.Struct, frozen=True):
    """The stretches of a page of text that make an article, and its headline where the page has none."""

    page: TracedText
    stretches: list[tuple[int, int]]
    told: str

    def traced(self) -> TracedText:
        """Give the article's text, traced to the raw page."""
        text = self.page.slices(self.stretches, "\n\n")
        return join([untraced(self.told), *([text] if self.stretches else ())], "\n\n") if self.told else text


class Extracted(msgspec.Struct, frozen=True, kw_only=True):
    """A clean article. `text` is the headline, a blank line and `body`; `body` the paragraphs, parted by blank lines.

    `page` is the cleaned page (of text only) and `told` the headline that was told beside it.
    """

    title: str
    text: str
    body: str
    captions: tuple[str, ...]
    cut: Cut | None = None  # out of a page of text
    markup: Markup | None = None  # the source of a page of HTML
    page: str = ""
    told: str = ""
    url: str | None = None
    published: str | None = None
    language: str | None = None
    mended: int = 0  # stretches of `text` that were mojibake
    recurring: Recurring | None = None  # of `page`'s source
    facts: tuple[MetadataValue, ...] = ()  # what an HTML page says of its article, and where

    @property
    def runs(self) -> tuple[OriginRun, ...]:
        """What maps `text` to bytes of the raw page, found on demand, paragraph by paragraph.

        A paragraph of HTML that does not stand in the source in one piece has none (27 of 2,314 on 102 news pages).
        """
        if self.markup is not None:
            return _runs_of(self, self.markup)
        return () if self.cut is None else self.cut.traced().runs()

    @property
    def zones(self) -> tuple[Zone, ...]:
        """What every line of `page` was taken for, and why: named on demand, for a person to look at."""
        return zone_lines(self.page, self.told, self.recurring)


def extract(
    raw: str | bytes,
    kind: Literal["text", "html"] = "text",
    *,
    title: str | None = None,
    encoding: str = "utf-8",
    mojibake: Literal["fix", "keep"] = "fix",
    recurring: Recurring | None = None,
) -> Extracted:
    """Extract the article of one raw page: a text dump of it, or its HTML.

    `title` is the headline where something beside the page tells it; `encoding`, that of bytes given as text. Raises
    UnicodeDecodeError where they are not in it.
    """
    if kind == "html":
        from goldwire.extraction.html.extractor import extract_html

        text, source, encoding = _html(raw, encoding)
        mend = repair(text) if mojibake == "fix" else None
        read = text if mend is None else mend.text
        found = extract_html(source if mend is None else read, title)
        count = count_repairs(found.text, mend) if mend is not None else 0
        return msgspec.structs.replace(found, markup=Markup(read, raw, encoding, mend), mended=count)
    text, data = (raw, None) if isinstance(raw, str) else (raw.decode(encoding), raw)
    page = read_text(text, raw=data, title=title, encoding=encoding, mojibake=mojibake)
    return next(extract_texts((page,), recurring))


class TextPage(msgspec.Struct, frozen=True):
    """A page's text, clean and traced to its bytes, the headline that was told beside it, and what was mojibake."""

    page: TracedText
    coded: bytes  # its text in UTF-8
    told: str
    mends: frozenset[tuple[int, int]]  # stretches of it, in raw code points


def read_text(
    text: str,
    *,
    raw: bytes | None = None,
    title: str | None = None,
    encoding: str = "utf-8",
    mojibake: Literal["fix", "keep"] = "fix",
) -> TextPage:
    """Read a text dump of a page; the options are those of `extract`. `raw` are its bytes, where it comes of such."""
    told = " ".join(normalize(title).text.split()) if title else ""
    known = scan(text, raw if encoding == "utf-8" else None)
    # A text counts as its UTF-8, which is there by now: `runs` need not encode it again.
    raw, encoding = (known.data, "utf-8") if raw is None else (raw, encoding)
    mend = repair(text, known) if mojibake == "fix" else None
    if mend is None:
        page = unwrap(msgspec.structs.replace(normalize(text, known=known), raw=raw, encoding=encoding))
        return TextPage(page, _coded(page.text, text, known.data), told, frozenset())
    page = unwrap(compose(normalize(mend.text), msgspec.structs.replace(mend, raw=raw, encoding=encoding)))
    mends = frozenset(piece[2:4] for piece in mend.pieces if not piece[4])
    return TextPage(page, page.text.encode(), told, mends)


def _coded(text: str, whole: str, data: bytes) -> bytes:
    """Encode a text; of what the whole begins with, which most pages are that are clean already, `data` is at hand."""
    if not whole.startswith(text):
        return text.encode()
    rest = whole[len(text) :].encode("utf-8", "surrogatepass")
    return data[: len(data) - len(rest)]


def extract_texts(pages: Sequence[TextPage], recurring: Recurring | None = None) -> Iterator[Extracted]:
    """Extract the articles of text pages of one source, together: what one gives does not depend on the others."""
    if not pages:
        return
    texts, tolds, data = zip(*((page.page.text, page.told, page.coded) for page in pages), strict=True)
    divisions = divide_all(texts, tolds, recurring=recurring, coded=data)
    for page, division in zip(pages, divisions, strict=True):
        yield _from_text(page, division, recurring)


def _html(raw: str | bytes, encoding: str) -> tuple[str, str | bytes, str]:
    """Give a page of HTML as text, as it is best parsed (UTF-8 as bytes), and its encoding.

    The text is "" where the encoding of bytes cannot be told. Of a text, `encoding` is that of the bytes it came from.
    """
    if isinstance(raw, str):
        return raw, raw, encoding
    try:
        text, encoding = encodings.decode(raw, markup=True)
    except UnicodeDecodeError:
        return "", raw, "utf-8"
    return text, raw if encoding == "utf-8" else text, encoding


def _runs_of(found: Extracted, markup: Markup) -> tuple[OriginRun, ...]:
    from goldwire.extraction.html.source_map import trace

    raw, encoding = markup.raw, markup.encoding
    if isinstance(raw, str) and encoding != "utf-8":
        try:
            raw = raw.encode(encoding)
        except UnicodeEncodeError:
            return ()  # it was not decoded from these bytes, then
    text = join(trace(markup.text, found.title, found.body.split("\n\n") if found.body else ()), "\n\n")
    if markup.mend is not None:
        text = compose(text, msgspec.structs.replace(markup.mend, raw=raw, encoding=encoding))
    return msgspec.structs.replace(text, raw=raw, encoding=encoding).runs()


def _from_text(read: TextPage, division: Division, recurring: Recurring | None) -> Extracted:
    page = read.page.text
    stretches: dict[str, list[tuple[int, int]]] = {"headline": [], "body": [], "caption": []}
    for part in division.parts:
        if part.zone in stretches:
            stretches[part.zone].append((part.start, part.end))
    head, paragraphs, captions = stretches.values()
    titles = [page[start:end] for start, end in head] or [read.told] * bool(read.told)
    body = "\n\n".join([page[start:end] for start, end in paragraphs])
    cut = Cut(read.page, head + paragraphs, "" if head else read.told)
    return Extracted(
        title=titles[0] if titles else "",
        text="\n\n".join([*titles, body] if body else titles),
        body=body,
        captions=tuple([page[start:end] for start, end in captions]),
        cut=cut,
        page=page,
        told=read.told,
        recurring=recurring,
        mended=sum(piece[2:4] in read.mends for piece in cut.traced().pieces) if read.mends else 0,
    )
