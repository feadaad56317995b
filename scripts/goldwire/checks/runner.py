"""Run all checks on a snapshot, level by level."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.checks.registry import CHECKS, RULES, is_error, sort_key
from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding

__all__ = ["check_snapshot"]


def check_snapshot(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield all findings in order of level, file and line.

    After each level the records with errors are hidden, so that later checks do not report the same cause again.
    """
    for level, checks in enumerate(CHECKS):
        findings = [finding for finding in snapshot.reading_findings if RULES[finding.code].level == level]
        findings += [finding for check in checks for finding in check(snapshot)]
        yield from sorted(findings, key=sort_key)
        snapshot = snapshot.without(finding for finding in findings if is_error(finding))
