"""Working time in a batch, from the ticks that a pull notes on this machine: exports have no times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from statistics import median

from goldwire.agreement.prelabel_effect import TimeEffect, time_effect
from goldwire.doccano.ledger import PulledProject, read_ledger, read_pulls
from goldwire.doccano.reports import per_day
from goldwire.doccano.work_time import count_task_labels, minutes_per_label, task_minutes
from goldwire.records import AnnotationLayer, AnnotatorMinutes, Task
from goldwire.workspace.layout import Workspace

__all__ = ["annotator_minutes", "prelabel_time", "tasks_per_day"]


def tasks_per_day(workspace: Workspace, batch: str) -> dict[str, float]:
    """Return tasks per working day by annotator."""
    paces = {
        name: per_day({date.fromisoformat(day): count for day, count in pulled.confirmed_per_day.items()})
        for name, pulled in _pulls(workspace, batch).items()
    }
    return {name: pace for name, pace in paces.items() if pace is not None}


def annotator_minutes(
    workspace: Workspace, batch: str, tasks: Sequence[Task], layers: Sequence[AnnotationLayer]
) -> tuple[AnnotatorMinutes, ...]:
    """Return the minutes per task and per label of each annotator; `layers` are those of the batch."""
    minutes = []
    for name, pulled in _pulls(workspace, batch).items():
        times = task_minutes(_times(pulled.ticked_at))
        if times:
            articles = {task.id: task.article_id for task in tasks if name in task.annotators}
            n_labels = {x.article_id: len(x.spans) + len(x.stances) for x in layers if x.annotator == name}
            per_label = minutes_per_label(times, count_task_labels(articles, n_labels))
            per_task = round(median(times.values()), 2)
            minutes.append(AnnotatorMinutes(annotator=name, per_task=per_task, per_label=per_label))
    return tuple(minutes)


def prelabel_time(
    workspace: Workspace, batch: str, tasks: Sequence[Task], suggested: Mapping[str, AnnotationLayer]
) -> TimeEffect | None:
    """Compare the time of tasks with pre-labels with that of the holdout; None if there is none."""
    pulls = _pulls(workspace, batch)
    if read_ledger(workspace, batch) is None or not any(layer.holdout for layer in suggested.values()):
        return None
    is_shown = {task.id: not suggested[task.article_id].holdout for task in tasks if task.article_id in suggested}
    return time_effect(
        {
            name: [
                (minutes, is_shown[task])
                for task, minutes in task_minutes(_times(pulled.ticked_at)).items()
                if task in is_shown
            ]
            for name, pulled in pulls.items()
        }
    )


def _pulls(workspace: Workspace, batch: str) -> dict[str, PulledProject]:
    """Return the notes of the last pull by annotator, sorted; empty if nothing was pulled here."""
    ledger = read_ledger(workspace, batch)
    return dict(sorted(read_pulls(workspace, batch, ledger.server).items())) if ledger is not None else {}


def _times(ticks: Mapping[str, str]) -> dict[str, datetime]:
    return {task: datetime.fromisoformat(time) for task, time in ticks.items()}
