"""`goldwire server`: start, find and stop the Doccano server of a workspace, on loopback only."""

from __future__ import annotations

import os
import secrets
import socket
import time
from pathlib import Path
from typing import Any

import msgspec

from goldwire.doccano import passwords, private, processes
from goldwire.doccano.environment import SERVED, backend, ensure
from goldwire.doccano.health import signs_in, tasks_work
from goldwire.doccano.processes import Process
from goldwire.errors import GoldwireError

__all__ = ["ServerState", "start", "status", "stop"]

HOST = "127.0.0.1"
HOME_VARIABLE = "GOLDWIRE_DOCCANO_HOME"
READY_WITHIN = 120.0
"""Seconds that a start may take: a cold one takes 5 to 12 on an idle machine."""


class ServerState(msgspec.Struct, frozen=True, kw_only=True):
    """A server that runs: what `server status --json` prints. Never a password."""

    url: str
    port: int
    pid: int
    worker_pid: int | None  # of the task worker; None where tasks run inside the server (SQLite)
    database: str  # `sqlite` or `postgresql`
    username: str
    fault: str | None = None  # what is wrong with it, and the way out


class _Kept(msgspec.Struct, frozen=True):
    """server.json, read by the server too: its secrets and what of it runs."""

    secret_key: str = ""
    database: str = ""  # the address, with its password; empty for SQLite
    port: int = 0
    home: str = ""
    web: Process | None = None
    worker: Process | None = None


def start(
    home: Path, *, environment: Path, database: str | None = None, port: int | None = None
) -> ServerState:
    """Start the server that keeps everything under `home`, or find it running; it answered a sign-in when this returns.

    `environment` is the folder of `environment.ensure`. `database` is `postgresql://...`, `sqlite`, or None for the one
    of last time (SQLite at first). `port` is wanted exactly; None takes the one of last time where it is free.
    """
    home = private.folder(home.resolve())
    with private.locked(home / ".start.lock"):
        kept = _read(home)
        wanted = kept.database if database is None else _database(database)
        running = _running(kept, home)
        if running is not None and running.fault is None:
            _refuse_other(running, home, other=wanted != kept.database, port=port)
            return running
        python = ensure(environment)
        _end(home, kept)
        return _begin(home, python, wanted=wanted, port=port)


def status(home: Path) -> ServerState | None:
    """The server that runs for `home`, with what is wrong with it; None where none does."""
    home = home.resolve()
    return _running(_read(home), home)


def stop(home: Path) -> bool:
    """End the server of `home` and its worker; False where none ran. Its data stays."""
    home = home.resolve()
    if not home.is_dir():
        return False
    with private.locked(home / ".start.lock"):
        return _end(home, _read(home))


def _read(home: Path) -> _Kept:
    return private.read(home / "server.json", _Kept)


def _write(folder: Path, /, **changes: Any) -> _Kept:
    return private.update(folder / "server.json", _Kept, lambda old: msgspec.structs.replace(old, **changes))


def _database(given: str) -> str:
    if given == "sqlite":
        return ""
    if given.split("://")[0] not in ("postgresql", "postgres"):
        # Without its value, which may hold a password.
        raise GoldwireError("the database is neither postgresql://... nor sqlite", way_out="write it so")
    return given


def _refuse_other(running: ServerState, home: Path, *, other: bool, port: int | None) -> None:
    if other or port not in (None, running.port):
        what = "with another database" if other else f"on port {running.port}"
        raise GoldwireError(f"the server runs already {what}", place=home, way_out="`goldwire server stop` first")


def _running(kept: _Kept, home: Path) -> ServerState | None:
    if kept.web is None or not processes.is_alive(kept.web):
        return None
    return ServerState(
        url=f"http://{HOST}:{kept.port}",
        port=kept.port,
        pid=kept.web.pid,
        worker_pid=None if kept.worker is None else kept.worker.pid,
        database="postgresql" if kept.database else "sqlite",
        username=passwords.ADMIN,
        fault=_fault(kept, home),
    )


