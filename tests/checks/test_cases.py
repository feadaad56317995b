"""Every code has its case, and finds just that: RULES = cases = codes emitted."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from goldwire.checks import registry
from goldwire.checks.registry import RULES
from goldwire.stages import check
from goldwire.workspace.layout import find_workspace
from support.overlay import CASES, HERE, TINY, found, read_case
from support.paths import PACKAGE

CODES = sorted(folder.name for folder in CASES.iterdir())
# What names a code where it is emitted: Finding(code="..."), entry.finding("...", ...), yield "...", message.
EMITTERS = ("Finding", "finding", "finding_at", "_at", "found", "_finding", "Problem")


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    assert sorted(RULES) == CODES


@pytest.mark.parametrize("code", CODES)
def test_case(code: str, tmp_path: Path) -> None:
    case = read_case(code)
    if case.shown_by is not None:
        assert RULES[code].by != "check"
        assert code in (HERE.parent / case.shown_by).read_text()
        return
    assert RULES[code].by == "check"
    got = found(code, case, tmp_path)
    assert [(one.file, one.code, one.line, one.item) for one in got] == [
        (one.file, one.code, one.line, one.item) for one in case.expect
    ]
    lines = [registry.line(one) for one in got if one.code == code]
    assert RULES[code].example == lines[0]


def test_a_clean_workspace_is_silent() -> None:
    report = check.run(find_workspace(TINY, explicit=True), strict=True)
    assert report.findings == ()
    assert report.exit_code == 0


def test_every_code_that_is_emitted_is_a_rule_and_every_rule_is_emitted() -> None:
    emitted = {code for path in PACKAGE.rglob("*.py") if "findings" not in path.parts for code in emitted_by(path)}
    emitted |= emitted_by(PACKAGE / "findings" / "waive.py")
    assert emitted - RULES.keys() == set()
    assert RULES.keys() - emitted == set()


def emitted_by(path: Path) -> set[str]:
    """Codes in the places where a module names what it emits."""
    codes: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and name_of(node.func) in EMITTERS:
            codes |= {text for part in (*node.args[:1], *keyword(node, "code")) for text in texts(part)}
        elif "checks" in path.parts:
            codes |= {text for text in texts(node) if text in RULES}
    return {code for code in codes if re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", code)}


def keyword(node: ast.Call, name: str) -> list[ast.expr]:
    return [argument.value for argument in node.keywords if argument.arg == name]


def name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def texts(node: ast.AST) -> list[str]:
    """The texts that an expression may be: a constant, one of two, or an f-string over the kinds of key."""
    if isinstance(node, ast.JoinedStr):
        tail = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        return [f"{kind}{tail}" for kind in ("text", "group")]
    if isinstance(node, ast.IfExp):
        return [*texts(node.body), *texts(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
