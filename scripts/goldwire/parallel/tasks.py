"""Run independent tasks to the end although workers die: in processes of this machine, or on a Ray cluster."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol, TypeVar

from goldwire.errors import ConfigError, GoldwireError
from goldwire.parallel.processes import start_worker
from goldwire.parallel.threads import available_cores

__all__ = ["ProcessTasks", "TaskPool", "open_pool"]

A = TypeVar("A")
R = TypeVar("R")

_AHEAD = 2  # tasks submitted per worker
_MAX_DEATHS = 4  # of workers without a task finished in between: then it is the task that ends them


class TaskPool(Protocol):
    """Runs tasks, in any order."""

    def run(
        self, function: Callable[[A], R], arguments: Sequence[A], *, is_small: bool = False
    ) -> Iterator[tuple[int, R]]:
        """Yield the number and the result of each task as it ends. `function`, arguments and results must pickle.

        Tasks that are small together need no processes of their own.
        """


class ProcessTasks:
    """Runs tasks in processes of this machine. A task whose process is killed is run again.

    The processes are started for the first tasks and serve all later ones: to start one takes a second.

    Parameters
    ----------
    n_workers : int, optional
        Default: one per core.
    """

    def __init__(self, n_workers: int | None = None) -> None:
        self._n_workers = n_workers or available_cores()
        self._pool: ProcessPoolExecutor | None = None

    def run(
        self, function: Callable[[A], R], arguments: Sequence[A], *, is_small: bool = False
    ) -> Iterator[tuple[int, R]]:
        """Yield the number and the result of each task as it ends; a single task is run in this process."""
        if len(arguments) <= 1 or self._n_workers == 1 or is_small:
            for number, argument in enumerate(arguments):
                yield number, function(argument)
            return
        waiting = list(reversed(range(len(arguments))))
        running: dict[Future[R], int] = {}
        deaths = 0
        try:
            while waiting or running:
                try:
                    while waiting and len(running) < _AHEAD * self._n_workers:
                        running[self._workers().submit(function, arguments[waiting[-1]])] = waiting[-1]
                        waiting.pop()
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        result = future.result()
                        yield running.pop(future), result
                        deaths = 0
                except BrokenProcessPool:
                    waiting += sorted(running.values(), reverse=True)
                    running, self._pool = {}, None
                    deaths += 1
                    if deaths == _MAX_DEATHS:
                        problem = "worker processes are ended again and again (out of memory?)"
                        hint = "run the same command again; finished parts are not repeated"
                        raise GoldwireError(problem, hint=hint) from None
        finally:
            for future in running:
                future.cancel()

    def close(self) -> None:
        """End the processes; the end of the program does so, too."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _workers(self) -> ProcessPoolExecutor:
        """Return the processes, started if there are none."""
        if self._pool is None:
            # Spawned, not forked: the threads of obstore and pyarrow do not survive a fork.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._n_workers, context, initializer=start_worker)
        return self._pool


def open_pool(engine: str, ray_address: str | None = None) -> TaskPool:
    """Return a pool of processes, or of the workers of a Ray cluster.

    Parameters
    ----------
    engine : {"local", "ray"}
        Processes of this machine, or a Ray cluster.
    ray_address : str, optional
        Address of the cluster, HOST:PORT. Default: start one on this machine.

    Raises
    ------
    ConfigError
        If the engine is unknown, or an address is given for another engine than Ray.
    ServerError
        If there is no Ray cluster at the address.
    ModuleNotFoundError
        If the extra `scale` is not installed.
    """
    if engine not in ("local", "ray"):
        raise ConfigError(f"engine {engine!r} does not run this", hint="choose local or ray")
    if ray_address is not None and engine != "ray":
        raise ConfigError(f"engine {engine} takes no address", hint="use --ray-address with --engine ray")
    if engine == "local":
        return ProcessTasks()
    from goldwire.parallel.ray_cluster import RayTasks

    return RayTasks(ray_address)
