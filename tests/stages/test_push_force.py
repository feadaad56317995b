"""`push` on the real server never deletes an annotator's work; `push --force` does, after saving a backup."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from goldwire.doccano import conversion, export_rows, project, sync
from goldwire.doccano.client import project_reader, session
from goldwire.doccano.client.download import count_rows, download
from goldwire.doccano.client.upload import upload
from goldwire.stages import pull, push
from goldwire.workspace import jsonl
from support import annotation_round
from support.annotation_round import AnnotationRound

TEXTS = [f"Headline {i}\n\nBody {i}." for i in range(4)]


class LabelledBatch:
    """A batch of four tasks for one or two annotators; the first labelled the first task and ticked the second."""

    def __init__(self, folder: Path, *, people: int = 1) -> None:
        self.trial: AnnotationRound = annotation_round.plan(folder, TEXTS, people=people)
        self.report = push.run(self.trial.workspace, batch="b01")
        self.where = self.report.annotators[0].project
        self.signed_in = session.connect(self.trial.workspace)
        self.label = self.signed_in.client.list_label_types(self.where, "span")[0].id
        self.mark(self.rows()["1"][0])
        self.tick(self.rows()["2"][0])

    def rows(self) -> dict[str, list[export_rows.Row]]:
        """Return rows by the article's number."""
        data = download(self.signed_in, self.where, rows=count_rows(self.signed_in, self.where))
        found: dict[str, list[export_rows.Row]] = {}
        for row in export_rows.parse_export(data)[0]:
            found.setdefault(str(row.gw_article_id)[-1], []).append(row)
        return found

    def mark(self, row: export_rows.Row) -> None:
        self.signed_in.client.create_span(self.where, row.id, 0, 4, self.label)

    def tick(self, row: export_rows.Row) -> None:
        self.signed_in.http.post(f"projects/{self.where}/examples/{row.id}/states")

    def plan(self, tasks: list) -> None:
        jsonl.write(self.trial.workspace.tasks / "b01.jsonl", tasks)

    def push(self, *, force: bool = False) -> push.PushReport:
        return push.run(self.trial.workspace, batch="b01", force=force)

    def saved(self) -> list[list[export_rows.Row]]:
        files = sorted((self.trial.workspace.exports / "b01" / "forced").glob("*.jsonl"))
        return [list(export_rows.parse_export(file.read_bytes())[0]) for file in files]


