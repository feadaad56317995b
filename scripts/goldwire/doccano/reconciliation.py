"""What the server has against what the plan says it should have. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from goldwire.doccano.conversion import Problem, Row
from goldwire.records import Task

__all__ = ["Difference", "compare"]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What to change so that the server has each task exactly once, and what only a person can mend."""

    missing: tuple[str, ...]  # task ids to upload, in plan order
    surplus: tuple[int, ...]  # rows to delete: copies and spoilt texts that nobody has worked on
    kept: dict[str, Row]  # task id -> the row that counts
    strangers: tuple[Row, ...]  # rows that are no task of the plan, left alone
    problems: tuple[tuple[str, Row, Problem], ...]  # task id, row, what is wrong
    dropped: tuple[Row, ...] = ()  # strangers that were once planned and have been worked on
    forced: tuple[int, ...] = ()  # rows to delete that somebody has worked on

    @property
    def idle(self) -> int:
        """How many strangers were once planned and have not been worked on."""
        return sum(row.gw_task_id is not None for row in self.strangers) - len(self.dropped)

    @property
    def settled(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.missing or self.surplus or self.forced)


def compare(
    rows: Iterable[Row],
    tasks: Iterable[Task],
    digests: Mapping[str, str],
    confirmed: frozenset[int] = frozenset(),
    broken: frozenset[int] = frozenset(),
    *,
    force: bool = False,
) -> Difference:
    """Compare rows with tasks; `digests` are of the text that each shows, `confirmed` the rows (ids) ticked done.

    A row that anybody has worked on or ticked done is never surplus. Of several such copies of one task, alike or
    not, none can be chosen: that is a problem. Rows that are `broken` (by id) are of no use to anybody.

    With `force` the oldest copy that was ticked done, or else worked on, and has the right text is chosen; all others
    go, and what was once planned.
    """
    found = _Found(digests, confirmed, force)
    wanted = [task.id for task in tasks]
    copies = _sorted_out(found, rows, frozenset(wanted), broken)
    for task_id in wanted:
        _choose(found, task_id, sorted(copies[task_id], key=lambda row: row.id))
    return Difference(
        missing=tuple(found.missing),
        surplus=tuple(found.surplus),
        forced=tuple(found.forced),
        kept=found.kept,
        strangers=tuple(found.strangers),
        dropped=tuple(found.dropped),
        problems=tuple(found.problems),
    )


class _Found(msgspec.Struct):
    """A difference as it grows, and what it is measured by: see `compare`."""

    digests: Mapping[str, str]
    confirmed: frozenset[int]
    force: bool
    missing: list[str] = []
    surplus: list[int] = []
    kept: dict[str, Row] = {}
    strangers: list[Row] = []
    problems: list[tuple[str, Row, Problem]] = []
    dropped: list[Row] = []
    forced: list[int] = []

    def worked_on(self, row: Row) -> bool:
        return row.worked_on or row.id in self.confirmed


def _sorted_out(
    found: _Found, rows: Iterable[Row], wanted: frozenset[str], broken: frozenset[int]
) -> dict[str, list[Row]]:
    """Give the rows of each task that is wanted; of the others say what becomes of them."""
    copies: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.id in broken:
            found.surplus.append(row.id)
        elif row.gw_task_id in wanted:
            copies[str(row.gw_task_id)].append(row)
        elif row.gw_task_id is None:
            found.strangers.append(row)
        elif found.force:
            (found.forced if found.worked_on(row) else found.surplus).append(row.id)
        else:
            found.strangers.append(row)
            found.dropped += [row] if found.worked_on(row) else []
    return copies


def _choose(found: _Found, task_id: str, copies: Sequence[Row]) -> None:
    """Choose the row that counts for a task, and say what becomes of its copies (in the order of their ids)."""
    touched = [row for row in copies if found.worked_on(row)]
    sound = [row for row in copies if row.text_sha256 == found.digests[task_id]]
    if found.force:
        touched = sorted((row for row in touched if row in sound), key=lambda row: row.id not in found.confirmed)[:1]
        found.forced += [row.id for row in copies if row not in touched and found.worked_on(row)]
    chosen = next(iter(touched or sound), None)
    if chosen is None:
        found.missing.append(task_id)
    else:
        found.kept[task_id] = chosen
    found.surplus += [row.id for row in copies if row is not chosen and not found.worked_on(row)]
    if chosen is not None and chosen not in sound:
        message = "the text on the server is not the article's"
        found.problems.append((task_id, chosen, Problem("server-text-edited", message)))
    for row in touched[1:]:
        message = f"examples {touched[0].id} and {row.id} are both this task and both have been worked on"
        found.problems.append((task_id, row, Problem("server-task-duplicate", message)))
