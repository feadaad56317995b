"""A Ray cluster of two nodes, each a process of this machine, whose workers can be killed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_PATIENT = {
    "health_check_timeout_ms": 60_000, "health_check_failure_threshold": 20, "worker_register_timeout_seconds": 600,
    "memory_monitor_refresh_ms": 0,
}  # fmt: skip
"""On a busy machine a node may not answer for a minute, nor a worker start in one, which Ray takes for their death; and
it kills workers when other programs take the machine's memory."""


@contextmanager
def cluster() -> Iterator[Any]:
    """Run a cluster of two nodes with one core each.

    Its sockets are in a folder of its own in /tmp: a path of a socket has at most 107 bytes, and the folder that Ray
    shares with other users of the machine may belong to one of them.
    """
    folder = tempfile.mkdtemp(prefix="goldwire-ray-", dir="/tmp")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("RAY_TMPDIR", folder)
            nodes = _start_nodes()
            try:
                yield nodes
            finally:
                nodes.shutdown()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start_nodes() -> Any:
    from ray.cluster_utils import Cluster

    for attempts_left in (2, 1, 0):  # on a busy machine a node may not start in the 30 s that Ray allows
        nodes = Cluster()
        try:
            nodes.add_node(num_cpus=1, include_dashboard=False, _system_config=_PATIENT)
            nodes.add_node(num_cpus=1)
            nodes.wait_for_nodes(timeout=180)
        except Exception:
            nodes.shutdown()
            if not attempts_left:
                raise
        else:
            return nodes
    raise AssertionError


def busy_workers(nodes: Any) -> list[int]:
    """Return the process ids of the workers of a cluster that run a task now."""
    raylets = {
        str(process.process.pid) for node in nodes.list_all_nodes() for process in node.all_processes.get("raylet", ())
    }
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                name = (folder / "cmdline").read_bytes()
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            except OSError:  # it has ended
                continue
            # A node ends with its agents, which have such names, too.
            if parent in raylets and name.startswith(b"ray::") and not (b"IDLE" in name or b"Agent" in name):
                found.append(int(folder.name))
    return found


@contextmanager
def killed_workers(nodes: Any, seed: int, most: int) -> Iterator[list[int]]:
    """Kill at most `most` busy workers of a cluster at random moments, and yield the list of those killed.

    The first is killed as soon as one is busy: there may be no second moment.
    """
    killed: list[int] = []
    stop = threading.Event()
    rng = random.Random(seed)

    def kill() -> None:
        while not stop.wait(rng.uniform(0.02, 0.3) if killed else 0.005) and len(killed) < most:
            busy = [process for process in busy_workers(nodes) if process not in killed]
            if busy:
                killed.append(rng.choice(busy))
                os.kill(killed[-1], signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        stop.set()
        thread.join()
