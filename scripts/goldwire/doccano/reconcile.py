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

    @property
    def settled(self) -> bool:
        """Whether there is nothing to do."""
        return not self.missing and not self.surplus


def compare(
    rows: Iterable[Row], tasks: Iterable[Task], texts: Mapping[str, str], confirmed: frozenset[int] = frozenset()
) -> Difference:
    """Compare rows with tasks; `texts` is what each task shows, `confirmed` the ids of rows that were ticked done.

    A row that anybody has worked on or ticked done is never surplus. Of several such copies of one task, alike or
    not, none can be chosen: that is a problem.
    """
    wanted = {task.id: task for task in tasks}
    found: dict[str, list[Row]] = defaultdict(list)
    strangers = []
    for row in rows:
        if row.gw_task_id in wanted:
            found[str(row.gw_task_id)].append(row)
        else:
            strangers.append(row)
    missing, surplus, kept, problems = [], [], {}, []
    for task_id in wanted:
        copies = sorted(found[task_id], key=lambda row: row.id)
        touched = [row for row in copies if row.worked_on or row.id in confirmed]
        sound = [row for row in copies if row.says(texts[task_id])]
        chosen = next(iter(touched or sound), None)
        if chosen is None:
            missing.append(task_id)
        else:
            kept[task_id] = chosen
        surplus += [row.id for row in copies if row is not chosen and row not in touched]
        if chosen is not None and chosen not in sound:
            message = "the text on the server is not the article's"
            problems.append((task_id, chosen, Problem("server-text-edited", message)))
        for row in touched[1:]:
            message = f"examples {touched[0].id} and {row.id} are both this task and both have been worked on"
            problems.append((task_id, row, Problem("server-task-duplicate", message)))
    return Difference(
        missing=tuple(missing),
        surplus=tuple(surplus),
        kept=kept,
        strangers=tuple(strangers),
        problems=tuple(problems),
    )
