"""Working time from the times of ticks."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from goldwire.doccano.work_time import WorkTime, measure_work_time, minutes_per_label, task_minutes

START = datetime(2026, 11, 30, 9)


def ticks(*minutes: float) -> dict[str, datetime]:
    """Return ticks that many minutes after each other."""
    at, result = START, {}
    for number, gap in enumerate(minutes):
        at += timedelta(minutes=gap)
        result[f"t{number:03d}"] = at
    return result


def test_breaks_are_not_work_and_the_first_task_of_a_session_counts_like_the_others() -> None:
    work = measure_work_time(ticks(0, 4, 4, 600, 4, 4), n_left=10)
    assert work == WorkTime(hours=0.4, minutes=4.0)


def test_there_is_no_estimate_before_an_hour() -> None:
    assert measure_work_time(ticks(0, *[5] * 10), n_left=9).hours_left is None
    assert measure_work_time(ticks(0, *[5] * 12), n_left=12).hours_left == (1.0, 1.0)
    assert measure_work_time({}, n_left=9) == measure_work_time(ticks(0), n_left=9) == WorkTime()


def test_the_interval_holds_what_the_rest_takes() -> None:
    draw = random.Random(7)
    inside = 0
    for _ in range(400):
        seen = [draw.lognormvariate(1.5, 0.5) for _ in range(40)]
        rest = sum(draw.lognormvariate(1.5, 0.5) for _ in range(60)) / 60
        interval = measure_work_time(ticks(0, *seen), n_left=60).hours_left
        inside += interval is not None and interval[0] <= rest <= interval[1]
    assert 0.92 <= inside / 400 <= 0.99


def test_minutes_per_label_are_over_tasks_with_known_time_and_labels() -> None:
    minutes = task_minutes(ticks(0, 6, 60, 3))
    assert minutes == pytest.approx({"t001": 6, "t003": 3})
    assert minutes_per_label(minutes, {"t000": 50, "t001": 10, "t002": 7, "t003": 5}) == 0.6
    assert minutes_per_label(minutes, {"t003": 0}) is None
