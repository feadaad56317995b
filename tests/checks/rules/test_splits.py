"""Leaks between splits."""

from __future__ import annotations

from typing import Literal

from goldwire.checks.rules.splits import misordered_assignment, similar_across_splits
from goldwire.checks.snapshot import Entry, Snapshot, Table
from goldwire.records import Article, DuplicatePair, Duplicates, SplitAssignment
from support import factories

SPLITS: dict[str, Literal["train", "test"]] = {"a": "train", "b": "test"}


def rows(**versions: str) -> Table[SplitAssignment]:
    """The articles a (train) and b (test), each in a separate cluster."""
    records = [
        SplitAssignment(article_id=id, cluster=id, split=split, since_version=versions.get(id, "0.0.1"))
        for id, split in SPLITS.items()
    ]
    return Table(tuple(Entry("splits/assignment.tsv", n, r.article_id, r) for n, r in enumerate(records, 2)))


def articles(*records: Article) -> Table[Article]:
    return Table(tuple(Entry("corpus/articles/wire.jsonl", n, r.id, r) for n, r in enumerate(records, 1)))


def clusters(*pairs: tuple[str, str]) -> Table[Duplicates]:
    ids = sorted({id for pair in pairs for id in pair})
    cluster = Duplicates(
        cluster=ids[0],
        article_ids=tuple(ids),
        pairs=tuple(DuplicatePair(left=left, right=right, jaccard=0.9) for left, right in pairs),
    )
    return Table((Entry("corpus/duplicates.jsonl", 1, cluster.cluster, cluster),))


def test_near_duplicates_in_two_splits_leak() -> None:
    snapshot = Snapshot(assignment=rows(), duplicates=clusters(("a", "b")))
    assert [(f.code, f.item) for f in similar_across_splits(snapshot)] == [("cluster-across-splits", "b")]


def test_two_articles_that_only_an_unassigned_article_joins_do_not_leak() -> None:
    snapshot = Snapshot(assignment=rows(), duplicates=clusters(("a", "new"), ("b", "new")))
    assert list(similar_across_splits(snapshot)) == []


def test_only_the_strongest_similarity_is_reported() -> None:
    text = "Harbour Board drops the night ferry\n\nThe night ferry stops in May."
    same = articles(factories.article(text, id="a"), factories.article(text, id="b"))
    assert [f.code for f in similar_across_splits(Snapshot(assignment=rows(), articles=same))] == ["text-across-splits"]
    headline = articles(factories.article(text, id="a"), factories.article(f"{text[:37]}Other words.", id="b"))
    (finding,) = similar_across_splits(Snapshot(assignment=rows(), articles=headline))
    assert finding.message == "in test, same headline as a in train"


def test_a_short_headline_is_not_a_leak() -> None:
    short = articles(factories.article("Weather\n\nRain.", id="a"), factories.article("Weather\n\nSnow again.", id="b"))
    assert list(similar_across_splits(Snapshot(assignment=rows(), articles=short))) == []


def test_rows_have_to_be_in_order_of_their_versions() -> None:
    assert list(misordered_assignment(Snapshot(assignment=rows(b="0.1.0")))) == []
    (finding,) = misordered_assignment(Snapshot(assignment=rows(a="0.1.0")))
    assert finding.message == "version 0.0.1 comes after version 0.1.0"
