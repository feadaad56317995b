"""How fast a batch gets done, from the days on which tasks were ticked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from math import ceil

__all__ = ["days_left", "per_day"]

_RECENT = 7  # days up to the last one on which anything was done: people get faster, and take holidays


def per_day(done: Mapping[date, int]) -> float | None:
    """Tasks done on a day of work: the mean over the last week's days on which any was done; None before the first.

    `done` counts the tasks ticked on each day.
    """
    if not done:
        return None
    since = max(done) - timedelta(days=_RECENT - 1)
    recent = [count for day, count in done.items() if day >= since]
    return sum(recent) / len(recent)


def days_left(left: int, pace: float | None) -> int | None:
    """Days of work until `left` tasks are done at `pace`; None where nobody knows."""
    if left == 0:
        return 0
    return None if not pace else ceil(left / pace)
