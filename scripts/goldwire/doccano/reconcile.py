"""What the server has against what the plan says it should have. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from goldwire.doccano.convert import Problem, Row
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
    wanted = {task.id: task for task in tasks}
    found: dict[str, list[Row]] = defaultdict(list)
    strangers: list[Row] = []
    dropped: list[Row] = []
    surplus: list[int] = []
    forced: list[int] = []
    for row in rows:
        if row.id in broken:
            surplus.append(row.id)
            continue
        if row.gw_task_id in wanted:
            found[str(row.gw_task_id)].append(row)
            continue
        worked_on = row.gw_task_id is not None and (row.worked_on or row.id in confirmed)
        if force and row.gw_task_id is not None:
            (forced if worked_on else surplus).append(row.id)
            continue
        strangers.append(row)
        dropped += [row] if worked_on else []
    missing, kept, problems = [], {}, []
    for task_id in wanted:
        copies = sorted(found[task_id], key=lambda row: row.id)
        touched = [row for row in copies if row.worked_on or row.id in confirmed]
        sound = [row for row in copies if row.text_sha256 == digests[task_id]]
        if force:
            touched = sorted((row for row in touched if row in sound), key=lambda row: row.id not in confirmed)[:1]
            forced += [row.id for row in copies if row not in touched and (row.worked_on or row.id in confirmed)]
        chosen = next(iter(touched or sound), None)
        if chosen is None:
            missing.append(task_id)
        else:
            kept[task_id] = chosen
        surplus += [row.id for row in copies if row is not chosen and not (row.worked_on or row.id in confirmed)]
        if chosen is not None and chosen not in sound:
            message = "the text on the server is not the article's"
            problems.append((task_id, chosen, Problem("server-text-edited", message)))
        for row in touched[1:]:
            message = f"examples {touched[0].id} and {row.id} are both this task and both have been worked on"
            problems.append((task_id, row, Problem("server-task-duplicate", message)))
    return Difference(
        missing=tuple(missing),
        surplus=tuple(surplus),
        forced=tuple(forced),
        kept=kept,
        strangers=tuple(strangers),
        dropped=tuple(dropped),
        problems=tuple(problems),
    )
