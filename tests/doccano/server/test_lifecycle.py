"""Start, status and stop of a real server, and recovery from every broken state."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from goldwire.doccano import credentials
from goldwire.doccano.client import session
from goldwire.doccano.server import environment, health, lifecycle, processes
from goldwire.doccano.server import state as states
from goldwire.doccano.server.network import Network, make_network
from goldwire.errors import GoldwireError
from goldwire.stages import pull, push
from support import annotation_round
from support.proxy import certificate

USERS_AND_MIGRATIONS = ("auth_user", "authtoken_token", "django_migrations")
PUBLIC_KEY = "v8sk33sy82!uw3ty=!jjv5vp7=s2phrzw(m(hrn^f7e_#1h2al"


@pytest.fixture(scope="module")
def prepared(doccano_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home whose server has run and was stopped."""
    home = tmp_path_factory.mktemp("prepared") / "server"
    lifecycle.start(home, environment=doccano_environment)
    assert lifecycle.stop(home)
    return home


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Iterator[Path]:
    """Yield a home for one test; end all processes that still run for it."""
    home = tmp_path / "server"
    shutil.copytree(prepared, home)
    yield home
    for here in tmp_path.iterdir():
        processes.end(processes.leftovers(here), grace=0.1)


def begin(home: Path, doccano_environment: Path, **options: Any) -> lifecycle.ServerStatus:
    return lifecycle.start(home, environment=doccano_environment, **options)


def made_project(url: str, home: Path) -> Any:
    body = {"username": "admin", "password": credentials.admin_password(home)}
    token = requests.post(f"{url}/v1/auth/login/", json=body, timeout=30).json()["key"]
    body = {"name": "stays", "description": "d", "project_type": "Seq2seq", "resourcetype": "Seq2seqProject"}
    answer = requests.post(f"{url}/v1/projects", json=body, headers={"Authorization": f"Token {token}"}, timeout=30)
    return answer.json()["id"]


def projects(url: str, home: Path) -> list[Any]:
    body = {"username": "admin", "password": credentials.admin_password(home)}
    token = requests.post(f"{url}/v1/auth/login/", json=body, timeout=30).json()["key"]
    answer = requests.get(f"{url}/v1/projects", headers={"Authorization": f"Token {token}"}, timeout=30)
    return [project["id"] for project in answer.json()["results"]]


def test_the_status_of_the_shared_server(doccano):
    state = lifecycle.status(doccano.home)
    assert state is not None
    assert (state.url, state.database, state.worker_pid, state.problem) == (doccano.url, "sqlite", None, None)
    assert doccano.password.encode() not in msgspec.json.encode(state)


def test_a_server_starts_stops_and_starts_again(home: Path, doccano_environment: Path):
    assert lifecycle.status(home) is None
    first = begin(home, doccano_environment)
    assert lifecycle.status(home) == first
    assert begin(home, doccano_environment) == first
    project = made_project(first.url, home)
    assert lifecycle.stop(home)
    assert lifecycle.status(home) is None
    assert not lifecycle.stop(home)
    second = begin(home, doccano_environment)
    assert second.url == first.url
    assert second.pid != first.pid
    assert projects(second.url, home) == [project]


def test_a_new_database_is_a_copy_of_the_tables_that_migrations_have_made(prepared: Path, doccano_environment: Path):
    (saved,) = doccano_environment.glob("py*/doccano-tables.sqlite3")
    assert saved.stat().st_mode & 0o077 == 0
    schemas, rows = [], []
    for path in (saved, prepared / "db.sqlite3"):
        with contextlib.closing(sqlite3.connect(path)) as database:
            named = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%' AND name NOT GLOB 'g[ow]*'"
            schemas.append(dict(database.execute(named).fetchall()))
            rows.append([len(database.execute(f"SELECT * FROM {table}").fetchall()) for table in USERS_AND_MIGRATIONS])
    assert schemas[0] == schemas[1]
    assert rows[0] == [0, 0, rows[1][2]]
    assert rows[1][0] == 1


