"""The annotator's page with goldwire's overlay in Chromium: what is marked, by whatever means, is what `pull` returns.

One server, one browser and one project per language for the module.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from goldwire.doccano import credentials
from goldwire.records import Task
from goldwire.stages import pull, push
from goldwire.workspace import loading
from support import annotation_round, factories
from support.accessibility import serious_violations
from support.annotation_round import AnnotationRound
from support.browser import PATIENCE, chromium, settled, wait_for_transitions
from support.two_projects import Caller, made
from support.two_projects import sign_in as sign_in_to_api

pytestmark = pytest.mark.browser

PLACE = """([words, from, to]) => {
    const walker = document.createTreeWalker(document.querySelector('.annotation-text'), NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
        const at = node.data.indexOf(words);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at + from);
        range.setEnd(node, at + to);
        const box = range.getBoundingClientRect();
        return [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    }
}"""
LONG_LABEL = """
[[entity]]
label = "POLICY_MEASURE_OR_PROGRAMME"
description = "what is argued about: a plan | a law"
color = "#bf3989"
key = "i"
examples = ["fare freeze"]

[[stance]]"""

WAYS = {1280: ("click", "keys", "cursor"), 390: ("tap", "click", "cursor")}
TEXTS = [f"{width} {way}" for width, ways in WAYS.items() for way in ways]


class Sample(NamedTuple):
    """A text with a person and an organisation, each in a line of its own at both widths."""

    locale: str
    text: str
    person: str
    body: str

    @property
    def texts(self) -> list[str]:
        return [self.text.replace("{}", name) for name in TEXTS]


SAMPLES = (
    Sample(
        "en-US",
        "Fares \N{GRINNING FACE} {}\n\nInes Holm’s aide spoke.\n\nHarbour League left.",
        "Ines Holm",
        "Harbour League",
    ),
    Sample("ar", "أجور {}\n\nقال أحمد سالم ذلك.\n\nردّ اتحاد الميناء عليه (Norvik).", "أحمد سالم", "اتحاد الميناء"),
    Sample("zh-CN", "票价 {}\n\n陈立文周二表示，票价过高。\n\n港口联盟对此表示反对。", "陈立文", "港口联盟"),
)


class Desk(NamedTuple):
    """An annotator's project on the server."""

    trial: AnnotationRound
    url: str
    project: int

    @property
    def caller(self) -> Caller:
        return Caller(self.url, made(sign_in_to_api(self.url, self.trial.people[0], self.password))["key"])

    @property
    def password(self) -> str:
        return credentials.annotator_password(self.trial.workspace.private, self.trial.people[0])


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def server(doccano) -> Iterator[Any]:
    """Return the shared server, named by the environment for the whole module."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("url", "username", "password"):
            patch.setenv(f"GOLDWIRE_DOCCANO_{name.upper()}", getattr(doccano, name))
        patch.delenv("GOLDWIRE_DOCCANO_TOKEN", raising=False)
        yield doccano


@pytest.fixture(scope="module")
def desks(server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Desk]:
    """Push a batch in each language."""
    return {sample.locale: pushed(server, tmp_path_factory.mktemp("batch"), sample.texts) for sample in SAMPLES}


def pushed(server: Any, folder: Path, texts: list[str], **options: Any) -> Desk:
    trial = annotation_round.plan(folder, texts, **options)
    trial.workspace.schema.write_text(factories.SCHEMA.replace("[[stance]]", LONG_LABEL.lstrip(), 1))
    report = push.run(trial.workspace, batch="b01")
    return Desk(trial, server.url, report.annotators[0].project)


@contextmanager
def seated(browser: Any, desk: Desk, *, width: int = 1280, locale: str = "en-US") -> Iterator[Any]:
    """Yield a page of a signed-in annotator; no script of it may fail, or be refused by the policy."""
    options = {"viewport": {"width": width, "height": 760}, "locale": locale, "has_touch": width < 600}
    context, problems = browser.new_context(**options), []
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if is_problem(message.text) else None)
    account = {"username": desk.trial.people[0], "password": desk.password}
    assert context.request.post(f"{desk.url}/v1/auth/login/", data=account).ok  # as the sign-in page does
    yield page
    context.close()
    # Doccano itself measures a text that is gone half a second later.
    assert [problem for problem in problems if "clientWidth" not in problem] == []


def is_problem(message: str) -> bool:
    return "Policy" in message or message.startswith("goldwire:")


def open_text(page: Any, desk: Desk, number: int) -> None:
    page.goto(f"{desk.url}/projects/{desk.project}/sequence-labeling?page={number}")
    page.wait_for_selector(".annotation-text svg text")
    page.wait_for_load_state("networkidle")


def go(page: Any, address: str, selector: str) -> None:
    """Open another page of Doccano's without loading everything again."""
    page.evaluate("address => $nuxt.$router.push(address)", address)
    page.wait_for_selector(selector)
    page.wait_for_load_state("networkidle")


