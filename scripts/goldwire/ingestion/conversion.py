"""Conversion of raw records: each becomes an article, or a rejection with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypedDict

import msgspec

from goldwire.errors import DataError
from goldwire.extraction.api import ExtractedArticle, TextPage, extract, extract_texts, prepare_text
from goldwire.extraction.site_boilerplate import SiteBoilerplate
from goldwire.ingestion.clean_text import clean_article
from goldwire.ingestion.page_detection import guess_cleaning, guess_kind
from goldwire.ingestion.raw_record import FileSpan, RawRecord, ReadProblem, digest
from goldwire.ingestion.readers import read_span
from goldwire.ingestion.row_fields import FieldRole
from goldwire.ingestion.saved_pages import saved_page_url
from goldwire.quantities import quantity
from goldwire.records import Article, Cleaning, Origin, Rejected, TextKind, article_id, text_digest
from goldwire.text import encodings, language_id, urls
from goldwire.text.sentences import SENTENCE_STOPS
from goldwire.text.words import count_words, needs_dictionary
from goldwire.workspace import jsonl
from goldwire.workspace.sources import Source

__all__ = [
    "BatchItem",
    "ConvertedArticle",
    "RejectedRecord",
    "convert_batch",
    "id_before_extraction",
    "read_problem_row",
]

_MIN_WORDS = 25  # a wire flash has about 30; a shorter text is a teaser or a caption
_MAX_TEASER = 100  # characters: a headline in a list of headlines is not longer
_MAX_UNSPACED_TEASER = 60  # in Thai and Lao, which have no stop: 15 words, as 100 characters of English
_CLOSING = "”\"’'»)」』】》〉） \u00a0"  # may follow a sentence end; alone it ends no sentence: a pager's "Older »"
_GLANCE = 1000  # characters: 160 words of English
# Below this confidence, the mean F1 is under .5. An article that is a small part of its page needs more.
_LEAST_CONFIDENCE, _LEAST_CONFIDENCE_OF_SMALL_SHARE = 0.5, 0.7
# Of 8,150 text dumps of sites that the networks had not seen, 3% are below: 45% of these have an F1 under .5.
_LEAST_CONFIDENCE_OF_TEXT = 0.58
_SMALL_SHARE = 0.3  # of the page's running text
_VIDEO_WORDS = 120  # a page that says it is a video and has more text is an article with a video


class ConvertedArticle(msgspec.Struct, frozen=True, gc=False):
    """A converted article as its line of JSON, with what ingest needs to know about it."""

    file: str
    row: int | None
    id: str
    url: str | None
    sha256: str
    language: str
    line: bytes
    cleaning: Cleaning
    kind: TextKind | None  # None: a page
    has_mojibake_repairs: bool
    is_transcoded: bool  # from an encoding other than UTF-8
    guessed: tuple[tuple[FieldRole, tuple[str, ...]], ...] = ()  # fields of the row
    is_url_guessed: bool = False
    has_unread_date: bool = False

    @property
    def key(self) -> str:
        """The URL or digest that the id is derived from."""
        return self.url or self.sha256


BatchItem = tuple[str, RawRecord | FileSpan]
"""The file relative to the workspace, and a record of it or a span of records to read."""


class RejectedRecord(msgspec.Struct, frozen=True):
    """A record without an article, and the id that its article would have, if it is known before extraction."""

    id: str | None
    rejection: Rejected


class _Reason(msgspec.Struct, frozen=True):
    """Why a record is rejected."""

    code: str
    detail: str
    language: str | None = None


def convert_batch(
    name: str, source: Source, boilerplate: SiteBoilerplate | None, batch: Sequence[BatchItem]
) -> list[ConvertedArticle | RejectedRecord]:
    """Return an article or a rejection for each record of a batch, in order.

    The batch's text pages are extracted together, which is faster; the result of each does not depend on the others.
    """
    prepared = [_prepare(name, source, file, record) for file, item in batch for record in _records(item, source)]
    # 1. extract the text pages together
    text_rows = [number for number, record in enumerate(prepared) if _page_of(record) is not None]
    pages = [page for record in prepared if (page := _page_of(record)) is not None]
    extracted = dict(zip(text_rows, _extract_pages(pages, boilerplate), strict=True))
    # 2. convert each record
    return [
        record if isinstance(record, RejectedRecord) else _convert(name, source, record, extracted.get(number))
        for number, record in enumerate(prepared)
    ]


def _records(item: RawRecord | FileSpan, source: Source) -> Iterable[RawRecord | ReadProblem]:
    return (item,) if isinstance(item, RawRecord) else read_span(item, source.fields, source.encoding)


def id_before_extraction(name: str, record: RawRecord) -> str | None:
    """Return the id of a record's article, if it is known before extraction: from its URL, or the bytes of a text."""
    url = urls.canonical_url(record.url)
    return article_id(name, url or record.data) if url or record.kind == "text" else None


