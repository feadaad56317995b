"""Work that the real server has lost since it was pulled stays in the layers, and is reported by push and pull."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from goldwire.doccano.client import project_reader, session
from goldwire.records import AnnotationLayer, Finding
from goldwire.stages import pull, push
from goldwire.workspace import loading
from support import annotation_round, factories
from support.annotation_round import AnnotationRound

TEXTS = [f"Headline {i}\n\nAda Novak met the Rail Union." for i in range(4)]
PER, ORG = (12, 21, "PER"), (30, 40, "ORG")
FIRST, SECOND, THIRD = (f"wire-{i:012d}" for i in (1, 2, 3))


class LostBatch(NamedTuple):
    """A pulled batch of four articles: two are done with labels, one is done without, one is untouched."""

    trial: AnnotationRound
    report: push.PushReport
    signed_in: session.Session

    @property
    def project(self) -> int:
        return self.report.annotators[0].project

    @property
    def annotator(self) -> str:
        return self.trial.people[0]

    @property
    def layers(self) -> list[AnnotationLayer]:
        return list(loading.layers(self.trial.workspace, "b01"))

    def push(self) -> push.PushReport:
        return push.run(self.trial.workspace, batch="b01")

    def pull(self, *, accept_loss: bool = False) -> pull.PullReport:
        return pull.run(self.trial.workspace, batch="b01", accept_loss=accept_loss)

    def submit(self, layer: AnnotationLayer) -> None:
        """Submit a layer as its annotator, in the project that the server has now."""
        annotation_round.submit(self.trial, self.push(), [layer])

    def example(self, article: str) -> int:
        rows = self.signed_in.http.pages(f"projects/{self.project}/examples")
        return next(row["id"] for row in rows if row["meta"]["gw_article_id"] == article)

    def copies(self) -> list[bytes]:
        path = self.trial.workspace.exports / "b01" / "replaced" / f"{self.annotator}.jsonl"
        return path.read_bytes().splitlines() if path.exists() else []


def layers_of(trial: AnnotationRound) -> list[AnnotationLayer]:
    articles, name = trial.articles, trial.people[0]
    return [
        factories.layer(articles[FIRST], [PER, ORG], [(0, 1, "supports"), (None, 1, "opposes")], annotator=name),
        factories.layer(articles[SECOND], [PER], annotator=name, comments=["Which Ada?"]),
        factories.layer(articles[THIRD], annotator=name),
    ]


@pytest.fixture
def batch(connected, tmp_path: Path) -> LostBatch:
    trial = annotation_round.plan(tmp_path, TEXTS)
    report = push.run(trial.workspace, batch="b01")
    annotation_round.submit(trial, report, layers_of(trial))
    pull.run(trial.workspace, batch="b01")
    return LostBatch(trial, report, session.connect(trial.workspace))


def codes(findings: tuple[Finding, ...]) -> list[tuple[str, str | None]]:
    return [(finding.code, finding.item) for finding in findings]


def delete_project(batch: LostBatch) -> None:
    batch.signed_in.client.delete_project(batch.project)


def delete_first_task(batch: LostBatch) -> None:
    batch.signed_in.http.delete(f"projects/{batch.project}/examples", {"ids": [batch.example(FIRST)]})


@pytest.mark.parametrize(
    ("lose", "on_pull", "counts"),
    [
        (delete_project, "server-project-missing", "2 PER, 1 ORG, 1 comment, 1 opposes, 1 supports, 3 ticks"),
        (delete_first_task, "server-task-missing", "1 ORG, 1 PER, 1 opposes, 1 supports, 1 tick"),
    ],
)
@pytest.mark.parametrize("pulled_before_push", [True, False])
def test_what_a_push_creates_again_does_not_replace_the_layers(
    batch: LostBatch, lose: Callable[[LostBatch], None], on_pull: str, counts: str, pulled_before_push: bool
) -> None:
    before = batch.layers
    lose(batch)
    if pulled_before_push:
        report = batch.pull()
        assert [finding.code for finding in report.findings] == [on_pull]
        assert report.exit_code == 1
    pushed = batch.push()
    assert codes(pushed.findings) == [("server-work-missing", batch.annotator)]
    assert set(counts.split(", ")) == set(counts_in(pushed.findings[0]))
    assert (pushed.exit_code, batch.push().findings) == (1, ())
    for _ in range(2):
        report = batch.pull()
        assert codes(report.findings) == [("server-work-missing", batch.annotator)]
        assert set(counts.split(", ")) == set(counts_in(report.findings[0]))
        assert "other rows, without their work, have replaced those last pulled" in report.findings[0].message
        assert report.exit_code == 1
        assert batch.layers == before
    assert len(batch.copies()) == (2 if lose is delete_project else 1)  # the rows with labels or comments


def counts_in(finding: Finding) -> list[str]:
    """The counts of a finding on lost work: `... pulled: 2 PER, 1 ORG in 2 layers (...)`."""
    return finding.message.split(": ", 1)[1].split(" in ", 1)[0].split(", ")


def test_an_article_that_is_done_again_replaces_its_layer(batch: LostBatch) -> None:
    delete_project(batch)
    batch.push()
    again = factories.layer(batch.trial.articles[FIRST], [PER], annotator=batch.annotator, confirmed=False)
    batch.submit(again)
    assert batch.pull().annotators[0].carried_over == 3
    assert batch.layers == layers_of(batch.trial)
    done = factories.layer(batch.trial.articles[FIRST], [PER], annotator=batch.annotator)
    batch.submit(done)
    report = batch.pull()
    assert (report.annotators[0].carried_over, report.annotators[0].done) == (2, 3)
    assert batch.layers == [done, *layers_of(batch.trial)[1:]]
    missing, redone = report.findings
    assert [missing.code, redone.code] == ["server-work-missing", "server-work-redone"]
    assert set(counts_in(redone)) == {"1 ORG", "1 opposes", "1 supports"}
    assert [finding.code for finding in batch.pull().findings] == ["server-work-missing"]
    assert [(one.name, one.before, one.after) for one in report.annotators[0].decreases] == [
        ("ORG", 1, 0),
        ("opposes", 1, 0),
        ("supports", 1, 0),
    ]


def test_accepted_loss_takes_the_server_as_it_is_and_says_what_shrank(batch: LostBatch) -> None:
    delete_project(batch)
    batch.push()
    batch.pull()
    report = batch.pull(accept_loss=True)
    assert (report.findings, report.exit_code, bool(batch.trial.layers(batch.annotator))) == ((), 0, False)
    assert {one.name: (one.before, one.after) for one in report.annotators[0].decreases}["ticks"] == (3, 0)
    assert "fewer than last pulled: ORG 0 (before: 1)" in report.to_text()
    assert not batch.pull().findings


def test_labels_of_a_deleted_type_stay_and_are_counted(batch: LostBatch) -> None:
    before = batch.layers
    types = {label.text: label.id for label in batch.signed_in.client.list_label_types(batch.project, "span")}
    batch.signed_in.http.delete(f"projects/{batch.project}/span-types/{types['ORG']}")
    for _ in range(2):
        report = batch.pull()
        assert codes(report.findings) == [("server-label-type-missing", "ORG")]
        message = report.findings[0].message
        assert "the project has no label type 'ORG'; gone with it: 1 ORG, 1 opposes, 1 supports in 1 layer" in message
        assert f"{report.server}/projects/{batch.project}/labels" in message
        assert batch.layers == before
    pushed = batch.push()
    assert codes(pushed.findings) == [("server-label-type-missing", "ORG")]
    assert "created again; gone with it: 1 ORG, 1 opposes, 1 supports in 1 layer" in pushed.findings[0].message
    report = batch.pull()
    assert codes(report.findings) == [("server-work-missing", batch.annotator)]
    assert batch.layers == before
    batch.submit(layers_of(batch.trial)[0])
    assert not batch.pull().findings
    assert batch.layers == before


def test_labels_of_a_type_that_a_push_created_again_before_the_pull_stay(batch: LostBatch) -> None:
    before = batch.layers
    (opposes,) = [
        label for label in batch.signed_in.client.list_label_types(batch.project, "relation") if label.text == "opposes"
    ]
    batch.signed_in.http.delete(f"projects/{batch.project}/relation-types/{opposes.id}")
    assert codes(batch.push().findings) == [("server-label-type-missing", "opposes")]
    report = batch.pull()
    assert codes(report.findings) == [("server-label-type-missing", "opposes")]
    assert (
        "deleted and created again since the last pull; gone with it: 1 opposes in 1 layer"
        in report.findings[0].message
    )
    assert batch.layers == before


def test_a_push_undoes_the_renaming_of_a_label_type(batch: LostBatch) -> None:
    before = batch.layers
    types = {label.text: label.id for label in batch.signed_in.client.list_label_types(batch.project, "span")}
    batch.signed_in.http.patch(f"projects/{batch.project}/span-types/{types['ORG']}", {"text": "Body"})
    report = batch.pull()
    assert {finding.code for finding in report.findings} == {"server-label-unknown", "server-label-type-missing"}
    assert batch.layers == before
    pushed = batch.push()
    assert (pushed.findings, pushed.annotators[0].changed) == ((), True)
    assert not batch.pull().findings
    assert batch.layers == before


def test_labels_that_the_annotator_removes_are_removed_and_reported(batch: LostBatch) -> None:
    first = layers_of(batch.trial)[0]
    annotator = annotation_round.sign_in(batch.trial, batch.annotator, batch.report.server)
    for span in annotator.client.list_spans(batch.project, batch.example(FIRST)):
        annotator.client.delete_span(batch.project, batch.example(FIRST), span.id)
    annotator.http.post(f"projects/{batch.project}/examples/{batch.example(FIRST)}/states")
    report = batch.pull()
    assert report.findings == ()
    assert batch.layers == layers_of(batch.trial)[1:]
    assert [(one.name, one.after) for one in report.annotators[0].decreases] == [
        ("ORG", 0),
        ("PER", 1),
        ("opposes", 0),
        ("supports", 0),
        ("ticks", 2),
    ]
    (copy,) = batch.copies()
    assert first.article_id.encode() in copy


@pytest.mark.parametrize("pushed_before_pull", [False, True])
def test_labels_that_were_deleted_with_an_account_stay(batch: LostBatch, connected, pushed_before_pull: bool) -> None:
    before = batch.layers
    delete_account(connected.home / "db.sqlite3", batch.annotator)
    if pushed_before_pull:
        batch.push()  # creates the account again
    pulled = batch.pull()
    assert batch.layers == before
    assert "server-work-missing" in {finding.code for finding in pulled.findings}
    batch.pull(accept_loss=True)
    assert batch.layers == []


def delete_account(database: Path, user: str) -> None:
    """Delete an account, with what Django deletes together with it when an administrator deletes one."""
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        (number,) = connection.execute("SELECT id FROM auth_user WHERE username = ?", (user,)).fetchone()
        columns = {
            **dict.fromkeys(("labels_span", "labels_relation", "examples_comment", "projects_member"), "user_id"),
            **{"examples_examplestate": "confirmed_by_id", "authtoken_token": "user_id"},
        }
        for table, column in columns.items():
            connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))
        connection.execute("DELETE FROM auth_user WHERE id = ?", (number,))


def test_another_machine_with_the_same_files_has_the_same_proof(batch: LostBatch, tmp_path: Path) -> None:
    elsewhere = factories.copy_workspace(batch.trial.workspace, tmp_path / "elsewhere")
    (elsewhere.private / "ledger" / "b01.pulls.json").unlink(missing_ok=True)
    annotator = annotation_round.sign_in(batch.trial, batch.annotator, batch.report.server)
    annotator.http.post(f"projects/{batch.project}/examples/{batch.example(THIRD)}/states")
    assert not pull.run(elsewhere, batch="b01").findings
    assert len(loading.layers(elsewhere, "b01")) == 2


def test_a_machine_with_other_files_keeps_its_layers(batch: LostBatch, tmp_path: Path) -> None:
    elsewhere = factories.copy_workspace(batch.trial.workspace, tmp_path / "elsewhere")
    path = elsewhere.layers / "b01" / f"{batch.annotator}.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"end":21', b'"end":15').replace(b"Ada Novak", b"Ada"))
    report = pull.run(elsewhere, batch="b01")
    assert codes(report.findings) == [("server-work-missing", batch.annotator)]
    assert [span.text for span in loading.layers(elsewhere, "b01")[0].spans] == ["Ada", "Rail Union"]


def test_on_a_server_without_receipts_an_emptied_row_keeps_its_layer(
    batch: LostBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (project_reader, pull, push):
        monkeypatch.setattr(module, "fetch_state", lambda *arguments, **options: None)
    before = batch.layers
    assert not batch.pull().findings
    annotator = annotation_round.sign_in(batch.trial, batch.annotator, batch.report.server)
    annotator.http.post(f"projects/{batch.project}/examples/{batch.example(THIRD)}/states")
    report = batch.pull()
    assert codes(report.findings) == [("server-work-missing", batch.annotator)]
    assert batch.layers == before


def test_on_a_server_without_receipts_the_annotators_correction_is_pulled(
    batch: LostBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (project_reader, pull, push):
        monkeypatch.setattr(module, "fetch_state", lambda *arguments, **options: None)
    batch.pull()
    annotator = annotation_round.sign_in(batch.trial, batch.annotator, batch.report.server)
    (span,) = annotator.client.list_spans(batch.project, batch.example(SECOND))
    annotator.client.delete_span(batch.project, batch.example(SECOND), span.id)
    types = {label.text: label.id for label in annotator.client.list_label_types(batch.project, "span")}
    annotator.client.create_span(batch.project, batch.example(SECOND), *ORG[:2], types["ORG"])
    assert not batch.pull().findings
    assert [span.label for span in batch.layers[1].spans] == ["ORG"]
