"""Articles of texts that are not pages: nothing is lost, and every character is traced to the raw text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.extraction.api import prepare_text
from goldwire.ingestion.clean_text import clean_article
from support.clean_samples import CLEANED, CONTRACT, STATUTE


def paragraphs(text: str) -> str:
    return "\n\n".join(line for line in text.split("\n") if line)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (STATUTE, "Ferries (Safety) Act"),
        (CONTRACT, "AGREEMENT FOR THE SUPPLY OF SLATES"),
        (CLEANED, "Council of Arvenholt votes to reopen the old ferry"),
        ("Section 1. Definitions.\nA ferry is a boat.", ""),
        ("One paragraph without a headline", ""),
    ],
)
def test_nothing_is_removed(text: str, title: str) -> None:
    article = clean_article(prepare_text(text), "none", "article")
    assert (article.text, article.title) == (paragraphs(text), title)
    assert article.text == "\n\n".join(part for part in (article.title, article.body) if part)


def test_light_cleaning_removes_lines_that_are_boilerplate_by_their_words() -> None:
    article = clean_article(prepare_text(CLEANED), "light", "article")
    kept = [line for line in CLEANED.split("\n") if line not in ("Advertisement", "Related: Bridge owners go to court")]
    assert article.text == paragraphs("\n".join(kept))
    assert [zone.zone for zone in article.zones] == [
        *("headline", "body", "body", "body", "advertisement", "body", "related")
    ]


@pytest.mark.parametrize(
    ("text", "given", "title", "body"),
    [
        ("It rained.\nMuch.", "Rain in May", "Rain in May", "It rained.\n\nMuch."),
        ("RAIN in May\nIt rained.", "Rain in May", "RAIN in May", "It rained."),
        ("Rain in May", "Rain in May", "", "Rain in May"),
    ],
)
def test_a_given_headline_is_not_repeated(text: str, given: str, title: str, body: str) -> None:
    article = clean_article(prepare_text(text, title=given), "none", "article")
    assert (article.title, article.body) == (title, body)


def test_a_post_has_no_headline() -> None:
    article = clean_article(prepare_text("Ferry late again\n#Arvenholt"), "none", "post")
    assert (article.title, article.text) == ("", "Ferry late again\n\n#Arvenholt")


@given(st.text(st.sampled_from(list("aé. \n\r\t中\u200b\u0301")), max_size=60))
def test_every_word_is_traced_to_the_raw_text(text: str) -> None:
    data = text.encode()
    article = clean_article(prepare_text(text, raw=data), "none", "article")
    assert article.text.split() == prepare_text(text).page.text.split()
    for start, end, raw_start, raw_end in ((r.start, r.end, r.raw_start, r.raw_end) for r in article.runs):
        assert 0 <= start < end <= len(article.text)
        assert 0 <= raw_start < raw_end <= len(data)
