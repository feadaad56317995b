"""Complete lists: numbered ones of which some items are body, and lists of dates right below the body.

A list of products, steps or concerts has short lines, which look like boilerplate; that their numbers go on, or that
all begin with a date, does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from operator import itemgetter

__all__ = ["complete_lists"]

_MIN_ITEMS = 3
_MIN_SELECTED = 2
_MIN_SHARE = 0.2  # of the items that are selected
_MAX_STEP = 3  # between the numbers of two items, if lines between them are joined or lost
_MIN_PROBABILITY = 0.1  # of lines that are added: advertisements within a list have less
_MIN_DATES = 5  # lines in turn that begin with a date
_MAX_DISTANCE = 2  # lines from the body to the first of them
_MIN_EVENT = 8  # characters after a date
_NUMBER_INITIAL = re.compile("[0-9#]")
_NUMBER = re.compile(r"#?(\d{1,3})(?:[.):] ?|\s?[-–—]\s)(?=\D)|#(\d{1,3}) ")
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = frozenset((*_MONTH_NAMES, *map(str.upper, _MONTH_NAMES)))
_DATE_INITIALS = re.compile(rf"[\dJFMASOND]{{{_MIN_DATES}}}")
_DATE = re.compile(
    rf"(?:[A-Z][A-Za-z]{{2,8}}\.? \d{{1,2}}|\d{{1,2}} (?:{'|'.join(_MONTH_NAMES)})[a-z]{{0,6}}\.?)"
    r"(?:,? \d{4})?[ ,:–—-]+(?=[^\W\d])"
)


def complete_lists(lines: Sequence[str], selected: bytes, probability: Sequence[float]) -> bytes:
    """Return which lines of a page are selected as body when its lists are completed.

    Parameters
    ----------
    lines : sequence of str
        The lines.
    selected : bytes
        1 for each line that is selected as body, else 0.
    probability : sequence of float
        Probability of each line to be body.
    """
    # The first characters of all lines: to search them takes a third of the time of looking at each.
    initials = "".join(map(itemgetter(0), lines))
    numbered = [match.start() for match in _NUMBER_INITIAL.finditer(initials)]
    completed = _complete_numbered(lines, selected, probability, numbered)
    if _DATE_INITIALS.search(initials) is None:
        return completed
    dated = [number for number, line in enumerate(lines) if line[:3] in _MONTHS or line[0].isdigit()]
    return _complete_dated(lines, completed, dated)


def _complete_numbered(
    lines: Sequence[str], selected: bytes, probability: Sequence[float], candidates: Sequence[int]
) -> bytes:
    if len(candidates) < _MIN_ITEMS:
        return selected
    changes = [0] * (len(lines) + 1)  # of the number of lists that a line is in
    for items in _lists(lines, candidates):
        n_selected = sum(selected[item] for item in items)
        if len(items) >= _MIN_ITEMS and n_selected >= max(_MIN_SELECTED, _MIN_SHARE * len(items)):
            changes[items[0]] += 1
            changes[items[-1] + 1] -= 1
    if not any(changes):
        return selected
    rows = zip(selected, accumulate(changes), probability, strict=False)
    return bytes(flag or (n_lists > 0 and p >= _MIN_PROBABILITY) for flag, n_lists, p in rows)


def _complete_dated(lines: Sequence[str], selected: bytes, candidates: Sequence[int]) -> bytes:
    """Select the lines in turn that begin with a date, right below the body."""
    dates = [line for line in candidates if _begins_with_date(lines[line])]
    completed = bytearray(selected)
    first = 0
    for after in range(1, len(dates) + 1):
        if after < len(dates) and dates[after] == dates[after - 1] + 1:
            continue
        start, end = dates[first], dates[after - 1] + 1
        if end - start >= _MIN_DATES and 1 in completed[max(start - _MAX_DISTANCE, 0) : start]:
            completed[start:end] = bytes((1,)) * (end - start)
        first = after
    return bytes(completed)


def _begins_with_date(line: str) -> bool:
    """Whether a line begins with a date, and says what is on that day."""
    match = _DATE.match(line)
    return match is not None and len(line) - match.end() >= _MIN_EVENT


def _lists(lines: Sequence[str], candidates: Sequence[int]) -> list[list[int]]:
    """Return the lines of each list's items, whose numbers rise by one or a few."""
    lists: list[list[int]] = []
    by_last_number: dict[int, list[int]] = {}
    for line in candidates:
        match = _NUMBER.match(lines[line])
        if match is None:
            continue
        number = int(match[1] or match[2])
        before = next((number - step for step in range(1, _MAX_STEP + 1) if number - step in by_last_number), None)
        items = [] if before is None else by_last_number.pop(before)
        if not items:
            lists.append(items)
        items.append(line)
        by_last_number[number] = items
    return lists
