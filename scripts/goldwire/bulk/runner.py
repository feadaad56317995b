"""Run the tasks of a step that are not in its manifest, in processes or on a Ray cluster.

A task is a pure function of files in the store. It writes its own files, each whole or not at all, and returns counts
and small values. The manifest lists the finished tasks, so that a run that was killed goes on where it ended and a
repeated run does nothing.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import uuid4

import msgspec

from goldwire.bulk.store import Store, each_file
from goldwire.errors import DECODE_ERRORS, DataError, decode_problem
from goldwire.parallel.tasks import TaskPool
from goldwire.progress import track

__all__ = ["Finished", "Result", "Task", "key_of", "make_task", "read_manifest", "run_step", "total"]

_FLUSH_SECONDS = 10.0  # of finished tasks that a killed run does again, at most
_SMALL = 16 << 20  # bytes of some 10,000 articles, compressed: 4 s at most, and to start two processes takes 3 s


class Task(msgspec.Struct, frozen=True):
    """A task of a step: what decides its result, as a digest, the argument of the step's function, and its inputs.

    `size` is the number of bytes of articles that its time depends on, if that is known.
    """

    key: str
    argument: Any
    inputs: tuple[str, ...] = ()
    size: int | None = None


class Result(msgspec.Struct, frozen=True):
    """The files that a task wrote, and counts: all that it returns to the driver."""

    files: tuple[str, ...] = ()
    counts: dict[str, int] = {}


class Finished(msgspec.Struct, frozen=True):
    """A line of a manifest: a finished task."""

    key: str
    files: tuple[str, ...]
    counts: dict[str, int]
    inputs: tuple[str, ...] = ()


def key_of(*values: Any) -> str:
    """Return a digest of values that JSON can hold."""
    return hashlib.sha256(msgspec.json.encode(values)).hexdigest()[:32]


def make_task(step: str, argument: Any, size: int | None = None) -> Task:
    """Return the task of an argument: its key is a digest of all fields but `out`. A field `key` gets it."""
    key = key_of(step, *(value for name, value in msgspec.structs.asdict(argument).items() if name != "out"))
    has_key = "key" in argument.__struct_fields__
    return Task(key, msgspec.structs.replace(argument, key=key) if has_key else argument, size=size)


def run_step(
    store: Store,
    step: str,
    tasks: Sequence[Task],
    function: Callable[[Any], Result],
    pool: TaskPool,
    *,
    repeat: bool = False,
) -> tuple[list[Finished], int]:
    """Run the tasks that no earlier run has finished.

    Parameters
    ----------
    store : Store
        Holds the manifest, in `manifest/<step>/`.
    step : str
        Name of the step.
    tasks : sequence of Task
        All tasks of the step, finished or not.
    function : callable
        Called with a task's argument. It must pickle, as must its argument.
    pool : TaskPool
        Runs the tasks.
    repeat : bool, default: False
        Run finished tasks again, too.

    Returns
    -------
    list of Finished
        One for each task, in the order of `tasks`.
    int
        Number of tasks that were run.
    """
    finished = {} if repeat else _with_their_files(store, read_manifest(store, step), {task.key for task in tasks})
    waiting = [task for task in tasks if task.key not in finished]
    log = _ManifestLog(store, step)
    try:
        results = pool.run(function, [task.argument for task in waiting], is_small=_is_small(waiting))
        for number, result in track(results, step, len(waiting)):
            entry = Finished(waiting[number].key, result.files, result.counts, waiting[number].inputs)
            finished[entry.key] = entry
            log.add(entry)
    finally:
        log.close()
    return [finished[task.key] for task in tasks], len(waiting)


def _is_small(tasks: Sequence[Task]) -> bool:
    """Whether tasks end sooner in this process than in others that have to be started."""
    sizes = [task.size for task in tasks if task.size is not None]
    return len(sizes) == len(tasks) and sum(sizes) <= _SMALL


def total(finished: Iterable[Finished], name: str) -> int:
    """Return the sum of a count over tasks."""
    return sum(entry.counts.get(name, 0) for entry in finished)


class _ManifestLog:
    """The finished tasks of this run, written every few seconds.

    Each run writes files of its own, so that two runs at once cannot lose each other's lines.
    """

    def __init__(self, store: Store, step: str) -> None:
        self._store = store
        self._folder = f"manifest/{step}"
        self._entries: list[Finished] = []
        self._written: list[str] = []
        self._n_written = 0
        self._time = time.monotonic()

    def add(self, entry: Finished) -> None:
        self._entries.append(entry)
        if time.monotonic() - self._time > _FLUSH_SECONDS:
            self._write(self._entries[self._n_written :])

    def close(self) -> None:
        """Replace the files that were written meanwhile by one."""
        if self._entries:
            partial, self._written = self._written, []
            self._write(self._entries)
            self._store.delete(partial)

    def _write(self, entries: Sequence[Finished]) -> None:
        name = f"{self._folder}/{uuid4().hex}.jsonl"
        self._store.put(name, b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries))
        self._written.append(name)
        self._n_written = len(self._entries)
        self._time = time.monotonic()


def _with_their_files(store: Store, finished: dict[str, Finished], keys: set[str]) -> dict[str, Finished]:
    """Return the finished tasks with these keys whose files are there; somebody may have deleted some."""
    known = {key: entry for key, entry in finished.items() if key in keys}
    folders = {name.rpartition("/")[0] for entry in known.values() for name in entry.files}
    present = {file.path for folder in folders for file in store.files(f"{folder}/")}
    return {key: entry for key, entry in known.items() if present.issuperset(entry.files)}


def read_manifest(store: Store, step: str) -> dict[str, Finished]:
    """Return the finished tasks of all earlier runs, by key."""
    names = [file.path for file in store.files(f"manifest/{step}/")]
    decoder = msgspec.json.Decoder(Finished)
    finished: dict[str, Finished] = {}
    for name, data in zip(names, each_file(store, store.read, names), strict=True):
        try:
            finished.update((entry.key, entry) for entry in decoder.decode_lines(data))
        except DECODE_ERRORS as error:
            problem = f"not a list of finished tasks ({decode_problem(error)})"
            hint = "delete it, then run the same command again"
            raise DataError(problem, location=f"{store.url}/{name}", hint=hint) from None
    return finished
