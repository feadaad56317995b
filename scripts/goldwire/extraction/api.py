"""Extract the article of a raw page, traced to the bytes of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from goldwire.extraction.plaintext.fragments import join_fragments
from goldwire.extraction.plaintext.line_table import CleanedPage, text_lines
from goldwire.extraction.plaintext.markdown import strip_markdown
from goldwire.extraction.plaintext.segmenter import Segmentation, segment_pages
from goldwire.extraction.result import ExtractedArticle, MarkupSource, TextSource
from goldwire.extraction.site_boilerplate import SiteBoilerplate
from goldwire.text import encodings
from goldwire.text.mojibake import count_repairs, repair
from goldwire.text.normalization import normalize
from goldwire.text.provenance import TracedText, compose
from goldwire.text.scan import scan
from goldwire.text.unwrapping import unwrap

__all__ = ["ExtractedArticle", "TextPage", "extract", "extract_texts", "prepare_text"]


def extract(
    raw: str | bytes,
    kind: Literal["text", "html"] = "text",
    *,
    title: str | None = None,
    url: str | None = None,
    encoding: str = "utf-8",
    mojibake: Literal["fix", "keep"] = "fix",
    site_boilerplate: SiteBoilerplate | None = None,
) -> ExtractedArticle:
    """Extract the article of one raw page.

    Parameters
    ----------
    raw : str or bytes
        A text dump of the page, or its HTML.
    kind : {"text", "html"}
        What `raw` is. Default: "text".
    title : str, optional
        The headline, if it is known from outside the page, for example from a feed.
    url : str, optional
        The address, if it is known from outside the page: it may say that an HTML page is a listing or a search.
    encoding : str
        Encoding of `raw` if it is bytes of a text dump. Bytes of HTML state their own. Default: "utf-8".
    mojibake : {"fix", "keep"}
        Whether to repair text that was decoded in a wrong encoding (`â€œ` for `“`). Default: "fix".
    site_boilerplate : SiteBoilerplate, optional
        Lines that recur over the pages of the same site, for text dumps.

    Returns
    -------
    ExtractedArticle
        The article; its `body` is "" if the page has none.

    Raises
    ------
    UnicodeDecodeError
        If the bytes of a text dump are not in `encoding`.
    DataError
        If an HTML page is too large, or takes too long.

    Examples
    --------
    >>> from goldwire import extract
    >>> page = '''Home
    ... News
    ... Harbour of Lanthe to stay closed for a third week
    ... By Mara Oskel
    ... The harbour will stay closed for a third week, the port authority said on Monday, after divers
    ... found that the storm had moved two of the breakwater's largest stones.
    ... Sign up for our newsletter'''
    >>> article = extract(page)
    >>> article.title
    'Harbour of Lanthe to stay closed for a third week'
    >>> [zone.zone for zone in article.zones][-1]
    'newsletter'
    """
    if kind == "html":
        return _extract_html(raw, title, url, encoding, mojibake)
    text, data = (raw, None) if isinstance(raw, str) else (raw.decode(encoding), raw)
    page = prepare_text(text, raw=data, title=title, encoding=encoding, mojibake=mojibake)
    return next(extract_texts((page,), site_boilerplate))


class TextPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of text that is ready for extraction.

    Attributes
    ----------
    page : TracedText
        The cleaned text, traced to the bytes of the raw page.
    data : bytes
        The cleaned text in UTF-8.
    lines : list of str
        The lines of the cleaned text that are not blank.
    given_title : str
        The headline that is known from outside the page, cleaned; "" if there is none.
    mojibake_repairs : frozenset of (int, int)
        Ranges of the raw text, in code points, that were mojibake and were repaired.
    """

    page: TracedText
    data: bytes
    lines: list[str]
    given_title: str
    mojibake_repairs: frozenset[tuple[int, int]]


def prepare_text(
    text: str,
    *,
    raw: bytes | None = None,
    title: str | None = None,
    encoding: str = "utf-8",
    mojibake: Literal["fix", "keep"] = "fix",
) -> TextPage:
    """Clean a text dump of a page.

    The options are those of `extract`. `raw` are the bytes from which `text` was decoded, if it was.
    """
    given_title = " ".join(normalize(title).text.split()) if title else ""
    scanned = scan(text, raw if encoding == "utf-8" else None)
    # The runs of a text that was given as str count in its UTF-8, which the scan has encoded.
    raw, encoding = (scanned.data, "utf-8") if raw is None else (raw, encoding)
    repaired = repair(scanned) if mojibake == "fix" else None
    if repaired is None:
        page, lines = _join_paragraphs(msgspec.structs.replace(normalize(scanned), raw=raw, encoding=encoding))
        data = _encode_prefix(page.text, text, scanned.data)
        return TextPage(page=page, data=data, lines=lines, given_title=given_title, mojibake_repairs=frozenset())
    traced = msgspec.structs.replace(repaired, raw=raw, encoding=encoding)
    page, lines = _join_paragraphs(compose(normalize(repaired.text), traced))
    repairs = frozenset(piece[2:4] for piece in repaired.pieces if not piece[4])
    data = page.text.encode()
    return TextPage(page=page, data=data, lines=lines, given_title=given_title, mojibake_repairs=repairs)


