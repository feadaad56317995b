"""How the workers of pytest-xdist share the tests: a module runs on one worker, so that its fixtures are set up once.

`xdist_group` has no effect with pytest 9.2 and pytest-xdist 3.8, which changes an attribute that pytest no longer
reads. Each of three workers then started a Doccano server, an environment or a Ray cluster of its own.
"""

from __future__ import annotations

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling
from xdist.workermanage import WorkerController

__all__ = ["ModuleScheduling", "sort_modules"]

GROUPS = dict.fromkeys(
    ("tests/stages/test_bulk.py", "tests/stages/test_bulk_audit.py", "tests/stages/test_dedup.py"), "ray"
)
"""Modules that share one worker, since they use a fixture that takes long: a Ray cluster."""

SHARED_OUT = ("tests/checks/test_mutations.py", "tests/checks/test_fields.py")
"""Modules of many tests without a fixture that takes long: the last that begin, and any worker takes the next test."""

SECONDS = {
    "tests/doccano/test_killed_processes.py": 240,
    "tests/doccano/test_overlay_browser.py": 180,
    "tests/repository/test_pages.py": 160,
    "tests/cli/test_interrupted_commands.py": 150,
    "tests/stages/test_bulk.py": 150,
    "tests/repository/test_install.py": 100,
    "tests/stages/test_demo.py": 80,
    "tests/stages/test_backup.py": 80,
    "tests/stages/test_dedup.py": 60,
    "tests/stages/test_chaos.py": 60,
    "tests/cli/test_spoiled_files.py": 60,
    "tests/repository/test_action.py": 60,
    "tests/repository/test_benchmarks.py": 40,
    "tests/stages/test_check.py": 40,
}
"""Modules that run for more than half a minute beside others. The rest is sorted by its number of tests."""

_WAITING = ("server", "browser", "postgres", "install")
"""Markers of tests that leave their core to others while a server, a browser or a disk works."""


def sort_modules(items: list[pytest.Item]) -> None:
    """Sort tests by their modules: those that wait, the longest first, then those that compute, the longest last.

    Half of the workers of `ModuleScheduling` begin at either end, so that modules that wait always run beside modules
    that compute, and the shortest are left for the end.
    """
    count: dict[str, int] = {}
    waiting: set[str] = set()
    for item in items:
        path = _path(item.nodeid)
        count[path] = count.get(path, 0) + 1
        if any(item.get_closest_marker(name) for name in _WAITING):
            waiting.add(path)

    def position(item: pytest.Item) -> tuple[bool, float, str]:
        path = _path(item.nodeid)
        duration = 0 if path in SHARED_OUT else SECONDS.get(path, 0) + min(count[path], 999) / 1000
        return (path not in waiting, -duration if path in waiting else duration, path)

    items.sort(key=position)


class ModuleScheduling(LoadScopeScheduling):
    """A scheduler of pytest-xdist that gives each worker whole modules, from one of both ends of the list."""

    def _split_scope(self, nodeid: str) -> str:
        """Return what runs on one worker together with a test."""
        path = _path(nodeid)
        return nodeid if path in SHARED_OUT else GROUPS.get(path, path)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if self.nodes.index(node) % 2:
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)


def _path(nodeid: str) -> str:
    return nodeid.partition("::")[0]