class _PreparedRecord(msgspec.Struct, frozen=True):
    """A decoded record: a text page that is extracted with others, or what was made of an HTML page or clean text.

    `kind` is that of a text that is no page.
    """

    file: str
    record: RawRecord
    encoding: str
    page: TextPage | None = None
    extracted: ExtractedArticle | Exception | None = None
    cleaning: Cleaning = "page"
    kind: TextKind | None = None


def _page_of(record: _PreparedRecord | RejectedRecord) -> TextPage | None:
    return record.page if isinstance(record, _PreparedRecord) else None


class _ExtractOptions(TypedDict):
    title: str | None
    encoding: str
    mojibake: Literal["fix", "keep"]


def _prepare(name: str, source: Source, file: str, record: RawRecord | ReadProblem) -> _PreparedRecord | RejectedRecord:
    if isinstance(record, ReadProblem):
        return RejectedRecord(None, read_problem_row(name, file, record))
    is_html = record.kind == "html"
    try:
        declared = record.charset or source.encoding
        text, encoding = encodings.decode(record.data, declared, markup=is_html, text=record.text)
    except UnicodeDecodeError as error:
        detail = f"byte {record.data[error.start]:#04x} at {error.start}, nor in another encoding"
        return _rejection(name, source, file, record, _Reason("not-utf-8", detail))
    options: _ExtractOptions = {"title": record.title, "encoding": encoding, "mojibake": source.mojibake}
    try:
        if is_html:
            # lxml parses UTF-8 best as bytes.
            extracted = extract(record.data if encoding == "utf-8" else text, "html", url=record.url, **options)
            return _PreparedRecord(file, record, encoding, extracted=extracted)
        return _prepare_text(source, file, record, encoding, prepare_text(text, raw=record.data, **options))
    except Exception as error:  # noqa: BLE001 - see `_extract_pages`
        return _PreparedRecord(file, record, encoding, extracted=error)


def _prepare_text(source: Source, file: str, record: RawRecord, encoding: str, page: TextPage) -> _PreparedRecord:
    """Return a page of text that is still to be extracted, or the article of a text that is no page."""
    cleaning = source.clean or guess_cleaning(page.lines, page.given_title)
    if cleaning == "page":
        return _PreparedRecord(file, record, encoding, page)
    kind = guess_kind(page.lines, page.given_title)
    extracted = clean_article(page, cleaning, kind)
    return _PreparedRecord(file, record, encoding, extracted=extracted, cleaning=cleaning, kind=kind)


def _extract_pages(
    pages: list[TextPage], boilerplate: SiteBoilerplate | None
) -> Sequence[ExtractedArticle | Exception]:
    """Extract text pages together, or one by one if one fails: a hostile page must not end the run."""
    try:
        return list(extract_texts(pages, boilerplate))
    except Exception as error:  # noqa: BLE001 - whatever a hostile page raises
        return [error] if len(pages) == 1 else [r for page in pages for r in _extract_pages([page], boilerplate)]


def _convert(
    name: str, source: Source, prepared: _PreparedRecord, extracted_page: ExtractedArticle | Exception | None
) -> ConvertedArticle | RejectedRecord:
    file, record = prepared.file, prepared.record
    extracted = prepared.extracted or extracted_page
    if isinstance(extracted, DataError):
        return _rejection(name, source, file, record, _Reason("page-limit", extracted.message))
    if not isinstance(extracted, ExtractedArticle):
        detail = " ".join(f"{type(extracted).__name__}: {extracted}".split())
        return _rejection(name, source, file, record, _Reason("not-extracted", detail[:200]))
    known_url = record.url or extracted.url
    url = urls.canonical_url(known_url or (saved_page_url(record.data) if record.kind == "html" else None))
    language, unwanted = _identify_language(source, extracted.body)
    is_vouched = source.clean is not None and prepared.kind is not None
    reason = (
        _missing_text(extracted) or (None if is_vouched else _wrong_form(extracted, url, prepared.kind)) or unwanted
    )
    if reason is not None:
        return _rejection(name, source, file, record, reason)
    article = _article(name, prepared, extracted, url, language)
    return ConvertedArticle(
        file=file,
        row=record.row,
        id=article.id,
        url=url,
        sha256=article.origin.sha256,
        language=language,
        line=jsonl.dump((article,)),
        cleaning=prepared.cleaning,
        kind=prepared.kind,
        has_mojibake_repairs=extracted.mojibake_repairs > 0,
        is_transcoded=prepared.encoding != "utf-8",
        guessed=record.guessed,
        has_unread_date=record.published is not None and urls.iso_date(record.published) is None,
        is_url_guessed=not known_url or any(role == "url" for role, _ in record.guessed),
    )


