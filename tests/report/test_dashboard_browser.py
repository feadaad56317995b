"""The status page in Chromium: it renews itself and the reader's place, filters and focus stay."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from goldwire.stages import status
from support.browser import PATIENCE, fresh_page
from support.paths import REPOSITORY

pytest.importorskip("jinja2", reason="jinja2 (the extra `report`) is not installed")
pytestmark = pytest.mark.browser


def report(done: int) -> status.StatusReport:
    """Return the status of 30 annotators: the first has done `done` tasks of 40, the last all."""
    people = tuple(
        status._status(f"A{n}", 40, done=done if n == 1 else 40 if n == 30 else 0, address="http://127.0.0.1:9/")
        for n in range(1, 31)
    )
    return status.StatusReport(
        batch="b01",
        server="http://127.0.0.1:9",
        done=done + 40,
        tasks=1200,
        annotators=people,
        agreement=(),
        top_disagreements=(),
        read_at="2026-11-30T01:02:03+00:00",
    )


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[int]]]:
    """Yield the address of a page that refreshes every second, and the list whose last entry is what A1 has done."""
    from goldwire.report import dashboard

    monkeypatch.setattr(dashboard, "REFRESH", 1)
    done = [3]
    server = dashboard.open_board(lambda: report(done[-1]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", done
    server.shutdown()
    server.server_close()


def rows(page: Any) -> list[str]:
    return page.locator(".team tbody tr:visible td.who").all_inner_texts()


def test_a_refresh_keeps_place_filters_order_and_focus(board: tuple[str, list[int]]) -> None:
    address, done = board
    complaints: list[str] = []
    with fresh_page() as page:
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        assert len(rows(page)) == 30
        assert rows(page)[:3] == ["A1", "A2", "A3"]  # and not A10
        page.select_option("select[name=state]", "finished")
        assert rows(page) == ["A30"]
        page.select_option("select[name=state]", "working")
        assert rows(page) == ["A1"]
        page.select_option("select[name=state]", "")
        page.select_option("select[name=order]", "left")
        page.fill("input[name=name]", "A1")
        before = rows(page)
        assert before[-1] == "A1"
        assert page.locator(".count").inner_text() == "11 of 30 annotators"
        page.evaluate("document.body.style.minHeight = '3000px'; scrollTo(0, 300)")
        page.locator("#to-A1").focus()
        done.append(21)
        page.locator("td", has_text="21 of 40").wait_for(timeout=PATIENCE)
        assert rows(page) == before
        assert page.evaluate("scrollY") == 300
        assert page.evaluate("document.activeElement.id") == "to-A1"
        assert page.title() == "b01: 61 of 1200 done"
    assert complaints == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_the_page_does_not_overflow_at_any_width(board: tuple[str, list[int]], width: int) -> None:
    with fresh_page() as page:
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(board[0])
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_screenshots_of_the_documentation_can_be_made_and_are_small(tmp_path: Path) -> None:
    pytest.importorskip("PIL", reason="Pillow (a dependency of matplotlib) is not installed")
    from support.screenshots import make_screenshots

    made = make_screenshots(tmp_path)
    assert {path.name for path in made} >= {"status-light.webp", "status-narrow-dark.webp", "agreement-light.webp"}
    assert [path.name for path in made if not 4_000 < path.stat().st_size < 150_000] == []
    committed = {path.name for path in (REPOSITORY / "docs" / "images").glob("*.webp")}
    assert committed & {path.name for path in made}