def test_other_users_cannot_read_its_files_or_secrets(home: Path, doccano_environment: Path):
    state = begin(home, doccano_environment)
    for path in (home, *home.rglob("*")):
        with contextlib.suppress(FileNotFoundError):  # SQLite has removed its log, since the last request has ended
            assert path.stat().st_mode & 0o077 == 0, path
    secrets = (credentials.admin_password(home), states.read(home).secret_key)
    texts = [path.read_text(errors="replace") for path in (home / "logs").iterdir()]
    for process in processes.leftovers(home):
        texts += [
            Path(f"/proc/{process.pid}/{part}").read_text(encoding="utf-8", errors="replace")
            for part in ("cmdline", "environ")
        ]
    assert len(texts) > 4
    assert not [secret for secret in secrets for text in texts if secret in text]
    sockets = subprocess.run(
        ["/bin/cat", "/proc/net/tcp", "/proc/net/tcp6"], capture_output=True, text=True, check=True
    )
    listening = [line.split()[1] for line in sockets.stdout.splitlines() if line.split()[3:4] == ["0A"]]
    assert [name for name in listening if name.endswith(f":{state.port:04X}")] == [f"0100007F:{state.port:04X}"]


def test_it_runs_with_production_settings_and_a_new_secret_key(home: Path, doccano_environment: Path):
    python = environment.ensure(doccano_environment)
    states.write(home, home=str(home))
    code = (
        "import os, json, gw_settings as s;"
        "print(json.dumps([s.DEBUG, s.SECRET_KEY, 'STANDALONE' in os.environ, 'SECRET_KEY' in os.environ,"
        " s.MEDIA_ROOT, s.DATABASES['default']['NAME'], s.DJANGO_DRF_FILEPOND_UPLOAD_TMP]))"
    )
    variables = {"GOLDWIRE_DOCCANO_HOME": str(home), "PYTHONPATH": str(environment.SERVED), "STANDALONE": "1"}
    done = subprocess.run(
        [python, "-c", code], cwd=environment.backend(python), env=variables, capture_output=True, text=True, check=True
    )
    debug, key, *open_ones, media, database, uploads = json.loads(done.stdout)
    assert (debug, open_ones) == (False, [False, False])
    assert key == states.read(home).secret_key != PUBLIC_KEY
    assert len(key) >= 48
    assert all(Path(path).is_relative_to(home) for path in (media, database, uploads))


class TestPorts:
    @pytest.fixture
    def taken(self) -> Iterator[int]:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            yield other.getsockname()[1]

    def test_a_requested_port_that_is_taken_is_an_error(self, home: Path, doccano_environment: Path, taken: int):
        with pytest.raises(GoldwireError, match=f"port {taken} is taken"):
            begin(home, doccano_environment, port=taken)
        assert lifecycle.status(home) is None

    @pytest.mark.parametrize("port", [-1, 99_999])
    def test_a_port_that_does_not_exist_is_an_error(self, port: int):
        with pytest.raises(GoldwireError, match="does not exist"):
            processes.pick_port(port, 0, "127.0.0.1")

    def test_another_port_is_used_if_that_of_the_last_start_is_taken(
        self, home: Path, doccano_environment: Path, taken: int
    ):
        states.write(home, port=taken)
        state = begin(home, doccano_environment)
        assert state.port != taken
        with pytest.raises(GoldwireError, match=f"on port {state.port}"):
            begin(home, doccano_environment, port=taken)
        with pytest.raises(GoldwireError, match="another database"):
            begin(home, doccano_environment, database="postgresql://somebody:hush@127.0.0.1/x")


