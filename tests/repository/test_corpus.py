"""The sample corpus is what corpus/README.md and DATASHEET.md say it is."""

from __future__ import annotations

import gzip
import os
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
from support.reference_corpus import ReferencePage, StoryRow

WORKSPACE = find_workspace(REPOSITORY, explicit=True)
SHARED = REPOSITORY.parent / "shared"


@pytest.fixture(scope="module")
def rows() -> tuple[ReferencePage, ...]:
    return reference_corpus.read_truth(REPOSITORY / "corpus/truth")


@pytest.fixture(scope="module")
def stories() -> tuple[StoryRow, ...]:
    return tuple(row for row in reference_corpus.read_stories(REPOSITORY / "corpus/truth") if row.kind == "article")


@pytest.fixture(scope="module")
def report() -> inventory.CorpusReport:
    return inventory.run(WORKSPACE)


def grams(row: ReferencePage, n: int = 5) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", " ".join((row.title, *row.paragraphs)).lower())
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def test_size_and_formats(
    report: inventory.CorpusReport, rows: tuple[ReferencePage, ...], stories: tuple[StoryRow, ...]
) -> None:
    words = [sum(len(p.split()) for p in row.paragraphs) for row in rows if row.kind == "article"]
    assert sum(source.articles for source in report.sources) == len(words) >= 160
    assert min(words) >= 250
    assert max(words) <= 700
    assert len(report.sources) >= 8
    assert {suffix for source in report.sources for suffix in source.formats} == {".txt", ".html", ".jsonl"}
    assert all("2019" <= row.published[:4] <= "2024" for row in stories)


def test_stories_and_kinds_of_boilerplate_are_varied(
    rows: tuple[ReferencePage, ...], stories: tuple[StoryRow, ...]
) -> None:
    outlets = defaultdict(set)
    for row in stories:
        if row.wire_group:
            outlets[row.wire_group].add(Path(row.file).parent.name)
    events = Counter(row.same_event for row in stories if row.same_event)
    assert max(map(len, outlets.values())) <= 5
    assert len({row.story for row in stories}) >= 25
    assert sum(len(names) > 1 for names in outlets.values()) >= 25
    assert sum(count > 1 for count in events.values()) >= 10
    kinds = {kind for row in rows for kind in row.kinds}
    assert len(kinds) >= 20
    required = (
        "glued-breadcrumb doubled-headline caption-with-credit share-bar cookie-line newsletter-box related-links"
    )
    required += " comment-form misspelt-ad-marker mojibake zero-width crlf missing-paragraph emoji other-script"
    assert set(required.split()) <= kinds


def test_only_copies_of_a_wire_story_are_similar(
    rows: tuple[ReferencePage, ...], stories: tuple[StoryRow, ...]
) -> None:
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


def test_dedup_finds_exactly_the_wire_stories(rows: tuple[ReferencePage, ...], stories: tuple[StoryRow, ...]) -> None:
    group = {(row.file, row.record): row.wire_group for row in stories}
    articles = loading.articles(WORKSPACE)
    name = {
        a.id: group.get((a.origin.file, "" if a.origin.row is None else str(a.origin.row))) for a in articles.values()
    }
    found = [{name[article] for article in cluster.article_ids} for cluster in loading.duplicates(WORKSPACE)]
    assert all(len(names) == 1 and None not in names and "" not in names for names in found)
    assert len(found) == len({row.wire_group for row in stories if row.wire_group})


def test_the_extractor_classifies_nearly_every_line_correctly(rows: tuple[ReferencePage, ...]) -> None:
    score = reference_corpus.score(rows, loading.articles(WORKSPACE).values())
    assert score.right / score.lines > 0.99
    assert score.whole / score.records > 0.9
    readme = (REPOSITORY / "corpus/README.md").read_text(encoding="utf-8")
    assert f"{score.right} of {score.lines} lines" in " ".join(readme.split())
    assert f"{score.whole} of {score.records} records" in " ".join(readme.split())


def test_every_expert_decision_has_a_reason() -> None:
    disputed = reasons = 0
    for batch in loading.batches(WORKSPACE):
        people = {task.article_id: len(task.annotators) for task in loading.tasks(WORKSPACE, batch)}
        settled = loading.expert_layers(WORKSPACE, batch, "E1")
        reasons += sum(len(parse_reasons([comment])) for layer in settled for comment in layer.comments)
        drawn: defaultdict[tuple[str, object, object], list[str]] = defaultdict(list)
        read = {layer.article_id for layer in settled}
        for layer in (*(layer for layer in loading.layers(WORKSPACE, batch) if layer.article_id in read), *settled):
            place = {span.id: (span.start, span.end) for span in layer.spans}
            for span in layer.spans:
                drawn[layer.article_id, place[span.id], span.label].append(span.label)
            for s in layer.stances:
                ends = s.holder and place[s.holder], s.target and place[s.target]
                drawn[layer.article_id, *ends].append(s.stance)
        for (article, *_), said in drawn.items():
            disputed += len(said) < people[article] + 1 or len(set(said)) > 1
    # A span with another label or boundary counts as two places here and has one reason: five times, all in b02.
    assert reasons == disputed - 5
    assert all(d.comment for d in loading.decisions(WORKSPACE) if d.provenance == "expert")
    assert f"the {reasons} spans and relations" in " ".join(
        (REPOSITORY / "DATASHEET.md").read_text(encoding="utf-8").split()
    )


def test_size_of_the_annotated_part(report: inventory.CorpusReport) -> None:
    done = report.annotation
    assert done.gold == done.articles >= 120
    assert done.articles_by_annotators[3] >= 40
    assert {layer.article_id for layer in loading.gold(WORKSPACE)} == {
        task.article_id for batch in done.batches for task in loading.tasks(WORKSPACE, batch)
    }


def runs(text: str, n: int = 8) -> set[int]:
    """Digests of all runs of `n` words, without lists of letters and numbers; shorter runs coincide by chance."""
    words = re.findall(r"\w+", text.lower())
    grams = (tuple(words[i : i + n]) for i in range(len(words) - n + 1))
    return {hash(gram) for gram in grams if any(len(word) > 2 for word in gram)}


@pytest.mark.skipif(not SHARED.exists(), reason="real news to compare with is not in a user's clone")
def test_no_text_of_real_news() -> None:
    theirs = {run for path in (SHARED / "seed").iterdir() for run in runs(path.read_text(encoding="utf-8"))}
    for path in (SHARED / "data").glob("*.jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = msgspec.json.decode(line)
                texts = (value for key, value in row.items() if isinstance(value, str) and key not in ("html", "url"))
                theirs.update(run for text in texts for run in runs(text))
    assert len(theirs) > 1_000_000
    kept = {".txt", ".jsonl", ".html", ".md", ".py", ".toml", ".tsv", ".cff"}
    n_files = 0
    for base, folders, names in os.walk(REPOSITORY):
        folders[:] = [name for name in folders if name not in (".venv", ".goldwire", ".git")]
        for path in (Path(base) / name for name in names if Path(name).suffix in kept):
            assert theirs.isdisjoint(runs(path.read_text(encoding="utf-8", errors="replace"))), path
            n_files += 1
    assert n_files > 1_000
