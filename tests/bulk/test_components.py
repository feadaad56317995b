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
from goldwire.bulk.components import COMPONENT, ComponentTask, components
from goldwire.bulk.postings import CANDIDATE
from goldwire.bulk.segments import SEGMENTS, read_segments, write_segments
from goldwire.bulk.store import open_store
from goldwire.dedup.clustering import connected_components
from goldwire.parallel.tasks import ProcessTasks

N_TEXTS = 3_000


def pairs() -> np.ndarray:
    """A chain of 1,000 texts in no order, a star of 500, and 600 random pairs among the others."""
    rng = np.random.default_rng(1)
    chain = rng.permutation(1000)
    star = np.stack((np.full(499, 1000), np.arange(1001, 1500)), axis=1)
    return np.concatenate((np.stack((chain[:-1], chain[1:]), axis=1), star, rng.integers(1500, N_TEXTS, (600, 2))))


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
    sides = {"left": digests[found.min(axis=1)], "right": digests[found.max(axis=1)]}
    rows = {name: sides.get(name, np.zeros(len(found), CANDIDATE[name])) for name in CANDIDATE.names or ()}
    store = open_store(tmp_path)
    write_segments(store, "pairs.bin", pl.DataFrame(rows), "left", CANDIDATE)
    pool = RecordingPool()
    files = components(store, ("pairs.bin",), len(found), pool, max_pairs=len(found) - excess)
    labels = dict(read_segments(store, files, (0, SEGMENTS), COMPONENT).iter_rows())

    number = connected_components(found[:, 0], found[:, 1], N_TEXTS)
    least = {int(component): int(digests[number == component].min()) for component in np.unique(number)}
    assert labels == {int(digests[text]): least[int(number[text])] for text in np.unique(found)}
    ranges = {task.segments for task in pool.tasks}
    assert ranges == {(0, SEGMENTS)} if not excess else len(ranges) == 8
    assert max(end - start for start, end in ranges) == (SEGMENTS // 8 if excess else SEGMENTS)
