"""`goldwire server`: start, find and stop the Doccano server of a workspace, on loopback only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from goldwire.doccano import credentials
from goldwire.doccano.server import health, launch, processes
from goldwire.doccano.server import state as kept
from goldwire.doccano.server.environment import ensure
from goldwire.doccano.server.processes import Process
from goldwire.doccano.server.state import Kept
from goldwire.errors import ConfigError, ServerError
from goldwire.workspace import private_files

__all__ = ["ServerState", "start", "status", "stop", "where"]

READY_WITHIN = 120.0
"""Seconds that a start may take: a cold one takes 5, a warm one 2 on an idle machine."""

_PATIENCE = 3
"""Sign-ins of 10 s each that a running server may miss before it is taken for hung: a big import keeps it busy."""

_NO_WORKER = "its task worker has ended, so that uploads would wait for ever"


class ServerState(msgspec.Struct, frozen=True, kw_only=True):
    """A server that runs: what `server status --json` prints. Never a password."""

    url: str
    port: int
    pid: int
    worker_pid: int | None  # of the task worker; None where tasks run inside the server (SQLite)
    database: Literal["sqlite", "postgresql"]
    username: str
    fault: str | None = None  # what is wrong with it, and the way out


def start(home: Path, *, environment: Path, database: str | None = None, port: int | None = None) -> ServerState:
    """Start the server that keeps everything under `home`, or find it running; it has answered a sign-in by then.

    `environment` is the folder for `environment.ensure`. `database` is `postgresql://...`, `sqlite`, or None for the
    one of last time (SQLite at first). `port` is taken exactly; None takes that of last time where it is free.
    """
    home = home.resolve()
    with _held(home):
        old = kept.read(home)
        address = old.database if database is None else _address(database)
        found = _running(old, home, patience=_PATIENCE)
        if found is not None:
            _refuse_other(found, home, other=address != old.database, port=port)
            if found.fault is None:
                return found
        python = ensure(environment)
        if found is None or not (found.fault or "").startswith(_NO_WORKER):
            _begin(home, python, old, address=address, port=port)
        if address:
            _begin_worker(home, python)
        state = _running(kept.read(home), home)
        if state is None:
            raise launch.ended(home, "web")
        return state


def status(home: Path) -> ServerState | None:
    """The server that runs for `home`, with what is wrong with it; None where none does."""
    home = home.resolve()
    return _running(kept.read(home), home)


def where(home: Path) -> str | None:
    """The address of the server that runs for `home`, which is not asked whether it is well; None where none does."""
    now = kept.read(home.resolve())
    return None if now.web is None or not processes.is_alive(now.web) else _url(now)


def stop(home: Path) -> bool:
    """End the server of `home` and its worker; False where none ran. Its data stays."""
    home = home.resolve()
    if not home.is_dir():
        return False
    with _held(home):
        return _end(home)


@contextmanager
def _held(home: Path) -> Iterator[None]:
    """Hold `home`, so that two who start or stop it at once take turns; a disk that is full is told in a line."""
    try:
        with private_files.file_lock(home / ".start.lock"):
            yield
    except OSError as error:
        place = error.filename or home
        raise ServerError(error.strerror or str(error), location=place, hint="mend that and run it again") from None


def _address(given: str) -> str:
    if given == "sqlite":
        return ""
    if not given.startswith(("postgresql://", "postgres://")):
        # Told without its value, which may hold a password.
        raise ConfigError("the database is neither postgresql://USER:PASSWORD@HOST/NAME nor sqlite")
    return given


def _refuse_other(found: ServerState, home: Path, *, other: bool, port: int | None) -> None:
    if other or port not in (None, found.port):
        what = "with another database" if other else f"on port {found.port}"
        raise ServerError(f"it runs already, {what}", location=home, hint="`goldwire server stop` first")


def _running(now: Kept, home: Path, *, patience: int = 1) -> ServerState | None:
    if now.web is None or not processes.is_alive(now.web):
        return None
    fault = _fault(now, home, patience)
    return ServerState(
        url=_url(now),
        port=now.port,
        pid=now.web.pid,
        worker_pid=None if now.worker is None else now.worker.pid,
        database="postgresql" if now.database else "sqlite",
        username=credentials.ADMIN,
        fault=None if fault is None else f"{fault}: `goldwire server start` heals it",
    )


def _url(now: Kept) -> str:
    return f"http://{launch.HOST}:{now.port}"


def _fault(now: Kept, home: Path, patience: int) -> str | None:
    if now.home != str(home):
        return f"it was started as {now.home}, which has moved"
    password = credentials.admin(home)
    if not any(health.signs_in(now.port, password) for _ in range(patience)):
        return "it does not answer a sign-in"
    if now.database and (now.worker is None or not processes.is_alive(now.worker)):
        return _NO_WORKER
    return None


def _end(home: Path) -> bool:
    now = kept.read(home)
    known = [process for process in (now.web, now.worker) if process is not None]
    ended = processes.end(known)
    # Those that were started without being written down, and workers whose parent was killed.
    ended = processes.end(launch.leftovers(home)) or ended
    if known:
        kept.write(home, web=None, worker=None)
    return ended


def _begin(home: Path, python: Path, old: Kept, *, address: str, port: int | None) -> None:
    _end(home)
    chosen = launch.pick_port(port, old.port)
    for name in ("media", "uploads", "logs"):
        private_files.private_dir(home / name)
    credentials.admin(home)
    try:
        kept.write(home, database=address, port=chosen, home=str(home), web=None, worker=None)
        now = kept.write(home, web=launch.web(home, python, chosen))
        _await(home, now, now.web, health.signs_in)
    except BaseException:  # an interrupted start, too, leaves no process behind
        _end(home)
        kept.write(home, database=old.database)  # one that did not work is not the one of next time
        raise


def _begin_worker(home: Path, python: Path) -> None:
    now = kept.read(home)
    web = None if now.web is None else now.web.pid
    processes.end(orphan for orphan in launch.leftovers(home) if orphan.group != web)
    now = kept.write(home, worker=launch.worker(home, python))
    _await(home, now, now.worker, health.tasks_work)


def _await(home: Path, now: Kept, process: Process | None, is_well: Callable[[int, str], bool]) -> None:
    name = "worker" if process == now.worker else "web"
    deadline = time.monotonic() + READY_WITHIN
    password = credentials.admin(home)
    while not is_well(now.port, password):
        if process is None or not processes.is_alive(process):
            raise launch.ended(home, name)
        if time.monotonic() > deadline:
            log = home / "logs" / f"{name}.log"
            raise ServerError(f"not ready within {READY_WITHIN:.0f} s", location=log, hint="read its last lines")
        time.sleep(0.1)