class TestTls:
    @pytest.fixture
    def trial(
        self, prepared: Path, tmp_path: Path, doccano_environment: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[annotation_round.AnnotationRound]:
        monkeypatch.delenv("GOLDWIRE_DOCCANO_URL", raising=False)
        monkeypatch.setenv(environment.VARIABLE, str(doccano_environment))
        trial = annotation_round.plan(tmp_path, ["Head\n\nAda Novak spoke."])
        home = trial.workspace.private / "server"
        shutil.copytree(prepared, home)
        yield trial
        processes.end(processes.leftovers(home), grace=0.1)

    @pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
    def test_goldwire_accepts_the_certificate_of_its_own_server_only(
        self, trial: annotation_round.AnnotationRound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        made, key = certificate(tmp_path, "DNS:labels.example.org")
        settings = {"host": "0.0.0.0", "public_url": "https://labels.example.org", "tls_cert": made, "tls_key": key}
        network = partial(make_network, **{name: str(value) for name, value in settings.items()})
        report = lifecycle.start_server(trial.workspace, network=network)
        assert report.status is not None
        assert (report.status.url, report.status.problem) == ("https://labels.example.org", None)
        port = report.status.port
        pushed = push.run(trial.workspace, batch="b01")
        assert pushed.annotators[0].address.startswith("https://labels.example.org/projects/")
        assert not pull.run(trial.workspace, batch="b01").findings
        page = requests.get(f"https://127.0.0.1:{port}/auth", verify=False, timeout=30)
        assert page.headers["Strict-Transport-Security"] == "max-age=2592000"
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://127.0.0.1:{port}/auth", timeout=30)
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        with socket.create_connection(("127.0.0.1", port), 30) as plain, pytest.raises(ssl.SSLError):
            old.wrap_socket(plain)
        with monkeypatch.context() as patch:
            patch.setattr(Network, "fingerprint", "0" * 64)
            impostor = session.connect(trial.workspace)
            with pytest.raises(GoldwireError, match="certificate"):
                impostor.http.get("me")
        with pytest.raises(GoldwireError, match="with other network settings"):
            lifecycle.start_server(trial.workspace, network=partial(make_network, host="127.0.0.1"))
        assert lifecycle.start_server(trial.workspace).status == report.status


class TestHealing:
    def test_a_killed_server_starts_again_with_its_data(self, home: Path, doccano_environment: Path):
        first = begin(home, doccano_environment)
        project = made_project(first.url, home)
        web = states.read(home).web
        assert web is not None
        os.killpg(first.pid, signal.SIGKILL)
        while processes.is_alive(web):
            time.sleep(0.01)
        assert lifecycle.status(home) is None
        second = begin(home, doccano_environment)
        assert second.pid != first.pid
        assert projects(second.url, home) == [project]

    def test_an_interrupted_start_leaves_no_second_server(self, home: Path, doccano_environment: Path):
        orphan = begin(home, doccano_environment)
        states.write(home, web=None)  # as if it had been killed before it recorded the pid
        state = begin(home, doccano_environment)
        assert {process.group for process in processes.leftovers(home)} == {state.pid}
        assert state.pid != orphan.pid

    def test_a_killed_start_or_stop_is_repeated(self, home: Path, doccano_environment: Path):
        fork = multiprocessing.get_context("fork")
        rng = random.Random(6)
        start = fork.Process(target=begin, args=(home, doccano_environment))
        start.start()
        start.join(rng.uniform(0, 2.5))
        start.kill()
        start.join()
        state = begin(home, doccano_environment)
        assert {process.group for process in processes.leftovers(home)} == {state.pid}
        assert state.problem is None
        stop = fork.Process(target=lifecycle.stop, args=(home,))
        stop.start()
        stop.join(rng.uniform(0, 0.2))
        stop.kill()
        stop.join()
        lifecycle.stop(home)
        assert lifecycle.status(home) is None
        assert processes.leftovers(home) == []

    def test_a_process_that_reuses_the_pid_is_not_ended(self, home: Path):
        with subprocess.Popen(["/bin/sleep", "60"]) as other:
            states.write(home, home=str(home), web=processes.Process(other.pid, "long ago"))
            assert lifecycle.status(home) is None
            assert not lifecycle.stop(home)
            assert other.poll() is None
            other.kill()

    def test_a_copy_of_a_running_home_is_another_server(self, home: Path, doccano_environment: Path):
        state = begin(home, doccano_environment)
        copy = home.with_name("copy")
        # SQLite removes these two when the last request has ended, which may be while they are copied.
        shutil.copytree(home, copy, ignore=shutil.ignore_patterns("*-wal", "*-shm"))
        assert lifecycle.status(copy) is None
        assert not lifecycle.stop(copy)
        assert lifecycle.status(home) == state

    def test_a_moved_home_is_reported_and_repaired(self, home: Path, doccano_environment: Path):
        first = begin(home, doccano_environment)
        project = made_project(first.url, home)
        moved = home.with_name("moved")
        home.rename(moved)
        state = lifecycle.status(moved)
        assert state is not None
        assert "moved" in str(state.problem)
        second = begin(moved, doccano_environment)
        assert second.problem is None
        assert projects(second.url, moved) == [project]
        assert processes.leftovers(home) == []

    def test_a_hanging_server_is_reported_and_replaced(
        self, home: Path, doccano_environment: Path, monkeypatch: pytest.MonkeyPatch
    ):
        first = begin(home, doccano_environment)
        ensure = environment.ensure

        def wait_as_usual(folder: Path) -> Path:
            monkeypatch.undo()
            return ensure(folder)

        monkeypatch.setattr(health, "TIMEOUT", 0.3)
        monkeypatch.setattr(environment, "ensure", wait_as_usual)  # the first step after the server counts as hung
        for process in processes.leftovers(home):
            os.kill(process.pid, signal.SIGSTOP)
        state = lifecycle.status(home)
        assert state is not None
        assert "does not answer" in str(state.problem)
        assert begin(home, doccano_environment).pid != first.pid

    def test_simultaneous_starts_start_one_server(self, home: Path, doccano_environment: Path):
        states: list[lifecycle.ServerStatus] = []
        threads = [threading.Thread(target=lambda: states.append(begin(home, doccano_environment))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(states) == 3
        assert len(set(states)) == 1

    def test_a_changed_administrator_password_is_reset(self, home: Path, doccano_environment: Path):
        (home / credentials.FILE).unlink()
        state = begin(home, doccano_environment)
        assert health.signs_in(Network(), state.port, credentials.admin_password(home))


class TestOneClearLine:
    def test_a_broken_record(self, home: Path, doccano_environment: Path):
        (home / "server.json").write_text('{"secret_key": "hush')
        with pytest.raises(GoldwireError) as raised:
            begin(home, doccano_environment)
        assert raised.value.location == str(home / "server.json")
        assert "hush" not in str(raised.value)

    def test_an_invalid_database_address(self, home: Path, doccano_environment: Path):
        with pytest.raises(GoldwireError) as raised:
            begin(home, doccano_environment, database="mysql://me:hush@127.0.0.1/x")
        assert "hush" not in str(raised.value)

    def test_a_database_that_does_not_answer(self, home: Path, doccano_environment: Path):
        with pytest.raises(GoldwireError) as raised:
            begin(home, doccano_environment, database="postgresql://me:hush@127.0.0.1:9/x")
        assert "refused" in str(raised.value)
        assert "hush" not in str(raised.value) + (home / "logs" / "web.log").read_text()
        # The next start does not use it either.
        assert begin(home, doccano_environment).database == "sqlite"

    def test_a_broken_database_file(self, home: Path, doccano_environment: Path):
        (home / "db.sqlite3").write_bytes(b"no database at all" * 99)
        with pytest.raises(GoldwireError, match="not a database"):
            begin(home, doccano_environment)

    def test_an_impossible_home(self, tmp_path: Path, doccano_environment: Path):
        (tmp_path / "file").touch()
        with pytest.raises(GoldwireError) as raised:
            begin(tmp_path / "file" / "server", doccano_environment)
        assert str(tmp_path / "file") in str(raised.value.location)