def stored(page: Any, kind: str) -> Any:
    return page.expect_response(lambda answer: answer.url.endswith(f"/{kind}") and answer.request.method == "POST")


def chip(page: Any, label: str) -> Any:
    return page.locator(".col-md-3 .v-chip").filter(has_text=label)


def drag_over(page: Any, words: str) -> None:
    for _ in range(4):
        left, right, middle = settled(page, words)
        page.mouse.move(left + 1, middle)
        page.mouse.down()
        page.mouse.move(right - 1, middle, steps=6)
        if page.evaluate("getSelection().toString()") == words:
            break
        page.mouse.up()  # the text was drawn again during the drag, because the width of the page changed
        page.evaluate("getSelection().removeAllRanges()")
    with stored(page, "spans"):
        page.mouse.up()
    page.wait_for_load_state("networkidle")


def tap_over(page: Any, words: str) -> None:
    settled(page, words)
    page.touchscreen.tap(*page.evaluate(PLACE, [words, 0, 1]))
    page.wait_for_selector(".gw-first-word")
    with stored(page, "spans"):
        page.touchscreen.tap(*page.evaluate(PLACE, [words, len(words) - 1, len(words)]))
    page.wait_for_load_state("networkidle")
    assert page.locator(".gw-first-word").count() == 0


def annotate_with_the_cursor(page: Any, sample: Sample) -> None:
    """Mark the person and the organisation, relate them, and tick the text, with the keyboard alone."""

    def press_until(key: str, words: str) -> None:
        for _ in range(40):
            if cursor_words(page) == words:
                return
            page.keyboard.press(key)
        raise AssertionError(f"{key} did not reach {words!r}, but {cursor_words(page)!r}")

    forward = "ArrowLeft" if sample.locale == "ar" else "ArrowRight"
    if not cursor_words(page):
        page.keyboard.press("ArrowDown")
    for key, words in (("p", sample.person), ("o", sample.body)):
        press_until(forward, words[0] if sample.locale == "zh-CN" else words.split()[0])
        press_until(f"Shift+{forward}", words)
        with stored(page, "spans"):
            page.keyboard.press(key)
        page.wait_for_load_state("networkidle")
    press_until("Shift+Tab", f"{sample.person} (PER)")
    page.keyboard.press("x")
    page.wait_for_selector(".gw-holder", state="attached")
    press_until("Tab", f"{sample.body} (ORG)")
    with stored(page, "relations"):
        page.keyboard.press("x")
    page.wait_for_load_state("networkidle")
    with stored(page, "states"):
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")


def cursor_words(page: Any) -> str:
    return str(page.evaluate("(document.getElementById('gw-cursor-status') || {}).textContent || ''"))


