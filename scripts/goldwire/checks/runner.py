"""Checks: generators over a snapshot of a workspace, in six levels. Nothing here does I/O or raises on bad data."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from goldwire.checks.registry import RULES, is_error
from goldwire.checks.registry import order as finding_order
from goldwire.checks.rules import (
    agreement,
    consistency,
    content,
    coverage,
    files,
    format,
    gold,
    leaks,
    nesting,
    order,
    plans,
    references,
    release,
    spans,
    splits,
    stances,
    text,
)
from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding

__all__ = ["LEVELS", "check_snapshot"]

Check = Callable[[Snapshot], Iterator[Finding]]

LEVELS: tuple[tuple[Check, ...], ...] = (
    (*files.CHECKS, *release.FILE_CHECKS),
    (*order.CHECKS, *text.CHECKS, *format.CHECKS),
    (*references.CHECKS, *plans.CHECKS, *spans.CHECKS, *nesting.CHECKS, *stances.CHECKS),
    (*content.CHECKS, *consistency.CHECKS),
    (*coverage.CHECKS, *agreement.CHECKS, *gold.CHECKS),
    (*splits.CHECKS, *leaks.CHECKS, *release.CHECKS),
)
"""The checks of level 0 to 5."""


def check_snapshot(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield what is wrong, level by level; a record with an error is hidden from the levels after."""
    for level, checks in enumerate(LEVELS):
        found = [finding for finding in snapshot.faults if RULES[finding.code].level == level]
        found += [finding for check in checks for finding in check(snapshot)]
        yield from sorted(found, key=finding_order)
        snapshot = snapshot.without(finding for finding in found if is_error(finding))