def _article(
    name: str, prepared: _PreparedRecord, extracted: ExtractedArticle, url: str | None, language: str
) -> Article:
    file, record = prepared.file, prepared.record
    return Article(
        id=article_id(name, url or record.data),
        source=name,
        url=url,
        # A date at the start of the file name comes from the scraper: it counts if neither record nor page has one.
        published=urls.iso_date(record.published or extracted.published) or urls.leading_date(file.rpartition("/")[2]),
        title=extracted.title,
        text=extracted.text,
        text_sha256=text_digest(extracted.text),
        captions=extracted.captions,
        language=language,
        origin=Origin(
            file=file,
            sha256=digest(record.data),
            row=record.row,
            field=record.field,
            encoding=prepared.encoding,
            runs=extracted.runs,
            mojibake_repairs=extracted.mojibake_repairs or msgspec.UNSET,
        ),
        metadata=extracted.metadata or msgspec.UNSET,
        cleaning=prepared.cleaning if prepared.kind else msgspec.UNSET,
        kind=prepared.kind or msgspec.UNSET,
    )


def read_problem_row(name: str, file: str, problem: ReadProblem) -> Rejected:
    """Return the rejection of a record that cannot be read."""
    return Rejected(source=name, file=file, row=problem.row, reason=problem.reason, detail=problem.detail)


def _rejection(name: str, source: Source, file: str, record: RawRecord, reason: _Reason) -> RejectedRecord:
    rejection = Rejected(
        source=name,
        file=file,
        row=record.row,
        reason=reason.code,
        detail=reason.detail,
        sha256=digest(record.data),
        language=reason.language or msgspec.UNSET,
        clean=source.clean or msgspec.UNSET,
    )
    return RejectedRecord(id_before_extraction(name, record), rejection)


def _identify_language(source: Source, body: str) -> tuple[str, _Reason | None]:
    """Return an article's language, and the reason for its rejection if the source does not accept it."""
    accepted = source.languages or (source.language,)
    if not body:
        return source.language, None
    detected = language_id.detect_language(body)
    language = detected.language
    if language_id.is_unwanted_language(detected, accepted):
        detail = f"{detected.probability:.0%} {language}, accepted: {' or '.join(accepted)}"
        return language, _Reason("unwanted-language", detail, language)
    return language if source.is_multilingual else source.language, None


def _missing_text(extracted: ExtractedArticle) -> _Reason | None:
    """Return the reason for the rejection of a record without text, or None if there is some."""
    if extracted.body:
        return None
    lines = len([line for line in extracted.page.split("\n") if line])
    if not lines and extracted.page == "" and not extracted.title:
        return _Reason("empty", "nothing to read")
    detail = (
        f"all of the text ({quantity(lines, 'line')}) looks like boilerplate"
        if lines
        else "no block looks like a paragraph"
    )
    return _Reason("no-article-text", detail)


def _wrong_form(extracted: ExtractedArticle, url: str | None, kind: TextKind | None) -> _Reason | None:
    """Return why a text is not an article, or None if it is one; posts and documents may be short and have no prose."""
    words = count_words(extracted.body[:_GLANCE])
    if words < _VIDEO_WORDS:
        words = count_words(extracted.body)
    if kind not in ("post", "document"):
        if words < _MIN_WORDS:
            return _Reason("too-short", f"{quantity(words, 'word')}, at least {_MIN_WORDS}")
        paragraphs = _paragraphs(extracted.body)
        if all(map(_is_teaser, paragraphs)):
            lines = extracted.body.count("\n\n") + 1
            return _Reason("listing", f"no line of {lines:,} ends a sentence")
    if words < _VIDEO_WORDS and (urls.is_video_url(url) or urls.is_video_headline(extracted.title)):
        return _Reason("video", f"the page of a video, with {quantity(words, 'word')}")
    if extracted.page_kind != "article":
        return _Reason(extracted.page_kind, "what the page states, and how its text is distributed")
    return _uncertainty(extracted)


def _is_teaser(paragraph: str) -> bool:
    """Whether a paragraph is as short as a headline and ends no sentence."""
    if paragraph.rstrip(_CLOSING)[-1:] in SENTENCE_STOPS:
        return False
    return len(paragraph) < (_MAX_UNSPACED_TEASER if needs_dictionary(paragraph) else _MAX_TEASER)


def _uncertainty(extracted: ExtractedArticle) -> _Reason | None:
    """Return the reason for a rejection if the extraction is likely wrong, or has little of the page's text."""
    least = _LEAST_CONFIDENCE if extracted.text_share >= _SMALL_SHARE else _LEAST_CONFIDENCE_OF_SMALL_SHARE
    if extracted.page:
        least = _LEAST_CONFIDENCE_OF_TEXT
    if extracted.confidence >= least:
        return None
    detail = f"confidence {extracted.confidence:.2f}"
    if not extracted.page:  # the share is that of HTML
        detail += f", {extracted.text_share:.0%} of the page's running text"
    return _Reason("extraction-uncertain", detail)


def _paragraphs(body: str) -> Iterator[str]:
    """Yield the paragraphs lazily: mostly the first is enough, and splitting all takes 5 us."""
    start = 0
    while (end := body.find("\n\n", start)) >= 0:
        yield body[start:end]
        start = end + 2
    yield body[start:]
