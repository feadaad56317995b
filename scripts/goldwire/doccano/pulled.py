"""What `pull` found."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire.records import Finding

__all__ = ["AnnotatorPull", "PullReport"]


class AnnotatorPull(msgspec.Struct, frozen=True, kw_only=True):
    """What one annotator has done, and whether it is news."""

    annotator: str
    tasks: int
    done: int  # ticked done
    started: int  # has labels or comments, not ticked
    kept: int  # layers of an earlier pull that stand, since what the server has now cannot be trusted
    changed: bool


class PullReport(msgspec.Struct, frozen=True, kw_only=True):
    """A batch as it stands on the server."""

    batch: str
    server: str
    annotators: tuple[AnnotatorPull, ...]
    findings: tuple[Finding, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for one in self.annotators:
            left = one.tasks - one.done
            news = "" if one.changed else ", nothing new"
            kept = f", {one.kept} as last pulled" if one.kept else ""
            yield f"{one.annotator}: {one.done} of {one.tasks} done, {one.started} started, {left} left{kept}{news}"
        for finding in self.findings:
            place = finding.file if finding.line is None else f"{finding.file}:{finding.line}"
            yield f"{place} {finding.item}: [{finding.code}] {finding.message}"
