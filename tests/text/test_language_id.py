"""Language identification, and whether a language is wanted."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys

import pytest

from goldwire.text.language_id import DetectedLanguage, accepts_language, detect_language, is_unwanted_language
from support.language_samples import LANGUAGE_SAMPLES
from support.paths import SHARED_DATA

ENGLISH, ITALIAN = LANGUAGE_SAMPLES["en"], LANGUAGE_SAMPLES["it"]


@pytest.mark.parametrize("language", LANGUAGE_SAMPLES)
@pytest.mark.parametrize("repeats", [1, 3, 30])
def test_the_language_of_a_text_is_detected(language: str, repeats: int) -> None:
    detected = detect_language(LANGUAGE_SAMPLES[language] * repeats)
    assert (detected.language, detected.is_certain) == (language, True)


@pytest.mark.parametrize("language", ["fr", "pl", "ru", "el"])
def test_text_in_capitals_has_the_same_language(language: str) -> None:
    assert detect_language((LANGUAGE_SAMPLES[language] * 3).upper()).language == language


def test_the_model_is_loaded_without_importing_a_downloader() -> None:
    script = "import sys\nfrom goldwire.text.language_id import detect_language\n"
    script += f"found = detect_language({LANGUAGE_SAMPLES['fr']!r})\n"
    script += "print(found.language, 'requests' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["fr", "False"]


@pytest.mark.parametrize(
    "text", ["4 5 6 / 7 8 9 " * 20, "", "…", "Ok, bonne nuit!", "Till im gone gone", "@anna @otto #oggi"]
)
def test_a_text_without_enough_words_is_in_no_language_with_certainty(text: str) -> None:
    assert not detect_language(text).is_certain


@pytest.mark.parametrize("before", range(0, 12, 3))
def test_a_page_in_another_language_that_quotes_english_is_caught(before: int) -> None:
    """A quotation in the middle made the page English: only the middle of a text was looked at."""
    quoted = ITALIAN * before + ENGLISH * 5 + ITALIAN * (12 - before)
    assert is_unwanted_language(detect_language(quoted), ("en",))


@pytest.mark.parametrize("before", range(0, 12, 3))
@pytest.mark.parametrize("language", ["it", "de", "ru", "zh"])
def test_an_english_article_that_quotes_another_language_is_english(before: int, language: str) -> None:
    quoted = ENGLISH * before + LANGUAGE_SAMPLES[language] * 4 + ENGLISH * (12 - before)
    detected = detect_language(quoted)
    assert detected.language == "en"
    assert not is_unwanted_language(detected, ("en",))


@pytest.mark.parametrize(
    ("language", "is_certain", "wanted", "rejected"),
    [
        ("nl", True, ("en",), True),
        ("nl", True, ("en", "nl"), False),
        ("nl", False, ("en",), False),
        ("nl", True, ("und",), False),
        ("nl", True, ("mul",), False),
        ("pt", True, ("pt-BR",), False),
        ("zh", True, ("zh_Hant",), False),
        ("no", True, ("nb",), False),
        ("sr", True, ("hr",), False),
        ("sco", True, ("en",), False),
        ("scn", True, ("it",), False),
        ("scn", True, ("en",), True),
    ],
)
def test_unwanted_languages(language: str, is_certain: bool, wanted: tuple[str, ...], rejected: bool) -> None:
    assert is_unwanted_language(DetectedLanguage(language, 0.95, is_certain), wanted) == rejected
    assert accepts_language(language, wanted) or rejected or not is_certain


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("newsmtsc", "text"),
        ("biaslab_docs", "text"),
        ("extraction_wcxb", "gold_text"),
        ("extraction_dragnet", "gold_text"),
    ],
)
def test_no_english_text_of_public_sets_is_rejected(name: str, field: str) -> None:
    path = SHARED_DATA / f"{name}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"{name}.jsonl.gz, texts of publishers, is not in ../shared/data")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        texts = {json.loads(line)[field] for line in file}
    assert [text for text in texts if is_unwanted_language(detect_language(text), ("en",))] == []
