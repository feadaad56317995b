"""A server with a full disk: `push` reports it in one line, and succeeds once there is space again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from goldwire.doccano import credentials, project
from goldwire.doccano.client import session
from goldwire.doccano.client.project_reader import read_project
from goldwire.doccano.server import lifecycle, processes
from goldwire.stages import push
from support import annotation_round
from support.annotation_round import AnnotationRound

resource = pytest.importorskip("resource", reason="no limits on processes here")
pytestmark = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits a process that runs")

# The number of texts, the words of each, and the bytes by which a file of the server may still grow: too few for the
# upload, or for the rows in the database.
UPLOAD, DATABASE = (600, 500, 200_000), (1200, 100, 1_000_000)


@pytest.fixture(scope="module")
def home(doccano_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("full") / "server"
    lifecycle.start(home, environment=doccano_environment)
    yield home
    lifecycle.stop(home)


@pytest.fixture
def named(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the server, named by the environment."""
    state = lifecycle.status(home)
    assert state is not None
    monkeypatch.setenv("GOLDWIRE_DOCCANO_URL", state.url)
    monkeypatch.setenv("GOLDWIRE_DOCCANO_USERNAME", state.username)
    monkeypatch.setenv("GOLDWIRE_DOCCANO_PASSWORD", credentials.admin_password(home))
    return home


def limit(home: Path, size: int) -> None:
    """Limit the size of the server's files, which SQLite reports as a full disk."""
    for process in processes.leftovers(home):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def pushed(trial: AnnotationRound) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from goldwire.cli import main; main()", "push", trial.batch]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(program, cwd=trial.workspace.root, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(("texts", "words", "room"), [UPLOAD, DATABASE], ids=["upload", "database"])
def test_a_full_disk_is_a_one_line_error_and_the_repetition_succeeds(
    named: Path, tmp_path: Path, texts: int, words: int, room: int
) -> None:
    trial = annotation_round.plan(tmp_path, [f"Headline {i}\n\n" + "Novak " * words for i in range(texts)])
    limit(named, max(path.stat().st_size for path in named.glob("db.sqlite3*")) + room)
    failed = pushed(trial)
    assert failed.returncode == 2, failed.stderr
    (line,) = failed.stderr.strip().splitlines()
    assert "disk" in line
    limit(named, resource.RLIM_INFINITY)

    assert pushed(trial).returncode == 0
    report = push.run(trial.workspace, batch=trial.batch)
    assert not report.annotators[0].changed
    signed_in = session.connect(trial.workspace)
    (found,) = project.find_projects(
        signed_in, project.project_marker(trial.workspace.settings.name, trial.batch, trial.people[0])
    )
    export = read_project(signed_in, found.id)
    wanted = Counter((task.id, trial.articles[task.article_id].text) for task in trial.tasks)
    assert Counter((row.gw_task_id, row.text) for row in export.full_rows()) == wanted
