"""The pace of a batch."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from goldwire.doccano.reports import days_left, per_day

DAY = date(2021, 3, 4)


def test_the_pace_counts_only_days_with_a_finished_task() -> None:
    assert per_day(Counter([])) is None
    assert per_day(Counter([DAY] * 6)) == 6
    assert per_day(Counter([DAY] * 6 + [DAY + timedelta(days=3)] * 2)) == 4


def test_tasks_from_before_the_last_week_do_not_count() -> None:
    assert per_day(Counter([DAY] * 50 + [DAY + timedelta(days=7)] * 2)) == 2


@pytest.mark.parametrize(("left", "pace", "days"), [(0, None, 0), (5, None, None), (5, 2.0, 3), (4, 2.0, 2)])
def test_days_left(left: int, pace: float | None, days: int | None) -> None:
    assert days_left(left, pace) == days
