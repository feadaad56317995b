"""A team's server: PostgreSQL and a task worker, on a real PostgreSQL server started by the test."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from goldwire.doccano import credentials
from goldwire.doccano.server import lifecycle, processes
from goldwire.doccano.server import state as states
from goldwire.errors import GoldwireError
from support.postgres import BINARIES, database

PASSWORD = "hush:hush/0 %"  # what an address must escape

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(BINARIES is None, reason="no PostgreSQL under /usr/lib/postgresql"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with database(PASSWORD) as made:
        yield made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("team") / "server"
    yield home
    lifecycle.stop(home)


@pytest.fixture
def running(home: Path, doccano_environment: Path, address: str) -> lifecycle.ServerStatus:
    return lifecycle.start(home, environment=doccano_environment, database=address)


class Admin:
    def __init__(self, url: str, home: Path) -> None:
        self.url, self.headers = url, {"Accept": "*/*"}
        key = self.ask(
            "POST", "/auth/login/", {"username": "admin", "password": credentials.admin_password(home)}
        ).json()["key"]
        self.headers["Authorization"] = f"Token {key}"

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        return requests.request(method, f"{self.url}/v1{path}", json=body, headers=self.headers, timeout=30, **options)

    def task(self, path: str, body: Any) -> Any:
        key = self.ask("POST", path, body).json()["task_id"]
        deadline = time.monotonic() + 120
        while not (answer := self.ask("GET", f"/tasks/status/{key}").json())["ready"]:
            assert time.monotonic() < deadline, path
            time.sleep(0.1)
        return key, answer


def test_the_worker_imports_and_exports_texts(running: lifecycle.ServerStatus, home: Path):
    assert (running.database, running.problem) == ("postgresql", None)
    admin = Admin(running.url, home)
    body = {"name": "p", "description": "d", "project_type": "SequenceLabeling", "use_relation": True}
    project = admin.ask("POST", "/projects", body | {"resourcetype": "SequenceLabelingProject"}).json()["id"]
    rows = [{"text": f"Zoë Bell {number}", "entities": [], "relations": []} for number in range(3)]
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    upload = admin.ask("POST", "/fp/process/", files={"filepond": ("a.jsonl", data)}).text
    body = {"uploadIds": [upload], "format": "JSONL", "task": "RelationExtraction", "encoding": "utf_8"}
    _, answer = admin.task(f"/projects/{project}/upload", body | {"column_data": "text", "column_label": "label"})
    assert (answer["error"], answer["result"]) == (None, {"error": []})
    assert [row["text"] for row in admin.ask("GET", f"/projects/{project}/examples").json()["results"]] == [
        row["text"] for row in rows
    ]
    key, _ = admin.task(f"/projects/{project}/download", {"format": "JSONL", "exportApproved": False})
    assert admin.ask("GET", f"/projects/{project}/download?taskId={key}").content[:2] == b"PK"


def test_the_database_password_is_in_no_log_or_process(running: lifecycle.ServerStatus, home: Path, address: str):
    texts = [path.read_text(errors="replace") for path in (home / "logs").iterdir()]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended
            texts.append(path.read_text(errors="replace"))
    for process in processes.leftovers(home):
        texts.append(Path(f"/proc/{process.pid}/environ").read_text(encoding="utf-8", errors="replace"))
    assert len(processes.leftovers(home)) >= 6  # gunicorn, the worker, and two children of each
    for secret in (PASSWORD, quote(PASSWORD, safe=""), "hush", credentials.admin_password(home)):
        assert not [text for text in texts if secret in text]
    holding = [path for path in home.rglob("*") if path.is_file() and b"hush" in path.read_bytes()]
    assert [(path.name, path.stat().st_mode & 0o777) for path in holding] == [("server.json", 0o600)]


def test_a_killed_worker_is_reported_and_replaced(
    running: lifecycle.ServerStatus, home: Path, doccano_environment: Path
):
    assert running.worker_pid is not None
    os.kill(running.worker_pid, signal.SIGKILL)
    worker = states.read(home).worker
    assert worker is not None
    while processes.is_alive(worker):
        time.sleep(0.01)
    state = lifecycle.status(home)
    assert state is not None
    assert "task worker has ended" in str(state.problem)
    healed = lifecycle.start(home, environment=doccano_environment)  # on the database of the last start
    assert healed.problem is None
    assert healed.pid == running.pid  # annotators were not interrupted
    assert healed.worker_pid != running.worker_pid
    groups = {process.group for process in processes.leftovers(home)}
    assert groups == {healed.pid, healed.worker_pid}


def test_a_task_lost_with_its_worker_is_marked_as_failed(
    running: lifecycle.ServerStatus, home: Path, doccano_environment: Path
):
    state = lifecycle.start(home, environment=doccano_environment)
    admin, worker = Admin(state.url, home), states.read(home).worker
    assert worker is not None
    body = {"name": "lost", "description": "d", "project_type": "SequenceLabeling"}
    project = admin.ask("POST", "/projects", body | {"resourcetype": "SequenceLabelingProject"}).json()["id"]
    os.killpg(worker.pid, signal.SIGSTOP)  # whether it takes the task or not, no worker works on it
    body = {"format": "JSONL", "exportApproved": False}
    queued = [admin.ask("POST", f"/projects/{project}/download", body).json()["task_id"] for _ in range(3)]
    os.killpg(worker.pid, signal.SIGCONT)
    time.sleep(0.05)
    os.killpg(worker.pid, signal.SIGKILL)
    while processes.is_alive(worker):
        time.sleep(0.01)
    assert lifecycle.start(home, environment=doccano_environment).problem is None
    deadline = time.monotonic() + 60
    while left := [key for key in queued if not admin.ask("GET", f"/tasks/status/{key}").json()["ready"]]:
        assert time.monotonic() < deadline, left
        time.sleep(0.2)


def test_the_error_of_a_wrong_password_does_not_contain_it(tmp_path: Path, doccano_environment: Path, address: str):
    wrong = address.replace(quote(PASSWORD, safe=""), "wrong-word")
    with pytest.raises(GoldwireError) as raised:
        lifecycle.start(tmp_path / "server", environment=doccano_environment, database=wrong)
    assert "authentication failed" in str(raised.value)
    assert "wrong-word" not in str(raised.value)


def test_stop_ends_server_and_worker(running: lifecycle.ServerStatus, home: Path):
    assert lifecycle.stop(home)
    assert processes.leftovers(home) == []
    assert lifecycle.status(home) is None
