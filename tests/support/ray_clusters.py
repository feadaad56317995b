"""A Ray cluster of two nodes, each a process of this machine, whose workers can be killed."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_PATIENT = {"health_check_timeout_ms": 60_000, "health_check_failure_threshold": 20}
"""On a busy machine a node may not answer for a minute, which Ray takes for its death."""


def start_cluster() -> Any:
    """Start a cluster of two nodes with one core each."""
    from ray.cluster_utils import Cluster

    for attempts_left in (2, 1, 0):  # on a busy machine a node may not start in the 30 s that Ray allows
        nodes = Cluster()
        try:
            nodes.add_node(num_cpus=1, include_dashboard=False, _system_config=_PATIENT)
            nodes.add_node(num_cpus=1)
            nodes.wait_for_nodes()
        except Exception:
            nodes.shutdown()
            if not attempts_left:
                raise
        else:
            return nodes
    raise AssertionError


def busy_workers(nodes: Any, raylets: set[str] | None = None) -> list[int]:
    """The process ids of the workers that run a task now: those of some raylets, or of all nodes of the cluster."""
    raylets = raylets or {
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
    """Kill at most `most` busy workers of a cluster at random moments, and yield the list of those killed."""
    killed: list[int] = []
    stop = threading.Event()
    rng = random.Random(seed)

    def kill() -> None:
        while not stop.wait(rng.uniform(0.02, 0.3)) and len(killed) < most:
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


@contextmanager
def lost_node(nodes: Any) -> Iterator[list[int]]:
    """Kill all processes of the node that has no driver once it runs a task, and yield the list of its raylet's id."""
    lost: list[int] = []
    (node,) = nodes.worker_nodes
    (raylet,) = (process.process.pid for process in node.all_processes["raylet"])
    stop = threading.Event()

    def kill() -> None:
        while not stop.wait(0.02):
            if busy_workers(nodes, {str(raylet)}):
                lost.append(raylet)
                nodes.remove_node(node, allow_graceful=False)
                return

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield lost
    finally:
        stop.set()
        thread.join()
