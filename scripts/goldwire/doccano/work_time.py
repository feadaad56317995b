"""Working time of an annotator, from the times at which the server recorded that tasks were ticked done.

Nothing is measured in the browser. The time of a task is the time since the tick before it, unless that is longer ago
than a break; the first task after a break counts as long as the median of the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from math import sqrt
from statistics import mean, median, stdev

import msgspec

__all__ = ["WorkTime", "count_task_labels", "measure_work_time", "minutes_per_label", "task_minutes"]

BREAK = 30.0
"""Minutes without a tick after which the annotator was not working on one task all the time."""

_MIN_HOURS = 1.0  # of work: before, a rest of hundreds of tasks would be estimated from a handful of first ones
_MIN_TASKS = 5
_Z = 1.96  # of a 95% interval


class WorkTime(msgspec.Struct, frozen=True, kw_only=True):
    """Working time of one annotator in a batch.

    Attributes
    ----------
    hours
        Time at work so far, breaks left out.
    minutes
        Median time per task; None before the second tick.
    hours_left
        95% interval of the time that the remaining tasks take at the mean pace; None before an hour of work.
    """

    hours: float = 0.0
    minutes: float | None = None
    hours_left: tuple[float, float] | None = None


def task_minutes(ticks: Mapping[str, datetime]) -> dict[str, float]:
    """Return the minutes of each task whose tick follows another within a break's length, by the key of the tick."""
    in_order = sorted(ticks.items(), key=lambda item: (item[1], item[0]))
    between = {key: (at - before).total_seconds() / 60 for (_, before), (key, at) in pairwise(in_order)}
    return {key: minutes for key, minutes in between.items() if minutes <= BREAK}


def measure_work_time(ticks: Mapping[str, datetime], *, n_left: int) -> WorkTime:
    """Return the working time behind `ticks`, and an estimate for `n_left` more tasks.

    Examples
    --------
    >>> from datetime import datetime, timedelta
    >>> start = datetime(2026, 11, 30, 9)
    >>> work = measure_work_time({f"T{n}": start + timedelta(minutes=6 * n) for n in range(11)}, n_left=20)
    >>> work.hours, work.minutes, work.hours_left
    (1.1, 6.0, (2.0, 2.0))
    """
    minutes = list(task_minutes(ticks).values())
    if not minutes:
        return WorkTime()
    typical = median(minutes)
    n_first = len(ticks) - len(minutes)  # the first tasks after breaks
    hours = (sum(minutes) + n_first * typical) / 60
    if hours < _MIN_HOURS or len(minutes) < _MIN_TASKS:
        return WorkTime(hours=round(hours, 2), minutes=round(typical, 2))
    return WorkTime(hours=round(hours, 2), minutes=round(typical, 2), hours_left=_hours_left(minutes, n_left))


def _hours_left(minutes: Sequence[float], n_left: int) -> tuple[float, float]:
    """Return the 95% interval of the sum of `n_left` more tasks: their own spread, and that of the mean."""
    center, spread = mean(minutes) * n_left, stdev(minutes)
    half = _Z * spread * sqrt(n_left + n_left**2 / len(minutes))
    return round(max(0.0, center - half) / 60, 1), round((center + half) / 60, 1)


def count_task_labels(articles: Mapping[str, str], labels: Mapping[str, int]) -> dict[str, int]:
    """Return the number of labels by task, for the tasks that are the only one of their article.

    `articles` has the article of each task, and `labels` the number of labels in the layer of each article.
    """
    n_tasks = Counter(articles.values())
    return {task: labels[name] for task, name in articles.items() if name in labels and n_tasks[name] == 1}


def minutes_per_label(minutes: Mapping[str, float], labels: Mapping[str, int]) -> float | None:
    """Return the mean minutes per label over the tasks whose minutes and number of labels are both known."""
    common = minutes.keys() & labels.keys()
    n_labels = sum(labels[key] for key in common)
    return round(sum(minutes[key] for key in common) / n_labels, 2) if n_labels else None
