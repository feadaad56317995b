"""Each rule has a case in tests/cases/<code>/: a minimal bad input that causes exactly the expected findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.checks.registry import RULES
from goldwire.checks.report import finding_line
from goldwire.stages import check
from goldwire.workspace.layout import find_workspace
from support.overlay import CASES, TINY, find_problems, read_case

pytestmark = pytest.mark.usefixtures("remembered_results")

CODES = sorted(folder.name for folder in CASES.iterdir())


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    assert sorted(RULES) == CODES


@pytest.mark.parametrize("code", CODES)
def test_case_has_the_expected_findings(code: str, tmp_path: Path) -> None:
    case = read_case(code)
    assert (case.pull is not None) == (RULES[code].found_by == "pull")
    findings = find_problems(code, case, tmp_path)
    assert [(f.file, f.code, f.line, f.item) for f in findings] == [
        (expected.file, expected.code, expected.line, expected.item) for expected in case.expect
    ]
    assert RULES[code].example == finding_line(next(finding for finding in findings if finding.code == code))


def test_a_clean_workspace_has_no_findings() -> None:
    report = check.run(find_workspace(TINY, explicit=True), strict=True)
    assert report.findings == ()
    assert report.exit_code == 0


def test_a_case_fits_on_a_screen() -> None:
    for folder in CASES.iterdir():
        assert sum(path.stat().st_size for path in folder.iterdir() if path.suffix != ".parquet") < 10_000
