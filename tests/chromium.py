"""An annotator at work in a real Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from goldwire.doccano import passwords
from trial import Trial

CHROMIUM = os.environ.get("GOLDWIRE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@contextmanager
def fresh_page() -> Iterator[Any]:
    """A page of a browser of its own; skips where there is none."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium, or set GOLDWIRE_CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser.new_page(viewport={"width": 1280, "height": 760})
        browser.close()


def sign_in(page: Any, of: Trial, server: str) -> None:
    """As the first of the batch's annotators."""
    page.goto(f"{server}/auth")
    page.fill("input[name=username]", of.people[0])
    page.fill("input[name=password]", passwords.annotator(of.workspace.private, of.people[0]))
    page.click(".v-card__actions button")
    page.wait_for_url("**/projects**")


def open_text(page: Any, of: Trial, server: str, address: str) -> None:
    """Sign in and open an article, until it is drawn."""
    sign_in(page, of, server)
    page.goto(address)
    page.wait_for_selector(".annotation-text svg text")
    page.wait_for_load_state("networkidle")
