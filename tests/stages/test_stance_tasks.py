"""A batch that asks for articles' stance to targets by name, on the real server."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from goldwire.doccano import sync
from goldwire.doccano.client import project_reader, session
from goldwire.doccano.client.download import download
from goldwire.doccano.export_rows import parse_export
from goldwire.errors import GoldwireError
from goldwire.records import AnnotationLayer, StanceLabel, number_layer
from goldwire.sampling.options import SamplingOptions
from goldwire.stages import adjudicate, agree, check, pull, push, sample, status
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace, find_workspace
from support import annotation_round, factories
from support.annotation_round import AnnotationRound

TEXTS = ["Quay Guild \N{GRINNING FACE} wins\n\nAda Lind lost.", "Ada Lind smiles\n\nAda Lind won.", "No name\n\nHere."]


def planned(folder: Path, *, people: int = 1) -> AnnotationRound:
    (folder / "targets.txt").write_text("Quay Guild\nAda Lind\nNobody\n")
    return annotation_round.plan(folder, TEXTS, people=people, kind="stance", targets=folder / "targets.txt")


def answers(of: AnnotationRound, annotator: str, *stances: str, confirmed: bool = True) -> list[AnnotationLayer]:
    """The layers of these stances to the targets in the order of articles and names."""
    asked = sorted((task.article_id, str(task.target)) for task in of.tasks)
    layers = []
    for article in sorted({name for name, _ in asked}):
        drawn = [
            StanceLabel(id=f"r{n}", holder=None, target_name=target, stance=stance)
            for n, ((name, target), stance) in enumerate(zip(asked, stances, strict=True))
            if name == article and stance
        ]
        plain = factories.layer(of.articles[article], annotator=annotator, confirmed=confirmed)
        layers.append(msgspec.structs.replace(plain, stances=number_layer((), drawn)[1]))
    return layers


def test_targets_come_from_a_list_and_articles_without_one_are_skipped(tmp_path: Path) -> None:
    of = planned(tmp_path)
    asked = sorted((task.article_id[-1], task.target) for task in of.tasks)
    assert asked == [("1", "Ada Lind"), ("1", "Quay Guild"), ("2", "Ada Lind")]
    assert {task.kind for task in of.tasks} == {"stance"}
    report = sample.run(
        of.workspace, batch="b02", annotators=("A1",), options=SamplingOptions(overlap=1)
    )  # entities: another question
    assert report.articles == 3


def test_a_list_that_windows_saved_names_its_first_target_too(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(b"\xef\xbb\xbfQuay Guild\r\n\r\nAda Lind\r\n")
    of = annotation_round.plan(tmp_path, TEXTS, kind="stance", targets=tmp_path / "t.txt")
    assert {task.target for task in of.tasks} == {"Quay Guild", "Ada Lind"}


def test_a_list_without_a_match_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("Nobody Here\n")
    with pytest.raises(GoldwireError, match=r"3 mentions no target.*list other targets"):
        annotation_round.plan(tmp_path, TEXTS, kind="stance", targets=tmp_path / "t.txt")


def test_stances_to_targets_come_back_without_a_holder(connected, tmp_path: Path) -> None:
    of = planned(tmp_path, people=2)
    report = push.run(of.workspace, batch="b01")
    assert "text-classification" in report.annotators[0].address
    where, signed_in = report.annotators[0].project, session.connect(of.workspace)
    stored = signed_in.http.get(f"projects/{where}")
    assert (stored["project_type"], stored["single_class_classification"]) == ("DocumentClassification", True)
    assert "name" in stored["guideline"].split("Version:")[0]
    types = signed_in.http.get(f"projects/{where}/category-types")
    assert {label_type["text"]: label_type["suffix_key"] for label_type in types} == {
        "supports": "s",
        "neutral": "n",
        "opposes": "x",
    }
    texts = {row.gw_task_id: row.text for row in parse_export(project_reader.read_project(signed_in, where).data())[0]}
    for task in of.tasks:
        assert str(texts[task.id]).startswith(f"▶ {task.target}\n")
        assert str(texts[task.id]).endswith(of.articles[task.article_id].text)
    assert not any(annotator.changed for annotator in push.run(of.workspace, batch="b01").annotators)

    one, two = of.people
    wanted = answers(of, one, "supports", "neutral", "opposes") + answers(of, two, "supports", "opposes", "opposes")
    annotation_round.submit(of, report, wanted)
    pulled = pull.run(of.workspace, batch="b01")
    assert not pulled.findings
    assert [(annotator.tasks, annotator.done) for annotator in pulled.annotators] == [(3, 3), (3, 3)]
    assert list(loading.layers(of.workspace, "b01")) == wanted
    assert not any(annotator.changed for annotator in pull.run(of.workspace, batch="b01").annotators)
    assert not any(annotator.changed or annotator.added for annotator in push.run(of.workspace, batch="b01").annotators)
    standing = status.run(of.workspace, batch="b01")
    assert standing.done == 6
    assert {value.unit for value in standing.agreement} == {"stance"}
    assert_measured(of.workspace)


def assert_measured(space: Workspace) -> None:
    """Agreement is of stances to names; what two of two said is gold, what they dispute is not."""
    floors = "[tool.goldwire.floors]\nspan_f1_exact = 0.9\nstance_alpha_nominal = 0.9\n"
    (space.root / "pyproject.toml").write_text(f'[tool.goldwire]\nname = "{space.settings.name}"\n{floors}')
    space = find_workspace(space.root)
    report = agree.run(space, batch="b01", html=False)
    values = {value.name: value for value in report.values}
    assert not any("span_f1" in line for line in report.to_text().splitlines())
    assert len(report.below) == 1
    assert [finding.item for finding in check.run(space).findings if finding.code.startswith("agreement-")] == [
        "stance_alpha_nominal"
    ]
    assert values["stance_alpha_nominal"].n_items == 3
    assert values["stance_alpha_nominal"].value == pytest.approx(1 - 5 * 2 / 22)  # coincidences: s2 n1 o3, one pair off
    assert values["stance_alpha_nominal[target Ada Lind]"].n_items == 2
    settled = adjudicate.run(space, batch="b01")
    assert (settled.stances, settled.unresolved) == (2, {"stance": 1})


def test_ticked_without_a_choice_is_a_finding_and_not_done(connected, tmp_path: Path) -> None:
    of = planned(tmp_path)
    report = push.run(of.workspace, batch="b01")
    (name,) = of.people
    annotation_round.submit(of, report, answers(of, name, "supports", "", "opposes"))
    pulled = pull.run(of.workspace, batch="b01")
    unanswered = next(task.id for task in of.tasks if (task.article_id[-1], task.target) == ("1", "Quay Guild"))
    assert [(finding.code, finding.item) for finding in pulled.findings] == [("server-stance-missing", unanswered)]
    assert "text-classification?page=" in pulled.findings[0].message
    assert (pulled.annotators[0].done, pulled.annotators[0].started) == (2, 1)
    first, second = loading.layers(of.workspace, "b01")
    assert ([stance.target_name for stance in first.stances], first.confirmed, second.confirmed) == (
        ["Ada Lind"],
        False,
        True,
    )
    assert not any("goldwire pull" in step for step in status.run(of.workspace, batch="b01").steps)


def test_a_category_that_the_schema_has_not_keeps_the_former_layer(connected, tmp_path: Path) -> None:
    of = planned(tmp_path)
    report = push.run(of.workspace, batch="b01")
    (name,) = of.people
    annotation_round.submit(of, report, answers(of, name, "supports", "neutral", "opposes"))
    pull.run(of.workspace, batch="b01")
    before = of.layers(name)
    signed_in, where = session.connect(of.workspace), report.annotators[0].project
    label = signed_in.client.list_label_types(where, "category")[0]
    signed_in.http.patch(f"projects/{where}/category-types/{label.id}", {"text": "adores"})
    codes = {finding.code for finding in pull.run(of.workspace, batch="b01").findings}
    assert codes == {"server-label-unknown", "server-label-type-missing"}
    assert of.layers(name) == before


def test_a_server_that_others_run_does_as_well(connected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sync, project_reader, push, pull):
        monkeypatch.setattr(module, "fetch_state", lambda *given, **options: None)
    of = planned(tmp_path)
    report = push.run(of.workspace, batch="b01")
    assert push.run(of.workspace, batch="b01").annotators[0].added == 0
    wanted = answers(of, of.people[0], "supports", "neutral", "opposes")
    annotation_round.submit(of, report, wanted)
    assert not pull.run(of.workspace, batch="b01").findings
    assert list(loading.layers(of.workspace, "b01")) == wanted


def test_comments_are_read_from_any_server(connected, tmp_path: Path) -> None:
    of = planned(tmp_path)
    report = push.run(of.workspace, batch="b01")
    (name,) = of.people
    first = answers(of, name, "supports", "neutral", "opposes")[1]
    annotation_round.submit(of, report, [msgspec.structs.replace(first, comments=("Which Ada?",))])
    signed_in, where = session.connect(of.workspace), report.annotators[0].project
    rows, unreadable = parse_export(download(signed_in, where, rows=3))
    assert not unreadable
    (row,) = (row for row in rows if row.worked_on)
    assert (row.category_labels, [comment.comment for comment in row.comments]) == (("opposes",), ["Which Ada?"])


def test_targets_come_from_the_gold_of_entities(tmp_path: Path) -> None:
    of = annotation_round.plan(tmp_path, TEXTS)
    first = next(iter(of.articles.values()))
    gold = factories.layer(first, [(0, 10, "ORG")], annotator="gold")
    jsonl.write(of.workspace.gold / "b01.jsonl", [gold])
    report = sample.run(
        of.workspace, batch="s01", annotators=("A1", "A2"), options=SamplingOptions(overlap=1, kind="stance")
    )
    (task,) = loading.tasks(of.workspace, "s01")
    assert (task.article_id, task.target, task.kind) == (first.id, "Quay Guild", "stance")
    assert report.skipped == {"no gold layer to take targets from": 2}


@pytest.mark.parametrize(
    "how",
    [
        {"kind": "stance"},  # without gold
        {"kind": "stance", "targets": Path("nowhere.txt")},
        {"kind": "stance", "window_unit": "sentences"},
        {"targets": Path("targets.txt")},
        {"kind": "mood"},
        {"kind": "stance", "max_targets": 0},
    ],
)
def test_an_impossible_question_is_a_one_line_error(tmp_path: Path, how: dict[str, object]) -> None:
    of = annotation_round.plan(tmp_path, TEXTS)
    with pytest.raises(GoldwireError) as caught:
        sample.run(of.workspace, batch="s01", annotators=("A1",), options=SamplingOptions(overlap=1, **how))
    assert caught.value.hint
    assert not (of.workspace.tasks / "s01.jsonl").exists()
