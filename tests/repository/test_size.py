"""Modules have one idea, functions fit a screen, and calls can be read: sizes that no change exceeds.

`python tests/repository/test_size.py` lists the largest modules and functions.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))  # when run as a script

from support.paths import PACKAGE

MODULE_LINES = 420
CODE_LINES = 60  # of a function, without its docstring, comments and blank lines
PARAMETERS = 10  # of a function; a command's function has one per option of the command

SUPPRESSION = re.compile(r"# noqa(: [A-Z0-9, ]+)?$|# type: ignore(\[[a-z-]+\])?$")
"""A warning that is suppressed without a reason behind it."""

MODULE_NAME = re.compile(r"`([a-z_]+)`")

MORE_PARAMETERS = {
    "agreement/gamma.py: gamma": "public: each option is a keyword with a type, as for the other coefficients",
}
"""Functions with more parameters, each with its reason."""

_LAYOUT = frozenset(
    (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
)


class Function(NamedTuple):
    """A function with its lines of code and its number of parameters."""

    name: str
    lines: int
    parameters: int


@cache
def sources() -> dict[str, str]:
    """The source of each module of the package, by its path."""
    return {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}


def functions(module: str, source: str) -> Iterator[Function]:
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _LAYOUT:
            code.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            has_docstring = ast.get_docstring(node) is not None
            docstring = range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1) if has_docstring else ()
            lines = code.intersection(range(node.lineno, (node.end_lineno or 0) + 1)) - set(docstring)
            names = [entry.arg for entry in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            n_parameters = len(names) - (names[:1] in (["self"], ["cls"]))
            yield Function(f"{module}: {node.name}", len(lines), n_parameters)


@cache
def all_functions() -> list[Function]:
    return [function for module, source in sources().items() for function in functions(module, source)]


def test_modules_are_short() -> None:
    long = {module for module, source in sources().items() if source.count("\n") > MODULE_LINES}
    assert not long


def test_functions_fit_a_screen() -> None:
    assert not [function for function in all_functions() if function.lines > CODE_LINES]


def test_suppressed_warnings_have_a_reason() -> None:
    bare = [
        f"{module}: {line.strip()}"
        for module, source in sources().items()
        for line in source.splitlines()
        if SUPPRESSION.search(line)
    ]
    assert not bare


def test_packages_name_modules_that_exist() -> None:
    """A package that exports nothing describes its modules, so that a newcomer knows where to read."""
    wrong = []
    for module, source in sources().items():
        folder, body = (PACKAGE / module).parent, ast.parse(source).body
        if module.endswith("/__init__.py") and len(body) == 1:
            names = MODULE_NAME.findall(ast.get_docstring(ast.parse(source)) or "")
            wrong += [f"{module}: {name}" for name in names if not list(folder.glob(f"{name}*"))]
    assert not wrong


def test_options_that_travel_together_are_records() -> None:
    long = {function.name for function in all_functions() if function.parameters > PARAMETERS}
    assert {name for name in long if not name.startswith("cli/")} == set(MORE_PARAMETERS)


if __name__ == "__main__":
    for module, source in sorted(sources().items(), key=lambda item: -item[1].count("\n"))[:10]:
        print(f"{source.count(chr(10)):4} lines  {module}")
    for name, lines, parameters in sorted(all_functions(), key=lambda function: -function.lines)[:20]:
        print(f"{lines:4} lines of code, {parameters:2} parameters  {name}")
