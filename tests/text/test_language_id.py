"""Language identification, and whether a language is wanted."""

from __future__ import annotations

import subprocess
import sys

import pytest

from goldwire.text.language_id import detect_language, is_unwanted_language
from support.language_samples import LANGUAGE_SAMPLES


@pytest.mark.parametrize("language", LANGUAGE_SAMPLES)
def test_the_language_of_a_text_is_detected(language: str) -> None:
    assert detect_language(LANGUAGE_SAMPLES[language] * 3)[0] == language


@pytest.mark.parametrize("language", ["fr", "pl", "ru", "el"])
def test_text_in_capitals_has_the_same_language(language: str) -> None:
    assert detect_language((LANGUAGE_SAMPLES[language] * 3).upper())[0] == language


def test_the_model_is_loaded_without_importing_a_downloader() -> None:
    script = "import sys\nfrom goldwire.text.language_id import detect_language\n"
    script += f"found = detect_language({LANGUAGE_SAMPLES['fr']!r})\n"
    script += "print(found[0], 'requests' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["fr", "False"]


def test_digits_and_signs_are_in_no_language_with_certainty() -> None:
    assert not is_unwanted_language(detect_language("4 5 6 / 7 8 9 " * 20), ("en",))


@pytest.mark.parametrize(
    ("found", "score", "wanted", "rejected"),
    [
        ("nl", 0.95, ("en",), True),
        ("nl", 0.95, ("en", "nl"), False),
        ("nl", 0.5, ("en",), False),
        ("nl", 0.95, ("und",), False),
        ("nl", 0.95, ("mul",), False),
        ("pt", 0.95, ("pt-BR",), False),
        ("zh", 0.95, ("zh_Hant",), False),
        ("no", 0.95, ("nb",), False),
        ("sr", 0.95, ("hr",), False),
    ],
)
def test_unwanted_languages(found: str, score: float, wanted: tuple[str, ...], rejected: bool) -> None:
    assert is_unwanted_language((found, score), wanted) == rejected
