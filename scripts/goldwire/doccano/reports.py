"""What `push` did, and what only a person or `--force` can do."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire.doccano.names import Person
from goldwire.doccano.removal import Unplanned
from goldwire.prelabeling.sources import PrelabelSummary
from goldwire.records import Finding

__all__ = ["AnnotatorPush", "PushReport"]


class AnnotatorPush(msgspec.Struct, frozen=True, kw_only=True):
    """What was done for one annotator."""

    annotator: str
    person: Person
    project: int
    address: str  # of its first task, for the browser
    tasks: int
    added: int
    removed: int  # copies that a broken import had left
    created: bool  # the account, with a generated password
    changed: bool
    idle: int = 0  # tasks that are not planned any more and stay, though nobody worked on them
    forced: int = 0  # rows with somebody's work that were removed by force
    saved: tuple[str, ...] = ()  # where the project's exports before that are

    @property
    def who(self) -> str:
        """The pseudonym, and who that is where it is another."""
        also = [name for name in (self.person.name, self.person.user) if name not in (None, self.annotator)]
        return f"{self.annotator} ({', '.join(map(str, also))})" if also else self.annotator


class PushReport(msgspec.Struct, frozen=True, kw_only=True):
    """A batch on the server."""

    batch: str
    server: str
    passwords: str
    annotators: tuple[AnnotatorPush, ...]
    findings: tuple[Finding, ...]
    prelabels: PrelabelSummary | None = None
    unplanned: tuple[Unplanned, ...] = ()
    removed: tuple[str, ...] = ()  # exports of the unplanned projects that were removed by force

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.prelabels is not None:
            yield self.prelabels.to_text()
        for one in self.annotators:
            done = f"{one.added} added" if one.added else "nothing to add"
            healed = f", {one.removed} removed" if one.removed else ""
            yield f"{one.who}: {one.tasks} tasks ({done}{healed}) at {one.address}"
            if one.forced:
                yield f"  removed {one.forced} with work in them, which {', '.join(one.saved)} has"
        if any(one.created for one in self.annotators):
            yield f"passwords of the new accounts are in {self.passwords}"
        for finding in self.findings:
            yield f"{finding.file}: {finding.item}: [{finding.code}] {finding.message}"
        for saved in self.removed:
            yield f"removed the project of somebody who is not asked any more, which {saved} has"
        yield from self._withheld()

    def _withheld(self) -> Iterator[str]:
        """What only --force would do."""
        where = f"annotations/exports/{self.batch}/"
        hint = f"`goldwire push {self.batch} --force` saves what is there to {where} and removes it"
        for one in () if self.removed else self.unplanned:
            work = f"{one.worked} of {one.rows} tasks worked on"
            yield f"{one.annotator} is not asked any more, and has a project, {one.address} ({work}); {hint}"
        idle = sum(one.idle for one in self.annotators)
        if idle:
            yield f"{idle} tasks that nobody worked on are not planned any more, and stay; {hint}"
        if self.findings:
            yield f"{len(self.findings)} tasks with somebody's work in them are not as planned, and stay; {hint}"
