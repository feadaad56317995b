"""Words of many scripts, selected with the mouse in Chromium: `pull` returns the selected words."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from goldwire.records import text_digest
from goldwire.stages import pull, push
from goldwire.workspace import loading
from support import annotation_round, factories
from support.browser import FIND, fresh_page, mark, open_text
from support.unicode_samples import PIECES, article

pytestmark = pytest.mark.browser

NUMBER = int(os.environ.get("GOLDWIRE_DRAWN", "3"))
MARKED = 4  # words of each text
WORDS = [piece for piece in PIECES if re.fullmatch(r"[^\x00-\x7f\s\u200b-\u200f\u202a-\u202e\ufeff].*", piece)]


@pytest.fixture
def page() -> Iterator[Any]:
    with fresh_page() as made:
        made.set_viewport_size({"width": 1280, "height": 3000})  # the page draws only visible text
        yield made


@pytest.mark.timeout(600 + 30 * NUMBER)
def test_pull_returns_the_selected_words(connected, tmp_path: Path, page: Any) -> None:
    rng = random.Random(NUMBER)
    tag = text_digest(str(tmp_path))[:8]  # all tests of a run share one server
    space = factories.workspace(tmp_path / "w", name=f"drawn {tag}")
    factories.write_articles(space, [article(rng, number) for number in range(NUMBER)])
    trial = annotation_round.plan_people(space, (f"D{tag}-1",))
    report = push.run(space, batch="b01")
    open_text(page, trial, report.server, report.annotators[0].address)
    address = report.annotators[0].address.removesuffix("1")
    wanted: dict[str, list[tuple[int, str]]] = {}
    for number, task in enumerate(trial.tasks, 1):
        text = trial.articles[task.article_id].text
        page.goto(f"{address}{number}")
        page.wait_for_selector(".annotation-text svg text")
        page.wait_for_load_state("networkidle")
        once = [word for word in WORDS if text.count(word) == 1 and page.evaluate(FIND, word)]
        chosen = rng.sample(once, min(MARKED, len(once)))
        for word in chosen:
            assert mark(page, word, "p") == word
        wanted[task.article_id] = sorted((text.index(word), word) for word in chosen)
    assert not pull.run(space, batch="b01").findings
    found = {layer.article_id: [(s.start, s.text) for s in layer.spans] for layer in loading.layers(space, "b01")}
    assert found == {name: places for name, places in wanted.items() if places}
    assert sum(map(len, found.values())) >= NUMBER
