"""splits/assignment.tsv: append-only, clusters in one split, articles that would leak in none."""

from __future__ import annotations

import pytest

from goldwire.errors import GoldwireError
from goldwire.records import DuplicatePair, Duplicates
from goldwire.stages import check, split
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import find_workspace
from support.factories import article, layer, workspace


@pytest.fixture
def space(tmp_path):
    space = workspace(tmp_path / "trial")
    add(space, *range(10))
    return space


def add(space, *numbers, source="wire", published=None):
    new = [
        article(f"Story {n}", id=name(n, source), source=source, published=published or f"2021-03-{n + 1:02}")
        for n in numbers
    ]
    articles = [item for item in loading.articles(space).values() if item.source == source] + new
    jsonl.write(space.articles / f"{source}.jsonl", articles, key=lambda item: item.id)
    gold = [*loading.gold(space), *(layer(item, annotator="gold") for item in new)]
    jsonl.write(space.gold / "b01.jsonl", gold, key=lambda item: item.article_id)


def name(number, source="wire"):
    return f"{source}-{number:012d}"


def cluster(space, *groups):
    clusters = [Duplicates(cluster=name(group[0]), article_ids=tuple(map(name, group)), pairs=()) for group in groups]
    jsonl.write(space.duplicates, clusters)


def splits_of(space):
    return {row.article_id: row.split for row in loading.assignment(space)}


def settings(space, text):
    (space.root / "pyproject.toml").write_text(f'[tool.goldwire]\nname = "trial"\n{text}\n')
    return find_workspace(space.root, explicit=True)


def test_the_file_only_grows(space):
    assert split.run(space).since_version == "0.0.1"
    before = space.assignment.read_bytes()
    assert before.splitlines()[0] == b"article_id\tcluster\tsplit\tsince_version"
    add(space, 10, 11)
    report = split.run(space)
    assert space.assignment.read_bytes().startswith(before)
    assert (sum(report.added.values()), sum(report.total.values())) == (2, 12)
    assert split.run(space).added == {"train": 0, "validation": 0, "test": 0}


def test_a_cluster_is_in_one_split_and_so_is_a_new_copy(space):
    cluster(space, (0, 1, 2, 3))
    split.run(space)
    assert len({splits_of(space)[name(n)] for n in range(4)}) == 1
    add(space, 20)
    cluster(space, (0, 1, 2, 3), (4, 20))
    split.run(space)
    assert splits_of(space)[name(20)] == splits_of(space)[name(4)]
    assert {row.article_id: row.cluster for row in loading.assignment(space)}[name(20)] == name(4)


def one_of_each(space):
    return (next(n for n, name_of_split in splits_of(space).items() if name_of_split == s) for s in ("train", "test"))


def test_an_article_that_joins_two_splits_is_held_out_forever(space):
    split.run(space)
    before = space.assignment.read_text().splitlines()
    train, test = one_of_each(space)
    add(space, 20)
    jsonl.write(space.duplicates, [Duplicates(cluster=min(train, test), article_ids=(train, test, name(20)), pairs=())])
    reason = f"near-duplicate of {train} in train and of {test} in test"
    assert split.run(space).held_out == {name(20): reason}
    lines = space.assignment.read_text().splitlines()
    assert lines[0] == f"{before[0]}\treason"
    assert lines[1:-1] == [f"{line}\t" for line in before[1:]]
    assert lines[-1].split("\t") == [name(20), min(train, test), "held-out", "0.0.1", reason]
    space.duplicates.unlink()
    again = split.run(space)
    assert (again.held_out, again.total_held_out, sum(again.total.values())) == ({}, 1, 10)
    assert "10 articles in total: train 7, validation 2, test 1; 1 held out" in again.to_text()
    assert space.assignment.read_text().splitlines() == lines


def test_a_held_out_article_is_not_a_finding_and_neither_are_the_articles_that_it_joins(space):
    split.run(space)
    train, test = one_of_each(space)
    add(space, 20)
    pairs = tuple(DuplicatePair(left=old, right=name(20), jaccard=0.6) for old in (train, test))
    members = tuple(sorted((train, test, name(20))))
    jsonl.write(space.duplicates, [Duplicates(cluster=members[0], article_ids=members, pairs=pairs)])
    split.run(space)
    findings = [finding for finding in check.run(space).findings if finding.file == "splits/assignment.tsv"]
    assert {finding.code for finding in findings if finding.code not in ("split-lacks-label",)} == set()


def test_an_article_without_gold_still_holds_its_cluster(space):
    split.run(space)
    gold = [item for item in loading.gold(space) if item.article_id != name(0)]
    jsonl.write(space.gold / "b01.jsonl", gold)
    add(space, 20)
    cluster(space, (0, 20))
    split.run(space)
    assert splits_of(space)[name(20)] == splits_of(space)[name(0)]


def test_a_story_group_is_in_one_split(space, tmp_path):
    stories = tmp_path / "stories.jsonl"
    jsonl.write(stories, [Duplicates(cluster="flood", article_ids=tuple(name(n) for n in range(5)), pairs=())])
    split.run(space, story_groups=stories)
    assert len({splits_of(space)[name(n)] for n in range(5)}) == 1


def test_split_by_date_by_outlet_and_by_ratios(space):
    split.run(settings(space, 'split_by = "date"'))
    assert [split_name for _, split_name in sorted(splits_of(space).items())][-2:] == ["test", "test"]
    space.assignment.unlink()
    add(space, 30, source="post")
    split.run(settings(space, 'split_by = "outlet"\nheld_out = ["post"]'))
    assert [n for n, split_name in splits_of(space).items() if split_name == "test"] == [name(30, "post")]
    space.assignment.unlink()
    split.run(space, ratios={"train": 1})
    assert set(splits_of(space).values()) == {"train"}


@pytest.mark.parametrize(
    "text", ["train = -1", "train = 0\nvalidation = 0\ntest = 0", 'split_by = "outlet"', 'split_by = "moon"']
)
def test_invalid_settings_are_refused(space, text):
    with pytest.raises(GoldwireError):
        split.run(settings(space, text))
    assert not space.assignment.exists()


def test_articles_cannot_join_a_released_version(space):
    split.run(space)
    released = space.release("0.3.0")
    released.mkdir(parents=True)
    (released / "manifest.json").write_text("{}")
    add(space, 20)
    with pytest.raises(GoldwireError):
        split.run(space, version="0.3.0")
    assert split.run(space).since_version == "0.4.0"


@pytest.mark.parametrize(
    "broken",
    [
        "id\tsplit\n",
        "article_id\tcluster\tsplit\tsince_version\na\ta\tdev\t0.0.1\n",
        "article_id\tcluster\tsplit\tsince_version\na\ta\n",
        "article_id\tcluster\tsplit\tsince_version\na\ta\theld-out\t0.0.1\n",
        "article_id\tcluster\tsplit\tsince_version\treason\na\ta\ttrain\t0.0.1\tbecause\n",
    ],
)
def test_an_error_names_the_line_of_a_broken_file(space, broken):
    space.splits.mkdir()
    space.assignment.write_text(broken)
    with pytest.raises(GoldwireError, match=r"assignment\.tsv:\d"):
        split.run(space)
    assert space.assignment.read_text() == broken


def test_missing_gold_is_an_error_and_nothing_is_written(tmp_path):
    empty = workspace(tmp_path / "empty")
    with pytest.raises(GoldwireError, match="no gold to split"):
        split.run(empty)
    assert not empty.assignment.exists()
