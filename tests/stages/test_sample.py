"""Planning a batch."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from goldwire.doccano.conversion import import_line
from goldwire.errors import GoldwireError
from goldwire.records import Adjudication, Duplicates
from goldwire.sampling import annotator_assignment
from goldwire.sampling.options import SamplingOptions
from goldwire.stages import check, sample
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace
from support import factories

PEOPLE = ("A1", "A2", "A3")


def corpus(folder: Path, count: int = 9) -> Workspace:
    space = factories.workspace(folder / "w")
    factories.write_articles(
        space, [factories.article(f"Headline {i}\n\nBody.", id=f"wire-{i:012d}") for i in range(count)]
    )
    return space


def test_each_article_is_assigned_to_exactly_k_of_n_annotators(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    report = sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=2))
    tasks = loading.tasks(space, "b01")
    assert {len(task.annotators) for task in tasks} == {2}
    assert report.load == Counter(name for task in tasks for name in task.annotators) == dict.fromkeys(PEOPLE, 6)
    assert len({task.article_id for task in tasks}) == report.tasks == 9
    assert [task.id for task in tasks] == [f"b01-{i:04d}" for i in range(1, 10)]
    articles = loading.articles(space)
    assert all((t.kind, t.window) == ("entities", (0, len(articles[t.article_id].text))) for t in tasks)


def test_the_same_plan_again_changes_nothing(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    assert sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=2, max_articles=4)).changed
    before = (space.tasks / "b01.jsonl").read_bytes()
    assert not sample.run(
        space, batch="b01", annotators=("A3", "A1", "A2"), options=SamplingOptions(overlap=2, max_articles=4)
    ).changed
    assert (space.tasks / "b01.jsonl").read_bytes() == before


def test_another_plan_of_the_same_name_is_refused(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=2))
    before = (space.tasks / "b01.jsonl").read_bytes()
    with pytest.raises(GoldwireError) as caught:
        sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=3))
    assert caught.value.location == str(space.tasks / "b01.jsonl")
    assert (space.tasks / "b01.jsonl").read_bytes() == before


def test_the_seed_decides(tmp_path: Path) -> None:
    chosen = []
    for seed in (1, 1, 2, 3):
        space = corpus(tmp_path / str(len(chosen)), 40)
        sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=1, max_articles=5, seed=seed))
        chosen.append((space.tasks / "b01.jsonl").read_bytes())
    assert chosen[0] == chosen[1]
    assert len(set(chosen)) == 3


def test_articles_of_other_batches_are_left_out(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=1, max_articles=4))
    report = sample.run(space, batch="b02", annotators=PEOPLE, options=SamplingOptions(overlap=1))
    first, second = ({t.article_id for t in loading.tasks(space, batch)} for batch in ("b01", "b02"))
    assert first.isdisjoint(second)
    assert len(first | second) == 9
    assert report.skipped == {"already in another batch": 4}
    with pytest.raises(GoldwireError, match="already in another batch"):
        sample.run(space, batch="b03", annotators=PEOPLE, options=SamplingOptions(overlap=1))


def write_cluster(space: Workspace, *numbers: int) -> None:
    ids = tuple(f"wire-{i:012d}" for i in numbers)
    jsonl.write(space.duplicates, [Duplicates(cluster=ids[0], article_ids=ids, pairs=())])


def test_one_article_of_a_wire_story_is_planned(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    write_cluster(space, 2, 5, 7)
    report = sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=1))
    planned = {int(task.article_id[5:]) for task in loading.tasks(space, "b01")}
    assert len(planned & {2, 5, 7}) == 1
    assert report.tasks == 7
    assert report.skipped == {"near-duplicate of an article in this batch": 2}
    with pytest.raises(GoldwireError, match="2 near-duplicate of an article in another batch"):
        sample.run(space, batch="b02", annotators=PEOPLE, options=SamplingOptions(overlap=1))


def test_whole_clusters_are_planned_on_request(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    write_cluster(space, 2, 5, 7)
    assert (
        sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=1, whole_clusters=True)).tasks
        == 9
    )


def test_named_articles_are_planned_and_no_others(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    named = ("wire-000000000003", "wire-000000000001")
    sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=3, articles=named))
    assert {task.article_id for task in loading.tasks(space, "b01")} == set(named)


@pytest.mark.parametrize("text", ["Head\n\nA NUL \0 here.", "x" * 200_001])
def test_a_text_that_the_server_cannot_show_is_skipped(tmp_path: Path, text: str) -> None:
    space = corpus(tmp_path, 2)
    factories.write_articles(space, [factories.article(text, id="odd-000000000001", source="odd")])
    report = sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=1))
    assert (report.tasks, report.skipped) == (2, {"the server cannot show the text": 1})
    with pytest.raises(GoldwireError, match="odd-000000000001"):
        sample.run(
            space, batch="b02", annotators=PEOPLE, options=SamplingOptions(overlap=1, articles=("odd-000000000001",))
        )


@pytest.mark.parametrize(
    "options",
    [
        {"overlap": 4},
        {"overlap": 0},
        {"max_articles": 0},
        {"annotators": ()},
        {"annotators": ("A1", "A2", "a1")},
        {"annotators": ("A1", "A2", "jo@example.org")},
        {"annotators": ("A1", "A2", "Jo Doe")},
        {"annotators": ("A1", "A2", "Ilsa")},
        {"annotators": ("A1", "A2", "gold")},
        {"annotators": ("A1", "M2")},
        {"annotators": ("A1", "A2", "A" * 21)},
        {"batch": "../b01"},
        {"batch": ""},
        {"articles": ("wire-999999999999",)},
        {"calibration": 10},
        {"calibration": 3, "max_articles": 2},
        {"calibration": -1},
        {"calibration": 3, "max_per_annotator": "A1=2"},
        {"max_per_annotator": "few"},
        {"max_per_annotator": "A4=3"},
        {"max_per_annotator": "A1=3,A1=4"},
        {"max_per_annotator": "A1=3,40"},
        {"max_per_annotator": "0"},
        {"stratify": ("source",)},
        {"stratify": ("colour",), "max_articles": 3},
        {"stratify": ("year", "year"), "max_articles": 3},
        {"order": "newest"},
        {"window_size": 3},
        {"window_context": 0},
    ],
)
def test_an_impossible_plan_is_a_one_line_error(tmp_path: Path, options: dict[str, object]) -> None:
    space = corpus(tmp_path)
    asked: dict[str, object] = {"batch": "b01", "annotators": PEOPLE, "overlap": 2} | options
    names = {name: asked.pop(name) for name in ("batch", "annotators")}
    with pytest.raises(GoldwireError) as caught:
        sample.run(space, **names, options=SamplingOptions(**asked))  # type: ignore[arg-type]
    assert caught.value.hint
    assert not space.tasks.exists()


def test_missing_articles_are_a_one_line_error(tmp_path: Path) -> None:
    space = factories.workspace(tmp_path / "w")
    with pytest.raises(GoldwireError) as caught:
        sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=2))
    assert caught.value.location == str(space.articles)


def test_everybody_sees_the_first_articles_for_calibration(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    report = sample.run(
        space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=1, calibration=2, max_articles=8)
    )
    tasks = loading.tasks(space, "b01")
    assert [(task.calibration, len(task.annotators)) for task in tasks] == [(True, 3)] * 2 + [(False, 1)] * 6
    assert report.load == dict.fromkeys(PEOPLE, 4)
    assert [finding for finding in check.run(space).findings if finding.code == "overlap-uneven"] == []
    jsonl.write(space.tasks / "b01.jsonl", [msgspec.structs.replace(task, calibration=False) for task in tasks])
    assert [finding.line for finding in check.run(space).findings if finding.code == "overlap-uneven"] == [1, 2]


def test_nobody_gets_more_than_their_limit(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    assert sample.run(
        space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=2, max_per_annotator="A1=2")
    ).load == {
        "A1": 2,
        "A2": 8,
        "A3": 8,
    }
    assert all(len(task.annotators) == 2 for task in loading.tasks(space, "b01"))


def test_the_error_of_a_plan_beyond_the_limits_names_a_possible_plan(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    with pytest.raises(
        GoldwireError, match=r"9 articles to 2 of 3 annotators make 18 tasks.*A1 4, A2 4, A3 4"
    ) as caught:
        sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=2, max_per_annotator="4"))
    assert "--max-articles 6" in str(caught.value.hint)
    assert not space.tasks.exists()
    assert (
        sample.run(
            space,
            batch="b01",
            annotators=PEOPLE,
            options=SamplingOptions(overlap=2, max_per_annotator="4", max_articles=6),
        ).tasks
        == 6
    )


def mixed(folder: Path) -> Workspace:
    """20 articles of the wire of 2021, 10 of the herald of 2021 and 10 of 2022."""
    space = factories.workspace(folder / "w")
    for source, year, start in (("wire", 2021, 0), ("wire", 2021, 10), ("herald", 2021, 20), ("herald", 2022, 30)):
        factories.write_articles(
            space,
            [
                *(a for a in loading.articles(space).values() if a.source == source),
                *(
                    factories.article(
                        f"Headline {i}\n\nBody.",
                        id=f"{source}-{i:012d}",
                        source=source,
                        published=f"{year}-{12 - i % 10:02d}-01",
                    )
                    for i in range(start, start + 10)
                ),
            ],
        )
    return space


def test_strata_are_in_proportion_and_mixed_in_the_plan(tmp_path: Path) -> None:
    space = mixed(tmp_path)
    report = sample.run(
        space,
        batch="b01",
        annotators=PEOPLE,
        options=SamplingOptions(overlap=1, max_articles=8, stratify=("source", "year")),
    )
    assert report.strata == {"herald 2021": (10, 2), "herald 2022": (10, 2), "wire 2021": (20, 4)}
    chosen = [task.article_id for task in loading.tasks(space, "b01")]
    assert sorted(name.split("-")[0] for name in chosen) == ["herald"] * 4 + ["wire"] * 4
    assert chosen != sorted(chosen)
    assert chosen == list(annotator_assignment.random_order(chosen, f"{space.settings.seed}\0b01"))


def test_a_wire_story_is_one_article_of_one_stratum(tmp_path: Path) -> None:
    space = mixed(tmp_path)
    copies = ("herald-000000000020", "herald-000000000030", "wire-000000000000")
    jsonl.write(space.duplicates, [Duplicates(cluster=copies[0], article_ids=copies, pairs=())])
    report = sample.run(
        space,
        batch="b01",
        annotators=PEOPLE,
        options=SamplingOptions(overlap=1, max_articles=38, stratify=("source", "year")),
    )
    assert sum(there for there, _ in report.strata.values()) == report.articles == 38
    assert len({task.article_id for task in loading.tasks(space, "b01")} & set(copies)) == 1


def test_the_oldest_come_first_and_those_without_a_date_last(tmp_path: Path) -> None:
    space = mixed(tmp_path)
    factories.write_articles(
        space, [factories.article("Undated\n\nBody.", id="gazette-1", source="gazette", published=None)]
    )
    sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=1, order="oldest"))
    articles, chosen = loading.articles(space), [task.article_id for task in loading.tasks(space, "b01")]
    assert chosen[-1] == "gazette-1"
    assert [articles[name].published for name in chosen[:-1]] == sorted(str(articles[n].published) for n in chosen[:-1])


def test_the_most_uncertain_articles_come_first(tmp_path: Path) -> None:
    space = factories.workspace(tmp_path / "w")
    known = [factories.article(f"Ada Lind won {i}\n\nAda Lind won.", id=f"wire-{i:012d}") for i in range(6)]
    odd = factories.article("Ostrel quarrels\n\nZuzka Pral, Quay Guild: Harbour Board?", id="wire-000000000099")
    factories.write_articles(space, [*known, odd])
    with pytest.raises(GoldwireError, match="no gold"):
        sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=1, order="uncertain"))
    sample.run(
        space,
        batch="b00",
        annotators=PEOPLE,
        options=SamplingOptions(overlap=1, articles=tuple(a.id for a in known[:3])),
    )
    layers = [factories.layer(a, annotator="gold", batch="b00") for a in known[:3]]
    jsonl.write(space.gold / "b00.jsonl", layers)
    with pytest.raises(GoldwireError, match="no spans"):
        sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=1, order="uncertain"))
    layers = [factories.layer(a, [(0, 8, "PER")], annotator="gold", batch="b00") for a in known[:3]]
    jsonl.write(space.gold / "b00.jsonl", layers)
    sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=1, order="uncertain"))
    chosen = [task.article_id for task in loading.tasks(space, "b01")]
    assert chosen[0] == odd.id
    assert len(chosen) == 4
    assert not sample.run(
        space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=1, order="uncertain")
    ).changed


def probabilities(space: Workspace, batch: str = "b01") -> dict[str, float | None]:
    return {task.article_id: task.inclusion_probability for task in loading.tasks(space, batch)}


def test_each_task_has_the_probability_with_which_its_article_was_taken(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    write_cluster(space, 2, 5, 7)
    sample.run(
        space,
        batch="b01",
        annotators=PEOPLE,
        options=SamplingOptions(overlap=1, window_unit="sentences", window_size=1),
    )
    planned = probabilities(space)
    assert {p for name, p in planned.items() if int(name[5:]) not in (2, 5, 7)} == {1.0}
    assert [p for name, p in planned.items() if int(name[5:]) in (2, 5, 7)] == [pytest.approx(1 / 3)]
    space = mixed(tmp_path / "strata")
    sample.run(
        space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=1, max_articles=8, stratify=("source",))
    )
    assert list(probabilities(space).values()) == [0.2] * 8
    sample.run(
        space, batch="b02", annotators=PEOPLE, options=SamplingOptions(overlap=1, max_articles=2, order="oldest")
    )
    sample.run(
        space,
        batch="b03",
        annotators=PEOPLE,
        options=SamplingOptions(
            overlap=1,
            articles=tuple(set(loading.articles(space)) - set(probabilities(space)) - set(probabilities(space, "b02")))[
                :2
            ],
        ),
    )
    assert {*probabilities(space, "b02").values(), *probabilities(space, "b03").values()} == {None}


def test_a_batch_of_an_earlier_version_is_the_same_plan(tmp_path: Path) -> None:
    space = corpus(tmp_path)
    sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=2))
    tasks = [msgspec.structs.replace(task, inclusion_probability=None) for task in loading.tasks(space, "b01")]
    jsonl.write(space.tasks / "b01.jsonl", tasks)
    assert not sample.run(space, batch="b01", annotators=PEOPLE, options=SamplingOptions(overlap=2)).changed
    assert probabilities(space) == dict.fromkeys(probabilities(space))


def test_gold_checks_are_copies_of_articles_with_gold_spread_over_the_batch_for_everybody(tmp_path: Path) -> None:
    space = corpus(tmp_path, 14)
    names = sorted(loading.articles(space))
    sample.run(space, batch="b00", annotators=PEOPLE, options=SamplingOptions(overlap=1, articles=(names[0], names[1])))
    pairs = [(names[0], names[13]), (names[1], names[12])]
    jsonl.write(space.duplicates, [Duplicates(cluster=a, article_ids=(a, b), pairs=()) for a, b in pairs])
    gold = [factories.layer(loading.articles(space)[name], annotator="gold", batch="b00") for name in names[:2]]
    jsonl.write(space.gold / "b00.jsonl", gold)
    options = SamplingOptions(overlap=1, max_articles=6, calibration=1, gold_checks=2, max_per_annotator="5")
    report = sample.run(space, batch="b01", annotators=PEOPLE, options=options)
    tasks = loading.tasks(space, "b01")
    places = [number for number, task in enumerate(tasks) if task.article_id in names[12:]]
    assert len(tasks) == report.articles == 8
    assert places == [3, 5]
    assert all(tasks[number].annotators == PEOPLE for number in (0, *places))
    assert not any(tasks[number].calibration for number in places)
    assert sum(report.load.values()) == 5 + 3 * 3
    assert max(report.load.values()) <= 5
    assert not sample.run(space, batch="b01", annotators=PEOPLE, options=options).changed
    options = SamplingOptions(overlap=1, max_articles=6, calibration=1, gold_checks=3)
    with pytest.raises(GoldwireError, match="only 0 articles with gold, or copies of such articles"):
        sample.run(space, batch="b02", annotators=PEOPLE, options=options)  # b01 has both copies


def test_gold_checks_are_articles_with_gold_for_those_who_have_not_seen_them(tmp_path: Path) -> None:
    space = corpus(tmp_path, 12)
    names = sorted(loading.articles(space))
    earlier = {"b00": (("A9",), names[:2]), "b01": (PEOPLE[:1], names[2:4]), "b02": (PEOPLE, names[4:5])}
    for batch, (people, articles) in earlier.items():
        sample.run(
            space,
            batch=batch,
            annotators=people,
            options=SamplingOptions(overlap=len(people), articles=tuple(articles)),
        )
        gold = [factories.layer(loading.articles(space)[name], annotator="gold", batch=batch) for name in articles]
        jsonl.write(space.gold / f"{batch}.jsonl", gold)
    expert = Adjudication(batch="b00", method="expert", expert="E1")
    jsonl.write_document(space.gold / "b00.adjudication.json", expert)
    options = SamplingOptions(overlap=1, max_articles=4, gold_checks=3)
    too_many = msgspec.structs.replace(options, gold_checks=5)
    with pytest.raises(GoldwireError, match="5 gold checks, but only 4 articles"):  # all have seen that of b02
        sample.run(space, batch="b03", annotators=PEOPLE, options=too_many)
    report = sample.run(space, batch="b03", annotators=PEOPLE, options=options)
    checks = {task.article_id: task for task in loading.tasks(space, "b03") if task.gold_check}
    assert report.articles == 7
    assert {name: checks[name].annotators for name in names[:2]} == dict.fromkeys(names[:2], PEOPLE)  # the expert's
    (other,) = checks.keys() & set(names[2:4])
    assert checks[other].annotators == PEOPLE[1:]
    assert {task.gold_check for task in checks.values()} == {"article"}
    # What the server gets of a check is what it gets of any other task.
    ordinary = msgspec.structs.replace(checks[other], gold_check=None)
    article = loading.articles(space)[other]
    assert import_line(checks[other], article) == import_line(ordinary, article)