def annotate(page: Any, way: str, sample: Sample) -> None:
    """Mark the person and the organisation, relate them, and tick the text, without the other means."""
    if way == "cursor":
        return annotate_with_the_cursor(page, sample)
    for label, key, words in (("PER", "p", sample.person), ("ORG", "o", sample.body)):
        page.keyboard.press(key) if way == "keys" else chip(page, label).click()
        tap_over(page, words) if way == "tap" else drag_over(page, words)
    if way == "keys":
        page.keyboard.press("x")  # turns the switch, too
        page.get_by_text("Relation", exact=True).wait_for()
    else:
        page.locator(".v-input--switch").first.click()
        chip(page, "opposes").click()
    names = page.locator(".annotation-text svg text")
    names.get_by_text("PER", exact=False).last.click()
    with stored(page, "relations"):
        names.get_by_text("ORG", exact=False).last.click()
    page.wait_for_load_state("networkidle")
    with stored(page, "states"):
        page.keyboard.press("Enter") if way == "keys" else finish_button(page)
    page.wait_for_load_state("networkidle")
    return None


def finish_button(page: Any) -> None:
    page.locator(".gw-done:visible, .gw-finish:visible").click()


def text_of(desk: Desk, task: Task) -> tuple[int, str]:
    """Return the width at which a text of `TEXTS` is annotated, and how."""
    title = desk.trial.articles[task.article_id].title
    width, way = next(name for name in TEXTS if name in title).split()
    return int(width), way


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.locale)
def test_pull_returns_what_is_marked_by_mouse_by_keys_by_cursor_and_by_touch(browser, desks, sample: Sample) -> None:
    desk = desks[sample.locale]
    for width, group in groupby(enumerate(desk.trial.tasks, 1), lambda item: text_of(desk, item[1])[0]):
        tasks = list(group)
        with seated(browser, desk, width=width, locale=sample.locale) as page:
            open_text(page, desk, tasks[0][0])
            for number, task in tasks:
                _, way = text_of(desk, task)
                page.wait_for_selector(f".annotation-text svg text:has-text('{width} {way}')")  # it opens by itself
                assert f"page={number}" in page.url
                annotate(page, way, sample)
    assert not pull.run(desk.trial.workspace, batch="b01").findings
    expected = []
    for article in desk.trial.articles.values():
        places = [(article.text.index(words), words) for words in (sample.person, sample.body)]
        names = [(at, at + len(words), label) for (at, words), label in zip(places, ("PER", "ORG"), strict=True)]
        stances = [(0, 1, "opposes")]
        expected.append(factories.layer(article, names, stances, annotator=desk.trial.people[0]))
    assert loading.layers(desk.trial.workspace, "b01") == tuple(expected)


def test_a_click_stores_the_clicked_label_where_ids_of_spans_and_relations_collide(browser, server, desks) -> None:
    """Types that others create, without `push`: each relation type has the id of a span type at another place."""
    desk = desks["en-US"]
    admin = Caller(server.url, made(sign_in_to_api(server.url, server.username, server.password))["key"])
    project = colliding_project(admin, desk)
    path = f"/v1/projects/{project}"
    example = made(admin("POST", f"{path}/examples", {"text": "Ada Lind met the Rail Union."}))["id"]
    names = {kind: types_by_id(admin, f"{path}/{kind}-types") for kind in ("span", "relation")}
    spans, relations = (list(names[kind]) for kind in ("span", "relation"))
    if not any(number in spans and spans.index(number) != place for place, number in enumerate(relations)):
        pytest.skip("another test of this run created types at the same time")
    with seated(browser, desk) as page:
        page.goto(f"{desk.url}/projects/{project}/sequence-labeling?page=1")
        page.wait_for_selector(".annotation-text svg text")
        for label, words in (("ORG", "Rail Union"), ("PER", "Ada Lind")):
            chip(page, label).click()
            drag_over(page, words)
        switch = page.locator(".v-input--switch").first
        switch.click()
        assert page.locator(".col-md-3 .v-chip--active").count() == 0  # nothing is chosen that nobody clicked
        chip(page, "opposes").click()
        labels = page.locator(".annotation-text svg text")
        labels.get_by_text("PER").last.click()
        with stored(page, "relations"):
            labels.get_by_text("ORG").last.click()
        page.wait_for_load_state("networkidle")
        switch.click()
        chip(page, "PER").click()
        drag_over(page, "met")
    at = f"{path}/examples/{example}"
    stored_spans = sorted(
        (span["start_offset"], names["span"][span["label"]]) for span in made(admin("GET", f"{at}/spans"))
    )
    assert stored_spans == [(0, "PER"), (9, "PER"), (17, "ORG")]
    (relation,) = made(admin("GET", f"{at}/relations"))
    assert names["relation"][relation["type"]] == "opposes"


