"""Fixtures for all tests: one real Doccano server for the whole run."""

from __future__ import annotations

import fcntl
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from goldwire.doccano import credentials
from goldwire.doccano.server import environment, lifecycle
from support import two_projects
from support.forked_commands import ForkedCommands
from support.neutral_environment import neutralize_environment
from support.object_storage import s3_server
from support.paths import REPOSITORY
from support.ray_clusters import cluster
from support.remembered_results import Results, remember_results

neutralize_environment()
gc.set_threshold(20_000, 20, 20)  # with 700 for the first, garbage collection took 6% of the time of the tests
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line has it; numpy reads it when it is imported

# Speed is measured in tests/benchmarks and never asserted: a loaded machine must not fail a property test.
# The same examples in each run, so that CI fails for a change and not by luck; `random` has new ones in each run.
settings.register_profile("goldwire", deadline=None, derandomize=True)
settings.register_profile("random", deadline=None, derandomize=False)
settings.load_profile("goldwire")


@dataclass(frozen=True)
class Doccano:
    """A running server (SQLite) and the account of its administrator."""

    home: Path
    url: str
    username: str
    password: str = field(repr=False)  # a failing test prints its fixtures
    token: str = field(repr=False)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test that uses the server, so that `-m "not server"` does not start it; sort them for workers."""
    for item in items:
        if {"doccano", "doccano_environment"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.server)
    if hasattr(config, "workerinput"):
        from support.module_scheduling import sort_modules

        sort_modules(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Return the scheduler that gives each worker whole modules."""
    from support.module_scheduling import ModuleScheduling

    return ModuleScheduling(config, log)


@pytest.fixture(scope="module")
def commands() -> Iterator[ForkedCommands]:
    """Commands in forked processes, which need no start of their own."""
    with ForkedCommands() as running:
        yield running


@pytest.fixture(scope="session")
def doccano_environment() -> Path:
    """Return the folder of Doccano's own environment, which is created once per repository."""
    folder = environment.default_folder(REPOSITORY / ".goldwire")
    environment.ensure(folder)
    return folder


@pytest.fixture(scope="session")
def doccano(doccano_environment: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Doccano]:
    """Yield one server for all tests of the run and all xdist workers; the last one to finish stops it."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    home = shared / "doccano-server"
    with _users(shared) as users:
        # To start it again could replace it: one that is too busy to answer in 30 s counts as hung.
        running = lifecycle.status(home) if users.read_text() else None
        state = running or lifecycle.start(home, environment=doccano_environment)
        users.write_text(f"{worker_id}\n{users.read_text()}")
    password = credentials.admin_password(home)
    token = two_projects.made(two_projects.sign_in(state.url, state.username, password))["key"]
    yield Doccano(home, state.url, state.username, password, token)
    with _users(shared) as users:
        left = [name for name in users.read_text().split() if name != worker_id]
        users.write_text("\n".join(left))
        if not left:
            lifecycle.stop(home)


@pytest.fixture
def connected(doccano: Doccano, monkeypatch: pytest.MonkeyPatch) -> Doccano:
    """Return the shared server, named by the environment like a server that others run.

    The token spares the server to digest the password for each command, which took half of its time. Tests that sign in
    with the password ask for `connected_by_password`.
    """
    _name_server(doccano, monkeypatch)
    monkeypatch.setenv("GOLDWIRE_DOCCANO_TOKEN", doccano.token)
    return doccano


@pytest.fixture
def connected_by_password(doccano: Doccano, monkeypatch: pytest.MonkeyPatch) -> Doccano:
    """Return the shared server, named by the environment with a user name and a password."""
    _name_server(doccano, monkeypatch)
    monkeypatch.delenv("GOLDWIRE_DOCCANO_TOKEN", raising=False)
    return doccano


def _name_server(doccano: Doccano, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOLDWIRE_DOCCANO_URL", doccano.url)
    monkeypatch.setenv("GOLDWIRE_DOCCANO_USERNAME", doccano.username)
    monkeypatch.setenv("GOLDWIRE_DOCCANO_PASSWORD", doccano.password)


@pytest.fixture(scope="session")
def known_results() -> Results:
    """Return the results that `remembered_results` has computed so far."""
    return {}


@pytest.fixture(scope="module")
def remembered_results(known_results: Results) -> Iterator[None]:
    """Compute once for each input what `check` computes in the tests of the modules that ask for it."""
    with remember_results(known_results):
        yield


@contextmanager
def _users(shared: Path) -> Iterator[Path]:
    users = shared / "doccano-users"
    with (shared / "doccano-users.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        users.touch()
        yield users


@pytest.fixture(scope="session")
def object_storage() -> Iterator[str]:
    """Yield the URL of an empty bucket on a real S3 server, which the environment names."""
    pytest.importorskip("obstore", reason="obstore is not installed (the extra `scale`)")
    pytest.importorskip("moto", reason="moto, the S3 server of the tests, is not installed")
    with pytest.MonkeyPatch.context() as patch, s3_server("news") as environment:
        for name, value in environment.items():
            patch.setenv(name, value)
        yield "s3://news"


@pytest.fixture(scope="session")
def ray_cluster(object_storage: str) -> Iterator[Any]:
    """Yield a Ray cluster of two nodes, whose workers reach the object storage."""
    pytest.importorskip("ray", reason="ray is not installed (the extra `scale`)")
    with cluster() as nodes:
        yield nodes
