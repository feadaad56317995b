"""Tasks of a pool that kill their worker, or wait until their node is killed. Markers in a folder say that they have.

Nothing depends on how fast the machine is: a task that is to die is there to die, however long its worker takes to
start.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from goldwire.parallel.tasks import TaskPool

_MOMENTS = ("before", "while", "after")
_MANY = 4  # tasks of a step that runs on several nodes
_DEADLINE = 300  # seconds until a task gives up waiting


class WrappedTasks:
    """Runs the tasks of a pool, of each step with the function that `wrap` makes of the step's."""

    def __init__(self, pool: TaskPool, wrap: Callable[[Callable[[Any], Any], Sequence[Any]], Callable[[Any], Any]]):
        self._pool = pool
        self._wrap = wrap

    def run(
        self, function: Callable[[Any], Any], arguments: Sequence[Any], *, is_small: bool = False
    ) -> Iterator[tuple[int, Any]]:
        return self._pool.run(self._wrap(function, arguments), arguments, is_small=is_small)


def dying_once(folder: Path, n_deaths: int) -> Callable[[Callable[[Any], Any], Sequence[Any]], Callable[[Any], Any]]:
    """Kill the worker of one task of each of the first `n_deaths` steps: before, while or after it works."""
    moments = iter([*_MOMENTS * n_deaths][:n_deaths])

    def wrap(function: Callable[[Any], Any], arguments: Sequence[Any]) -> Callable[[Any], Any]:
        moment = next(moments, None) if arguments else None
        if moment is None:
            return function
        chosen = random.Random(moment).choice(arguments)
        marker = folder / hashlib.sha256(repr((function, chosen)).encode()).hexdigest()

        def run(argument: Any) -> Any:
            if argument != chosen or marker.exists():
                return function(argument)
            marker.write_text(moment)
            if moment == "while":
                threading.Timer(random.uniform(0, 0.05), os.kill, (os.getpid(), signal.SIGKILL)).start()
            if moment != "before":
                function(argument)
            os.kill(os.getpid(), signal.SIGKILL)
            raise AssertionError

        return run

    return wrap


def waiting_for_death(node: str, marker: Path) -> Callable[[Callable[[Any], Any], Sequence[Any]], Callable[[Any], Any]]:
    """Let tasks on a node of a Ray cluster wait until it is killed, and all others of the step until one waits there.

    A step needs more tasks than the other nodes have cores.
    """

    def wrap(function: Callable[[Any], Any], arguments: Sequence[Any]) -> Callable[[Any], Any]:
        if len(arguments) < _MANY:
            return function

        def run(argument: Any) -> Any:
            import ray

            deadline = time.monotonic() + _DEADLINE
            if ray.get_runtime_context().get_node_id() == node:
                marker.touch()
                time.sleep(_DEADLINE)
            while not marker.exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            return function(argument)

        return run

    return wrap


@contextmanager
def node_lost_at(nodes: Any, node: Any, marker: Path) -> Iterator[None]:
    """Kill all processes of a node of a cluster once there is a marker."""
    stop = threading.Event()

    def kill() -> None:
        while not stop.wait(0.02):
            if marker.exists():
                nodes.remove_node(node, allow_graceful=False)
                return

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
