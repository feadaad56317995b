"""The examples in docstrings of all modules run and print what they say."""

from __future__ import annotations

import doctest
from collections.abc import Iterator
from importlib import import_module

import pytest

from support.paths import PACKAGE

OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def examples() -> Iterator[doctest.DocTest]:
    """Yield every docstring with an example; a function that is re-exported counts where it is defined."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "django" not in path.parts and ">>> " in path.read_text(encoding="utf-8"):
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            module = import_module(".".join(parts).removesuffix(".__init__"))
            yield from (test for test in doctest.DocTestFinder().find(module) if test.examples)


@pytest.mark.parametrize("example", list(examples()), ids=lambda test: test.name)
def test_the_example_prints_its_documented_output(example: doctest.DocTest) -> None:
    report: list[str] = []
    results = doctest.DocTestRunner(optionflags=OPTIONS).run(example, out=report.append)
    assert results.failed == 0, "".join(report)
