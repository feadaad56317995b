"""The engines that sketch and compare texts: threads of this machine, Daft on this machine, or Daft on a Ray cluster.

All run the same pure functions of `sketches` and `jaccard` and find the same. Threads are the default: on one machine
Daft takes twice the time for the same work, because it copies the texts between its own columns and Python's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, Protocol, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from goldwire.dedup.jaccard import PairSimilarity, gather_pairs, pair_similarity
from goldwire.dedup.sketches import Sketches, sketch
from goldwire.errors import ConfigError
from goldwire.parallel.threads import map_in_threads
from goldwire.text.batches import TextStore

__all__ = ["ENGINES", "Engine", "Executor", "ThreadExecutor", "get_executor"]

T = TypeVar("T")
R = TypeVar("R")
Ints = NDArray[np.int64]

Engine = Literal["local", "daft", "ray"]
ENGINES: tuple[Engine, ...] = get_args(Engine)

_MAX_THREADS = 4  # numpy releases Python's lock, but the work between two array operations holds it
# glibc returns freed memory to the system at once, and each array of a batch costs page faults again, a third of the
# time in all, until it has freed a block as large as this.
_LARGE_BLOCK = 30 << 20


class Executor(Protocol):
    """Runs the two kinds of work that grow with the texts, in batches, with the results in the order of the batches."""

    def sketch(self, texts: TextStore, ranges: Iterable[tuple[int, int]]) -> Iterator[Sketches]:
        """Yield the sketches of each range of texts."""

    def compare(self, texts: TextStore, pairs: Iterable[tuple[Ints, Ints]]) -> Iterator[PairSimilarity]:
        """Yield the similarity of each batch of pairs of texts."""

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield `function(item)` for items in this process's memory."""


class ThreadExecutor:
    """Runs the work in threads of this process."""

    def sketch(self, texts: TextStore, ranges: Iterable[tuple[int, int]]) -> Iterator[Sketches]:
        """Yield the sketches of each range of texts."""
        return self.map(lambda text_range: sketch(*texts.slice(*text_range)), ranges)

    def compare(self, texts: TextStore, pairs: Iterable[tuple[Ints, Ints]]) -> Iterator[PairSimilarity]:
        """Yield the similarity of each batch of pairs of texts."""
        return self.map(lambda batch: pair_similarity(*gather_pairs(texts, *batch)), pairs)

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield `function(item)` for each item, in order."""
        np.empty(_LARGE_BLOCK, np.uint8)
        return map_in_threads(function, items, max_threads=_MAX_THREADS)


def get_executor(engine: Engine, ray_address: str | None = None) -> Executor:
    """Return the executor of an engine.

    Parameters
    ----------
    engine : {"local", "daft", "ray"}
        Threads, Daft on this machine, or Daft on a Ray cluster.
    ray_address : str, optional
        Address of the Ray cluster, HOST:PORT. Default: start one on this machine.

    Raises
    ------
    ConfigError
        If the engine is unknown, or an address is given for another engine than Ray.
    ServerError
        If there is no Ray cluster at the address.
    ModuleNotFoundError
        If the extra `scale` is not installed.
    """
    if engine not in ENGINES:
        raise ConfigError(f"unknown engine {engine!r}", hint=f"choose one of {', '.join(ENGINES)}")
    if ray_address is not None and engine != "ray":
        raise ConfigError(f"engine {engine} takes no address", hint="use --ray-address with --engine ray")
    if engine == "local":
        return ThreadExecutor()
    from goldwire.dedup.daft_engine import DaftExecutor

    return DaftExecutor(on_ray=engine == "ray", ray_address=ray_address)
