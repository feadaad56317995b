"""The overlay's files: every word has its translations, and the version is that of the pinned Doccano."""

from __future__ import annotations

import json
import re

from goldwire.doccano import guideline_page, task_view
from goldwire.doccano.server.environment import SERVED

FOLDER = SERVED / "overlay"
LANGUAGES = {"de", "fr", "es", "zh", "ar"}
TRANSLATIONS = json.loads((FOLDER / "words.json").read_text(encoding="utf-8"))
SCRIPTS = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.js")}


def test_every_language_has_the_same_texts_with_the_same_values():
    assert set(TRANSLATIONS) == LANGUAGES
    texts = set(TRANSLATIONS["de"])
    for words in TRANSLATIONS.values():
        assert set(words) == texts
        for text, translation in words.items():
            assert sorted(re.findall(r"\{\w+\}", translation)) == sorted(re.findall(r"\{\w+\}", text))


def test_every_text_of_the_scripts_and_of_the_generated_guidelines_is_translated():
    used = {text for source in SCRIPTS.values() for text in re.findall(r'translate\("([^"]+)"', source)}
    sentences = re.findall(r'"([A-Z{][^"]*)"', SCRIPTS["start"])
    states = re.findall(r'"([A-Z][^"]*)"', re.search(r"STATES = \{.*?\}", SCRIPTS["lists"])[0])
    used |= {
        text
        for text in sentences
        if text not in ("DocumentClassification", "Shift", "Ctrl", "Tab", "Delete", "Esc", "Enter")
    } | set(states)
    used |= set(re.findall(r'"([A-Z][^"]*)"', SCRIPTS["accessibility"])) - {"DOMContentLoaded", "BUTTON"}
    used |= {"Labels", "Relations", "Answers", "Label", "Key", "Meaning", "Examples", guideline_page._VOICE}
    used |= {guideline_page._DISPUTE}
    used |= {
        line.strip("*")
        for name in ("_WINDOW_INSTRUCTIONS", "_TARGET_INSTRUCTIONS")
        for line in getattr(task_view, name).split("\n")
        if line
    }
    assert used - set(TRANSLATIONS["de"]) == set()
    assert set(TRANSLATIONS["de"]) - used == set()


def test_the_overlay_is_written_for_the_pinned_doccano():
    source = (SERVED / "gw_overlay.py").read_text(encoding="utf-8")
    (version,) = re.findall(r'^DOCCANO_VERSION = "(.+)"$', source, re.MULTILINE)
    for lock in SERVED.glob("requirements-*.txt"):
        assert re.findall(r"^doccano==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE) == [version]


def test_the_overlay_asks_for_nothing_outside_and_reads_no_text_as_html():
    for name, source in SCRIPTS.items():
        assert not re.search(r"innerHTML|insertAdjacentHTML|\beval\b|new Function|document\.write", source), name
        assert not re.search(r"https?://", source), name
    for path in FOLDER.glob("*.css"):
        assert not re.search(r"url\(|@import", path.read_text(encoding="utf-8")), path
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 96_000
