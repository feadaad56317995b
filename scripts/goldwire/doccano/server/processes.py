"""The server's processes, which outlive the command that starts them.

A process is identified by its pid *and* its start time, and ended together with its process group.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from goldwire.doccano.server.environment import SERVED, backend
from goldwire.doccano.server.network import Network
from goldwire.errors import ServerError

__all__ = [
    "Process",
    "end",
    "exit_error",
    "is_alive",
    "leftovers",
    "pick_port",
    "spawn",
    "start_web",
    "start_worker",
]

_HOME_VARIABLE = "GOLDWIRE_DOCCANO_HOME"
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
"""All environment variables that a server inherits: Doccano reads dozens of settings from its environment."""

_PORTS = range(20_000, 32_768)
"""Below those that systems give to outgoing connections, one of which would take a stopped server's port."""

_TAKEN = "is taken"

_LOG_BYTES = 5_000_000
_CELERY = ("celery", "--quiet", "--app=config", "worker", "--loglevel=warning", "--concurrency=2")


class Process(msgspec.Struct, frozen=True):
    """A process that goldwire started. `born` distinguishes it from a later process with the same pid."""

    pid: int
    born: str

    @property
    def group(self) -> int | None:
        """The process group, which is the pid of the process that `spawn` started; None if it has ended."""
        try:
            return os.getpgid(self.pid)
        except ProcessLookupError:
            return None


def start_web(home: Path, python: Path, port: int, network: Network) -> Process:
    """Start gunicorn; it prepares the database before it answers."""
    tls = ("--certfile", network.tls_cert, "--keyfile", network.tls_key) if network.tls_cert else ()
    settings = str(SERVED / "gw_gunicorn.py")
    return _start(home, python, "web", "gunicorn", "-c", settings, "-b", network.bind(port), *tls, "gw_wsgi")


def start_worker(home: Path, python: Path) -> Process:
    """Start the task worker, once the database is ready."""
    return _start(home, python, "worker", *_CELERY)


def _start(home: Path, python: Path, name: str, *module: str) -> Process:
    environment = {key: os.environ[key] for key in _INHERITED if key in os.environ} | {
        _HOME_VARIABLE: str(home),
        "DJANGO_SETTINGS_MODULE": "gw_settings",
        "PYTHONPATH": str(SERVED),
        "PYTHONUTF8": "1",
        "PYTHONWARNINGS": "ignore",  # otherwise each start logs a page of deprecations in other packages
    }
    log = home / "logs" / f"{name}.log"
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))
    return spawn([str(python), "-m", *module], folder=backend(python), environment=environment, log=log)


def spawn(arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], log: Path) -> Process:
    """Start a process in a session of its own; append its output to `log` (mode 0600)."""
    with os.fdopen(os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "ab") as output:
        child = subprocess.Popen(
            arguments,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Process(child.pid, _start_time(child.pid) or "ended")


def is_alive(process: Process) -> bool:
    """Whether exactly this process runs (a zombie does not)."""
    return _start_time(process.pid) == process.born


def end(processes: Iterable[Process], *, grace: float = 10.0) -> bool:
    """End processes gracefully within `grace` seconds, then kill the rest of their groups; return whether any ran.

    A pid that now belongs to another process is left alone.
    """
    running = [process for process in processes if is_alive(process)]
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
            os.killpg(process.pid, signal.SIGCONT)  # a stopped process does not receive any other signal
    _wait(running, grace)
    for process in running:
        # Workers that missed the signal. The kernel reuses the number only when nothing of the group is left.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    _wait(running, grace)
    return bool(running)


def leftovers(home: Path) -> list[Process]:
    """Return the processes of the server at `home` by their environment, as far as /proc shows them.

    That finds processes that were never recorded, and workers whose parent was killed.
    """
    marker = f"{_HOME_VARIABLE}={home}".encode()
    processes = []
    for entry in Path("/proc").glob("[0-9]*") if Path("/proc").is_dir() else ():
        try:
            if marker not in (entry / "environ").read_bytes().split(b"\0"):
                continue
        except OSError:
            continue  # it has ended, or belongs to another user
        born = _start_time(int(entry.name))
        if born is not None:
            processes.append(Process(int(entry.name), born))
    return sorted(processes, key=lambda process: process.pid)


def exit_error(home: Path, name: str) -> ServerError:
    """Return the error that says why the process `name` ended: the last line of its log with an error, or the last."""
    log = home / "logs" / f"{name}.log"
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    reason = next((line for line in reversed(lines) if "Error" in line), lines[-1] if lines else "no output")
    return ServerError(f"the server's {name} process ended: {reason[:300]}", location=log, hint="see its log")


def pick_port(wanted: int | None, last: int, host: str) -> int:
    """Return `wanted`, or raise ServerError if it is not free on `host`.

    Without `wanted`, return `last` if it is free, so that the address that people know stays, or else any free port
    from 20000 to 32767.
    """
    if wanted is not None:
        problem = _port_problem(wanted, host)
        if problem:
            raise ServerError(f"port {wanted} {problem}", location=host, hint="choose another port, or none for any")
        return wanted
    # The generator of the system: simultaneous processes share the state of Python's own after a fork.
    candidates = [last] if last else []
    for port in candidates + random.SystemRandom().sample(_PORTS, 20):
        problem = _port_problem(port, host)
        if problem is None:
            return port
        if problem != _TAKEN:
            break
    with _probe(host) as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            reason = error.strerror or str(error)
            raise ServerError(
                f"cannot listen here ({reason.lower()})", location=host, hint="name an address of this machine"
            ) from None
        return int(probe.getsockname()[1])


def _port_problem(port: int, host: str) -> str | None:
    """Return why a port cannot be used; None if it can."""
    with _probe(host) as probe:
        # As the server itself does: a lingering connection of the last run does not occupy the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            return "is reserved for the system"
        except OSError as error:
            return _TAKEN if error.errno == errno.EADDRINUSE else "cannot be used here"
        except OverflowError:
            return "does not exist"
    return None


def _probe(host: str) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)


def _wait(processes: Iterable[Process], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(is_alive(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)


def _start_time(pid: int) -> str | None:
    """Return the kernel's start time of `pid`; None if no such process runs."""
    try:
        # The name may contain spaces and brackets: `state ppid ... starttime` follows the last bracket.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return None if fields[0] in "ZX" else f"{boot} {fields[19]}"
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return None
    except ProcessLookupError:
        return None
    # No /proc (macOS).
    ps = subprocess.run(["/bin/ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True)
    state, _, started = ps.stdout.strip().partition(" ")
    return None if not started or state.startswith("Z") else started.strip()
