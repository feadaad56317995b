"""Rules: the meaning of each code of a finding. Every rule is defined beside the check that reports it."""

from __future__ import annotations

from typing import Literal

import msgspec

from goldwire.records import Finding

__all__ = ["LEVELS", "FoundBy", "Rule", "Severity"]

Severity = Literal["error", "warning"]
FoundBy = Literal["check", "audit", "pull"]

LEVELS = ("file", "format", "span", "content", "coverage", "split")
"""The topic of levels 0 to 5, as it is printed in a finding."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of problem.

    An error at level n hides its record from the checks of level n + 1, so that one cause gives one finding.

    Attributes
    ----------
    code
        Public name in kebab case. It is never given another meaning.
    level
        0 to 5, an index of `LEVELS`.
    severity
        `error` or `warning`.
    summary
        The problem, in one clause without a full stop.
    why
        The consequence if it is not fixed.
    fix
        What to do about it.
    example
        A finding as `goldwire check` prints it; a test compares it with the case in `tests/cases/<code>/`.
    found_by
        The command that reports it: `check` (rules of `check` also apply to `audit`), `audit` alone, or `pull`.
    fixable
        Whether `goldwire check --fix` can repair it.
    """

    code: str
    level: int
    severity: Severity
    summary: str
    why: str
    fix: str
    example: str
    found_by: FoundBy = "check"
    fixable: bool = False

    def finding(self, file: str, message: str, *, line: int | None = None, item: str | None = None) -> Finding:
        """Return a finding of this rule."""
        return Finding(code=self.code, file=file, line=line, item=item, message=message)
