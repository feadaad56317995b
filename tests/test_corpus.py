"""The sample corpus is what corpus/README.md and DATASHEET.md say it is."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import msgspec
import pytest

from goldwire import jsonl, load
from goldwire.layout import find_workspace

REPOSITORY = Path(__file__).parent.parent
WORKSPACE = find_workspace(REPOSITORY, explicit=True)
SHARED = REPOSITORY.parent / "shared"


class Row(msgspec.Struct, frozen=True):
    """What its author says of a raw record."""

    file: str
    record: int | None
    kind: str
    title: str
    paragraphs: tuple[str, ...]
    captions: tuple[str, ...]
    residue: tuple[str, ...]
    kinds: tuple[str, ...]


@pytest.fixture(scope="module")
def truth() -> list[Row]:
    return [row for path in sorted((REPOSITORY / "corpus/truth").glob("*.jsonl")) for row in jsonl.read(path, Row)]


@pytest.fixture(scope="module")
def stories() -> list[dict[str, str]]:
    with (REPOSITORY / "corpus/truth/stories.tsv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file, delimiter="\t") if row["kind"] == "article"]


def grams(row: Row, n: int = 5) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", " ".join((row.title, *row.paragraphs)).lower())
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def test_it_is_as_large_and_as_varied_as_it_says(truth: list[Row], stories: list[dict[str, str]]) -> None:
    articles = [row for row in truth if row.kind == "article"]
    words = [sum(len(p.split()) for p in row.paragraphs) for row in articles]
    assert len(articles) >= 160
    assert min(words) >= 250
    assert max(words) <= 700
    assert len({row.file.split("/")[2] for row in articles}) >= 8
    assert {row.file.rsplit(".", 1)[1] for row in articles} == {"txt", "html", "jsonl"}
    assert len({row["story"] for row in stories}) >= 25
    assert all("2019" <= row["published"][:4] <= "2024" for row in stories)


def test_wire_stories_and_events_are_as_many_as_it_says(stories: list[dict[str, str]]) -> None:
    wires, events = defaultdict(set), Counter(row["same_event"] for row in stories if row["same_event"])
    for row in stories:
        if row["wire_group"]:
            wires[row["wire_group"]].add(row["file"].split("/")[2])
    assert sum(2 <= len(outlets) <= 5 for outlets in wires.values()) >= 25
    assert sum(count > 1 for count in events.values()) >= 10


def test_raw_pages_are_as_messy_as_it_says(truth: list[Row]) -> None:
    kinds = Counter(kind for row in truth for kind in row.kinds)
    assert len(kinds) >= 20
    wanted = "glued-breadcrumb doubled-headline caption-with-credit share-bar cookie-line newsletter-box related-links"
    wanted += " comment-form misspelt-ad-marker mojibake zero-width crlf emoji other-script"
    assert set(wanted.split()) <= set(kinds)


def test_only_copies_of_a_wire_story_are_alike(truth: list[Row], stories: list[dict[str, str]]) -> None:
    group = {(row["file"], row["record"]): row["wire_group"] for row in stories}
    articles = [row for row in truth if row.kind == "article"]
    sets = [grams(row) for row in articles]
    of = [group[row.file, "" if row.record is None else str(row.record)] for row in articles]
    holders = defaultdict(list)
    for number, found in enumerate(sets):
        for gram in found:
            holders[gram].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for numbers in holders.values():
        shared.update((a, b) for i, a in enumerate(numbers) for b in numbers[i + 1 :])
    alike = {pair for pair, n in shared.items() if n > 0.2 * (len(sets[pair[0]]) + len(sets[pair[1]]) - n)}
    assert all(of[a] and of[a] == of[b] for a, b in alike)


def test_dedup_finds_the_wire_stories_and_nothing_else(truth: list[Row], stories: list[dict[str, str]]) -> None:
    group = {(row["file"], row["record"]): row["wire_group"] for row in stories}
    articles = load.articles(WORKSPACE)
    name = {
        a.id: group.get((a.origin.file, "" if a.origin.record is None else str(a.origin.record)))
        for a in articles.values()
    }
    found = [{name[article] for article in cluster.articles} for cluster in load.duplicates(WORKSPACE)]
    assert all(len(names) == 1 and None not in names and "" not in names for names in found)
    assert len(found) == len({row["wire_group"] for row in stories if row["wire_group"]})


def test_the_cleaner_is_right_about_nearly_every_line(truth: list[Row]) -> None:
    made = {(a.origin.file, a.origin.record): a for a in load.articles(WORKSPACE).values()}
    right = lines = whole = 0
    for row in truth:
        article = made.get((row.file, row.record))
        kept = Counter() if article is None else Counter((*article.text.split("\n\n"), *article.captions))
        content = Counter((row.title, *row.paragraphs, *row.captions) if row.kind == "article" else ())
        found = (kept & content).total()
        right += found + len(row.residue) - min(len(row.residue), (kept - content).total())
        lines += content.total() + len(row.residue)
        whole += kept == content
    assert right / lines > 0.99, f"{right} of {lines}"
    assert whole / len(truth) > 0.9, f"{whole} of {len(truth)}"
    said = (REPOSITORY / "corpus/README.md").read_text(encoding="utf-8")
    assert f"{right} of {lines} lines" in said
    assert f"{whole} of {len(truth)} records" in said


def test_the_expert_gave_a_reason_for_all_that_was_disputed() -> None:
    disputed = reasons = 0
    for batch in ("b00", "b01"):
        said = [comment for layer in load.expert_layers(WORKSPACE, batch, "E1") for comment in layer.comments]
        reasons += sum(not comment.startswith("editor:") for comment in said)
        drawn: defaultdict[tuple[object, ...], list[str]] = defaultdict(list)
        for layer in load.layers(WORKSPACE, batch):
            place = {span.id: (span.start, span.end) for span in layer.spans}
            for span in layer.spans:
                drawn[layer.article_id, place[span.id], span.label].append(span.label)
            for s in layer.stances:
                drawn[layer.article_id, s.holder and place[s.holder], s.target and place[s.target]].append(s.stance)
        disputed += sum(len(labels) < 3 or len(set(labels)) > 1 for labels in drawn.values())
    assert reasons == disputed
    assert f"the {disputed} spans and relations" in (REPOSITORY / "DATASHEET.md").read_text(encoding="utf-8")


def test_the_annotated_part_is_as_large_as_it_says() -> None:
    asked = [task for batch in load.batches(WORKSPACE) for task in load.tasks(WORKSPACE, batch)]
    assert len({task.article_id for task in asked}) >= 120
    assert sum(len(task.annotators) == 3 for task in asked) >= 40
    gold = load.gold(WORKSPACE)
    assert {layer.article_id for layer in gold} == {task.article_id for task in asked}


@pytest.mark.skipif(not SHARED.exists(), reason="real news to compare with is not in a user's clone")
def test_no_sentence_of_real_news_is_in_it() -> None:
    # Up to its `Source link`: below stand the words of a blog theme's comment form, which are on a million pages.
    real = [p.read_text(encoding="utf-8").split("Source link")[0] for p in (SHARED / "seed").glob("*.txt")]
    words = re.findall(r"\w+", " ".join(real).lower())
    theirs = {tuple(words[i : i + 8]) for i in range(len(words) - 7)}
    for path in sorted(p for p in REPOSITORY.rglob("*") if p.suffix in (".txt", ".jsonl", ".html", ".md", ".py")):
        if {".venv", ".goldwire", ".git"} & set(path.parts):
            continue
        ours = re.findall(r"\w+", path.read_text(encoding="utf-8", errors="replace").lower())
        assert not theirs & {tuple(ours[i : i + 8]) for i in range(len(ours) - 7)}, path
