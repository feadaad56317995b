"""Convert batches of raw records to articles or rejections."""

from __future__ import annotations

import msgspec
import pytest

from goldwire.extraction.api import extract, extract_texts
from goldwire.extraction.html import markup
from goldwire.ingestion.conversion import ConvertedArticle, RejectedRecord, convert_batch
from goldwire.ingestion.raw_record import RawRecord
from goldwire.text.encodings import decode
from goldwire.workspace.sources import Source
from support.language_samples import LANGUAGE_SAMPLES
from support.page_kinds import pages_of_other_kinds
from support.sample_pages import HEADLINE, PROSE

PAGE = "\n\n".join((HEADLINE, *PROSE))


def record(number: int, data: bytes, kind: str = "text") -> tuple[str, RawRecord]:
    return "corpus/raw/post/a.jsonl", RawRecord(row=number, data=data, kind=kind)


SOURCE = Source(name="The Post", language="en", licence="CC0-1.0", redistribute=True)
BATCH = [
    record(0, PAGE.encode()),
    record(1, b"\xff\xfe\xfd" * 3),
    record(2, f"<html><body><h1>{HEADLINE}</h1><p>{'</p><p>'.join(PROSE)}</p></body></html>".encode(), "html"),
    record(3, b"Home"),
    record(4, f"News\n{PAGE}".encode("cp1252")),
]


def test_results_do_not_depend_on_the_batch() -> None:
    found = convert_batch("post", SOURCE, None, BATCH)
    assert found == [answer for one in BATCH for answer in convert_batch("post", SOURCE, None, [one])]
    assert [type(answer) for answer in found] == [
        ConvertedArticle,
        RejectedRecord,
        ConvertedArticle,
        RejectedRecord,
        ConvertedArticle,
    ]
    assert [answer.rejection.reason for answer in found if isinstance(answer, RejectedRecord)] == [
        "not-utf-8",
        "no-article-text",
    ]


def test_a_page_that_cannot_be_extracted_does_not_affect_its_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    from goldwire.ingestion import conversion as module

    def failing(pages, site_boilerplate=None):
        if any("Home" in page.page.text for page in pages):
            raise ValueError("an error in the extractor")
        yield from extract_texts(pages, site_boilerplate)

    monkeypatch.setattr(module, "extract_texts", failing)
    found = convert_batch("post", SOURCE, None, BATCH)
    assert [type(answer) for answer in found] == [
        ConvertedArticle,
        RejectedRecord,
        ConvertedArticle,
        RejectedRecord,
        ConvertedArticle,
    ]
    assert [answer.rejection.reason for answer in found if isinstance(answer, RejectedRecord)] == [
        "not-utf-8",
        "not-extracted",
    ]
    assert decode(BATCH[4][1].data)[1] == "cp1252"


@pytest.mark.parametrize("language", sorted(LANGUAGE_SAMPLES))
@pytest.mark.parametrize("kind", ["text", "html"])
def test_an_article_in_any_language_is_accepted(language: str, kind: str) -> None:
    """Chinese and Japanese have no blanks: their articles were too short."""
    sample = LANGUAGE_SAMPLES[language].strip()
    paragraphs = [sample, sample * 2, sample, f"{sample} {sample}"]
    text = "\n\n".join(paragraphs)
    page = (
        text if kind == "text" else f"<html><body><article><p>{'</p><p>'.join(paragraphs)}</p></article></body></html>"
    )
    source = Source(name="The Post", language=language, licence="CC0-1.0", redistribute=True)
    (found,) = convert_batch("post", source, None, [record(0, page.encode(), kind)])
    assert isinstance(found, ConvertedArticle), found
    other = Source(name="The Post", language="en" if language != "en" else "it", licence="CC0-1.0", redistribute=True)
    (found,) = convert_batch("post", other, None, [record(0, page.encode(), kind)])
    assert isinstance(found, RejectedRecord)
    assert (found.rejection.reason, found.rejection.language) == ("unwanted-language", language)


def test_a_short_text_is_rejected_in_any_language() -> None:
    source = Source(name="The Post", language="zh", licence="CC0-1.0", redistribute=True)
    (found,) = convert_batch(
        "post",
        source,
        None,
        [record(0, "渡轮\n\n市议会投票决定重新开放旧渡轮。市长很高兴。对岸的店主们也都表示热烈欢迎。".encode())],
    )
    assert isinstance(found, RejectedRecord)
    assert found.rejection.reason == "too-short"


def rejection(page: str, url: str | None = None) -> tuple[str, str]:
    """Return the reason and the detail of the rejection of an HTML page."""
    raw = RawRecord(row=0, data=page.encode(), kind="html", url=url)
    (found,) = convert_batch("post", SOURCE, None, [("corpus/raw/post/a.jsonl", raw)])
    assert isinstance(found, RejectedRecord), found
    return found.rejection.reason, found.rejection.detail


@pytest.mark.parametrize("kind", ["forum", "listing", "live-ticker", "product", "search-results", "tag-page"])
def test_a_page_that_is_no_article_is_rejected_with_its_kind(kind: str) -> None:
    for true, page, url in pages_of_other_kinds():
        if true == kind:
            assert rejection(page, url)[0] in {kind, "listing", "too-short", "no-article-text"}
    reasons = {rejection(page, url)[0] for true, page, url in pages_of_other_kinds() if true == kind}
    assert kind in reasons


def test_an_uncertain_extraction_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    from goldwire.ingestion import conversion as module

    pages = {
        "html": f"<html><body><article><p>{'</p><p>'.join(PROSE)}</p></article></body></html>",
        "text": "\n".join(PROSE),
    }
    source = msgspec.structs.replace(SOURCE, clean="page")
    for kind, confidence, text_share, is_rejected in (
        ("html", 0.4, 1.0, True),
        ("html", 0.6, 0.2, True),
        ("html", 0.55, 0.9, False),
        ("html", 0.9, 0.2, False),
        ("text", 0.55, 1.0, True),
        ("text", 0.6, 1.0, False),
    ):

        def uncertain(raw, kind, confidence=confidence, text_share=text_share, **options):
            article = extract(raw, kind, **options)
            return msgspec.structs.replace(article, confidence=confidence, text_share=text_share)

        def uncertain_texts(pages, *options, confidence=confidence):
            return (msgspec.structs.replace(a, confidence=confidence) for a in extract_texts(pages, *options))

        monkeypatch.setattr(module, "extract", uncertain)
        monkeypatch.setattr(module, "extract_texts", uncertain_texts)
        (found,) = convert_batch("post", source, None, [record(0, pages[kind].encode(), kind)])
        assert isinstance(found, RejectedRecord) == is_rejected
        if isinstance(found, RejectedRecord):
            assert found.rejection.reason == "extraction-uncertain"
            assert f"confidence {confidence:.2f}" in found.rejection.detail


def test_a_page_over_a_limit_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MAX_PAGE_BYTES", 100)
    reason, detail = rejection(f"<html><body><p>{'</p><p>'.join(PROSE)}</p></body></html>")
    assert reason == "page-limit"
    assert "bytes, at most 100" in detail
