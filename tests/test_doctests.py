"""The examples in docstrings run and print what they say.

To add examples of a package, add its name to `PACKAGES` (all of its modules) or a single module's name to `MODULES`.
"""

from __future__ import annotations

import doctest
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import pytest

PACKAGES = ["goldwire.adjudication", "goldwire.agreement", "goldwire.alignment"]
MODULES = [
    "goldwire.dedup.near_duplicates",
    "goldwire.errors",
    "goldwire.extraction.api",
    "goldwire.release.reader",
    "goldwire.splitting.assignment",
    "goldwire.stages.check",
    "goldwire.workspace.loading",
]

OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def examples() -> Iterator[doctest.DocTest]:
    """Yield every docstring with an example; a function that is re-exported counts where it is defined."""
    names = [*MODULES, *PACKAGES]
    for package in PACKAGES:
        names += [module.name for module in walk_packages(import_module(package).__path__, f"{package}.")]
    for name in names:
        yield from (test for test in doctest.DocTestFinder().find(import_module(name)) if test.examples)


@pytest.mark.parametrize("example", list(examples()), ids=lambda test: test.name)
def test_the_example_prints_its_documented_output(example: doctest.DocTest) -> None:
    report: list[str] = []
    results = doctest.DocTestRunner(optionflags=OPTIONS).run(example, out=report.append)
    assert results.failed == 0, "".join(report)
