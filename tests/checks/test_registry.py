"""The registry: every rule is complete, every check declares its rules, `--explain` prints them."""

from __future__ import annotations

import pytest

from goldwire.checks.registry import CHECKS, RULES, explain, select_codes
from goldwire.checks.rule import LEVELS, Rule
from goldwire.checks.rules import server_losses
from goldwire.checks.rules.server import SERVER_RULES
from goldwire.errors import GoldwireError

# Rules whose findings are made while a workspace is read or compared with git, by a waiver, by `audit` or by `pull`.
READING = {
    *("file-bom", "file-crlf", "file-not-utf8", "file-not-canonical", "file-unreadable", "merge-conflict"),
    *("json-broken", "field-missing", "field-unknown", "field-repeated", "field-type", "toml-broken"),
    *("schema-invalid", "release-unreadable"),
}
OTHERS = {
    *("waiver-invalid", "waiver-unused", "waiver-expired", "release-rewritten", "assignment-rewritten"),
    *(code for code, rule in RULES.items() if rule.found_by != "check"),
}


def test_every_other_rule_is_declared_by_a_check() -> None:
    declared = {rule.code for checks in CHECKS for check in checks for rule in check.rules}
    assert declared == RULES.keys() - READING - OTHERS


def test_every_check_is_registered_at_the_level_of_its_rules() -> None:
    for level, checks in enumerate(CHECKS):
        assert checks
        assert {rule.level for check in checks for rule in check.rules} == {level}


def test_no_two_checks_have_the_same_name() -> None:
    names = [check.name for checks in CHECKS for check in checks]
    assert len(names) == len(set(names))


def test_server_rules_are_those_that_pull_reports() -> None:
    losses = {rule.code for rule in vars(server_losses).values() if isinstance(rule, Rule)}
    assert set(SERVER_RULES) | losses == {code for code, rule in RULES.items() if rule.found_by == "pull"}


@pytest.mark.parametrize("code", sorted(RULES))
def test_explain_prints_summary_reason_fix_and_example(code: str) -> None:
    rule = RULES[code]
    text = explain(code)
    words = " ".join(text.split())
    assert text.startswith(f"{code}: L{rule.level} {LEVELS[rule.level]} {rule.severity}")
    for heading, value in (("What", rule.summary), ("Why", rule.why), ("Fix", rule.fix), ("Example", rule.example)):
        assert value
        assert f"{heading} {' '.join(value.split())}" in words
    assert ("Automatic: `goldwire check --fix`." in words) == rule.fixable
    assert not rule.summary.endswith(".")
    assert rule.why.endswith(".")
    assert rule.fix.endswith(".")


def test_explain_all_lists_every_code() -> None:
    lines = explain("all").splitlines()
    assert len(lines) == len(RULES)
    assert all(code in line for code, line in zip(RULES, lines, strict=True))


def test_an_unknown_code_names_similar_codes() -> None:
    with pytest.raises(GoldwireError, match="span-crosses"):
        explain("span-crossed")


def test_select_codes_accepts_codes_prefixes_and_levels() -> None:
    assert select_codes(["span-empty"]) == {"span-empty"}
    assert select_codes(["waiver"]) == {"waiver-expired", "waiver-invalid", "waiver-unused"}
    assert select_codes(["L3"]) == {code for code, rule in RULES.items() if rule.level == 3}
    with pytest.raises(GoldwireError, match="L6"):
        select_codes(["L6"])
