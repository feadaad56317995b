"""Pre-labels in Chromium: the annotator sees them, deletes one, ticks done; `pull` returns exactly that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from goldwire.records import Prelabels
from goldwire.stages import pull, push
from goldwire.workspace import jsonl, loading
from support import annotation_round, factories
from support.browser import fresh_page, open_text

pytestmark = pytest.mark.browser

TEXT = "Head \N{GRINNING FACE}\n\nAda Novak met the Rail Union."


@pytest.fixture
def page() -> Iterator[Any]:
    with fresh_page() as made:
        yield made


def names_drawn(page: Any) -> list[str]:
    drawn = (text.strip("•") for text in page.locator(".annotation-text svg text").all_text_contents())
    return [text for text in drawn if text in ("PER", "ORG")]


def test_the_annotator_sees_prelabels_and_can_delete_one(connected, tmp_path: Path, page: Any) -> None:
    trial = annotation_round.plan(tmp_path, [TEXT])
    article = trial.articles["wire-000000000001"]
    former = factories.layer(article, [(8, 17, "PER"), (26, 36, "ORG")], annotator="A9", batch="b00")
    jsonl.write(trial.workspace.layers / "b00" / "A9.jsonl", [former])
    report = push.run(trial.workspace, batch="b01", prelabel="layer:A9")
    open_text(page, trial, report.server, report.annotators[0].address)
    labels = page.locator(".annotation-text svg text")
    assert names_drawn(page) == ["PER", "ORG"]
    labels.get_by_text("PER").first.click()
    with page.expect_response(lambda answer: "/spans/" in answer.url and answer.request.method == "DELETE"):
        page.locator(".v-chip__close").first.click()
    labels.get_by_text("PER").first.wait_for(state="detached")
    assert names_drawn(page) == ["ORG"]
    page.mouse.click(700, 600)  # a click outside closes the list of labels
    page.locator(".menuable__content__active").wait_for(state="detached")
    with page.expect_response(lambda answer: answer.url.endswith("/states") and answer.request.method == "POST"):
        page.keyboard.press("Enter")
    assert not pull.run(trial.workspace, batch="b01").findings
    (layer,) = loading.layers(trial.workspace, "b01")
    assert (layer.confirmed, [span.label for span in layer.spans]) == (True, ["ORG"])
    assert layer.prelabels == Prelabels(
        source="layer:A9", accepted=("T1",), changed=(), dropped_spans=1, dropped_stances=0
    )
