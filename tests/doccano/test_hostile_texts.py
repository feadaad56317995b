"""A hostile article breaks neither the page in Chromium, nor the server, nor the files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from goldwire.doccano.client import session
from goldwire.stages import pull, push, status
from goldwire.text import display_limits
from goldwire.workspace import loading
from support import annotation_round, factories
from support.browser import fresh_page, open_text

TAGS = (
    "<script>window.harmed=1</script><img src=x onerror=window.harmed=1>"
    "<svg/onload=window.harmed=1>{{constructor.constructor('window.harmed=1')()}}</textarea></title>"
)
HOSTILE = {
    "tags": f"{TAGS}\n\nAda Novak said {TAGS}",
    "bidi": "Head\n\n\u202eAda Novak\u202c \u2066x\u2069 " + "\u202e" * 5_000 + "the end",
    "long": "Head\n\n" + "Ada Novak wrote a word. " * 8_333,
    "one word": "Head\n\nAda Novak " + "x" * 199_980,
    "marks": "Head\n\nAda Novak a" + "\u0301" * display_limits.MAX_MARKS + " end",
    "unseen": "Head\n\nAda Novak " + "\u200d\u200b\ufeff" * 3_000 + " end",
    "lines": "Head\n\nAda Novak\u2028x\u2029y\x85z\x0b\x0c\x1b[31m\x07 end",
}
NAME = "Ada Novak"
MARKS = 1_000_000


@pytest.fixture
def page() -> Iterator[Any]:
    with fresh_page() as made:
        made.asked = []
        made.on("request", lambda request: made.asked.append(request.url))
        made.on("dialog", lambda dialog: made.asked.append(f"dialog {dialog.message}"))
        yield made


def test_hostile_texts_come_back_unchanged_and_files_keep_one_record_per_line(connected, tmp_path: Path) -> None:
    texts = list(HOSTILE.values())
    assert max(map(len, texts)) == display_limits.MAX_TEXT - 2
    trial = annotation_round.plan(tmp_path, texts)
    layers = []
    for article in trial.articles.values():
        start, end = article.text.index(NAME), len(article.text)
        spans = [(0, 1, "ORG"), (start, start + len(NAME), "PER"), (end - 3, end, "ORG")]
        layers.append(factories.layer(article, spans, [(1, 2, "opposes")], annotator=trial.people[0], comments=[TAGS]))
    annotation_round.submit(trial, push.run(trial.workspace, batch="b01"), layers)
    assert not pull.run(trial.workspace, batch="b01").findings
    assert loading.layers(trial.workspace, "b01") == tuple(layers)
    data = trial.layers(trial.people[0])
    assert data.count(b"\n") == len(texts)
    assert all(json.loads(line) for line in data.split(b"\n") if line)
    assert not push.run(trial.workspace, batch="b01").annotators[0].changed
    assert status.run(trial.workspace, batch="b01").done == len(texts)


@pytest.mark.browser
def test_the_page_draws_hostile_texts_and_runs_no_code(connected, tmp_path: Path, page: Any) -> None:
    trial = annotation_round.plan(tmp_path, list(HOSTILE.values()))
    report = push.run(trial.workspace, batch="b01")
    where = report.annotators[0].project
    types = session.connect(trial.workspace).client.list_label_types(where, "span")
    annotator = annotation_round.sign_in(trial, trial.people[0], report.server)
    example = next(iter(annotator.http.pages(f"projects/{where}/examples")))["id"]
    annotator.http.post(f"projects/{where}/comments", {"text": TAGS}, example=example)
    annotator.client.create_span(where, example, 0, 8, types[0].id)
    open_text(page, trial, report.server, report.annotators[0].address)
    for number in range(1, len(HOSTILE) + 1):
        page.goto(f"{report.server}/projects/{where}/sequence-labeling?page={number}")
        page.wait_for_selector(".annotation-text:has-text('Ada Novak')", state="attached")
        assert page.evaluate("window.harmed") is None
    assert [asked for asked in page.asked if not asked.startswith(("data:", "blob:", report.server))] == []


@pytest.mark.parametrize(
    "text",
    [
        "Head\n\nA \0 byte.",
        "x" * (display_limits.MAX_TEXT + 1),
        "Head\n\na" + "\u0301" * MARKS,
        "Head\n\na" + "\u0301" * (display_limits.MAX_MARKS + 1),
        "Head\n\n" + "-" * 2_000 + "\u20dd" * (display_limits.MAX_MARKS + 1),
    ],
    ids=["NUL", "long", "a million marks", "marks", "marks after signs"],
)
def test_texts_that_would_break_the_page_are_not_planned(tmp_path: Path, text: str) -> None:
    space = factories.workspace(tmp_path / "w")
    good = factories.article("Head\n\nBody.", id="wire-000000000001")
    assert display_limits.unsupported_reason(text)
    factories.write_articles(space, [good, factories.article(text, id="wire-000000000002")])
    trial = annotation_round.plan_people(space, ("A1",))
    assert [task.article_id for task in trial.tasks] == [good.id]


def test_long_runs_of_other_signs_are_supported() -> None:
    assert (
        display_limits.unsupported_reason("Head\n\n" + "-" * 5_000 + ("\u20dd" * display_limits.MAX_MARKS + ".") * 3)
        is None
    )