def _fault(kept: _Kept, home: Path) -> str | None:
    again = "`goldwire server start` starts it again"
    if kept.home != str(home):
        return f"it was started in {kept.home}; {again}"
    if not signs_in(kept.port, passwords.admin(home)):
        return f"it does not answer a sign-in; {again}"
    if kept.database and (kept.worker is None or not processes.is_alive(kept.worker)):
        return f"its task worker has ended, so that uploads would hang; {again}"
    return None


def _end(home: Path, kept: _Kept) -> bool:
    ended = [processes.end(process) for process in (kept.web, kept.worker) if process is not None]
    # What a killed parent left behind, or a start that was cut off before it wrote its pid down.
    ended += [processes.end(process) for process in processes.leftovers(f"{HOME_VARIABLE}={home}")]
    if kept.web is not None or kept.worker is not None:
        _write(home, web=None, worker=None)
    return any(ended)


def _begin(home: Path, python: Path, *, wanted: str, port: int | None) -> ServerState:
    for name in ("media", "uploads", "logs"):
        private.folder(home / name)
    passwords.admin(home)
    kept = _read(home)
    kept = _write(
        home,
        secret_key=kept.secret_key or secrets.token_urlsafe(48),
        database=wanted,
        port=_port(port, kept.port),
        home=str(home),
    )
    bind = f"{HOST}:{kept.port}"
    web = _spawn(home, python, "web", "gunicorn", "-c", str(SERVED / "gw_gunicorn.py"), "-b", bind, "gw_wsgi")
    kept = _write(home, web=web)
    _await(kept, home)
    if wanted:
        kept = _write(home, worker=_spawn(home, python, "worker", *_CELERY))
        _await_tasks(kept, home)
    state = _running(kept, home)
    if state is None:
        raise _ended(home, "web")
    return state


_CELERY = ("celery", "--app=config", "worker", "--loglevel=warning", "--concurrency=2", "--without-mingle")


def _spawn(home: Path, python: Path, name: str, *module: str) -> Process:
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "SYSTEMROOT", "LD_LIBRARY_PATH")
    environment = {key: os.environ[key] for key in kept if key in os.environ} | {
        HOME_VARIABLE: str(home),
        "DJANGO_SETTINGS_MODULE": "gw_settings",
        "PYTHONPATH": str(SERVED),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }
    arguments = [str(python), "-m", *module]
    return processes.spawn(arguments, folder=backend(python), environment=environment, log=home / "logs" / f"{name}.log")


def _port(wanted: int | None, last: int) -> int:
    if wanted is not None:
        if not _is_free(wanted):
            raise GoldwireError(f"port {wanted} is taken", place=HOST, way_out="name another, or none for a free one")
        return wanted
    if last and _is_free(last):
        return last
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the server itself will: a connection that lingers from last time does not take the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
        return True


def _await(kept: _Kept, home: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    password = passwords.admin(home)
    while not signs_in(kept.port, password):
        if kept.web is None or not processes.is_alive(kept.web):
            _end(home, kept)
            raise _ended(home, "web")
        if time.monotonic() > deadline:
            _end(home, kept)
            raise GoldwireError(
                f"no sign-in within {READY_WITHIN:.0f} s", place=home / "logs" / "web.log", way_out="read its last lines"
            )
        time.sleep(0.1)


def _await_tasks(kept: _Kept, home: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not tasks_work(kept.port, passwords.admin(home)):
        if kept.worker is None or not processes.is_alive(kept.worker) or time.monotonic() > deadline:
            _end(home, kept)
            raise _ended(home, "worker")


def _ended(home: Path, name: str) -> GoldwireError:
    log = home / "logs" / f"{name}.log"
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    said = next((line for line in reversed(lines) if "Error" in line or "error" in line), lines[-1] if lines else "")
    return GoldwireError(f"the server's {name} process ended: {said[:300]}", place=log, way_out="see its log")
