"""Checks are bound to the rules that they report."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from goldwire.checks.check import check
from goldwire.checks.rules.spans import SPAN_EMPTY, SPAN_NESTED
from goldwire.checks.rules.text import TEXT_NOT_NFC
from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding


def nested_span(snapshot: Snapshot) -> Iterator[Finding]:
    yield SPAN_NESTED.finding("a.jsonl", "message")


def test_a_check_yields_the_findings_of_its_function() -> None:
    bound = check(SPAN_NESTED, SPAN_EMPTY)(nested_span)
    assert [finding.code for finding in bound(Snapshot())] == ["span-nested"]
    assert (bound.name, bound.level) == ("nested_span", 2)


def test_a_finding_of_an_undeclared_rule_is_an_error() -> None:
    with pytest.raises(ValueError, match="nested_span does not declare the code 'span-nested'"):
        list(check(SPAN_EMPTY)(nested_span)(Snapshot()))


def test_the_rules_of_a_check_have_one_level() -> None:
    with pytest.raises(ValueError, match="exactly one level"):
        check(SPAN_EMPTY, TEXT_NOT_NFC)
    with pytest.raises(ValueError, match="exactly one level"):
        check()
