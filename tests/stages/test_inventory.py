"""Counts of a workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.records import Article, Origin, Rejected, Task, text_digest
from goldwire.stages import dedup, inventory
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace
from support import factories

BODY = "The harbour board met and the harbour master explained at some length why the ferry is late again this week."


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return factories.workspace(tmp_path / "w")


def article(number: int, text: str, *, source: str = "wire", suffix: str = ".txt", **fields: object) -> Article:
    name = f"{source}-{number:012x}"
    origin = Origin(file=f"corpus/raw/{source}/{name}{suffix}", sha256=text_digest(name))
    return factories.article(text, id=name, source=source, origin=origin, **fields)


def test_an_empty_workspace_has_zero_counts(workspace: Workspace) -> None:
    report = inventory.run(workspace)
    assert (report.sources, report.duplicates.clusters) == ((), {})
    assert report.to_text().splitlines() == [
        "0 articles from 0 sources",
        "0 clusters of near-duplicates with 0 articles",
        "0 articles assigned to annotators",
        "0 with gold: 0 spans, 0 stances",
    ]


def test_the_words_of_a_text_without_a_title_are_counted(workspace: Workspace) -> None:
    factories.write_articles(workspace, [article(1, "the ferry is late again", title="", kind="post")])
    assert inventory.run(workspace).sources[0].words == (5, 5, 5)


def test_articles_duplicates_and_gold_are_counted(workspace: Workspace) -> None:
    texts = [f"Ferry is late\n\n{BODY}", f"Late is the ferry\n\n{BODY}", "Ada Novak wins\n\nShe met the Rail Union."]
    dates = ("2021-03-04", "2020-01-02T10:00:00Z", None)
    made = [
        article(1, texts[0], published=dates[0]),
        article(2, texts[1], source="post", suffix=".jsonl", published=dates[1]),
        article(3, texts[2], published=dates[2]),
    ]
    factories.write_articles(workspace, made)
    why = Rejected(source="post", file="corpus/raw/post/a.txt", row=None, reason="too-short", detail="3 words")
    jsonl.write(workspace.rejected / "post.jsonl", [why], key=lambda row: row.file)
    dedup.run(workspace)
    tasks = [
        Task(
            id=f"b01-{number:04}",
            batch="b01",
            kind="entities",
            article_id=one.id,
            window=(0, len(one.text)),
            target=None,
            text_sha256=one.text_sha256,
            annotators=who,
        )
        for number, (one, who) in enumerate(((made[1], ("A1", "A2")), (made[2], ("A1",)), (made[2], ("A1",))), 1)
    ]
    jsonl.write(workspace.tasks / "b01.jsonl", tasks, key=lambda task: task.id)
    gold = factories.layer(made[2], [(16, 19, "PER"), (28, 38, "ORG")], [(0, 1, "supports")], annotator="gold")
    jsonl.write(workspace.gold / "b01.jsonl", [gold], key=lambda layer: layer.article_id)

    report = inventory.run(workspace)
    post, wire = report.sources
    assert (post.articles, post.formats, post.rejected, post.first) == (
        1,
        {".jsonl": 1},
        {"too-short": 1},
        "2020-01-02",
    )
    assert (wire.articles, wire.words, wire.first, wire.last) == (2, (5, 12.5, 20), "2021-03-04", "2021-03-04")
    assert (report.duplicates.clusters, report.duplicates.articles) == ({2: 1}, 2)
    done = report.annotation
    assert (done.batches, done.articles, done.articles_by_annotators) == (("b01",), 2, {1: 1, 2: 1})
    assert (done.gold, done.spans, done.stances, done.splits) == (1, 2, 1, {})


def test_splits_are_in_their_usual_order_and_articles_are_counted_by_annotators() -> None:
    counts = inventory.AnnotationCounts(
        batches=("b01",),
        articles=4,
        articles_by_annotators={1: 1, 2: 3},
        gold=4,
        spans=8,
        stances=1,
        splits={"held-out": 1, "test": 1, "train": 2},
    )
    assert list(inventory._annotation_lines(counts)) == [
        "4 articles assigned to annotators in b01: 3 to 2, 1 to 1",
        "4 with gold: 8 spans, 1 stance",
        "splits: train 2, test 1, held-out 1",
    ]
