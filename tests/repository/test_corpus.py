"""The sample corpus is what corpus/README.md and DATASHEET.md say it is."""

from __future__ import annotations

import gzip
import re
from collections import Counter, defaultdict
from pathlib import Path

import msgspec
import pytest

from goldwire.adjudication.expert_comments import parse_reasons
from goldwire.stages import inventory
from goldwire.workspace import loading
from goldwire.workspace.layout import find_workspace
from support import reference_corpus
from support.paths import REPOSITORY
from support.reference_corpus import Story, Truth

WORKSPACE = find_workspace(REPOSITORY, explicit=True)
SHARED = REPOSITORY.parent / "shared"


@pytest.fixture(scope="module")
def rows() -> tuple[Truth, ...]:
    return reference_corpus.read_truth(REPOSITORY / "corpus/truth")


@pytest.fixture(scope="module")
def stories() -> tuple[Story, ...]:
    return tuple(row for row in reference_corpus.read_stories(REPOSITORY / "corpus/truth") if row.kind == "article")


@pytest.fixture(scope="module")
def report() -> inventory.CorpusReport:
    return inventory.run(WORKSPACE)


def grams(row: Truth, n: int = 5) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", " ".join((row.title, *row.paragraphs)).lower())
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def test_it_is_as_large_and_as_varied_as_it_says(
    report: inventory.CorpusReport, rows: tuple[Truth, ...], stories: tuple[Story, ...]
) -> None:
    words = [sum(len(p.split()) for p in row.paragraphs) for row in rows if row.kind == "article"]
    assert sum(one.articles for one in report.sources) == len(words) >= 160
    assert min(words) >= 250
    assert max(words) <= 700
    assert len(report.sources) >= 8
    assert {suffix for one in report.sources for suffix in one.formats} == {".txt", ".html", ".jsonl"}
    assert all("2019" <= row.published[:4] <= "2024" for row in stories)


def test_its_stories_and_its_mess_are_as_many_as_it_says(
    report: inventory.CorpusReport, stories: tuple[Story, ...]
) -> None:
    told = report.stories
    assert told is not None
    carried = defaultdict(set)
    for row in stories:
        carried[row.wire_group].add(Path(row.file).parent.name)
    assert max(len(outlets) for group, outlets in carried.items() if group) <= 5
    assert told.stories >= 25
    assert told.wires >= 25
    assert told.events >= 10
    assert len(told.residue) >= 20
    wanted = "glued-breadcrumb doubled-headline caption-with-credit share-bar cookie-line newsletter-box related-links"
    wanted += " comment-form misspelt-ad-marker mojibake zero-width crlf missing-paragraph emoji other-script"
    assert set(wanted.split()) <= set(told.residue)


def test_only_copies_of_a_wire_story_are_alike(rows: tuple[Truth, ...], stories: tuple[Story, ...]) -> None:
    group = {(row.file, row.record): row.wire_group for row in stories}
    articles = [row for row in rows if row.kind == "article"]
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


def test_dedup_finds_the_wire_stories_and_nothing_else(rows: tuple[Truth, ...], stories: tuple[Story, ...]) -> None:
    group = {(row.file, row.record): row.wire_group for row in stories}
    articles = loading.articles(WORKSPACE)
    name = {
        a.id: group.get((a.origin.file, "" if a.origin.row is None else str(a.origin.row))) for a in articles.values()
    }
    found = [{name[article] for article in cluster.articles} for cluster in loading.duplicates(WORKSPACE)]
    assert all(len(names) == 1 and None not in names and "" not in names for names in found)
    assert len(found) == len({row.wire_group for row in stories if row.wire_group})


def test_the_cleaner_is_right_about_nearly_every_line(report: inventory.CorpusReport) -> None:
    assert report.stories is not None
    score = report.stories.cleaner
    assert score.right / score.lines > 0.99
    assert score.whole / score.records > 0.9
    said = (REPOSITORY / "corpus/README.md").read_text(encoding="utf-8")
    assert f"{score.right} of {score.lines} lines" in said
    assert f"{score.whole} of {score.records} records" in said


def test_the_expert_gave_a_reason_for_all_that_was_disputed() -> None:
    disputed = reasons = 0
    for batch in loading.batches(WORKSPACE):
        people = {task.article_id: len(task.annotators) for task in loading.tasks(WORKSPACE, batch)}
        settled = loading.expert_layers(WORKSPACE, batch, "E1")
        reasons += sum(len(parse_reasons([comment])) for layer in settled for comment in layer.comments)
        drawn: defaultdict[tuple[str, object, object], list[str]] = defaultdict(list)
        read = {layer.article_id for layer in settled}
        for layer in (*(each for each in loading.layers(WORKSPACE, batch) if each.article_id in read), *settled):
            place = {span.id: (span.start, span.end) for span in layer.spans}
            for span in layer.spans:
                drawn[layer.article_id, place[span.id], span.label].append(span.label)
            for s in layer.stances:
                ends = s.holder and place[s.holder], s.target and place[s.target]
                drawn[layer.article_id, *ends].append(s.stance)
        for (article, *_), said in drawn.items():
            disputed += len(said) < people[article] + 1 or len(set(said)) > 1
    assert reasons == disputed
    assert f"the {disputed} spans and relations" in (REPOSITORY / "DATASHEET.md").read_text(encoding="utf-8")


def test_the_annotated_part_is_as_large_as_it_says(report: inventory.CorpusReport) -> None:
    done = report.annotation
    assert done.gold == done.articles >= 120
    assert done.articles_by_annotators[3] >= 40
    assert {layer.article_id for layer in loading.gold(WORKSPACE)} == {
        task.article_id for batch in done.batches for task in loading.tasks(WORKSPACE, batch)
    }


def runs(text: str, n: int = 8) -> set[int]:
    """Digests of all runs of `n` words: a shorter one two writers hit upon by chance."""
    words = re.findall(r"\w+", text.lower())
    return {hash(tuple(words[i : i + n])) for i in range(len(words) - n + 1)}


@pytest.mark.skipif(not SHARED.exists(), reason="real news to compare with is not in a user's clone")
def test_no_sentence_of_real_news_is_in_it() -> None:
    theirs = {run for path in (SHARED / "seed").iterdir() for run in runs(path.read_text(encoding="utf-8"))}
    for path in (SHARED / "data").glob("*.jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = msgspec.json.decode(line)
                texts = (value for key, value in row.items() if isinstance(value, str) and key not in ("html", "url"))
                theirs.update(run for text in texts for run in runs(text))
    assert len(theirs) > 1_000_000
    kept = {".txt", ".jsonl", ".html", ".md", ".py", ".toml", ".tsv", ".cff"}
    for path in sorted(p for p in REPOSITORY.rglob("*") if p.suffix in kept and p.is_file()):
        if {".venv", ".goldwire", ".git"}.isdisjoint(path.parts):
            assert theirs.isdisjoint(runs(path.read_text(encoding="utf-8", errors="replace"))), path