def colliding_project(admin: Caller, desk: Desk) -> int:
    """Make a project of the annotator whose types collide: those of the two kinds have their own running numbers."""

    def project(name: str) -> int:
        body = {"name": name, "description": name, "project_type": "SequenceLabeling", "use_relation": True}
        body |= {"resourcetype": "SequenceLabelingProject", "collaborative_annotation": True, "allow_overlapping": True}
        return int(made(admin("POST", "/v1/projects", body))["id"])

    def add(where: int, kind: str, text: str) -> int:
        return int(made(admin("POST", f"/v1/projects/{where}/{kind}-types", {"text": text}))["id"])

    spare, shared = project("spare"), project("colliding")
    last = {kind: add(spare, kind, "first") for kind in ("span", "relation")}
    # The first span type gets the id of the second relation type.
    while last["span"] != last["relation"] + 1:
        behind = "span" if last["span"] <= last["relation"] else "relation"
        last[behind] = add(spare, behind, f"t{last[behind]}")
    for kind, texts in (("span", ("PER", "ORG", "LOC")), ("relation", ("supports", "opposes", "neutral"))):
        for text in texts:
            add(shared, kind, text)
    user = next(user["id"] for user in made(admin("GET", "/v1/users")) if user["username"] == desk.trial.people[0])
    role = next(role["id"] for role in made(admin("GET", "/v1/roles")) if role["name"] == "annotator")
    made(admin("POST", f"/v1/projects/{shared}/members", {"user": user, "role": role}))
    return shared


def types_by_id(caller: Caller, path: str) -> dict[int, str]:
    return {type_["id"]: type_["text"] for type_ in made(caller("GET", path))}


