"""What becomes of one raw record: an article, or a reason why it gives none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypedDict

import msgspec

from goldwire.extraction.api import ExtractedArticle, TextPage, extract, extract_texts, prepare_text
from goldwire.extraction.site_boilerplate import SiteBoilerplate
from goldwire.ingestion.raw_record import Fault, RawRecord, Span, digest
from goldwire.ingestion.readers import records_within
from goldwire.records import Article, Origin, Rejected, article_id, text_digest
from goldwire.text import encodings, urls
from goldwire.text import language_id as language
from goldwire.workspace import jsonl
from goldwire.workspace.sources import Source

__all__ = ["Item", "Made", "Refused", "early_id", "fault_row", "outcomes"]

_FEWEST_WORDS = 25  # a wire flash has about 30; what is shorter is a teaser or a picture's caption
_TEASER = 100  # characters: a headline in a list of them is no longer
_STOPS = tuple(".!?…。！？।؟")
_CLOSING = "”\"’'») \u00a0"  # what may follow a stop; alone it ends no sentence: a pager's "Older »"
_GLANCE = 1000  # characters: 160 words of English
_VIDEO_WORDS = 120  # what says it is a video and has more text than this is an article with one in it


class Made(msgspec.Struct, frozen=True, gc=False):
    """An article that was made, as its line, and what the rest of ingest needs to know of it."""

    file: str
    record: int | None
    id: str
    url: str | None
    sha256: str
    language: str
    line: bytes
    mended: bool  # of mojibake
    recoded: bool  # from another encoding than UTF-8

    @property
    def key(self) -> str:
        """What the id was made from."""
        return self.url or self.sha256


Item = tuple[str, RawRecord | Span]
"""A record, or a span of records to be read, with the file it is in as a person reads it."""


class Refused(msgspec.Struct, frozen=True):
    """A record that gives no article, and the id that its article would have had, where that could be told."""

    id: str | None
    row: Rejected


def outcomes(
    name: str, source: Source, recurring: SiteBoilerplate | None, batch: Sequence[Item]
) -> list[Made | Refused]:
    """Make of each record an article or a rejection."""
    read = [_read(name, source, file, record) for file, item in batch for record in _records(item, source)]
    texts = iter(
        _extracted([each.page for each in read if isinstance(each, _Read) and each.page is not None], recurring)
    )
    return [
        each if isinstance(each, Refused) else _outcome(name, source, each, each.found or next(texts)) for each in read
    ]


def _records(item: RawRecord | Span, source: Source) -> Iterable[RawRecord | Fault]:
    return (item,) if isinstance(item, RawRecord) else records_within(item, source.fields, source.encoding)


def early_id(name: str, record: RawRecord) -> str | None:
    """Give the id that a record's article has, where that can be told before it is read."""
    url = urls.canonical_url(record.url)
    return article_id(name, url or record.data) if url or record.kind == "text" else None


class _Read(msgspec.Struct, frozen=True):
    """A record that was read: a page of text, to be extracted with others, or what was extracted of one of HTML."""

    file: str
    record: RawRecord
    encoding: str
    page: TextPage | None = None
    found: ExtractedArticle | Exception | None = None


def _read(name: str, source: Source, file: str, record: RawRecord | Fault) -> _Read | Refused:
    if isinstance(record, Fault):
        return Refused(None, fault_row(name, file, record))
    is_html = record.kind == "html"
    try:
        said = record.charset or source.encoding
        text, encoding = encodings.decode(record.data, said, markup=is_html, text=record.text)
    except UnicodeDecodeError as error:
        why = ("not-utf-8", f"byte {record.data[error.start]:#04x} at {error.start}, nor in another encoding")
        return _refused(name, file, record, why)
    told: _Options = {"title": record.title, "encoding": encoding, "mojibake": source.mojibake}
    try:
        if is_html:
            # HTML in UTF-8 is best parsed as bytes.
            found = extract(record.data if encoding == "utf-8" else text, "html", **told)
            return _Read(file, record, encoding, found=found)
        return _Read(file, record, encoding, prepare_text(text, raw=record.data, **told))
    except Exception as error:  # noqa: BLE001 - see `_extracted`
        return _Read(file, record, encoding, found=error)


class _Options(TypedDict):
    title: str | None
    encoding: str
    mojibake: Literal["fix", "keep"]


def _extracted(pages: list[TextPage], recurring: SiteBoilerplate | None) -> Iterable[ExtractedArticle | Exception]:
    """Extract text pages together, or one by one where one fails: anybody's page must not end the run."""
    try:
        return list(extract_texts(pages, recurring))
    except Exception as error:  # noqa: BLE001
        return [error] if len(pages) == 1 else [found for page in pages for found in _extracted([page], recurring)]


