"""The agreement report in Chromium: in a phone's width, by keyboard, in the dark, with no network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from goldwire.agreement.batch import measure_batch
from goldwire.agreement.batch_context import BatchContext
from goldwire.workspace.label_schema import parse_schema
from support import factories

CHROMIUM = Path("/usr/bin/chromium")
pytest.importorskip("jinja2", reason="jinja2 (the extra `report`) is not installed")
sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium")]
SCHEMA = parse_schema(factories.SCHEMA, Path("schema.toml"))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five articles in which three annotators disagree: 1 boundary, 2 missing, 1 label and 1 stance."""
    from goldwire.report.agreement import render

    texts = [
        factories.article(f"Story number {n}\n\nAda Brook of the Port League met Nils Orr.", id=f"wire-{n:012d}")
        for n in range(5)
    ]
    ada, league, nils = (16, 25, "PER"), (33, 44, "ORG"), (49, 57, "PER")
    odd = {0: [(16, 19, "PER"), league, nils], 1: [ada, nils], 2: [ada, league], 3: [(16, 25, "ORG"), league, nils]}
    layers = [
        factories.layer(t, [ada, league, nils], [(0, 1, "supports")], annotator=name)
        for t in texts
        for name in ("A1", "A2")
    ]
    for n, text in enumerate(texts):
        spans = odd.get(n, [ada, league, nils])
        stances = [] if n in (1,) else [(0, 1, "opposes" if n == 4 else "supports")]
        layers.append(factories.layer(text, spans, stances, annotator="A3"))
    material = BatchContext(
        labels=SCHEMA.entity_labels, stances=SCHEMA.stance_labels, texts={t.id: t.text for t in texts}
    )
    measured = measure_batch("b01", layers, material)
    path = tmp_path_factory.mktemp("report") / "b01.html"
    path.write_text(render(measured, layers, {t.id: t for t in texts}, SCHEMA, name="trial"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


@pytest.fixture
def opened(browser: Any, report: Path) -> Iterator[Any]:
    """Opens the page in a given width and colour scheme; anything it logs or asks for fails the test."""
    contexts, complaints = [], []

    def open_page(width: int = 1280, scheme: str = "light") -> Any:
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: request.url.startswith("file:") or complaints.append(request.url))
        page.goto(report.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def shown(page: Any) -> list[str]:
    return page.locator(".case:visible").evaluate_all("found => found.map(e => e.id)")


def listed(page: Any) -> int:
    return page.locator(".list li:visible").count()


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_the_page_does_not_overflow_at_any_width(opened: Any, width: int) -> None:
    page = opened(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_one_case_is_shown_at_a_time_and_all_are_listed(opened: Any) -> None:
    page = opened()
    assert len(shown(page)) == 1
    assert listed(page) == 5
    assert page.evaluate("scrollY") == 0


def test_the_keyboard_moves_through_the_cases_and_opens_a_dispute(opened: Any) -> None:
    page = opened()
    first = shown(page)
    page.keyboard.press("j")
    second = shown(page)
    assert second != first
    page.keyboard.press("k")
    assert shown(page) == first
    row = page.locator(".case:visible .what tbody tr").first
    row.focus()
    page.keyboard.press("Enter")
    assert "hit" in row.get_attribute("class")
    page.keyboard.press("Escape")
    assert "hit" not in (row.get_attribute("class") or "")
    page.keyboard.press("f")
    assert page.evaluate("document.activeElement.name") == "kind"


def test_filters_by_kind_label_and_annotator(opened: Any) -> None:
    page = opened()
    page.select_option("select[name=kind]", "boundary")
    assert listed(page) == 1
    assert page.locator(".count").inner_text() == "1 disagreement in 1 article"
    page.select_option("select[name=label]", "ORG")
    assert listed(page) == 0
    assert page.locator(".empty").is_visible()
    page.locator(".reset").click()
    assert listed(page) == 5
    page.select_option("select[name=label]", "ORG")
    assert 0 < listed(page) < 5


def test_a_disputed_span_is_marked_in_every_view(opened: Any) -> None:
    page = opened()
    page.select_option("select[name=kind]", "label")
    row = page.locator(".case:visible .what tbody tr:not(.off)").first
    row.click()
    assert page.locator(".case:visible .view .d.hit").count() == 3


def test_the_page_follows_the_preferred_color_scheme(opened: Any) -> None:
    brightness = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number).reduce((a, b) => a + b)"
    assert opened(scheme="dark").evaluate(brightness) < 150 < 600 < opened(scheme="light").evaluate(brightness)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast(opened: Any, scheme: str) -> None:
    """A contrast of 4.5 at least (WCAG AA) for running, soft and tag text."""
    page = opened(scheme=scheme)
    ratios = page.evaluate(
        """() => {
          const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
          const rgb = (color, under) => {
            canvas.fillStyle = `rgb(${under.join(",")})`; canvas.fillRect(0, 0, 1, 1);
            canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
          };
          const ground = (e) => e ? rgb(getComputedStyle(e).backgroundColor, ground(e.parentElement)) : [255, 255, 255];
          const light = (c) => c.map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          return [...document.querySelectorAll("h1, .card p, .soft, .tag, .text, td, th, summary")]
            .filter((e) => e.offsetParent && e.textContent.trim())
            .map((e) => {
              const under = ground(e), over = rgb(getComputedStyle(e).color, under);
              const [a, b] = [light(under), light(over)].sort((x, y) => y - x);
              return [(a + 0.05) / (b + 0.05), e.className, e.textContent.trim().slice(0, 20)];
            });
        }"""
    )
    assert [ratio for ratio in ratios if ratio[0] < 4.5] == []
