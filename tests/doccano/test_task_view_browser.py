"""Targets and windows in Chromium, as an annotator sees them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from goldwire.stages import pull, push
from goldwire.workspace import loading
from support import annotation_round
from support.browser import fresh_page, sign_in

pytestmark = pytest.mark.browser

TEXT = "Ferry row \N{GRINNING FACE} grows\n\nAda Lind praised the Quay Guild.\n\nThe Guild shrugged.\n\nBo Marsk left."


@pytest.fixture
def page() -> Iterator[Any]:
    with fresh_page() as made:
        yield made


def test_the_stance_to_the_target_is_chosen_by_its_hot_key(connected, tmp_path: Path, page: Any) -> None:
    (tmp_path / "targets.txt").write_text("Quay Guild\n")
    trial = annotation_round.plan(tmp_path, [TEXT], kind="stance", targets=tmp_path / "targets.txt")
    report = push.run(trial.workspace, batch="b01")
    sign_in(page, trial, report.server)
    page.goto(report.annotators[0].address)
    page.wait_for_selector("text=Quay Guild")
    page.wait_for_load_state("networkidle")
    assert "▶ Quay Guild" in page.inner_text("main")
    assert "category page" in page.evaluate("[...goldwireOverlay.recognized]")
    with page.expect_response(lambda answer: answer.url.endswith("/categories") and answer.request.method == "POST"):
        page.keyboard.press("x")
    with page.expect_response(lambda answer: answer.url.endswith("/states") and answer.request.method == "POST"):
        page.keyboard.press("Enter")
    assert not pull.run(trial.workspace, batch="b01").findings
    (layer,) = loading.layers(trial.workspace, "b01")
    assert layer.confirmed
    assert [(stance.holder, stance.target_name, stance.stance) for stance in layer.stances] == [
        (None, "Quay Guild", "opposes")
    ]


def test_the_context_of_a_window_is_outside_the_triangles(connected, tmp_path: Path, page: Any) -> None:
    trial = annotation_round.plan(tmp_path, [TEXT], window_unit="paragraphs", window_size=2, window_context=1)
    report = push.run(trial.workspace, batch="b01")
    sign_in(page, trial, report.server)
    page.goto(report.annotators[0].address.replace("page=1", "page=2"))
    page.wait_for_selector(".annotation-text svg text")
    page.wait_for_load_state("networkidle")
    drawn = page.locator(".annotation-text svg text").all_text_contents()
    assert drawn.index("▼ ▼ ▼ ▼ ▼") < drawn.index("The Guild shrugged.") < drawn.index("Bo Marsk left.")
