"""`goldwire estimate`: shares of a corpus that a machine labelled, corrected by gold and by annotators."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from goldwire.certification import debiased_share
from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.records import AnnotationLayer, Article, Duplicates, Task
from goldwire.stages import estimate
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace
from support import factories

TEXT = "Harbour {n}\n\nAda Brook of the Port League spoke to Nils Orr on Monday about the quay."


def spans(n: int) -> list[tuple[int, int, str]]:
    at = len(f"{n}") + 10
    return [(at, at + 9, "PER"), (at + 17, at + 28, "ORG"), (at + 38, at + 46, "PER")]


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The machine labels 120 articles and takes a third of the opposing stances for supporting ones; gold has 40."""
    space = factories.workspace(tmp_path_factory.mktemp("estimate"))
    random = np.random.default_rng(3)
    articles = [
        factories.article(
            TEXT.format(n=n),
            id=f"{'post' if n % 3 else 'wire'}-{n:012d}",
            source="post" if n % 3 else "wire",
            published=f"2026-0{1 + n % 2}-11",
        )
        for n in range(120)
    ]
    factories.write_articles(space, articles)
    gold, machine, single = [], [], []
    for n, article in enumerate(articles):
        true = "supports" if random.random() < 0.4 else "opposes"
        seen = "supports" if true == "opposes" and random.random() < 1 / 3 else true
        machine.append(factories.layer(article, spans(n), [(0, 1, seen), (2, 1, "neutral")], annotator="M1"))
        people = factories.layer(article, spans(n), [(0, 1, true), (2, 1, "neutral")], annotator="gold")
        if n % 3 == 0:
            gold.append(people)
        if n == 1:
            single.append(factories.layer(article, spans(n), [(0, 1, "supports")], annotator="A1"))
    jsonl.write(space.layers / "b01" / "M1.jsonl", machine)
    jsonl.write(space.layers / "b02" / "A1.jsonl", single)
    jsonl.write(space.gold / "b01.jsonl", gold)
    ids = tuple(article.id for article in articles[3:5])
    jsonl.write(space.duplicates, [Duplicates(cluster=min(ids), article_ids=ids, pairs=())])
    return space


def test_the_whole_is_the_library_call(space: Workspace) -> None:
    report = estimate.run(space, machine="M1", stance="supports")
    (share,) = report.shares
    assert (report.n_articles, report.n_labelled, report.n_without_machine) == (120, 41, 0)
    machine = {layer.article_id: layer for layer in jsonl.read(space.layers / "b01" / "M1.jsonl", AnnotationLayer)}
    people = {layer.article_id: layer for layer in jsonl.read(space.gold / "b01.jsonl", AnnotationLayer)}
    people |= {x.article_id: x for x in jsonl.read(space.layers / "b02" / "A1.jsonl", AnnotationLayer)}
    stories = {key: key for key in machine}
    (cluster,) = jsonl.read(space.duplicates, Duplicates)
    stories |= dict.fromkeys(cluster.article_ids, cluster.cluster)
    counts = {
        name: {k: (float(sum(s.stance == "supports" for s in x.stances)), float(len(x.stances))) for k, x in of.items()}
        for name, of in (("machine", machine), ("people", people))
    }
    expected = debiased_share(counts["machine"], counts["people"], probabilities=41 / 120, groups=stories)
    assert share.estimate == expected
    assert expected.low < 0.2 < expected.high < expected.machine + 0.1
    assert "simple random sample" in report.to_text()


def test_recorded_probabilities_are_used(space: Workspace, tmp_path: Path) -> None:
    own = factories.copy_workspace(space, tmp_path / "recorded")
    factories.write_tasks(own, "b01", jsonl.read(own.articles / "wire.jsonl", Article), ["A1"])
    factories.write_tasks(own, "b02", jsonl.read(own.articles / "post.jsonl", Article), ["A1"])
    for batch in ("b01", "b02"):
        path = own.tasks / f"{batch}.jsonl"
        tasks = [msgspec.structs.replace(task, inclusion_probability=0.3) for task in jsonl.read(path, Task)]
        jsonl.write(path, tasks)
    report = estimate.run(own, machine="M1", stance="supports")
    assert report.known_probabilities
    assert (report.n_labelled, report.n_batches) == (41, 1)
    assert "simple random sample" not in report.to_text()


def test_parts_by_outlet_month_and_pair(space: Workspace) -> None:
    outlets = estimate.run(space, machine="M1", by="outlet", stance="supports")
    assert [share.part for share in outlets.shares] == ["all", "post", "wire"]
    assert [share.estimate.n_labelled for share in outlets.shares] == [41, 1, 40]
    text = outlets.to_text()
    assert "no estimate: people labelled 1 article or group, fewer than 5: post" in text
    assert "\npost " not in text
    assert max(map(len, text.splitlines())) <= 80
    assert outlets.shares[1].estimate.reason == "people labelled 1 article or group, fewer than 5"
    months = estimate.run(space, machine="M1", by="month")
    assert [share.part for share in months.shares[::3]] == ["all", "2026-01", "2026-02"]
    assert [share.stance for share in months.shares[:3]] == ["opposes", "neutral", "supports"]
    pairs = estimate.run(space, machine="M1", by="pair", stance="supports").shares
    assert [share.part for share in pairs] == ["all", "Ada Brook -> Port League", "Nils Orr -> Port League"]
    assert pairs[1].estimate.low < 0.4 < pairs[1].estimate.high
    assert pairs[2].estimate.value == 0


def test_what_cannot_be_estimated_is_an_error(space: Workspace, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="no confirmed layers of M2"):
        estimate.run(space, machine="M2")
    with pytest.raises(ConfigError, match="no stance 'likes' in the schema"):
        estimate.run(space, machine="M1", stance="likes")
    alone = factories.copy_workspace(space, tmp_path / "alone")
    (alone.gold / "b01.jsonl").unlink()
    (alone.layers / "b02" / "A1.jsonl").unlink()
    with pytest.raises(DataError, match="people labelled none of the articles of M1"):
        estimate.run(alone, machine="M1")
