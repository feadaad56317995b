"""Threads: results in order, a bounded number of items in flight, and errors that are passed on."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from goldwire.parallel.threads import available_cores, map_concurrently, map_in_threads


def slow_square(number: int) -> int:
    time.sleep(0.005 * (number % 3))  # so that later items finish first
    return number * number


def test_results_are_in_order() -> None:
    assert list(map_in_threads(slow_square, range(20))) == [number * number for number in range(20)]
    assert list(map_in_threads(slow_square, ())) == []


def test_only_a_few_items_are_in_flight() -> None:
    started = []

    def items() -> Iterator[int]:
        for number in range(1000):
            started.append(number)
            yield number

    results = map_in_threads(abs, items(), max_threads=2, ahead=3)
    assert [next(results) for _ in range(10)] == list(range(10))
    assert len(started) <= 10 + 3 * min(2, available_cores())


def test_an_error_is_raised_where_its_result_would_be() -> None:
    results = map_in_threads(lambda number: 1 // number, (1, 0, 1))
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_the_first_error_of_concurrent_tasks_is_raised() -> None:
    assert map_concurrently(["A1", "A2"], str.lower, "test") == ["a1", "a2"]
    with pytest.raises(ValueError, match="A1"):
        map_concurrently(["A1", "A2", "A3"], int, "test")


def test_threads_may_be_the_first_to_decode_a_type() -> None:
    """In a process of its own, which msgspec 0.22 ends with a segmentation fault without `thread_pool`."""
    done = subprocess.run([sys.executable, "-c", FIRST_DECODING], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


FIRST_DECODING = """
import sys
from threading import Barrier
from typing import Optional, Union

import msgspec

from goldwire.parallel.threads import thread_pool

sys.setswitchinterval(1e-6)
fields = [(f"field{i}", Optional[dict[str, list[Union[int, str, None]]]], None) for i in range(12)]
data = msgspec.json.encode({f"field{i}": {"a": [1]} for i in range(12)})
for n in range(100):
    kind = type(f"Row{n}", (msgspec.defstruct(f"Base{n}", fields),), {})
    start = Barrier(4)

    def decode(_):
        start.wait()
        return msgspec.json.decode(data, type=kind).field0

    with thread_pool(4) as pool:
        assert list(pool.map(decode, range(4))) == [{"a": [1]}] * 4
"""
