"""Process pool: results in order, workers kept for later batches, one error line for a worker that dies."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial

import pytest

from goldwire.errors import GoldwireError
from goldwire.parallel.processes import ProcessPool


def batch_and_process(batch: int) -> tuple[int, int]:
    time.sleep(0.02 * (batch % 3))  # so that later batches finish first
    return batch, os.getpid()


def exit_at_five(batch: int) -> int:
    if batch == 5:
        os._exit(9)
    return batch


def test_results_are_in_order_and_workers_stay() -> None:
    with ProcessPool(n_local=2) as workers:
        first = list(workers.map(batch_and_process, range(20)))
        again = list(workers.map(batch_and_process, range(5)))
    assert [batch for batch, _ in first] == list(range(20))
    assert [batch for batch, _ in again] == list(range(5))
    here = os.getpid()
    assert {process for _, process in first[:2]} == {here}
    if len(os.sched_getaffinity(0)) > 1:
        assert here not in {process for _, process in (*first[2:], *again)}
        assert {process for _, process in again} <= {process for _, process in first[2:]}


def test_a_few_batches_are_processed_locally() -> None:
    with ProcessPool(n_local=3) as workers:
        assert {process for _, process in workers.map(batch_and_process, range(3))} == {os.getpid()}
        assert list(workers.map(batch_and_process, ())) == []


def test_only_a_few_batches_are_in_flight() -> None:
    started = []

    def batches() -> Iterator[int]:
        for number in range(1000):
            started.append(number)
            yield number

    with ProcessPool() as workers:
        for _ in zip(range(10), workers.map(partial(abs), batches()), strict=False):
            pass
    assert len(started) <= 10 + 4 * len(os.sched_getaffinity(0)) + 1


@pytest.mark.skipif(len(os.sched_getaffinity(0)) == 1, reason="one core has no workers")
def test_a_worker_that_dies_is_reported_in_one_line() -> None:
    with ProcessPool() as workers, pytest.raises(GoldwireError) as caught:
        list(workers.map(exit_at_five, range(10)))
    assert "\n" not in str(caught.value)
