"""Workers of pytest-xdist run whole modules, and modules that wait run beside modules that compute."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from support import module_scheduling
from support.module_scheduling import ModuleScheduling, sort_modules
from support.paths import REPOSITORY, TESTS


class Worker:
    """A worker of pytest-xdist that runs what it gets at once."""

    shutting_down = False

    def __init__(self, name: str, ran: list[tuple[str, int]]) -> None:
        self.gateway, self.ran, self.given = SimpleNamespace(id=name), ran, []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.given += indices

    def shutdown(self) -> None:
        self.shutting_down = True

    def run_next(self, scheduler: Any) -> bool:
        if not self.given:
            return False
        index = self.given.pop(0)
        self.ran.append((self.gateway.id, index))
        scheduler.mark_test_complete(self, index)
        return True


def run(tests: list[str], n_workers: int) -> dict[str, list[str]]:
    """Return the tests of each worker, in the order in which it ran them."""
    config: Any = SimpleNamespace(
        getvalue=lambda _name: ["popen"] * n_workers, option=SimpleNamespace(loadscopereorder=False)
    )
    ran: list[tuple[str, int]] = []
    workers: list[Any] = [Worker(f"gw{number}", ran) for number in range(n_workers)]
    scheduler = ModuleScheduling(config)
    for worker in workers:
        scheduler.add_node(worker)
        scheduler.add_node_collection(worker, tests)
    scheduler.schedule()
    while sum(worker.run_next(scheduler) for worker in workers):
        pass
    return {worker.gateway.id: [tests[index] for name, index in ran if name == worker.gateway.id] for worker in workers}


def test_a_module_runs_on_one_worker_and_both_ends_begin_at_once() -> None:
    tests = [f"tests/test_{module}.py::test_{number}" for module in range(8) for number in range(4)]
    by_worker = run(tests, 3)
    assert sorted(test for ran in by_worker.values() for test in ran) == tests
    modules = {name: [test.partition("::")[0] for test in ran] for name, ran in by_worker.items()}
    for module in {test.partition("::")[0] for test in tests}:
        assert sum(module in ran for ran in modules.values()) == 1, module
    first = [ran[0] for ran in modules.values()]
    assert first == ["tests/test_0.py", "tests/test_7.py", "tests/test_1.py"]


def test_groups_share_a_worker_and_the_shared_modules_do_not() -> None:
    group = [f"{path}::test_{number}" for path in module_scheduling.GROUPS for number in range(3)]
    shared = [f"{module_scheduling.SHARED_OUT[0]}::test[{number}]" for number in range(40)]
    by_worker = run([*group, *shared], 2)
    assert by_worker["gw0"][: len(group)] == group
    assert len(by_worker["gw0"]) + len(by_worker["gw1"]) == len(group) + len(shared)
    assert len(by_worker["gw1"]) > len(shared) / 2


def test_modules_that_wait_come_first_and_the_longest_at_the_ends() -> None:
    def item(path: str, *markers: str) -> Any:
        return SimpleNamespace(
            nodeid=f"{path}::test_a", get_closest_marker=lambda name: name if name in markers else None
        )

    long_wait, long_work = "tests/doccano/test_killed_processes.py", "tests/cli/test_spoiled_files.py"
    items = [
        *(item(long_work), item("tests/test_work.py"), item("tests/test_wait.py", "browser")),
        *(item(module_scheduling.SHARED_OUT[0]), item(long_wait, "server")),
    ]
    sort_modules(items)
    assert [each.nodeid.partition("::")[0] for each in items] == [
        *(long_wait, "tests/test_wait.py", module_scheduling.SHARED_OUT[0], "tests/test_work.py", long_work),
    ]


def test_the_tables_name_test_files() -> None:
    named = {*module_scheduling.GROUPS, *module_scheduling.SHARED_OUT, *module_scheduling.SECONDS}
    assert not [name for name in named if not (REPOSITORY / name).is_file()]


def test_no_test_is_marked_with_a_group_that_has_no_effect() -> None:
    mark = "xdist_" + "group"
    marked = [path.name for path in TESTS.rglob("test_*.py") if f"mark.{mark}" in path.read_text(encoding="utf-8")]
    assert marked == []
