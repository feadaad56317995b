"""What a rule is. The tables beside this module are its only instances."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["LEVELS", "Rule", "Severity"]

Severity = Literal["error", "warning"]

LEVELS = ("file", "format", "span", "content", "coverage", "split")
"""What level 0 to 5 is about, in the one word that a finding's line gives it."""


class Rule(msgspec.Struct, frozen=True):
    """One thing that can be wrong.

    An `error` at level n hides the record it stands on from level n + 1: what rests on a broken record is not judged.
    `example` is a finding as `check` prints it; a test takes it from `tests/cases/<code>/`, so it never goes stale.
    """

    code: str  # kebab-case, public: never renamed, never given another meaning
    level: int
    severity: Severity
    summary: str
    why: str
    fix: str
    example: str
    by: str = "check"  # who finds it: `check`, or the stage that yields it as it works
    mended: bool = False  # whether `goldwire check --fix` can mend it