@pytest.fixture(scope="module")
def reading(server, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A long text with spans and a relation, one with right-to-left script, and one more, all unfinished."""
    long = "Ferry fares\n\nAda Lind backed the Rail Union.\n\n" + "\n\n".join(["The council met again."] * 60)
    desk = pushed(server, tmp_path_factory.mktemp("reading"), [long, SAMPLES[1].text, "Head\n\nNothing here."])
    article = desk.trial.articles["wire-000000000001"]
    names = [(long.index(words), long.index(words) + len(words)) for words in ("Ada Lind", "Rail Union")]
    spans = [(*place, label) for place, label in zip(names, ("PER", "POLICY_MEASURE_OR_PROGRAMME"), strict=True)]
    layer = factories.layer(article, spans, [(0, 1, "opposes")], annotator=desk.trial.people[0], confirmed=False)
    report = push.run(desk.trial.workspace, batch="b01")  # changes nothing, and names the project
    annotation_round.submit(desk.trial, report, [layer])
    return desk


def test_palette_and_progress_stay_in_view_and_long_names_are_readable(browser, reading: Desk) -> None:
    for width in (1280, 390):
        with seated(browser, reading, width=width) as page:
            open_text(page, reading, 1)
            page.evaluate("scrollTo(0, 1200)")
            wait_for_transitions(page)
            for shown in (chip(page, "PER"), page.locator(".v-input--switch").first, progress(page, width)):
                box = shown.bounding_box()
                assert min(box["y"], 760 - box["y"] - box["height"]) >= 0, (width, box)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.evaluate("scrollTo(0, 0)")
            page.wait_for_selector("text=opposes >> visible=true")
            lines = page.locator(".annotation-text svg text").all_text_contents()
            assert any("POLICY_MEASURE" in line for line in lines)
            assert width < 600 or any("POLICY_MEASURE_OR_PROGRAMME" in line for line in lines)
            assert page.evaluate("document.querySelector('.annotation-text').clientWidth") <= 46 * 16
            hidden = "[...document.querySelectorAll('.annotation-text text[style*=\"6px\"]')]"
            assert page.evaluate(f"{hidden}.every(glyph => getComputedStyle(glyph).visibility === 'hidden')")


def progress(page: Any, width: int) -> Any:
    return page.locator(".gw-done small" if width < 600 else ".col-md-3 .v-progress-linear").first


def test_an_arrow_has_the_colour_of_its_stance_and_contrast_in_the_dark_theme(browser, reading: Desk) -> None:
    contrast = """() => {
        const channels = getComputedStyle(document.querySelector('.annotation-text path[d][stroke-width]')).stroke
            .match(/\\d+/g).map(Number);
        const linear = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) + 0.05;
        return [channels.join(), light(channels) / light([30, 30, 30])];
    }"""
    with seated(browser, reading) as page:
        open_text(page, reading, 1)
        page.wait_for_selector(".annotation-text path[d][stroke-width]", state="attached")
        assert page.evaluate(contrast)[0] == "207,34,46"  # #cf222e, that of `opposes`
        page.evaluate("$nuxt.$vuetify.theme.dark = true")
        wait_for_transitions(page)
        color, ratio = page.evaluate(contrast)
        assert color != "207,34,46"
        assert ratio >= 4.4
        open_text(page, reading, 2)
        directions = (
            "[...document.querySelectorAll('.annotation-text svg[direction]')].map(s => s.getAttribute('direction'))"
        )
        assert set(page.evaluate(directions)) == {"rtl"}


def test_the_start_page_explains_the_labels_and_leads_to_the_next_text(browser, reading: Desk) -> None:
    with seated(browser, reading) as page:
        page.goto(f"{reading.url}/projects/{reading.project}")
        page.wait_for_selector("#gw-start button")
        words = page.inner_text("#gw-start")
        assert "0 of 3 texts done" in words
        assert "Welcome to Doccano" not in words
        rows = [row.split("\t") for row in page.locator("#gw-start tr").all_inner_texts()]
        assert ["POLICY_MEASURE_OR_PROGRAMME", "i", "what is argued about: a plan | a law", "fare freeze"] in [
            [cell.strip() for cell in row] for row in rows
        ]
        assert any(row[0].strip() == "VOICE" and "The article itself" in row[2] for row in rows)
        colors = page.evaluate("[...document.querySelectorAll('.gw-swatch')].map(s => s.style.background)")
        assert "rgb(47, 111, 222)" in colors  # #2f6fde, that of PER
        assert "Mark names." in words
        page.keyboard.press("Enter")  # the button has the focus
        page.wait_for_selector(".annotation-text svg text")
        page.wait_for_load_state("networkidle")
        assert "page=1" in page.url
        assert reading.caller("GET", f"/v1/projects/{reading.project}/metrics/progress").json()["complete"] == 0
    for locale, direction, words in (("ar", "rtl", "ماذا تفعل"), ("es", "ltr", "Qué hay que hacer")):
        with seated(browser, reading, width=390, locale=locale) as page:
            page.goto(f"{reading.url}/projects/{reading.project}")
            page.wait_for_selector("#gw-start button")
            assert page.evaluate("document.querySelector('#gw-start').dir") == direction
            assert words in page.inner_text("#gw-start")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_every_component_is_recognized_and_metadata_shows_disputes_in_words(browser, server, reading: Desk) -> None:
    admin = Caller(server.url, made(sign_in_to_api(server.url, server.username, server.password))["key"])
    path = f"/v1/projects/{reading.project}/examples"
    row = made(admin("GET", path))["results"][2]
    words = "“Bo Lund”: which label? A1 says PER; A2 says ORG"
    made(admin("PATCH", f"{path}/{row['id']}", {"meta": {"note": "n", "D2": words, "D1": words, **row["meta"]}}))
    with seated(browser, reading) as page:
        open_text(page, reading, 1)
        page.wait_for_selector(".annotation-text path[d][stroke-width]", state="attached")
        go(page, f"/projects/{reading.project}/sequence-labeling?page=3", ".gw-metadata >> text=D1")
        assert page.locator(".gw-metadata").inner_text().split("\n") == ["D1", words, "D2", words, "note", "n"]
        go(page, f"/projects/{reading.project}/dataset", "[data-gw-text]")
        states = page.evaluate("[...document.querySelectorAll('[data-gw-text]')].map(chip => chip.dataset.gwText)")
        assert states == ["Started", "Not started", "Not started"]
        assert page.locator("tbody .v-btn:visible").all_inner_texts() == ["Annotate"] * 3  # and not "Edit"
        go(page, f"/projects/{reading.project}", "#gw-start button")
        recognized = page.evaluate("[...goldwireOverlay.recognized]")
        expected = page.evaluate("goldwireOverlay.expected")
        # The page that asks for a category: see `test_task_view_browser`.
        assert set(expected) - set(recognized) == {"category page"}


BAR_WITHOUT_NAME = ".v-progress-linear:not([aria-label])"
"""A bar of progress that the overlay has not named yet, also of a list that loads."""


def violations_at_rest(page: Any) -> list[str]:
    """Return the serious violations once nothing is loaded any more: Doccano's bar has no name meanwhile."""
    found: list[str] = []
    for _ in range(10):  # a list may be loaded twice
        wait_for_transitions(page)
        page.wait_for_selector(BAR_WITHOUT_NAME, state="detached")
        found = serious_violations(page)
        if not any("progressbar" in one for one in found):
            break
    return found


