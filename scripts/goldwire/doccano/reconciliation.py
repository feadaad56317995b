"""The difference between the rows of a project and the tasks that it should have. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from goldwire.doccano.conversion import Problem
from goldwire.doccano.export_rows import RowSummary
from goldwire.records import Task

__all__ = ["Difference", "diff"]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The changes after which the project has each task exactly once, and the problems that must be solved by hand."""

    missing: tuple[str, ...]  # task ids to upload, in plan order
    redundant: tuple[int, ...]  # ids of rows to delete: copies and edited texts without work in them
    chosen: dict[str, RowSummary]  # task id -> the row that counts
    unknown: tuple[RowSummary, ...]  # rows of no planned task, which stay as they are
    problems: tuple[tuple[str, RowSummary, Problem], ...]  # task id, row, problem
    unplanned_with_work: tuple[RowSummary, ...] = ()  # rows of tasks that are no longer planned, with work in them
    to_delete_with_work: tuple[int, ...] = ()  # ids of rows with work in them to delete

    @property
    def unplanned(self) -> int:
        """The number of rows of tasks that are no longer planned, without work in them."""
        return sum(row.task_id is not None for row in self.unknown) - len(self.unplanned_with_work)

    @property
    def in_sync(self) -> bool:
        """Whether there is nothing to change."""
        return not (self.missing or self.redundant or self.to_delete_with_work)


def diff(
    rows: Iterable[RowSummary],
    tasks: Iterable[Task],
    digests: Mapping[str, str],
    confirmed: frozenset[int] = frozenset(),
    incomplete: frozenset[int] = frozenset(),
    *,
    force: bool = False,
) -> Difference:
    """Compare the rows of a project with the tasks that it should have.

    A row that an annotator has worked on or ticked done is never redundant. If several copies of a task have work in
    them, goldwire cannot choose between them, and reports a problem.

    Parameters
    ----------
    rows
        All rows of the project.
    tasks
        The tasks that the project should have, in plan order.
    digests
        SHA-256 of the text that each task displays, by task id.
    confirmed
        Ids of the rows that are ticked done.
    incomplete
        Ids of rows that an aborted import left without their labels; they are deleted.
    force
        Choose the oldest copy with the right text that is ticked done, or else worked on, and delete all others, as
        well as the rows of tasks that are no longer planned.
    """
    rows = tuple(rows)
    task_ids = [task.id for task in tasks]
    planned = frozenset(task_ids)
    with_work = frozenset(row.id for row in rows if row.worked_on) | confirmed
    complete = [row for row in rows if row.id not in incomplete]

    # 1. Choose one row for each planned task.
    copies: dict[str, list[RowSummary]] = defaultdict(list)
    for row in sorted(complete, key=lambda row: row.id):
        if row.task_id in planned:
            copies[str(row.task_id)].append(row)
    choices = {
        task_id: _choose_by_force(copies[task_id], digests[task_id], with_work, confirmed)
        if force
        else _choose(copies[task_id], digests[task_id], with_work)
        for task_id in task_ids
    }

    # 2. Decide on the rows of no planned task: those that goldwire did not import always stay.
    others = [row for row in complete if row.task_id not in planned]
    unplanned = [row for row in others if row.task_id is not None]
    unplanned_with_work = [row for row in unplanned if row.id in with_work]
    dropped = [row.id for row in unplanned if row.id not in with_work] if force else []

    return Difference(
        missing=tuple(task_id for task_id, choice in choices.items() if choice.row is None),
        redundant=(
            *(row.id for row in rows if row.id in incomplete),
            *dropped,
            *(number for choice in choices.values() for number in choice.redundant),
        ),
        to_delete_with_work=(
            *(row.id for row in unplanned_with_work if force),
            *(number for choice in choices.values() for number in choice.to_delete_with_work),
        ),
        chosen={task_id: choice.row for task_id, choice in choices.items() if choice.row is not None},
        unknown=tuple(row for row in others if row.task_id is None or not force),
        unplanned_with_work=() if force else tuple(unplanned_with_work),
        problems=tuple((task_id, *problem) for task_id, choice in choices.items() for problem in choice.problems),
    )


class _Choice(NamedTuple):
    """The row that counts for a task, if any, and what happens to its other copies."""

    row: RowSummary | None
    redundant: list[int]
    to_delete_with_work: list[int]
    problems: list[tuple[RowSummary, Problem]]


def _choose(copies: Sequence[RowSummary], digest: str, with_work: frozenset[int]) -> _Choice:
    """Choose the oldest copy with work in it, or else the oldest with the right text; delete no work."""
    worked_on = [row for row in copies if row.id in with_work]
    right_text = [row for row in copies if row.text_sha256 == digest]
    chosen = next(iter(worked_on or right_text), None)
    problems = []
    if chosen is not None and chosen.text_sha256 != digest:
        message = "the text on the server differs from the article's text"
        problems.append((chosen, Problem("server-text-edited", message)))
    for row in worked_on[1:]:
        message = f"examples {worked_on[0].id} and {row.id} are copies of this task, and both have work in them"
        problems.append((row, Problem("server-task-duplicate", message)))
    redundant = [row.id for row in copies if row is not chosen and row.id not in with_work]
    return _Choice(chosen, redundant, [], problems)


def _choose_by_force(
    copies: Sequence[RowSummary], digest: str, with_work: frozenset[int], confirmed: frozenset[int]
) -> _Choice:
    """Choose the oldest copy with the right text that is ticked done, else worked on, else any; delete the others."""
    right_text = [row for row in copies if row.text_sha256 == digest]
    chosen = min(right_text, key=lambda row: (row.id not in confirmed, row.id not in with_work, row.id), default=None)
    others = [row for row in copies if row is not chosen]
    redundant = [row.id for row in others if row.id not in with_work]
    return _Choice(chosen, redundant, [row.id for row in others if row.id in with_work], [])
