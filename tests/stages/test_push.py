"""Pushing to the real server: each task exactly once, whatever happens during the push."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from goldwire.doccano import conversion, export_rows, ledger, project, sync
from goldwire.doccano.client import session
from goldwire.doccano.client.download import count_rows, download
from goldwire.doccano.client.http import ConnectionLostError
from goldwire.doccano.client.upload import upload
from goldwire.errors import ConflictError, GoldwireError
from goldwire.records import text_digest
from goldwire.stages import push
from goldwire.workspace import jsonl
from support import annotation_round, factories
from support.annotation_round import AnnotationRound

TEXTS = [f"Headline {i} \N{GRINNING FACE}\n\nBody {i}." for i in range(4)]


def rows(signed_in: session.Session, where: int) -> tuple[export_rows.Row, ...]:
    return export_rows.parse_export(download(signed_in, where, rows=count_rows(signed_in, where)))[0]


def assert_exact(trial: AnnotationRound, report: push.PushReport) -> None:
    """Assert that each annotator's project has each task once, with exactly the article's text, and nothing else."""
    signed_in = session.connect(trial.workspace)
    for one in report.annotators:
        assert (
            len(
                project.find_projects(
                    signed_in, project.project_marker(trial.workspace.settings.name, trial.batch, one.annotator)
                )
            )
            == 1
        )
        found = rows(signed_in, one.project)
        wanted = {
            task.id: trial.articles[task.article_id].text for task in trial.tasks if one.annotator in task.annotators
        }
        assert Counter(row.gw_task_id for row in found) == Counter(wanted.keys())
        assert all(row.text == wanted[str(row.gw_task_id)] for row in found)
        members = Counter(m.username for m in signed_in.client.list_members(one.project) if m.rolename == "annotator")
        assert members == {one.annotator: 1}


def lines(trial: AnnotationRound) -> list[bytes]:
    return [conversion.import_line(task, trial.articles[task.article_id]) for task in trial.tasks]


def labels(signed_in: session.Session, where: int, kind: str) -> dict[str, tuple[object, ...]]:
    fields = ("prefix_key", "suffix_key", "background_color", "text_color")
    return {t["text"]: tuple(t[f] for f in fields) for t in signed_in.http.get(f"projects/{where}/{kind}")}


def test_a_project_has_settings_labels_and_guidelines(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS)
    report = push.run(trial.workspace, batch="b01")
    assert_exact(trial, report)
    signed_in = session.connect(trial.workspace)
    stored = signed_in.http.get(f"projects/{report.annotators[0].project}")
    settings = ["project_type", "use_relation", "allow_overlapping", "collaborative_annotation", "grapheme_mode"]
    assert [stored[name] for name in settings] == ["SequenceLabeling", True, True, True, False]
    assert stored["name"] == f"{trial.workspace.settings.name} b01 {trial.people[0]}"
    table, _, own_text = stored["guideline"].partition("# Guidelines")
    assert f"# Guidelines{own_text}" == trial.workspace.guidelines.read_text().strip()
    assert "PER | `p` | a person |" in table
    assert labels(signed_in, stored["id"], "span-types") == {
        "PER": (None, "p", "#2f6fde", "#ffffff"),
        "ORG": (None, "o", "#b8590b", "#ffffff"),
        "VOICE": (None, "v", "#57606a", "#ffffff"),
    }
    assert labels(signed_in, stored["id"], "relation-types") == {
        "supports": (None, "s", "#1a7f37", "#ffffff"),
        "neutral": (None, "n", "#6e7781", "#ffffff"),
        "opposes": (None, "x", "#cf222e", "#ffffff"),
    }
    assert annotation_round.sign_in(trial, trial.people[0], report.server).username == trial.people[0]
    note = ledger.read_ledger(trial.workspace, "b01")
    assert note is not None
    assert [(project.annotator, project.project, project.tasks) for project in note.projects] == [
        (trial.people[0], stored["id"], 4)
    ]


def test_pushing_twice_changes_nothing(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS, people=2)
    first, second = push.run(trial.workspace, batch="b01"), push.run(trial.workspace, batch="b01")
    assert_exact(trial, second)
    assert [(annotator.added, annotator.created, annotator.changed) for annotator in first.annotators] == [
        (4, True, True)
    ] * 2
    assert [(annotator.added, annotator.created, annotator.changed) for annotator in second.annotators] == [
        (0, False, False)
    ] * 2


def test_an_unchanged_project_is_not_compared(connected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS)
    first = push.run(trial.workspace, batch="b01").annotators[0]

    def refused(*arguments: object, **options: object) -> None:
        raise AssertionError("compared")

    monkeypatch.setattr(push, "sync_project", refused)
    assert push.run(trial.workspace, batch="b01").annotators[0] == msgspec.structs.replace(
        first, added=0, created=False, changed=False
    )


def leave(signed_in: session.Session, where: int) -> None:
    member = next(m for m in signed_in.client.list_members(where) if m.rolename == "annotator")
    signed_in.client.delete_member(where, member.id)


def rename_label(signed_in: session.Session, where: int) -> None:
    label = signed_in.client.list_label_types(where, "span")[0].id
    signed_in.http.patch(f"projects/{where}/span-types/{label}", {"text": "Other"})


def edit_guidelines(signed_in: session.Session, where: int) -> None:
    kind = signed_in.http.get(f"projects/{where}")["resourcetype"]
    signed_in.http.patch(f"projects/{where}", {"resourcetype": kind, "guideline": "other"})


def delete_row(signed_in: session.Session, where: int) -> None:
    signed_in.client.delete_example(where, rows(signed_in, where)[0].id)


@pytest.mark.parametrize("change", [leave, rename_label, edit_guidelines, delete_row])
def test_changes_on_the_server_are_corrected(connected, tmp_path: Path, change) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS)
    where = push.run(trial.workspace, batch="b01").annotators[0].project
    change(session.connect(trial.workspace), where)
    again = push.run(trial.workspace, batch="b01")
    assert again.annotators[0].changed
    assert_exact(trial, again)
    assert not push.run(trial.workspace, batch="b01").annotators[0].changed


def test_a_lost_answer_doubles_nothing(connected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS)
    sent = []

    def stored_but_dropped(*arguments: object, **options: object) -> None:
        upload(*arguments, **options)  # type: ignore[arg-type]
        sent.append(arguments)
        if len(sent) < 3:
            raise ConnectionLostError("the connection broke")

    monkeypatch.setattr(sync, "upload", stored_but_dropped)
    monkeypatch.setattr(sync, "CHUNK", 2)
    monkeypatch.setattr(sync, "_PAUSE", 0)
    assert_exact(trial, push.run(trial.workspace, batch="b01"))
    assert len(sent) == 2


def test_a_connection_that_keeps_breaking_is_a_one_line_error(
    connected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS)

    def dropped(*arguments: object, **options: object) -> None:
        raise ConnectionLostError("the connection broke")

    monkeypatch.setattr(sync, "_PAUSE", 0)
    monkeypatch.setattr(sync, "upload", dropped)
    with pytest.raises(GoldwireError, match="broke"):
        push.run(trial.workspace, batch="b01")
    monkeypatch.setattr(sync, "upload", upload)
    assert_exact(trial, push.run(trial.workspace, batch="b01"))


def test_copies_of_an_aborted_import_are_removed_unless_they_have_work(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS)
    report = push.run(trial.workspace, batch="b01")
    where, signed_in = report.annotators[0].project, session.connect(trial.workspace)
    upload(signed_in, where, lines(trial))
    upload(signed_in, where, lines(trial))
    labelled, ticked = rows(signed_in, where)[5], rows(signed_in, where)[10]
    label = signed_in.client.list_label_types(where, "span")[0].id
    signed_in.client.create_span(where, labelled.id, 0, 4, label)
    signed_in.http.post(f"projects/{where}/examples/{ticked.id}/states")
    assert count_rows(signed_in, where) == 12
    again = push.run(trial.workspace, batch="b01")
    assert again.annotators[0].removed == 8
    assert_exact(trial, again)
    assert {labelled.id, ticked.id} <= {row.id for row in rows(signed_in, where)}


def test_an_edited_text_is_replaced_unless_it_has_work(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS)
    report = push.run(trial.workspace, batch="b01")
    where, signed_in = report.annotators[0].project, session.connect(trial.workspace)
    bare, worked = rows(signed_in, where)[:2]
    label = signed_in.client.list_label_types(where, "span")[0].id
    signed_in.client.create_span(where, worked.id, 0, 4, label)
    for row in (bare, worked):
        signed_in.http.patch(f"projects/{where}/examples/{row.id}", {"text": "edited"})
    again = push.run(trial.workspace, batch="b01")
    texts = {row.gw_task_id: row.text for row in rows(signed_in, where)}
    assert len(texts) == 4
    assert texts[bare.gw_task_id] == bare.text
    assert texts[worked.gw_task_id] == "edited"
    assert [(finding.code, finding.item) for finding in again.findings] == [("server-text-edited", worked.gw_task_id)]


def test_guidelines_and_label_types_follow_the_files(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS)
    where = push.run(trial.workspace, batch="b01").annotators[0].project
    trial.workspace.guidelines.write_text("# Guidelines\n\nVersion: 2.0\n\nMark more.\n")
    swapped = (
        factories.SCHEMA.replace('key = "p"', 'key = "?"')
        .replace('key = "o"', 'key = "p"')
        .replace('key = "?"', 'key = "o"')
    )
    more = '[[entity]]\nlabel = "LOC"\ndescription = "a place"\ncolor = "#f2e29b"\nkey = "l"\n\n[[stance]]'
    trial.workspace.schema.write_text(swapped.replace("[[stance]]", more, 1))
    assert push.run(trial.workspace, batch="b01").annotators[0].changed
    signed_in = session.connect(trial.workspace)
    assert "Version: 2.0" in signed_in.http.get(f"projects/{where}")["guideline"]
    assert labels(signed_in, where, "span-types") == {
        "PER": (None, "o", "#2f6fde", "#ffffff"),
        "ORG": (None, "p", "#b8590b", "#ffffff"),
        "VOICE": (None, "v", "#57606a", "#ffffff"),
        "LOC": (None, "l", "#f2e29b", "#000000"),
    }
    assert not push.run(trial.workspace, batch="b01").annotators[0].changed


def test_a_workspace_of_the_same_name_changes_nothing(connected, tmp_path: Path) -> None:
    """Two workspaces on one server: their names, batches, annotators and tasks are named alike, their texts are not."""
    trial = annotation_round.plan(tmp_path, TEXTS)
    where = push.run(trial.workspace, batch="b01").annotators[0].project
    signed_in = session.connect(trial.workspace)
    before = rows(signed_in, where), signed_in.http.get(f"projects/{where}")
    space = factories.workspace(tmp_path / "other", name=trial.workspace.settings.name)
    space.guidelines.write_text("# Other guidelines\n\nVersion: 7.0\n")
    other = annotation_round.of_people(space, [f"Other {n}\n\nText." for n in range(4)], trial.people)
    with pytest.raises(ConflictError, match="has other texts under the ids of the tasks of b01"):
        push.run(other.workspace, batch="b01")
    assert (rows(signed_in, where), signed_in.http.get(f"projects/{where}")) == before
    # Another lead of the same workspace, whose machine has no notes of a push, may push.
    clone = factories.copy_workspace(trial.workspace, tmp_path / "clone")
    assert push.run(clone, batch="b01").annotators[0].added == 0


def test_foreign_rows_are_kept(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS)
    where, signed_in = push.run(trial.workspace, batch="b01").annotators[0].project, session.connect(trial.workspace)
    signed_in.client.create_example(where, "Somebody's own example.")
    assert not push.run(trial.workspace, batch="b01").annotators[0].changed
    assert count_rows(signed_in, where) == 5


@pytest.mark.parametrize("text", ["Head\n\nA \0 byte.", "x" * 200_001, "Another text."])
def test_an_unsupported_or_changed_text_is_refused_before_anything_is_sent(
    connected, tmp_path: Path, text: str
) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS)
    first = trial.articles["wire-000000000001"]
    factories.write_articles(
        trial.workspace, [factories.article(text, id=first.id), *list(trial.articles.values())[1:]]
    )
    if text != "Another text.":  # as planned by an older version
        task = next(task for task in trial.tasks if task.article_id == first.id)
        changed = msgspec.structs.replace(task, window=(0, len(text)), text_sha256=text_digest(text))
        jsonl.write(trial.workspace.tasks / "b01.jsonl", [changed if t.id == task.id else t for t in trial.tasks])
    with pytest.raises(GoldwireError) as caught:
        push.run(trial.workspace, batch="b01")
    assert str(trial.workspace.tasks / "b01.jsonl") in str(caught.value.location)
    signed_in = session.connect(trial.workspace)
    assert not project.find_projects(
        signed_in, project.project_marker(trial.workspace.settings.name, "b01", trial.people[0])
    )


@pytest.mark.parametrize(("field", "value"), [("key", "Ü"), ("key", "pp"), ("color", "blue")])
def test_an_unsupported_key_or_colour_is_refused(tmp_path: Path, field: str, value: str) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS)
    old = {"key": '"p"', "color": '"#2f6fde"'}[field]
    trial.workspace.schema.write_text(factories.SCHEMA.replace(f"{field} = {old}", f'{field} = "{value}"'))
    with pytest.raises(GoldwireError) as caught:
        push.run(trial.workspace, batch="b01")
    assert caught.value.location == str(trial.workspace.schema)


def _push_slowly(trial: AnnotationRound, most: int | None = None) -> None:
    """Push row by row. After `most` rows, wait until this process is killed."""
    sync.CHUNK = 1
    upload, numbers = sync.upload, count()

    def upload_or_wait(*arguments: Any, **options: Any) -> Any:
        if next(numbers) == most:
            signal.pause()
        return upload(*arguments, **options)

    sync.upload = upload_or_wait
    push.run(trial.workspace, batch=trial.batch)


@pytest.mark.parametrize("stored", [0, 1, 7])
def test_a_killed_and_repeated_push_is_exact(connected, tmp_path: Path, stored: int) -> None:
    trial = annotation_round.plan(tmp_path, [f"Headline {i}\n\nBody." for i in range(25)])
    process = multiprocessing.get_context("fork").Process(target=_push_slowly, args=(trial, stored + 3))
    process.start()
    signed_in = session.connect(trial.workspace)
    marked = project.project_marker(trial.workspace.settings.name, "b01", trial.people[0])
    while not (found := project.find_projects(signed_in, marked)) or count_rows(signed_in, found[0].id) < stored:
        assert process.is_alive()
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert_exact(trial, push.run(trial.workspace, batch="b01"))


def test_simultaneous_pushes_from_two_workspaces_end_exact(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS, people=2)
    elsewhere = trial._replace(workspace=factories.copy_workspace(trial.workspace, tmp_path / "elsewhere"))
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=_push_slowly, args=(one,)) for one in (trial, elsewhere)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    report = push.run(trial.workspace, batch="b01")
    assert [annotator.changed for annotator in report.annotators] == [False, False]
    assert_exact(trial, report)
