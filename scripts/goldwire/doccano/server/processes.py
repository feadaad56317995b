"""Processes that outlive the command that started them: known again by pid *and* start time, ended as a group."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

__all__ = ["Process", "end", "is_alive", "leftovers", "spawn"]


class Process(msgspec.Struct, frozen=True):
    """A process of ours. `born` tells it from a later process that was given the same pid."""

    pid: int
    born: str

    @property
    def group(self) -> int | None:
        """The group it is in, which has the pid of the process that `spawn` started; None once it has ended."""
        try:
            return os.getpgid(self.pid)
        except ProcessLookupError:
            return None


def spawn(arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], log: Path) -> Process:
    """Start a process in a session of its own, its output appended to `log` (0600)."""
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
    return Process(child.pid, _born(child.pid) or "ended")


def is_alive(process: Process) -> bool:
    """Whether that very process runs (a zombie does not)."""
    return _born(process.pid) == process.born


def end(processes: Iterable[Process], *, grace: float = 10.0) -> bool:
    """End processes gracefully, all within `grace` seconds, then what is left of their groups; False where none ran.

    A pid that now belongs to somebody else is left alone.
    """
    running = [process for process in processes if is_alive(process)]
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
            os.killpg(process.pid, signal.SIGCONT)  # one that was stopped hears nothing else
    _wait(running, grace)
    for process in running:
        # Workers that missed it. The kernel gives the number to nobody else while any of the group is left.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    _wait(running, grace)
    return bool(running)


def leftovers(marker: str) -> list[Process]:
    """Processes of ours that were started with `marker` (`NAME=value`) in their environment, as far as /proc tells.

    A worker whose parent was killed is known by nothing else.
    """
    found = []
    for entry in Path("/proc").glob("[0-9]*") if Path("/proc").is_dir() else ():
        try:
            if marker.encode() not in (entry / "environ").read_bytes().split(b"\0"):
                continue
        except OSError:
            continue  # ended meanwhile, or somebody else's
        born = _born(int(entry.name))
        if born is not None:
            found.append(Process(int(entry.name), born))
    return sorted(found, key=lambda process: process.pid)


def _wait(processes: Iterable[Process], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(is_alive(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)


def _born(pid: int) -> str | None:
    """When `pid` was started, in the kernel's own words; None where no such process runs."""
    try:
        # The name may hold spaces and brackets: what follows the last one is `state ppid ... starttime`.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return None if fields[0] in "ZX" else f"{boot} {fields[19]}"
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return None
    except ProcessLookupError:
        return None
    # No /proc (macOS).
    done = subprocess.run(["/bin/ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True)
    state, _, started = done.stdout.strip().partition(" ")
    return None if not started or state.startswith("Z") else started.strip()