@pytest.mark.parametrize(("width", "is_dark"), [(1280, True), (390, False)])
def test_the_pages_of_annotators_are_accessible(browser, reading: Desk, width: int, is_dark: bool) -> None:
    project = f"/projects/{reading.project}"
    with seated(browser, reading, width=width) as page:
        for address, selector in (
            (project, "#gw-start button"),
            (f"{project}/sequence-labeling?page=1", ".annotation-text svg text"),
            (f"{project}/dataset", "[data-gw-text]"),
            ("/projects", ".v-data-table tbody tr"),
        ):
            page.goto(f"{reading.url}{address}")
            page.wait_for_selector(selector)
            page.wait_for_load_state("networkidle")
            page.evaluate(f"$nuxt.$vuetify.theme.dark = {str(is_dark).lower()}")
            assert violations_at_rest(page) == [], address
        page.context.clear_cookies()
        page.goto(f"{reading.url}/auth")
        page.wait_for_selector("input[name=username]")
        assert violations_at_rest(page) == []


def test_enter_goes_past_finished_texts_and_home_after_the_last(browser, server, tmp_path: Path) -> None:
    desk = pushed(server, tmp_path, [f"Head {number}\n\nBody." for number in range(3)])
    caller, path = desk.caller, f"/v1/projects/{desk.project}/examples"
    ids = [row["id"] for row in made(caller("GET", path))["results"]]
    made(caller("POST", f"{path}/{ids[1]}/states"))
    with seated(browser, desk) as page:
        open_text(page, desk, 1)
        page.keyboard.press("Enter")
        page.wait_for_url("**page=3")
        page.wait_for_selector(".annotation-text svg text:has-text('Head 2')")
        page.keyboard.press("Enter")
        page.wait_for_selector("#gw-start")
        page.wait_for_selector("text=All 3 texts are done")
    assert all(made(caller("GET", f"{path}/{number}"))["is_confirmed"] for number in ids)
