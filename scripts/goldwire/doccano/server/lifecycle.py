"""Starting, finding and stopping the Doccano server of a workspace."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from goldwire.doccano import credentials
from goldwire.doccano.server import environment as environments
from goldwire.doccano.server import health, processes
from goldwire.doccano.server import state as states
from goldwire.doccano.server.network import Network
from goldwire.doccano.server.processes import Process
from goldwire.doccano.server.state import ServerState
from goldwire.errors import ConfigError, ServerError
from goldwire.workspace import private_files
from goldwire.workspace.layout import Workspace

__all__ = [
    "ServerReport",
    "ServerStatus",
    "report_status",
    "running_state",
    "start",
    "start_server",
    "status",
    "stop",
    "stop_server",
    "wait",
]

READY_WITHIN = 120.0
"""Seconds that a start may take: a cold one takes 5 and a warm one 2 on an idle machine."""

_SIGN_IN_ATTEMPTS = 3
"""Failed sign-ins of 10 s each after which a running server counts as hung: a large import keeps it busy."""

_POLL = 0.5  # seconds between two looks at the processes of a server in the foreground
_NO_WORKER = "its task worker has ended, so uploads would never finish"
_NOT_RUNNING = 1  # exit code of `server status`, as for findings


class ServerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A running server, as `server status --json` prints it. Never contains a password.

    `url` is the address that people open, and `local_url` the one at which this machine reaches the server.
    """

    url: str
    local_url: str
    port: int
    pid: int
    worker_pid: int | None  # of the task worker; None if tasks run inside the server (SQLite)
    database: Literal["sqlite", "postgresql"]
    username: str
    problem: str | None = None  # what is wrong with it, and how to fix it


class ServerReport(msgspec.Struct, frozen=True, kw_only=True):
    """Report of a `goldwire server` command."""

    running: bool
    message: str
    status: ServerStatus | None = None
    exit_code: int = 0

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield self.message
        if self.status is not None and self.status.problem:
            yield f"problem: {self.status.problem}"


def start_server(
    workspace: Workspace,
    *,
    database: str | None = None,
    port: int | None = None,
    network: Callable[[Network], Network] = lambda last: last,
) -> ServerReport:
    """Start the workspace's server, or find it running. `network` changes the network settings of the last start."""
    private = private_files.private_dir(workspace.private)
    folder = environments.default_folder(private)
    home = private / "server"
    server = start(home, environment=folder, database=database, port=port, network=network, passwords=private)
    passwords = workspace.relative(private / credentials.FILE)
    return ServerReport(
        running=True,
        message=f"{server.url}: Doccano runs on {server.database}; sign in as {server.username!r} "
        f"with the password in {passwords}",
        status=server,
    )


def report_status(workspace: Workspace) -> ServerReport:
    """Report whether the workspace's server runs."""
    server = status(workspace.private / "server")
    if server is None:
        return ServerReport(running=False, message="no server is running", exit_code=_NOT_RUNNING)
    return ServerReport(
        running=True, message=f"{server.url}: Doccano runs on {server.database}, pid {server.pid}", status=server
    )


def stop_server(workspace: Workspace) -> ServerReport:
    """Stop the workspace's server; its data stays."""
    stopped = stop(workspace.private / "server")
    return ServerReport(running=False, message="stopped" if stopped else "no server was running")


def wait(workspace: Workspace) -> None:
    """Return when the workspace's server or its worker has ended; stop both on an interrupt or SIGTERM."""
    home = (workspace.private / "server").resolve()
    state = states.read(home)
    started = [process for process in (state.web, state.worker) if process is not None]

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    ended = None
    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        while ended is None:
            time.sleep(_POLL)
            ended = next((process for process in started if not processes.is_alive(process)), None)
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, previous)
        stop(home)
    raise processes.exit_error(home, "web" if ended == state.web else "worker")


def start(
    home: Path,
    *,
    environment: Path,
    database: str | None = None,
    port: int | None = None,
    network: Callable[[Network], Network] = lambda last: last,
    passwords: Path | None = None,
) -> ServerStatus:
    """Start the server whose data is in `home`, or find it running; return after it has answered a sign-in.

    Parameters
    ----------
    home
        The folder of the server's database, uploads, logs and secrets.
    environment
        The folder for `environment.ensure`.
    database
        `postgresql://USER:PASSWORD@HOST/NAME` or `sqlite`. Default: the database of the last start, at first SQLite.
    port
        The port to use. Default: that of the last start if it is free, otherwise any free port.
    network
        A function that returns the network settings, given those of the last start, at first the defaults.
    passwords
        The folder of the passwords' file. Default: that of the last start, at first `home`.
    """
    home = home.resolve()
    with _home_lock(home):
        old = states.read(home)
        folder = old.credentials_folder if passwords is None else os.path.relpath(passwords.resolve(), home)
        wanted = msgspec.structs.replace(
            old,
            database=old.database if database is None else _database_address(database),
            network=network(old.network),
            credentials_folder=folder,
        )
        running = _status(old, home, sign_in_attempts=_SIGN_IN_ATTEMPTS)
        if running is not None:
            _require_same(running, home, old, wanted, port=port)
            if running.problem is None:
                return running
        python = environments.ensure(environment)
        if running is None or not (running.problem or "").startswith(_NO_WORKER):
            _start_web(home, python, old, wanted, port=port)
        if wanted.database:
            _start_worker(home, python)
        started = _status(states.read(home), home)
        if started is None:
            raise processes.exit_error(home, "web")
        return started


