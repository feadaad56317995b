"""The guard refuses no legitimate request: complete sessions in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from support.browser import PATIENCE, settled

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PASSWORD = "kestrel-lagoon-9"
TEXT = "Ann Bell met Cora Dunn."

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


class Setting:
    """A project of one annotator with one text, created through the API."""

    def __init__(self, url: str, username: str, password: str, name: str) -> None:
        self.url, self.name = url, name
        self.token = self.ask("POST", "/auth/login/", {"username": username, "password": password})["key"]
        person = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
        user = self.ask("POST", "/users/create", person)["id"]
        body = {"name": name, "description": name, "project_type": "SequenceLabeling", "use_relation": True}
        body |= {"resourcetype": "SequenceLabelingProject", "collaborative_annotation": True}
        self.path = f"/projects/{self.ask('POST', '/projects', body)['id']}"
        role = next(role["id"] for role in self.ask("GET", "/roles") if role["name"] == "annotator")
        self.ask("POST", f"{self.path}/members", {"user": user, "role": role})
        self.ask("POST", f"{self.path}/span-types", {"text": "PER", "suffix_key": "p", "background_color": "#aaccee"})
        self.ask("POST", f"{self.path}/relation-types", {"text": "knows", "suffix_key": "k"})
        self.example = self.ask("POST", f"{self.path}/examples", {"text": TEXT})["id"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Token {self.token}"} if hasattr(self, "token") else {}
        answer = requests.request(method, f"{self.url}/v1{path}", json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json()


@pytest.fixture
def setting(doccano, worker_id: str, request: pytest.FixtureRequest) -> Setting:
    # The page's form accepts names of up to 30 letters.
    name = f"{request.node.name.split('_')[2]}-{worker_id}"
    return Setting(doccano.url, doccano.username, doccano.password, name)


@pytest.fixture
def page(doccano) -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
        options += ["--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.answers = []
        page.on("response", lambda answer: page.answers.append((answer.status, answer.request.method, answer.url)))
        yield page
        browser.close()


def sign_in(page: Any, url: str, username: str, password: str) -> None:
    page.goto(f"{url}/auth")
    page.wait_for_load_state("networkidle")
    page.fill('input[name="username"]', username)
    page.fill('input[name="password"]', password)
    page.locator(".v-card__actions").get_by_role("button", name="Login").click()
    page.wait_for_url("**/projects**")


def refused(page: Any) -> list[tuple[int, str, str]]:
    return [answer for answer in page.answers if answer[0] >= 400]


def test_an_annotator_can_label_confirm_and_comment(page: Any, setting: Setting):
    sign_in(page, setting.url, setting.name, PASSWORD)
    page.wait_for_load_state("networkidle")
    page.goto(f"{setting.url}{setting.path}")
    page.wait_for_load_state("networkidle")
    page.goto(f"{setting.url}{setting.path}/sequence-labeling?page=1")
    page.wait_for_load_state("networkidle")
    page.wait_for_selector(".annotation-text svg text")
    page.keyboard.press("p")
    for word in ("Ann Bell", "Cora Dunn"):
        left, right, middle = settled(page, word)
        page.mouse.move(left + 1, middle)
        page.mouse.down()
        page.mouse.move(right - 1, middle, steps=6)
        with page.expect_response("**/spans"):
            page.mouse.up()
        page.wait_for_timeout(300)
    with page.expect_response("**/states"):
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    spans = setting.ask("GET", f"{setting.path}/examples/{setting.example}/spans")
    assert [TEXT[span["start_offset"] : span["end_offset"]] for span in spans] == ["Ann Bell", "Cora Dunn"]
    assert setting.ask("GET", f"{setting.path}/examples/{setting.example}")["is_confirmed"]
    assert refused(page) == []


def test_the_administrator_can_open_every_page(page: Any, setting: Setting, doccano):
    sign_in(page, setting.url, doccano.username, doccano.password)
    parts = ("", "/dataset", "/dataset/import", "/dataset/export", "/labels", "/labels/add", "/members", "/guideline")
    for part in (*parts, "/comments", "/metrics", "/settings"):
        page.goto(f"{setting.url}{setting.path}{part}")
        page.wait_for_load_state("networkidle")
    page.goto(f"{setting.url}/admin/")
    assert page.title() == "Site administration | Django site admin"
    assert refused(page) == []
