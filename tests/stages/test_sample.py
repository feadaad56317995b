"""Planning a batch."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import build
from goldwire import jsonl, load
from goldwire.errors import GoldwireError
from goldwire.layout import Workspace
from goldwire.records import Duplicates
from goldwire.stages import sample

PEOPLE = ("A1", "A2", "A3")


def corpus(folder: Path, count: int = 9) -> Workspace:
    space = build.workspace(folder / "w")
    build.write_articles(space, [build.article(f"Headline {i}\n\nBody.", id=f"wire-{i:012d}") for i in range(count)])
    return space


def test_each_article_goes_to_exactly_k_of_n(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    report = sample.run(space, batch="b01", annotators=PEOPLE, overlap=2)
    tasks = load.tasks(space, "b01")
    assert {len(task.annotators) for task in tasks} == {2}
    assert report.load == Counter(name for task in tasks for name in task.annotators) == dict.fromkeys(PEOPLE, 6)
    assert len({task.article_id for task in tasks}) == report.tasks == 9
    assert [task.id for task in tasks] == [f"b01-{i:04d}" for i in range(1, 10)]
    articles = load.articles(space)
    assert all((t.kind, t.start, t.end) == ("entities", 0, len(articles[t.article_id].text)) for t in tasks)


def test_the_same_plan_again_changes_nothing(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    assert sample.run(space, batch="b01", annotators=PEOPLE, overlap=2, limit=4).changed
    before = (space.tasks / "b01.jsonl").read_bytes()
    assert not sample.run(space, batch="b01", annotators=("A3", "A1", "A2"), overlap=2, limit=4).changed
    assert (space.tasks / "b01.jsonl").read_bytes() == before


def test_another_plan_of_the_same_name_is_refused(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    sample.run(space, batch="b01", annotators=PEOPLE, overlap=2)
    before = (space.tasks / "b01.jsonl").read_bytes()
    with pytest.raises(GoldwireError) as caught:
        sample.run(space, batch="b01", annotators=PEOPLE, overlap=3)
    assert caught.value.place == str(space.tasks / "b01.jsonl")
    assert (space.tasks / "b01.jsonl").read_bytes() == before


def test_the_seed_decides(tmp_path: Path) -> None:
    chosen = []
    for seed in (1, 1, 2, 3):
        space = corpus(tmp_path / str(len(chosen)), 40)
        sample.run(space, batch="b01", annotators=PEOPLE, overlap=1, limit=5, seed=seed)
        chosen.append((space.tasks / "b01.jsonl").read_bytes())
    assert chosen[0] == chosen[1]
    assert len(set(chosen)) == 3


def test_articles_of_other_batches_are_left_out(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    sample.run(space, batch="b01", annotators=PEOPLE, overlap=1, limit=4)
    report = sample.run(space, batch="b02", annotators=PEOPLE, overlap=1)
    first, second = ({t.article_id for t in load.tasks(space, batch)} for batch in ("b01", "b02"))
    assert first.isdisjoint(second)
    assert len(first | second) == 9
    assert report.passed_over == {"already in another batch": 4}
    with pytest.raises(GoldwireError, match="already in another batch"):
        sample.run(space, batch="b03", annotators=PEOPLE, overlap=1)


def write_cluster(space: Workspace, *numbers: int) -> None:
    ids = tuple(f"wire-{i:012d}" for i in numbers)
    jsonl.write(space.duplicates, [Duplicates(cluster=ids[0], articles=ids, pairs=())])


def test_one_article_of_a_wire_story_is_planned(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    write_cluster(space, 2, 5, 7)
    report = sample.run(space, batch="b01", annotators=PEOPLE, overlap=1)
    planned = {int(task.article_id[5:]) for task in load.tasks(space, "b01")}
    assert len(planned & {2, 5, 7}) == 1
    assert report.tasks == 7
    assert report.passed_over == {"near-duplicate of an article in this batch": 2}
    with pytest.raises(GoldwireError, match="2 near-duplicate of an article in another batch"):
        sample.run(space, batch="b02", annotators=PEOPLE, overlap=1)


def test_whole_clusters_are_planned_when_asked_for(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    write_cluster(space, 2, 5, 7)
    assert sample.run(space, batch="b01", annotators=PEOPLE, overlap=1, whole_clusters=True).tasks == 9


def test_named_articles_are_planned_and_no_others(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    named = ("wire-000000000003", "wire-000000000001")
    sample.run(space, batch="b01", annotators=PEOPLE, overlap=3, articles=named)
    assert {task.article_id for task in load.tasks(space, "b01")} == set(named)


@pytest.mark.parametrize("text", ["Head\n\nA NUL \0 here.", "x" * 200_001])
def test_a_text_that_the_server_cannot_show_is_passed_over(tmp_path: Path, text: str) -> None:
    space = corpus(tmp_path, 2)
    build.write_articles(space, [build.article(text, id="odd-000000000001", source="odd")])
    report = sample.run(space, batch="b01", annotators=PEOPLE, overlap=1)
    assert (report.tasks, report.passed_over) == (2, {"the server cannot show the text": 1})
    with pytest.raises(GoldwireError, match="odd-000000000001"):
        sample.run(space, batch="b02", annotators=PEOPLE, overlap=1, articles=("odd-000000000001",))


@pytest.mark.parametrize(
    "options",
    [
        {"overlap": 4},
        {"overlap": 0},
        {"limit": 0},
        {"annotators": ()},
        {"annotators": ("A1", "A2", "a1")},
        {"annotators": ("A1", "A2", "jo@example.org")},
        {"annotators": ("A1", "A2", "Jo Doe")},
        {"annotators": ("A1", "A2", "Ilsa")},
        {"annotators": ("A1", "A2", "gold")},
        {"annotators": ("A1", "A2", "A" * 21)},
        {"batch": "../b01"},
        {"batch": ""},
        {"articles": ("wire-999999999999",)},
    ],
)
def test_what_cannot_be_planned_is_one_clear_error(tmp_path: Path, options: dict[str, object]) -> None:
    space = corpus(tmp_path)
    asked: dict[str, object] = {"batch": "b01", "annotators": PEOPLE, "overlap": 2} | options
    with pytest.raises(GoldwireError) as caught:
        sample.run(space, **asked)  # type: ignore[arg-type]
    assert caught.value.way_out
    assert not space.tasks.exists()


def test_no_articles_is_one_clear_error(tmp_path: Path) -> None:
    space = build.workspace(tmp_path / "w")
    with pytest.raises(GoldwireError) as caught:
        sample.run(space, batch="b01", annotators=PEOPLE, overlap=2)
    assert caught.value.place == str(space.articles)