def status(home: Path) -> ServerStatus | None:
    """Return the running server of `home` and what is wrong with it; None if none runs."""
    home = home.resolve()
    return _status(states.read(home), home)


def running_state(home: Path) -> ServerState | None:
    """Return the record of the running server of `home`, without checking its health; None if none runs."""
    state = states.read(home.resolve())
    return None if state.web is None or not processes.is_alive(state.web) else state


def stop(home: Path) -> bool:
    """Stop the server of `home` and its worker; return False if none ran. Its data stays."""
    home = home.resolve()
    if not home.is_dir():
        return False
    with _home_lock(home):
        return _stop(home)


@contextmanager
def _home_lock(home: Path) -> Iterator[None]:
    """Lock `home`, so that simultaneous starts and stops take turns; turn errors of the disk into ServerError."""
    try:
        with private_files.file_lock(home / ".start.lock"):
            yield
    except OSError as error:
        location = error.filename or home
        raise ServerError(
            error.strerror or str(error), location=location, hint="remove the cause, then run the command again"
        ) from None


def _database_address(database: str) -> str:
    if database == "sqlite":
        return ""
    if not database.startswith(("postgresql://", "postgres://")):
        # The message leaves out the value, which may contain a password.
        raise ConfigError("the database is neither postgresql://USER:PASSWORD@HOST/NAME nor sqlite")
    return database


def _require_same(
    running: ServerStatus, home: Path, old: ServerState, wanted: ServerState, *, port: int | None
) -> None:
    """Raise ServerError if the running server has other settings than the requested ones."""
    difference = None
    if wanted.database != old.database:
        difference = "with another database"
    elif port not in (None, running.port):
        difference = f"on port {running.port}"
    elif wanted.network != old.network:
        difference = f"with other network settings, at {running.url}"
    if difference is not None:
        raise ServerError(
            f"the server is already running {difference}", location=home, hint="run `goldwire server stop` first"
        )


def _status(state: ServerState, home: Path, *, sign_in_attempts: int = 1) -> ServerStatus | None:
    if state.web is None or not processes.is_alive(state.web):
        return None
    problem = _problem(state, home, sign_in_attempts)
    return ServerStatus(
        url=state.network.url(state.port),
        local_url=state.network.local_url(state.port),
        port=state.port,
        pid=state.web.pid,
        worker_pid=None if state.worker is None else state.worker.pid,
        database="postgresql" if state.database else "sqlite",
        username=credentials.ADMIN,
        problem=None if problem is None else f"{problem}: run `goldwire server start` to fix it",
    )


def _problem(state: ServerState, home: Path, sign_in_attempts: int) -> str | None:
    if state.home != str(home):
        return f"it was started as {state.home}, which has moved"
    password = credentials.admin_password(states.passwords(home))
    if not any(health.signs_in(state.network, state.port, password) for _ in range(sign_in_attempts)):
        return "it does not answer a sign-in"
    if state.database and (state.worker is None or not processes.is_alive(state.worker)):
        return _NO_WORKER
    return None


def _stop(home: Path) -> bool:
    state = states.read(home)
    recorded = [process for process in (state.web, state.worker) if process is not None]
    stopped = processes.end(recorded)
    # Processes that were started but never recorded, and workers whose parent was killed.
    stopped = processes.end(processes.leftovers(home)) or stopped
    if recorded:
        states.write(home, web=None, worker=None)
    return stopped


def _start_web(home: Path, python: Path, old: ServerState, wanted: ServerState, *, port: int | None) -> None:
    _stop(home)
    network = wanted.network
    chosen_port = processes.pick_port(port, old.port, network.host)
    for name in ("media", "uploads", "logs"):
        private_files.private_dir(home / name)
    settings = {"database": wanted.database, "network": network, "credentials_folder": wanted.credentials_folder}
    try:
        states.write(home, **settings, port=chosen_port, home=str(home), web=None, worker=None)
        credentials.admin_password(states.passwords(home))
        state = states.write(home, web=processes.start_web(home, python, chosen_port, network))
        _wait_until(health.signs_in, home, state, state.web)
    except BaseException:  # an interrupted start, too, leaves no process behind
        _stop(home)
        # The next start does not use settings that did not work.
        states.write(home, database=old.database, network=old.network)
        raise


def _start_worker(home: Path, python: Path) -> None:
    state = states.read(home)
    web = None if state.web is None else state.web.pid
    processes.end(orphan for orphan in processes.leftovers(home) if orphan.group != web)
    state = states.write(home, worker=processes.start_worker(home, python))
    _wait_until(health.tasks_work, home, state, state.worker)


def _wait_until(
    is_healthy: Callable[[Network, int, str], bool], home: Path, state: ServerState, process: Process | None
) -> None:
    """Wait until the health check passes; raise ServerError if the process ends or takes too long."""
    name = "worker" if process == state.worker else "web"
    deadline = time.monotonic() + READY_WITHIN
    password = credentials.admin_password(states.passwords(home))
    while not is_healthy(state.network, state.port, password):
        if process is None or not processes.is_alive(process):
            raise processes.exit_error(home, name)
        if time.monotonic() > deadline:
            log = home / "logs" / f"{name}.log"
            raise ServerError(f"not ready within {READY_WITHIN:.0f} s", location=log, hint="read its last lines")
        time.sleep(0.1)
