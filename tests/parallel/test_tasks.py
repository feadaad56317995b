"""Tasks in processes: all results, whatever dies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from goldwire.errors import ConfigError, DataError, GoldwireError
from goldwire.parallel.tasks import ProcessTasks, open_pool
from support.worker_tasks import die, die_once, fail, process_id, square


def test_each_task_is_done_once() -> None:
    assert sorted(ProcessTasks(2).run(square, range(20))) == [(number, number**2) for number in range(20)]


def test_tasks_of_killed_processes_are_run_again(tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(3)]
    assert sorted(ProcessTasks(2).run(die_once, paths)) == [(0, "0"), (1, "1"), (2, "2")]


def test_small_tasks_start_no_processes() -> None:
    assert [result for _, result in ProcessTasks(2).run(process_id, range(3), is_small=True)] == [os.getpid()] * 3
    assert os.getpid() not in {result for _, result in ProcessTasks(2).run(process_id, range(3))}


def test_a_task_that_always_ends_its_process_is_an_error() -> None:
    with pytest.raises(GoldwireError, match="again and again"):
        list(ProcessTasks(2).run(die, range(3)))


def test_an_error_keeps_its_location_and_hint() -> None:
    with pytest.raises(DataError, match=r"part \d: a broken file; hint: delete it") as error:
        list(ProcessTasks(2).run(fail, range(3)))
    assert error.value.hint == "delete it"


def test_an_address_needs_ray() -> None:
    with pytest.raises(ConfigError, match="takes no address"):
        open_pool("local", "127.0.0.1:1")
    with pytest.raises(ConfigError, match="choose local or ray"):
        open_pool("daft")
