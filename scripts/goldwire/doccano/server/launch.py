"""Start the server's processes in Doccano's own Python, and read why one ended."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from goldwire.doccano.server import processes
from goldwire.doccano.server.environment import SERVED, backend
from goldwire.doccano.server.processes import Process
from goldwire.errors import GoldwireError, ServerError

__all__ = ["HOST", "ended", "leftovers", "pick_port", "web", "worker"]

HOST = "127.0.0.1"
_HOME = "GOLDWIRE_DOCCANO_HOME"
_PASSED = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
"""All that a server is given of the caller's environment: Doccano takes dozens of settings from there."""

_LOG_BYTES = 5_000_000
_CELERY = ("celery", "--quiet", "--app=config", "worker", "--loglevel=warning", "--concurrency=2")


def web(home: Path, python: Path, port: int) -> Process:
    """Start gunicorn on loopback; it makes the database ready before it answers."""
    settings = str(SERVED / "gw_gunicorn.py")
    return _spawn(home, python, "web", "gunicorn", "-c", settings, "-b", f"{HOST}:{port}", "gw_wsgi")


def worker(home: Path, python: Path) -> Process:
    """Start the task worker; the database is ready by then."""
    return _spawn(home, python, "worker", *_CELERY)


def leftovers(home: Path) -> list[Process]:
    """Processes of the server at `home` of which nothing was written down, or whose parent was killed."""
    return processes.leftovers(f"{_HOME}={home}")


def pick_port(wanted: int | None, last: int) -> int:
    """`wanted` or an error; without one, `last` where it is free, so that an address people know stays; else any."""
    if wanted is not None:
        fault = _fault(wanted)
        if fault:
            raise ServerError(f"port {wanted} {fault}", location=HOST, hint="name another, or none for a free one")
        return wanted
    if last and not _fault(last):
        return last
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def ended(home: Path, name: str) -> GoldwireError:
    """The error that tells why the process `name` ended, by the last line of its log that names one."""
    log = home / "logs" / f"{name}.log"
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = next((line for line in reversed(lines) if "Error" in line), lines[-1] if lines else "it said nothing")
    return ServerError(f"the server's {name} process ended: {said[:300]}", location=log, hint="see its log")


def _spawn(home: Path, python: Path, name: str, *module: str) -> Process:
    environment = {key: os.environ[key] for key in _PASSED if key in os.environ} | {
        _HOME: str(home),
        "DJANGO_SETTINGS_MODULE": "gw_settings",
        "PYTHONPATH": str(SERVED),
        "PYTHONUTF8": "1",
        "PYTHONWARNINGS": "ignore",  # a page of other people's deprecations at every start
    }
    log = home / "logs" / f"{name}.log"
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))
    return processes.spawn([str(python), "-m", *module], folder=backend(python), environment=environment, log=log)


def _fault(port: int) -> str | None:
    with socket.socket() as probe:
        # As the server itself will: a connection that lingers from last time does not take the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            return "is the system's"
        except OSError:
            return "is taken"
        except OverflowError:
            return "does not exist"
    return None
