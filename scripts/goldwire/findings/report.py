"""What a check found, as one answer."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire.findings.render import FORMATS
from goldwire.records import Finding

__all__ = ["CheckReport"]


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `unshown` counts by code the findings beyond `max_per_code`; they count in the totals."""

    findings: tuple[Finding, ...]
    errors: int
    warnings: int
    unshown: dict[str, int]
    strict: bool
    format: str

    @property
    def exit_code(self) -> int:
        """0 clean, 1 errors (or, where `strict`, warnings)."""
        return int(self.errors > 0 or (self.strict and self.warnings > 0))

    def render(self, format: str | None = None) -> str:
        """The findings as text, json, junit, sarif or github."""
        return FORMATS[format or self.format](self)

    def lines(self) -> Iterator[str]:
        """The report in its own format."""
        yield from self.render().splitlines()
