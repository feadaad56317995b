"""What ingest learns of a source from all its pages, and what it must not do with that."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from goldwire.extraction.api import extract
from goldwire.ingestion import site_learning
from goldwire.ingestion.site_learning import learn_site_boilerplate
from goldwire.parallel.processes import ProcessPool
from goldwire.records import Article
from goldwire.stages import ingest
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace
from goldwire.workspace.sources import Source
from support.factories import workspace as make_workspace

SOURCE = '[wire]\nname = "The Wire"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n'
PLACES = ("Arvenholt", "Dunmarket", "Saltbridge", "Orrin", "Vellmouth", "Carrow", "Tessel", "Pendrake", "Marrowby")
THINGS = ("ferry", "bridge", "harbour", "school", "market", "railway", "clinic", "library", "mill", "lighthouse")
PEOPLE = ("the mayor", "a spokesman for the board", "the head teacher", "two councillors", "the owner", "residents")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
SENTENCES = (
    "“It is late, but it is right,” said {who}, who had asked for it since {year}.",
    "{place} will pay {number} crowns for the {thing}, a third more than was planned in {year}.",
    "In {year} a storm took the roof of the {thing}, and nobody in {place} agreed on who should pay for it.",
    "Shopkeepers in {place} welcomed the decision, though {who} warned that work would take {number} weeks.",
    "The court in {place} will hear the case of the {thing} on {day}, and {who} expect a ruling in {number} days.",
    "Nobody was hurt, but the {thing} stayed closed until {day} and trains to {place} were {number} minutes late.",
    "Of the {number} people who wrote to the council of {place}, most wanted the {thing} kept as it was in {year}.",
    "Work on the {thing} in {place} begins on {day}. Asked who is to lead it, {who} would not say.",
)
# Prose, and at the end of an article: nothing in the page says that the journalist did not write these for it.
BOXES = (
    "Ada Merrin has reported from the river towns for twelve years and lives in Carrow with a dog that cannot swim.",
    "The Wire is written by eleven people who own it together, and what you pay for it goes to nobody else.",
)
FORMULA = "The council meets again on Thursday at seven in the evening, and anybody may come and listen."


def sentence(form: str, chance: random.Random) -> str:
    return form.format(
        who=chance.choice(PEOPLE),
        year=chance.randint(1950, 2020),
        place=chance.choice(PLACES),
        number=chance.randint(3, 900),
        thing=chance.choice(THINGS),
        day=chance.choice(DAYS),
    )


def story(number: int, chance: random.Random) -> list[str]:
    """A headline and the paragraphs below it."""
    place, thing, other = chance.choice(PLACES), chance.choice(THINGS), chance.choice(THINGS)
    headline = f"{place} votes to keep its {thing} and sell the {other} for {number + 3} crowns"
    return [headline, *(" ".join(sentence(form, chance) for form in chance.sample(SENTENCES, 2)) for _ in range(6))]


def stories(number: int, seed: int = 5) -> list[list[str]]:
    chance = random.Random(seed)
    return [story(n, chance) for n in range(number)]


def page(parts: list[str], boxes: tuple[str, ...] = BOXES, related: tuple[str, ...] = ()) -> str:
    head, *body = parts
    above = (f"{head} | The Wire", "Home", "Politics", "Weather", head, "By Ada Merrin")
    return "\n".join((*above, *body, *boxes, "Most read", *related, "Terms of use"))


def row(number: int, text: str) -> str:
    return json.dumps({"text": text, "url": f"https://wire.example/{number}"}) + "\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = make_workspace(tmp_path)
    (made.raw / "wire").mkdir(parents=True)
    made.sources.write_text(SOURCE)
    return made


def ingested(workspace: Workspace, pages: list[str]) -> list[Article]:
    """Ingest pages; gives their articles in order."""
    (workspace.raw / "wire" / "rows.jsonl").write_text("".join(row(n, text) for n, text in enumerate(pages)))
    ingest.run(workspace)
    return articles(workspace)


def articles(workspace: Workspace) -> list[Article]:
    found = jsonl.read(workspace.articles / "wire.jsonl", Article)
    return sorted(found, key=lambda article: int((article.url or "").rpartition("/")[2]))


def article_texts(parts: list[list[str]]) -> list[str]:
    return ["\n\n".join(lines) for lines in parts]


def test_prose_at_the_end_of_every_page_is_boilerplate(workspace: Workspace) -> None:
    texts = stories(40)
    assert [article.text for article in ingested(workspace, list(map(page, texts)))] == article_texts(texts)


def test_a_single_page_teaches_nothing(workspace: Workspace) -> None:
    (article,) = ingested(workspace, [page(stories(1)[0])])
    assert BOXES[0] in article.text


def test_headlines_that_every_page_links_to_stay_headlines(workspace: Workspace) -> None:
    texts = stories(40)
    chance = random.Random(1)
    most_read = tuple(parts[0] for parts in texts[:6])
    pages = [
        page(parts, related=(*chance.sample(most_read, 5), *(p[0] for p in chance.sample(texts, 4)))) for parts in texts
    ]
    found = ingested(workspace, pages)
    assert [article.title for article in found] == [parts[0] for parts in texts]
    assert [article.text for article in found] == article_texts(texts)


def test_recurring_phrases_of_journalists_stay(workspace: Workspace) -> None:
    texts = stories(60)
    for parts in texts[3::20]:
        parts.insert(4, FORMULA)
    assert [article.text for article in ingested(workspace, list(map(page, texts)))] == article_texts(texts)


def test_versions_of_one_story_keep_what_they_have_in_common(workspace: Workspace) -> None:
    texts = stories(40)
    for number in (8, 9, 10):
        texts[number] = [*texts[7], sentence(SENTENCES[number % 8], random.Random(number))]
    assert [article.text for article in ingested(workspace, list(map(page, texts)))] == article_texts(texts)


def test_a_source_of_duplicates_loses_no_text(workspace: Workspace) -> None:
    texts = [[*stories(1)[0], f"{place} was asked, too."] for place in PLACES]
    pages = [page(parts, boxes=()) for parts in texts]
    # The whole source is compared with each page alone: of one of them, the last short line is not taken for text.
    alone = [extract(raw, "text").text for raw in pages]
    assert sum(map(len, alone)) > 0.99 * sum(map(len, article_texts(texts)))
    assert [article.text for article in ingested(workspace, pages)] == alone


def test_existing_articles_stay_unchanged(workspace: Workspace) -> None:
    texts = stories(30)
    (first, *_) = before = ingested(workspace, list(map(page, texts[:2])))
    assert BOXES[0] in first.text
    after = ingested(workspace, list(map(page, texts)))
    assert after[:2] == before
    assert [article.text for article in after[2:]] == article_texts(texts)[2:]


def test_new_articles_use_what_earlier_pages_taught(workspace: Workspace) -> None:
    texts = stories(31)
    ingested(workspace, list(map(page, texts[:30])))
    assert ingested(workspace, list(map(page, texts)))[30].text == article_texts(texts)[30]


def test_results_do_not_depend_on_the_division_of_work(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = stories(60)
    at_once = ingested(workspace, list(map(page, texts)))
    shutil.rmtree(workspace.articles)
    monkeypatch.setattr(ingest, "_BATCH_BYTES", 1 << 13)
    monkeypatch.setattr(ingest, "_BATCHES_WITHOUT_WORKERS", 0)
    ingest.run(workspace)
    assert articles(workspace) == at_once


def learnt_from(folder: Path, **files: str) -> dict[str, float]:
    paths = []
    for name, data in files.items():
        paths.append(folder / name.replace("_", "."))
        paths[-1].write_text(data)
    source = Source(name="The Wire", language="en", licence="CC0-1.0", redistribute=True)
    found = learn_site_boilerplate(paths, source, ProcessPool(n_local=100))
    return {} if found is None else dict(zip(BOXES, (float(found.shares(line)[0]) for line in BOXES), strict=True))


def test_a_repeated_page_counts_once(tmp_path: Path) -> None:
    text = page(stories(1)[0])
    assert learnt_from(tmp_path, a_jsonl=row(0, text) * 5, b_txt=text) == {}


def test_texts_of_every_format_count_and_html_does_not(tmp_path: Path) -> None:
    one, two, three, four = map(page, stories(4))
    html = json.dumps({"html": f"<p>{BOXES[0]}</p>"})
    found = learnt_from(
        tmp_path, a_txt=one, b_jsonl=row(0, two) + row(1, three) + html, c_csv=f'text\n"{four}"\n', d_html=one
    )
    assert found == dict.fromkeys(BOXES, 1.0)


def test_zones_explain_why_a_line_was_removed(tmp_path: Path) -> None:
    pages = list(map(page, stories(10)))
    (tmp_path / "a.jsonl").write_text("".join(row(n, text) for n, text in enumerate(pages[:8])))
    source = Source(name="W", language="en", licence="CC0-1.0", redistribute=True)
    known = learn_site_boilerplate([tmp_path / "a.jsonl"], source, ProcessPool(n_local=100))
    found = extract(pages[0], site_boilerplate=known)
    why = {found.page[zone.start : zone.end]: zone.reason for zone in found.zones}
    assert [why[box] for box in BOXES] == ["occurs on 100% of its source's pages"] * 2
    assert BOXES[0] not in found.text


def test_large_sources_are_sampled(tmp_path: Path) -> None:
    rows = "".join(row(n, f"{n}: {BOXES[0]}\n{BOXES[0]}" + f"\n{BOXES[1]}" * (n % 4 == 0)) for n in range(6000))
    found = learnt_from(tmp_path, a_jsonl=rows)
    assert found[BOXES[0]] == 1
    assert 0.2 < found[BOXES[1]] < 0.3


def test_learning_does_not_depend_on_the_division_of_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of pages that come again in another span, too, with all pages counted and with a sample."""
    monkeypatch.setattr(site_learning, "_FULLY_READ_PAGES", 40)
    rows = [row(n, f"{n % 300}: {BOXES[0]}" + f"\n{BOXES[1]}" * (n % 4 == 0)) for n in range(900)]
    (tmp_path / "a.jsonl").write_text("".join(rows))
    source = Source(name="W", language="en", licence="CC0-1.0", redistribute=True)
    at_once = learn_site_boilerplate([tmp_path / "a.jsonl"], source, ProcessPool(n_local=100))
    monkeypatch.setattr(site_learning, "_BATCH_BYTES", 2000)
    with ProcessPool() as workers:
        shared = learn_site_boilerplate([tmp_path / "a.jsonl"], source, workers)
    assert at_once is not None
    assert shared is not None
    assert at_once.n_pages == shared.n_pages
    assert 40 < at_once.n_pages < 300 + 16 * 8
    assert at_once.fingerprints.tolist() == shared.fingerprints.tolist()
    assert at_once.page_shares.tolist() == shared.page_shares.tolist()