def _outcome(name: str, source: Source, read: _Read, found: ExtractedArticle | Exception | None) -> Made | Refused:
    file, record = read.file, read.record
    if not isinstance(found, ExtractedArticle):
        what = " ".join(f"{type(found).__name__}: {found}".split())
        return _refused(name, file, record, ("not-extracted", what[:200]))
    url = urls.canonical_url(record.url or found.url)
    spoken, other = _language(source, found.body)
    reason = _why_not(found, url) or other
    if reason is not None:
        return _refused(name, file, record, reason)
    article = _article(name, file, record, found, _Told(url, spoken, read.encoding))
    line = jsonl.dump((article,))
    told = found.mojibake_repairs > 0, read.encoding != "utf-8"
    return Made(file, record.record, article.id, url, article.origin.sha256, spoken, line, *told)


class _Told(msgspec.Struct, frozen=True):
    """What was found out of a page beside its text."""

    url: str | None
    language: str
    encoding: str


def _article(name: str, file: str, record: RawRecord, found: ExtractedArticle, told: _Told) -> Article:
    return Article(
        id=article_id(name, told.url or record.data),
        source=name,
        url=told.url,
        # A date that opens the file's name is a scraper's word: good where neither record nor page tells one.
        published=urls.iso_date(record.published or found.published) or urls.leading_date(file.rpartition("/")[2]),
        title=found.title,
        text=found.text,
        text_sha256=text_digest(found.text),
        captions=found.captions,
        language=told.language,
        origin=Origin(
            file=file,
            sha256=digest(record.data),
            row=record.record,
            field=record.field,
            encoding=told.encoding,
            runs=found.runs,
            mojibake_repairs=found.mojibake_repairs or msgspec.UNSET,
        ),
        metadata=found.metadata or msgspec.UNSET,
    )


def fault_row(name: str, file: str, fault: Fault) -> Rejected:
    """Give the row of what could not be read."""
    return Rejected(source=name, file=file, record=fault.record, reason=fault.reason, detail=fault.detail)


def _refused(name: str, file: str, record: RawRecord, why: tuple[str, str]) -> Refused:
    reason, detail = why
    row = Rejected(
        source=name, file=file, record=record.record, reason=reason, detail=detail, sha256=digest(record.data)
    )
    return Refused(early_id(name, record), row)


def _language(source: Source, body: str) -> tuple[str, tuple[str, str] | None]:
    """Give an article's language, and why it is not wanted where it is in another."""
    wanted = source.languages or (source.language,)
    if not body:
        return source.language, None
    found = language.detect_language(body)
    if language.is_unwanted_language(found, wanted):
        detail = f"{found[1]:.0%} {found[0]}, wanted {' or '.join(wanted)}"
        return found[0], (f"other-language:{found[0]}", detail)
    return found[0] if source.is_multilingual else source.language, None


def _why_not(found: ExtractedArticle, url: str | None) -> tuple[str, str] | None:
    """Say why a page is no article; None where it is one."""
    words = _words(found.body)
    if not found.body:
        lines = len([line for line in found.page.split("\n") if line])
        if not lines and found.page == "" and not found.title:
            return "empty", "nothing to read"
        return "all-residue", f"{lines} lines, none of a body" if lines else "no block is a paragraph of an article"
    if words < _FEWEST_WORDS:
        return "too-short", f"{words} words, at least {_FEWEST_WORDS}"
    paragraphs = _paragraphs(found.body)
    if all(len(paragraph) < _TEASER and not paragraph.rstrip(_CLOSING).endswith(_STOPS) for paragraph in paragraphs):
        lines = found.body.count("\n\n") + 1
        return "listing", f"{lines} lines, none of which ends a sentence"
    if words < _VIDEO_WORDS and (urls.is_video_url(url) or urls.is_video_headline(found.title)):
        return "video", f"a video's page with {words} words"
    return None


def _words(body: str) -> int:
    """Count the words of a clean text, or of its beginning where that has as many as anybody asks for."""
    few = body.count(" ", 0, _GLANCE) + 1
    return few if few >= _VIDEO_WORDS else body.count(" ") + body.count("\n\n") + 1  # it has no other blanks


def _paragraphs(body: str) -> Iterator[str]:
    """Give the paragraphs as they are asked for: mostly the first is enough, and parting all takes 5 us."""
    start = 0
    while (end := body.find("\n\n", start)) >= 0:
        yield body[start:end]
        start = end + 2
    yield body[start:]
