"""An annotator at work in a real Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from goldwire.doccano import credentials
from support.annotation_round import AnnotationRound

CHROMIUM = os.environ.get("GOLDWIRE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

PATIENCE = 100_000
"""Milliseconds to wait for something on a page. The 30 s of Playwright can be too few on a busy machine."""

# Where a word is drawn: the page draws text as SVG, one element per line.
FIND = """(word) => {
    const walker = document.createTreeWalker(document.querySelector('.annotation-text'), NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
        const at = node.data.indexOf(word);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        const box = range.getBoundingClientRect();
        return [box.left, box.right, (box.top + box.bottom) / 2];
    }
    return null;
}"""


@contextmanager
def chromium() -> Iterator[Any]:
    """Yield a new browser; skip the test if there is none on this machine."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium, or set GOLDWIRE_CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def fresh_page() -> Iterator[Any]:
    """Yield a page of a new browser."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 760})
        page.set_default_timeout(PATIENCE)
        yield page


def sign_in(page: Any, trial: AnnotationRound, server: str) -> None:
    """Sign in as the first annotator of the batch."""
    page.goto(f"{server}/auth")
    page.fill("input[name=username]", trial.people[0])
    page.fill("input[name=password]", credentials.annotator_password(trial.workspace.private, trial.people[0]))
    page.click(".v-card__actions button")
    page.wait_for_url("**/projects**")


def open_text(page: Any, trial: AnnotationRound, server: str, address: str) -> None:
    """Sign in, open an article and wait until it is drawn."""
    sign_in(page, trial, server)
    page.goto(address)
    page.wait_for_selector(".annotation-text svg text")
    page.wait_for_load_state("networkidle")


def wait_for_transitions(page: Any) -> None:
    """Wait until nothing fades, moves or changes its colour any more."""
    page.wait_for_timeout(100)  # until a change has begun
    while page.evaluate("document.getAnimations().some(one => one instanceof CSSTransition)"):
        page.wait_for_timeout(50)


def settled(page: Any, words: str) -> list[float]:
    """Return where the words are once nothing moves any more: a stored label moves the text."""
    before = None
    while (now := page.evaluate(FIND, words)) != before or now is None:
        before = now
        page.wait_for_timeout(250)
    return list(now)


def mark(page: Any, words: str, key: str) -> str:
    """Choose a label by its hot key, drag over the words, wait until the server has the span; return the selection."""
    page.keyboard.press(key)
    left, right, middle = settled(page, words)
    page.mouse.move(left + 1, middle)
    page.mouse.down()
    page.mouse.move(right - 1, middle, steps=6)
    selected = page.evaluate("getSelection().toString()")
    with page.expect_response(lambda answer: answer.url.endswith("/spans") and answer.request.method == "POST"):
        page.mouse.up()
    page.wait_for_load_state("networkidle")
    return str(selected)
