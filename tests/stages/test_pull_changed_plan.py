"""Plans, projects and notes that are edited, replaced or damaged: no pulled work is lost without a finding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from goldwire.doccano.client import session
from goldwire.doccano.ledger import ledger_path
from goldwire.errors import ConflictError
from goldwire.records import AnnotationLayer, Task
from goldwire.stages import pull, push
from goldwire.workspace import jsonl, loading
from support import annotation_round, factories
from support.annotation_round import AnnotationRound

TEXTS = [f"Headline {i}\n\nAda Novak met the Rail Union." for i in range(3)]
PER, ORG = (12, 21, "PER"), (30, 40, "ORG")
FIRST, SECOND, THIRD = (f"wire-{i:012d}" for i in (1, 2, 3))


class PulledBatch:
    """A pulled batch: one article is done with labels, one without, one is untouched."""

    def __init__(self, folder: Path) -> None:
        self.trial: AnnotationRound = annotation_round.plan(folder, TEXTS)
        self.space, (self.annotator,) = self.trial.workspace, self.trial.people
        self.report = self.push()
        articles = self.trial.articles
        marked = factories.layer(articles[FIRST], [PER, ORG], [(0, 1, "supports")], annotator=self.annotator)
        empty = factories.layer(articles[SECOND], annotator=self.annotator)
        annotation_round.submit(self.trial, self.report, [marked, empty])
        self.pull()
        self.signed_in = session.connect(self.space)

    @property
    def project(self) -> int:
        return self.report.annotators[0].project

    @property
    def layers(self) -> list[AnnotationLayer]:
        return list(loading.layers(self.space, "b01"))

    def push(self, *, force: bool = False) -> push.PushReport:
        return push.run(self.space, batch="b01", force=force)

    def pull(self, *, accept_loss: bool = False) -> pull.PullReport:
        return pull.run(self.space, batch="b01", accept_loss=accept_loss)

    def plan(self, change: Callable[[Task], Task | None]) -> None:
        tasks = [task for task in map(change, self.trial.tasks) if task is not None]
        jsonl.write(self.space.tasks / "b01.jsonl", tasks)

    def delete_row(self, article: str) -> None:
        rows = self.signed_in.http.pages(f"projects/{self.project}/examples")
        (row,) = [row["id"] for row in rows if row["meta"]["gw_article_id"] == article]
        self.signed_in.http.delete(f"projects/{self.project}/examples", {"ids": [row]})


@pytest.fixture
def batch(connected, tmp_path: Path) -> PulledBatch:
    return PulledBatch(tmp_path)


def codes(report: pull.PullReport | push.PushReport) -> set[str]:
    return {finding.code for finding in report.findings}


def without_labelled(batch: PulledBatch) -> str:
    batch.plan(lambda task: None if task.article_id == FIRST else task)
    batch.delete_row(FIRST)
    return "1 ORG, 1 PER, 1 supports, 1 tick in 1 layer"


def without_empty(batch: PulledBatch) -> str:
    batch.plan(lambda task: None if task.article_id == SECOND else task)
    return "1 tick in 1 layer"


def without_a_part(batch: PulledBatch) -> str:
    """The article has another task, whose window has only the person."""
    batch.plan(
        lambda task: (
            msgspec.structs.replace(task, id="b01-0009", window=(0, 22), context=(0, 22))
            if task.article_id == FIRST
            else task
        )
    )
    batch.push(force=True)
    return "1 ORG, 1 PER, 1 supports, 1 tick in 1 layer"


def another_plan(batch: PulledBatch) -> str:
    """The name of the batch is used again."""
    others = [factories.article(f"Another {i}\n\nBo Lind left.", id=f"wire-{i:012d}") for i in (7, 8, 9)]
    factories.write_articles(batch.space, [*batch.trial.articles.values(), *others])
    new = iter(others)

    def replace(task: Task) -> Task:
        article = next(new)
        window = (0, len(article.text))
        return msgspec.structs.replace(task, article_id=article.id, text_sha256=article.text_sha256, window=window)

    batch.plan(replace)
    return "2 ticks, 1 ORG, 1 PER, 1 supports in 2 layers"


@pytest.mark.parametrize("change", [without_labelled, without_empty, another_plan])
def test_layers_that_no_task_asks_for_stay_until_their_loss_is_accepted(
    batch: PulledBatch, change: Callable[[PulledBatch], str]
) -> None:
    before, counts = batch.layers, change(batch)
    for _ in range(2):
        report = batch.pull()
        (finding,) = [finding for finding in report.findings if finding.code == "layer-unassigned"]
        assert f"no task for work of {batch.annotator} that was pulled: {counts}" in finding.message
        assert (report.exit_code, batch.layers) == (1, before)
        batch.push()
    report = batch.pull(accept_loss=True)
    assert "layer-unassigned" not in codes(report)
    assert any(one.name == "ticks" and one.before > one.after for one in report.annotators[0].decreases)
    assert len(batch.layers) < len(before)


def test_a_layer_stays_if_one_of_its_tasks_is_no_longer_planned(batch: PulledBatch) -> None:
    before, counts = batch.layers, without_a_part(batch)
    (finding,) = batch.pull().findings
    assert finding.code == "server-work-missing"
    assert counts in finding.message
    assert batch.layers == before


def test_a_project_whose_description_was_edited_is_found_again(batch: PulledBatch, tmp_path: Path) -> None:
    before = batch.layers
    edited = {"resourcetype": "SequenceLabeling", "description": "Ada's texts"}
    batch.signed_in.http.patch(f"projects/{batch.project}", edited)
    (finding,) = batch.pull().findings
    assert finding.code == "server-project-missing"
    assert f"somebody edited the description of project {batch.project}" in finding.message
    pushed = batch.push()
    assert (pushed.findings, pushed.annotators[0].project, pushed.annotators[0].added) == ((), batch.project, 0)
    stored = batch.signed_in.http.get(f"projects/{batch.project}")["description"]
    assert stored.startswith("Ada's texts [goldwire:")
    assert (batch.pull().findings, batch.layers) == ((), before)
    # Another machine has no notes of the push.
    batch.signed_in.http.patch(f"projects/{batch.project}", edited)
    (elsewhere,) = push.run(factories.copy_workspace(batch.space, tmp_path / "copy"), batch="b01").annotators
    assert (elsewhere.project, elsewhere.added) == (batch.project, 0)
    assert (batch.pull().findings, batch.layers) == ((), before)


def test_a_project_of_another_workspace_under_the_same_name_is_not_changed(batch: PulledBatch, tmp_path: Path) -> None:
    before = batch.layers
    other = factories.copy_workspace(batch.space, tmp_path / "other")
    articles = [factories.article(f"Foreign {i}\n\nBo Lind.", id=f"wire-{i:012d}") for i in (1, 2, 3)]
    factories.write_articles(other, articles)
    by_id = {article.id: article for article in articles}
    tasks = [
        msgspec.structs.replace(
            task,
            text_sha256=by_id[task.article_id].text_sha256,
            window=(0, len(by_id[task.article_id].text)),
        )
        for task in batch.trial.tasks
    ]
    jsonl.write(other.tasks / "b01.jsonl", tasks)
    batch.signed_in.client.delete_project(batch.project)
    (foreign,) = push.run(other, batch="b01").annotators
    with pytest.raises(ConflictError, match="has other texts under the ids of the tasks of b01"):
        batch.push()
    assert codes(batch.pull()) == {"server-task-missing"}
    assert batch.layers == before
    texts = {row["text"] for row in batch.signed_in.http.pages(f"projects/{foreign.project}/examples")}
    assert texts == {article.text for article in articles}


def test_damaged_notes_of_a_push_are_written_again(batch: PulledBatch) -> None:
    before, notes = batch.layers, ledger_path(batch.space, "b01")
    whole = notes.read_bytes()
    notes.write_bytes(whole[: len(whole) // 2])
    assert batch.pull().findings == ()
    assert (batch.push().findings, batch.layers) == ((), before)
    assert notes.read_bytes() == whole