def _join_paragraphs(page: TracedText) -> tuple[TracedText, list[str]]:
    """Return the page with a line per paragraph, and its lines: without Markdown, wraps, and breaks at inline tags."""
    unwrapped = unwrap(strip_markdown(page))
    lines = text_lines(unwrapped.text)
    joined = join_fragments(unwrapped, lines)
    return joined, lines if joined is unwrapped else text_lines(joined.text)


def _encode_prefix(text: str, whole: str, data: bytes) -> bytes:
    """Encode `text`; if it is a prefix of `whole` (most pages need no cleaning), slice its bytes `data` instead."""
    if not whole.startswith(text):
        return text.encode()
    rest = whole[len(text) :].encode("utf-8", "surrogatepass")
    return data[: len(data) - len(rest)]


def extract_texts(
    pages: Sequence[TextPage], site_boilerplate: SiteBoilerplate | None = None
) -> Iterator[ExtractedArticle]:
    """Extract the articles of text pages of one site together, which takes a third of the time per page.

    No article depends on the other pages of the batch.

    Parameters
    ----------
    pages : sequence of TextPage
        Pages as `prepare_text` returns them.
    site_boilerplate : SiteBoilerplate, optional
        Lines that recur over the pages of the site.

    Yields
    ------
    ExtractedArticle
        One article per page, in order.
    """
    if not pages:
        return
    cleaned = [CleanedPage(page.page.text, page.data, page.lines, page.given_title) for page in pages]
    segmentations = segment_pages(cleaned, site_boilerplate=site_boilerplate)
    for page, segmentation in zip(pages, segmentations, strict=True):
        yield _article(page, segmentation, site_boilerplate)


def _article(read: TextPage, segmentation: Segmentation, site_boilerplate: SiteBoilerplate | None) -> ExtractedArticle:
    """Make the article of a page of text from its headline, body and caption zones."""
    page = read.page.text
    ranges: dict[str, list[tuple[int, int]]] = {"headline": [], "body": [], "caption": []}
    for zone in segmentation.zones:
        if zone.zone in ranges:
            ranges[zone.zone].append((zone.start, zone.end))
    headlines, paragraphs, captions = ranges.values()
    titles = [page[start:end] for start, end in headlines] or [read.given_title] * bool(read.given_title)
    body = "\n\n".join([page[start:end] for start, end in paragraphs])
    source = TextSource(
        page=read.page,
        ranges=(*headlines, *paragraphs),
        inserted_title="" if headlines else read.given_title,
        given_title=read.given_title,
        site_boilerplate=site_boilerplate,
    )
    repairs = read.mojibake_repairs
    return ExtractedArticle(
        title=titles[0] if titles else "",
        text="\n\n".join([*titles, body] if body else titles),
        body=body,
        captions=tuple([page[start:end] for start, end in captions]),
        given_title=read.given_title,
        confidence=segmentation.confidence,
        mojibake_repairs=sum(piece[2:4] in repairs for piece in source.article_text().pieces) if repairs else 0,
        _source=source,
    )


def _extract_html(
    raw: str | bytes, title: str | None, url: str | None, encoding: str, mojibake: Literal["fix", "keep"]
) -> ExtractedArticle:
    """Decode a page of HTML, repair its mojibake, and extract its article."""
    from goldwire.extraction.html.extractor import extract_html

    text, markup, encoding = _decode_html(raw, encoding)
    repaired = repair(scan(text)) if mojibake == "fix" else None
    parsed = text if repaired is None else repaired.text
    article = extract_html(markup if repaired is None else parsed, title, url)
    return msgspec.structs.replace(
        article,
        mojibake_repairs=0 if repaired is None else count_repairs(article.text, repaired),
        _source=MarkupSource(parsed, raw, encoding, repaired),
    )


def _decode_html(raw: str | bytes, encoding: str) -> tuple[str, str | bytes, str]:
    """Return a page of HTML as text, as it is best parsed (UTF-8 as bytes), and its encoding.

    The text is "" if the encoding of bytes cannot be detected. If `raw` is a str, `encoding` is that of the bytes it
    was decoded from.
    """
    if isinstance(raw, str):
        return raw, raw, encoding
    try:
        text, encoding = encodings.decode(raw, markup=True)
    except UnicodeDecodeError:
        return "", raw, "utf-8"
    return text, raw if encoding == "utf-8" else text, encoding
