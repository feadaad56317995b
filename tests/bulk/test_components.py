"""Connected components in rounds of small tasks: those that one task finds, and no task reads all pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

pytest.importorskip("obstore", reason="obstore is not installed (the extra `scale`)")

from goldwire.bulk import components as module
from goldwire.bulk.comparison import SIMILAR
from goldwire.bulk.components import COMPONENT, ComponentTask, components
from goldwire.bulk.segments import SEGMENTS, read_segments, write_segments
from goldwire.bulk.store import Store, open_store
from goldwire.dedup.clustering import connected_components
from goldwire.parallel.tasks import ProcessTasks

N_TEXTS = 3_000


def pairs() -> np.ndarray:
    """A chain of 1,000 texts in no order, a star of 500, and 600 random pairs among the others."""
    rng = np.random.default_rng(1)
    chain = rng.permutation(1000)
    star = np.stack((np.full(499, 1000), np.arange(1001, 1500)), axis=1)
    return np.concatenate((np.stack((chain[:-1], chain[1:]), axis=1), star, rng.integers(1500, N_TEXTS, (600, 2))))


def write_pairs(store: Store, name: str, digests: np.ndarray, found: np.ndarray) -> None:
    sides = {"left": digests[found.min(axis=1)], "right": digests[found.max(axis=1)]}
    rows = {name: sides.get(name, np.zeros(len(found), SIMILAR[name])) for name in SIMILAR.names or ()}
    write_segments(store, name, pl.DataFrame(rows), "left", SIMILAR)


class RecordingPool(ProcessTasks):
    """Runs tasks in this process, and keeps their arguments."""

    def __init__(self) -> None:
        super().__init__(1)
        self.tasks: list[ComponentTask] = []

    def run(
        self, function: Callable[[Any], Any], arguments: Sequence[Any], *, is_small: bool = False
    ) -> Iterator[tuple[int, Any]]:
        self.tasks += arguments
        return super().run(function, arguments, is_small=is_small)


@pytest.mark.parametrize("excess", [0, 1], ids=["up to the limit", "one pair above it"])
def test_components_above_the_limit_are_found_without_a_task_that_reads_all_pairs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, excess: int
) -> None:
    monkeypatch.setattr(module, "_PAIRS_PER_TASK", 256)
    digests = np.random.default_rng(2).integers(1, 2**63, N_TEXTS, dtype=np.uint64)  # in no order of the chain
    found = pairs()
    store = open_store(tmp_path)
    write_pairs(store, "pairs.bin", digests, found)
    pool = RecordingPool()
    files, n_texts = components(store, ("pairs.bin",), (), len(found), pool, max_pairs=len(found) - excess)
    labels = dict(read_segments(store, files, (0, SEGMENTS), COMPONENT).iter_rows())

    number = connected_components(found[:, 0], found[:, 1], N_TEXTS)
    least = {int(component): int(digests[number == component].min()) for component in np.unique(number)}
    assert labels == {int(digests[text]): least[int(number[text])] for text in np.unique(found)}
    assert n_texts == len(labels)
    ranges = {task.segments for task in pool.tasks}
    assert ranges == {(0, SEGMENTS)} if not excess else len(ranges) == 8
    assert max(end - start for start, end in ranges) == (SEGMENTS // 8 if excess else SEGMENTS)


def test_components_without_a_new_pair_are_left_out(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    digests = np.arange(1, 11, dtype=np.uint64)
    write_pairs(store, "earlier.bin", digests, np.array([[0, 1], [1, 2], [4, 5], [7, 8]]))
    write_pairs(store, "new.bin", digests, np.array([[2, 6], [5, 9]]))
    files, n_texts = components(store, ("new.bin",), ("earlier.bin",), 6, ProcessTasks(1))
    labels = dict(read_segments(store, files, (0, SEGMENTS), COMPONENT).iter_rows())
    assert labels == {1: 1, 2: 1, 3: 1, 7: 1, 5: 5, 6: 5, 10: 5}
    assert n_texts == len(labels)
