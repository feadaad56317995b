"""The pages for project leads in Chromium: accessible, and without overflow, at both widths and in both themes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from goldwire.report import handouts
from goldwire.stages import people, show
from support import screenshots
from support.accessibility import serious_violations
from support.browser import chromium

pytest.importorskip("jinja2", reason="jinja2 (the extra `report`) is not installed")
pytestmark = pytest.mark.browser

LONG_NAME = "Wilhelmina-Charlotte von Hohenstaufen-Oberammergau zu Musterstadt"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """The pages of the documentation's screenshots, the hand-outs, and an article beside its raw text."""
    card = people.HandOut(
        annotator="A1",
        name=LONG_NAME,
        user="annotator-with-a-long-name@newsroom.example",
        sign_in="https://annotation.newsroom.example/auth",
        address="https://annotation.newsroom.example/projects/1234",
        password="abcd-efgh-ijkl-mnop",
        handed_out=None,
    )
    lines = (
        show.ShownLine(text="Harbour council votes " * 20, is_kept=True, zone="headline", reason=""),
        show.ShownLine(text="Share this article", is_kept=False, zone="navigation", reason="a list of links"),
    )
    shown = show.ShowReport(
        article_id="wire-000000000001",
        file="corpus/raw/wire/" + "very-long-name-" * 12 + ".html",
        row=None,
        title="Harbour council votes",
        language="en",
        cleaning="page",
        kind="page",
        lines=lines,
    )
    return {
        **dict(screenshots.sample_pages()),
        "hand-outs": handouts.render("b01", [card]),
        "show": shown.to_html(),
    }


@pytest.mark.parametrize("name", ["agreement", "status", "hand-outs", "show"])
def test_a_page_is_accessible_and_does_not_overflow(browser: Any, pages: dict[str, str], name: str) -> None:
    page = browser.new_page()
    for width in (390, 1280):
        for scheme in ("light", "dark"):
            screenshots.open_page(page, pages[name], (width, 800), scheme)
            assert serious_violations(page) == [], (width, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
