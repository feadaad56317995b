"""A job that a worker took and never finished, on a server that does not report lost jobs."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from goldwire.doccano import credentials, sync
from goldwire.doccano.client import download, jobs, project_reader, session, upload
from goldwire.doccano.export_rows import parse_export
from goldwire.doccano.server import environment, lifecycle, state
from goldwire.stages import pull, push
from support import annotation_round
from support.postgres import BINARIES, database

TEXTS = ["First\n\nAda Novak met the Rail Union.", "Second\n\nIt rained."]
# The worker takes visible tasks from the queue. A task that stays invisible is lost.
TAKE = """
import sys, time, psycopg2
sql = psycopg2.connect(sys.argv[1]); sql.autocommit = True; found = []; cursor = sql.cursor()
while not found:
    cursor.execute("UPDATE kombu_message SET visible = %s WHERE visible <> %s AND payload LIKE %s RETURNING id",
                   (sys.argv[3] == "back", sys.argv[3] == "back", f"%{sys.argv[2]}%"))
    found = cursor.fetchall()
    time.sleep(0.02)
"""

pytestmark = [
    pytest.mark.server,
    pytest.mark.postgres,
    pytest.mark.skipif(BINARIES is None, reason="no PostgreSQL under /usr/lib/postgresql"),
]


class Team:
    """A server with a task worker whose queue the test can change."""

    def __init__(self, home: Path, folder: Path, address: str) -> None:
        self.home, self.address = home, address
        self.python = environment.ensure(folder)
        self.state = lifecycle.start(home, environment=folder, database=address)

    def queue(self, task: str, where: str) -> None:
        """Take the first such task from the queue, or put all of them back."""
        subprocess.run([self.python, "-c", TAKE, self.address, task, where], check=True, timeout=60)

    def losing(self, task: str, act: Callable[..., Any]) -> Callable[..., Any]:
        """Return `act`, whose first such task is taken by a worker that then ends."""
        taken: list[str] = []

        def lossy(*arguments: object, **options: object) -> Any:
            if taken:
                return act(*arguments, **options)
            taken.append(task)
            worker = state.read(self.home).worker
            assert worker is not None
            os.killpg(worker.pid, signal.SIGSTOP)

            def lose() -> None:
                self.queue(task, "away")
                os.killpg(worker.pid, signal.SIGCONT)

            thief = threading.Thread(target=lose)
            thief.start()
            try:
                return act(*arguments, **options)
            finally:
                thief.join()

        return lossy


@pytest.fixture(scope="module")
def team(doccano_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    home = tmp_path_factory.mktemp("lost") / "server"
    with database("hush") as address:
        try:
            yield Team(home, doccano_environment, address)
        finally:
            lifecycle.stop(home)


@pytest.fixture
def trial(team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> annotation_round.AnnotationRound:
    monkeypatch.setenv(session.URL, team.state.url)
    monkeypatch.setenv(session.USERNAME, team.state.username)
    monkeypatch.setenv(session.PASSWORD, credentials.admin_password(team.home))
    monkeypatch.setattr(jobs, "_HEALTH_CHECK_AFTER", 0.5)
    monkeypatch.setattr(upload, "_GRACE", 1.0)
    monkeypatch.setattr(jobs, "_LIMIT", 120.0)  # a job that is waited for, instead of given up as lost, fails the test
    for module in (sync, project_reader, push, pull):
        monkeypatch.setattr(module, "fetch_state", lambda *arguments, **options: None)
    return annotation_round.plan(tmp_path, TEXTS)


def test_a_lost_import_is_repeated_and_its_rows_come_once_even_if_it_was_only_late(
    team: Team, trial: annotation_round.AnnotationRound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "upload", team.losing("import_dataset", sync.upload))
    (one,) = push.run(trial.workspace, batch="b01").annotators
    team.queue("import_dataset", "back")
    signed_in = session.connect(trial.workspace)
    ended = signed_in.http.post(f"projects/{one.project}/download", {"format": "JSONL", "exportApproved": False})
    jobs.wait(signed_in, ended["task_id"], "what was queued later")
    time.sleep(2)
    rows, _ = parse_export(project_reader.read_project(signed_in, one.project).data())
    assert Counter(row.gw_task_id for row in rows) == Counter(task.id for task in trial.tasks)
    assert not push.run(trial.workspace, batch="b01").annotators[0].changed


def test_an_import_that_was_lost_after_its_texts_is_not_repeated(
    trial: annotation_round.AnnotationRound, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = jobs.wait

    def deaf(signed_in: session.Session, job: str, what: str, **options: Any) -> Any:
        """Wait for a job that never ends in place of each import."""
        result = wait(signed_in, job, what, expected=options["expected"])
        return (
            result if options["is_lost"] is None or what != "the import" else wait(signed_in, "lost", what, **options)
        )

    monkeypatch.setattr(jobs, "wait", deaf)
    (one,) = push.run(trial.workspace, batch="b01").annotators
    assert (one.added, one.removed) == (0, 0)
    rows, _ = parse_export(project_reader.read_project(session.connect(trial.workspace), one.project).data())
    assert Counter(row.gw_task_id for row in rows) == Counter(task.id for task in trial.tasks)


def test_a_lost_export_is_requested_again(
    team: Team, trial: annotation_round.AnnotationRound, monkeypatch: pytest.MonkeyPatch
) -> None:
    push.run(trial.workspace, batch="b01")
    monkeypatch.setattr(download, "_export", team.losing("export_dataset", download._export))
    assert not pull.run(trial.workspace, batch="b01").findings