@pytest.fixture(params=["state page", "exported"])
def labelled_batch(
    connected, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> LabelledBatch:
    """Yield the batch on goldwire's own server, and as on a server without a state page."""
    made = LabelledBatch(tmp_path)
    if request.param == "exported":
        for module in (project_reader, sync, push, pull):
            monkeypatch.setattr(module, "fetch_state", lambda *arguments, **options: None)
    return made


def test_an_unplanned_task_is_deleted_only_by_force(labelled_batch: LabelledBatch) -> None:
    labelled_batch.plan([task for task in labelled_batch.trial.tasks if task.article_id.endswith("4")])
    report = labelled_batch.push()
    assert sorted(labelled_batch.rows()) == ["1", "2", "3", "4"]
    assert [finding.code for finding in report.findings] == ["server-example-unknown"] * 2
    hint = "`goldwire push b01 --force` saves a backup to annotations/exports/b01/ and deletes it"
    assert [line for line in report.to_text().splitlines() if "--force" in line] == [
        f"1 task is on the server, no longer planned and without work; {hint}",
        f"2 tasks with work differ from the plan, and nothing was changed there; {hint}",
    ]
    before = labelled_batch.rows()
    report = labelled_batch.push(force=True)
    assert sorted(labelled_batch.rows()) == ["4"]
    assert (report.annotators[0].deleted_with_work, report.findings) == (2, ())
    ((saved),) = labelled_batch.saved()
    assert {row.id for row in saved} == {row.id for rows in before.values() for row in rows}
    assert sum(len(row.entities) for row in saved) == 1
    assert report.annotators[0].backups[0] in report.to_text()
    again = labelled_batch.push(force=True)
    assert not again.annotators[0].changed
    assert len(labelled_batch.saved()) == 1


def test_an_edited_text_is_restored_by_force(labelled_batch: LabelledBatch) -> None:
    row = labelled_batch.rows()["1"][0]
    labelled_batch.signed_in.http.patch(f"projects/{labelled_batch.where}/examples/{row.id}", {"text": "edited"})
    assert [finding.code for finding in labelled_batch.push().findings] == ["server-text-edited"]
    assert labelled_batch.rows()["1"][0].text == "edited"
    assert labelled_batch.saved() == []
    assert labelled_batch.push(force=True).findings == ()
    (now,) = labelled_batch.rows()["1"]
    assert (now.text, now.entities) == (TEXTS[0], ())
    assert [(saved.text, len(saved.entities)) for saved in labelled_batch.saved()[0] if saved.id == row.id] == [
        ("edited", 1)
    ]


def test_force_keeps_the_copy_that_is_ticked_done(labelled_batch: LabelledBatch) -> None:
    copies = [
        conversion.import_line(task, labelled_batch.trial.articles[task.article_id])
        for task in labelled_batch.trial.tasks
    ]
    upload(labelled_batch.signed_in, labelled_batch.where, copies)
    first, second = labelled_batch.rows()["1"]
    labelled_batch.mark(second)
    labelled_batch.tick(second)
    report = labelled_batch.push()
    assert [finding.code for finding in report.findings] == ["server-task-duplicate"]
    assert [row.id for row in labelled_batch.rows()["1"]] == [first.id, second.id]
    assert labelled_batch.push(force=True).findings == ()
    assert {key: [row.id for row in rows] for key, rows in labelled_batch.rows().items()}["1"] == [second.id]
    assert Counter(map(len, labelled_batch.rows().values())) == {1: 4}
    assert {first.id, second.id} <= {row.id for row in labelled_batch.saved()[0]}


def test_force_changes_nothing_in_a_project_as_planned(labelled_batch: LabelledBatch) -> None:
    before = labelled_batch.rows()
    report = labelled_batch.push(force=True)
    assert (labelled_batch.rows(), labelled_batch.saved()) == (before, [])
    assert not report.annotators[0].changed


def test_nothing_is_deleted_without_a_backup(connected, tmp_path: Path) -> None:
    labelled_batch = LabelledBatch(tmp_path)
    labelled_batch.plan([task for task in labelled_batch.trial.tasks if task.article_id.endswith("4")])
    folder = labelled_batch.trial.workspace.exports / "b01"
    folder.mkdir(parents=True)
    (folder / "forced").write_text("in the way")
    with pytest.raises(OSError, match="forced"):
        labelled_batch.push(force=True)
    assert {"1", "2"} <= labelled_batch.rows().keys()


def test_the_project_of_an_annotator_without_tasks_is_deleted_only_by_force(connected, tmp_path: Path) -> None:
    labelled_batch = LabelledBatch(tmp_path, people=2)
    gone, stays = labelled_batch.trial.people
    labelled_batch.plan([msgspec.structs.replace(task, annotators=(stays,)) for task in labelled_batch.trial.tasks])
    report = labelled_batch.push()
    (left,) = report.unplanned
    assert (left.annotator, left.project, left.rows, left.worked) == (gone, labelled_batch.where, 4, 2)
    assert any(gone in line and "--force" in line for line in report.to_text().splitlines())
    assert len(labelled_batch.rows()) == 4
    # An expert's project of the batch has the same kind of marker, but no annotator.
    expert = project.ProjectPlan(
        workspace=labelled_batch.trial.workspace.settings.name,
        batch="b01",
        annotator="E1",
        guideline="",
        spans=(),
        relations=(),
    )
    project.ensure_project(labelled_batch.signed_in, expert)
    report = labelled_batch.push(force=True)
    marks = [
        project.project_marker(labelled_batch.trial.workspace.settings.name, "b01", name)
        for name in (gone, stays, "E1")
    ]
    assert [len(project.find_projects(labelled_batch.signed_in, mark)) for mark in marks] == [0, 1, 1]
    assert [len(rows) for rows in labelled_batch.saved()] == [4]
    assert report.removed[0] in report.to_text()
    assert labelled_batch.push().unplanned == ()


def test_a_batch_with_a_similar_name_is_not_changed(connected, tmp_path: Path) -> None:
    labelled_batch = LabelledBatch(tmp_path)
    space = labelled_batch.trial.workspace
    for batch in ("b01x", "xb01"):
        tasks = [msgspec.structs.replace(task, batch=batch, annotators=("Q1",)) for task in labelled_batch.trial.tasks]
        jsonl.write(space.tasks / f"{batch}.jsonl", tasks)
        push.run(space, batch=batch)
    assert labelled_batch.push(force=True).unplanned == ()
    assert (
        len(project.find_projects(labelled_batch.signed_in, project.project_marker(space.settings.name, "b01x", "Q1")))
        == 1
    )


def test_files_that_a_killed_push_has_left_are_removed(labelled_batch: LabelledBatch) -> None:
    space = labelled_batch.trial.workspace
    folders = (space.exports / "b01" / "forced", space.prelabels, space.private / "ledger")
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".A1.jsonl.x1y2.tmp").write_bytes(b"torn")
    labelled_batch.push()
    assert not [path for folder in folders for path in folder.glob(".*.tmp")]
