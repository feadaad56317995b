"""Dumps of pages are distinguished from clean texts by what is at their edges."""

from __future__ import annotations

import gzip
import json

import pytest

from goldwire.extraction.api import prepare_text
from goldwire.ingestion.page_detection import guess_cleaning, guess_kind
from support.clean_samples import CLEANED, CONTRACT, POSTS, STATUTE
from support.language_samples import LANGUAGE_SAMPLES
from support.paths import REPOSITORY, SHARED_DATA

MENU = "\n".join(("Home", "World", "Business", "Sport", "Weather", "Sign in"))
FOOT = "\n".join(
    ("Share on Facebook", "Most read", "Terms of use", "Privacy policy", "© 2021 The Wire. All rights reserved.")
)


def cleaning(text: str) -> str:
    return guess_cleaning(prepare_text(text).lines)


@pytest.mark.parametrize(
    ("text", "kind"),
    [(STATUTE, "document"), (CONTRACT, "document"), (CLEANED, "article"), *((post, "post") for post in POSTS)],
)
def test_clean_texts_are_found(text: str, kind: str) -> None:
    assert (cleaning(text), guess_kind(prepare_text(text).lines, "")) == ("none", kind)


@pytest.mark.parametrize("language", sorted(LANGUAGE_SAMPLES))
def test_clean_articles_in_any_language_are_found(language: str) -> None:
    sample = LANGUAGE_SAMPLES[language].strip()
    text = "\n\n".join((sample[:30], sample * 3, sample * 2, sample * 4))
    assert (cleaning(text), guess_kind(prepare_text(text).lines, "")) == ("none", "article")


@pytest.mark.parametrize("text", [CLEANED, LANGUAGE_SAMPLES["de"] * 4, LANGUAGE_SAMPLES["zh"] * 4])
def test_the_same_text_with_a_menu_and_a_footer_is_a_page(text: str) -> None:
    assert cleaning(f"{MENU}\n{text}\n{FOOT}") == "page"


@pytest.mark.parametrize(
    "text", ["Home", "Home\nSearch\nMost popular", "Sign in", "\n".join(f"Story {n}" for n in range(9))]
)
def test_text_without_prose_is_a_page(text: str) -> None:
    assert cleaning(text) == "page"


def test_a_text_with_a_given_headline_is_no_post() -> None:
    assert guess_kind(["The ferry is late again."], "Ferry late") == "article"
    assert guess_cleaning(["The ferry is late."], "Ferry late") == "page"


def test_the_text_files_of_the_sample_corpus_are_pages() -> None:
    paths = sorted((REPOSITORY / "corpus" / "raw").glob("*/*.txt"))
    found = [cleaning(path.read_text(encoding="utf-8", errors="replace")) for path in paths]
    assert len(found) > 100
    assert found.count("none") <= 1  # a list of headlines, which is rejected as one


@pytest.mark.parametrize(
    ("name", "field", "expected", "floor"),
    [
        ("extraction_scraped", "raw_text", "page", 0.99),
        ("extraction_scraped", "gold_text", "none", 0.97),
        ("extraction_wcxb", "gold_text", "none", 0.98),
        ("extraction_dragnet", "gold_text", "none", 0.98),
        ("biaslab_docs", "text", "none", 0.99),
        ("btc_docs", "text", "none", 0.97),
    ],
)
def test_pages_and_clean_texts_of_public_sets(name: str, field: str, expected: str, floor: float) -> None:
    path = SHARED_DATA / f"{name}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"{name}.jsonl.gz, texts of publishers, is not in ../shared/data")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        texts = [json.loads(line)[field] for line in file]
    found = [cleaning(text) for text in texts if text.strip()]
    assert found.count(expected) / len(found) >= floor
