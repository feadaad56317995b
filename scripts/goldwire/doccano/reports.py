"""The reports of `push` and `pull`, and the pace of a batch. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from math import ceil

import msgspec

from goldwire.doccano.accounts import Person
from goldwire.doccano.removal import UnplannedProject
from goldwire.prelabeling.sources import PrelabelSummary
from goldwire.quantities import quantity
from goldwire.records import Finding

__all__ = ["AnnotatorPull", "AnnotatorPush", "Decrease", "PullReport", "PushReport", "days_left", "per_day"]

_RECENT = 7  # days before the last one on which a task was done: people get faster, and take holidays


class AnnotatorPush(msgspec.Struct, frozen=True, kw_only=True):
    """Result of `push` for one annotator."""

    annotator: str
    person: Person
    project: int
    address: str  # of the first task, for the browser
    tasks: int
    added: int
    removed: int  # rows without work: copies that an aborted import had left and, with --force, tasks no longer planned
    created: bool  # the account, with a generated password
    changed: bool
    unplanned: int = 0  # tasks that are no longer planned and stay, although they have no work in them
    deleted_with_work: int = 0  # rows with work in them that --force deleted
    backups: tuple[str, ...] = ()  # exports of the project from before that

    @property
    def who(self) -> str:
        """The pseudonym, with the person's name and user name if they are different."""
        others = [name for name in (self.person.name, self.person.user) if name not in (None, self.annotator)]
        return f"{self.annotator} ({', '.join(map(str, others))})" if others else self.annotator


class PushReport(msgspec.Struct, frozen=True, kw_only=True):
    """A batch on the server after a push."""

    batch: str
    server: str
    passwords: str
    annotators: tuple[AnnotatorPush, ...]
    findings: tuple[Finding, ...]
    prelabels: PrelabelSummary | None = None
    unplanned: tuple[UnplannedProject, ...] = ()
    removed: tuple[str, ...] = ()  # exports of the unplanned projects that --force deleted
    errors: int = 0  # findings that are errors and not warnings
    differing: int = 0  # tasks with work in them that differ from the plan

    @property
    def exit_code(self) -> int:
        """1 if there is a finding that is an error."""
        return int(self.errors > 0)

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.prelabels is not None:
            yield self.prelabels.to_text()
        for push in self.annotators:
            added = f"{push.added} added" if push.added else "nothing to add"
            removed = f", {push.removed} removed" if push.removed else ""
            yield f"{push.who}: {quantity(push.tasks, 'task')} ({added}{removed}) at {push.address}"
            if push.deleted_with_work:
                yield (
                    f"  deleted {quantity(push.deleted_with_work, 'task')} with work; backup: {', '.join(push.backups)}"
                )
        if any(push.created for push in self.annotators):
            yield f"`goldwire people {self.batch}` prints the addresses and passwords of the new accounts"
        for finding in self.findings:
            yield f"{finding.file}: {finding.item}: [{finding.code}] {finding.message}"
        for path in self.removed:
            yield f"deleted the project of an annotator without tasks; backup: {path}"
        yield from self._unplanned_lines()

    def _unplanned_lines(self) -> Iterator[str]:
        """Yield the lines about rows that only --force would delete."""
        folder = f"annotations/exports/{self.batch}/"
        hint = f"`goldwire push {self.batch} --force` saves a backup to {folder} and deletes it"
        for project in () if self.removed else self.unplanned:
            work = f"{project.worked} of {quantity(project.rows, 'task')} worked on"
            owner = f"{project.annotator} no longer has tasks, but still has the project {project.address}"
            yield f"{owner} ({work}); {hint}"
        unplanned = sum(push.unplanned for push in self.annotators)
        if unplanned:
            yield (
                f"{quantity(unplanned, 'task is', 'tasks are')} on the server, no longer planned and without "
                f"work; {hint}"
            )
        if self.differing:
            differing = quantity(self.differing, "task with work differs", "tasks with work differ")
            yield f"{differing} from the plan, and nothing was changed there; {hint}"


class Decrease(msgspec.Struct, frozen=True):
    """A label, or `comments` or `ticks`, of which the layers have fewer than before the pull."""

    name: str
    before: int
    after: int


class AnnotatorPull(msgspec.Struct, frozen=True, kw_only=True):
    """One annotator's progress, and whether the pull changed anything."""

    annotator: str
    tasks: int
    done: int  # ticked done
    started: int  # with labels or comments, not ticked done
    carried_over: int  # layers of an earlier pull that stay, because the server's rows cannot be trusted
    changed: bool
    decreases: tuple[Decrease, ...] = ()  # what the annotator has removed, or --accept-loss gave up


class PullReport(msgspec.Struct, frozen=True, kw_only=True):
    """A batch on the server at the time of a pull."""

    batch: str
    server: str
    annotators: tuple[AnnotatorPull, ...]
    findings: tuple[Finding, ...]
    errors: int = 0  # findings that are errors and not warnings

    @property
    def exit_code(self) -> int:
        """1 if there is a finding that is an error."""
        return int(self.errors > 0)

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for pull in self.annotators:
            left = pull.tasks - pull.done
            news = "" if pull.changed else ", nothing new"
            carried_over = f", {pull.carried_over} as last pulled" if pull.carried_over else ""
            counts = f"{pull.done} of {pull.tasks} done, {pull.started} started, {left} left"
            yield f"{pull.annotator}: {counts}{carried_over}{news}"
            if pull.decreases:
                fewer = ", ".join(f"{one.name} {one.after} (before: {one.before})" for one in pull.decreases)
                yield f"  fewer than last pulled: {fewer}"
        for finding in self.findings:
            location = finding.file if finding.line is None else f"{finding.file}:{finding.line}"
            yield f"{location} {finding.item}: [{finding.code}] {finding.message}"


def per_day(done: Mapping[date, int]) -> float | None:
    """Return the tasks done per working day: the mean over the days with any, of the week up to the last such day.

    `done` counts the tasks ticked done on each day. None if no task was done yet.
    """
    if not done:
        return None
    first = max(done) - timedelta(days=_RECENT - 1)
    recent = [count for day, count in done.items() if day >= first]
    return sum(recent) / len(recent)


def days_left(left: int, pace: float | None) -> int | None:
    """Return the working days until `left` tasks are done at `pace` tasks per day; None if the pace is unknown."""
    if left == 0:
        return 0
    return None if not pace else ceil(left / pace)
