"""An annotator's session in Chromium: sign in, label, draw a stance, tick done; `pull` returns exactly that."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from goldwire.stages import pull, push
from goldwire.workspace import loading
from support import annotation_round, factories
from support.annotation_round import AnnotationRound
from support.browser import fresh_page, mark, open_text

pytestmark = pytest.mark.browser

SCREENSHOTS = "GOLDWIRE_SCREENSHOTS"

TEXT = """\
Comment: the Harbour Union is right \N{GRINNING FACE} about ferry fares

Mayor Ines Halvorsen of Port Aldra backed the Harbour League on Tuesday.

Norvik Lines attacked the fare freeze, and Teodor Brandt of Lower Vell sided with the Cafe\u0301 Owners."""

MORE = """
[[entity]]
label = "GPE"
description = "a place that acts"
color = "#8250df"
key = "g"

[[entity]]
label = "ISSUE"
description = "what is argued about"
color = "#bf3989"
key = "i"

[[stance]]"""
SCHEMA = factories.SCHEMA.replace("[[stance]]", MORE.lstrip(), 1)


@pytest.fixture
def page() -> Iterator[Any]:
    with fresh_page() as made:
        yield made


def relate(page: Any, key: str, holder: str, target: str) -> None:
    """Go to relation mode, choose a stance by its hot key, then click the two entities' labels in turn."""
    page.locator(".v-input--switch").first.click()
    page.keyboard.press(key)
    labels = page.locator(".annotation-text svg text")
    labels.get_by_text(holder, exact=True).first.click()
    with page.expect_response(lambda answer: answer.url.endswith("/relations") and answer.request.method == "POST"):
        labels.get_by_text(target, exact=True).first.click()
    page.locator(".v-input--switch").first.click()
    page.wait_for_load_state("networkidle")


def spans(text: str, *names: tuple[str, str]) -> list[tuple[int, int, str]]:
    return [(text.index(name), text.index(name) + len(name), label) for name, label in names]


def picture(page: Any, name: str) -> None:
    folder = os.environ.get(SCREENSHOTS)
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.mouse.move(5, 5)
        page.wait_for_timeout(300)
        page.screenshot(path=Path(folder) / name)


def opened(page: Any, trial: AnnotationRound, report: push.PushReport) -> None:
    open_text(page, trial, report.server, report.annotators[0].address)


def test_pull_returns_the_labels_drawn_in_the_browser(connected, tmp_path: Path, page: Any) -> None:
    trial = annotation_round.plan(tmp_path, [TEXT])
    report = push.run(trial.workspace, batch="b01")
    opened(page, trial, report)
    mark(page, "Ines Halvorsen", "p")
    mark(page, "Harbour League", "o")
    relate(page, "s", "PER", "ORG")
    with page.expect_response(lambda answer: answer.url.endswith("/states") and answer.request.method == "POST"):
        page.keyboard.press("Enter")
    assert not pull.run(trial.workspace, batch="b01").findings
    (article,) = trial.articles.values()
    names = spans(TEXT, ("Ines Halvorsen", "PER"), ("Harbour League", "ORG"))
    drawn = factories.layer(article, names, [(0, 1, "supports")], annotator=trial.people[0])
    assert loading.layers(trial.workspace, "b01") == (drawn,)


def test_the_browser_shows_the_labels_submitted_through_the_api(connected, tmp_path: Path, page: Any) -> None:
    space = factories.workspace(tmp_path / "w", name="harbour-news")  # names for the README's screenshot
    space.schema.write_text(SCHEMA)
    trial = annotation_round.of_people(space, [TEXT], ("A7",))
    report = push.run(trial.workspace, batch="b01")
    names = spans(
        TEXT,
        *(("Harbour Union", "ORG"), ("Ines Halvorsen", "PER"), ("Port Aldra", "GPE"), ("Harbour League", "ORG")),
        *(("Norvik Lines", "ORG"), ("fare freeze", "ISSUE"), ("Teodor Brandt", "PER"), ("Lower Vell", "GPE")),
        *(("Cafe\u0301 Owners", "ORG"),),
    )
    stances = [(None, 0, "supports"), (1, 3, "supports"), (4, 5, "opposes"), (6, 8, "supports")]
    (article,) = trial.articles.values()
    annotation_round.submit(trial, report, [factories.layer(article, names, stances, annotator=trial.people[0])])
    opened(page, trial, report)
    picture(page, "annotator.png")
    drawn = Counter(page.locator(".annotation-text svg text").all_text_contents())
    shown = {"PER": 2, "ORG": 4, "GPE": 2, "ISSUE": 1, "VOICE": 1}
    assert {label: drawn[f"•{label}"] or drawn[label] for label in shown} == shown, drawn
