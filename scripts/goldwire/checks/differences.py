"""Differences between a stored document and the same document computed again."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose
from typing import Any, Final

import msgspec

__all__ = ["ABSENT", "Difference", "differences", "display_value"]

_TOLERANCE = 1e-9
# Sums in another order, as other processors and libraries do them, differ by about 1e-15; iterative models by 1e-12.


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT: Final = _Absent()
"""In place of a value that one of the two documents does not have."""


class Difference(msgspec.Struct, frozen=True):
    """The path of a value, such as `annotator_reports[0].articles`, and the value in each of the two documents."""

    path: str
    stored: Any
    current: Any

    def __str__(self) -> str:
        return f"{self.path} is stored as {display_value(self.stored)}, expected {display_value(self.current)}"


def display_value(value: Any) -> str:
    """Return a value as a message shows it: numbers with four decimals, long texts shortened."""
    if isinstance(value, float):
        return f"{value:.4f}"
    if value is None:
        return "undefined"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def differences(stored: Any, current: Any, path: str = "") -> Iterator[Difference]:
    """Yield the differences between two values as JSON has them, the first one first.

    Numbers differ if they differ by more than 1e-9 of the larger. Lists of other lengths differ as a whole.

    Examples
    --------
    >>> [str(difference) for difference in differences({"n": 1, "f": [0.5]}, {"n": 2, "f": [0.5000000000001]})]
    ['n is stored as 1, expected 2']
    """
    if isinstance(stored, dict) and isinstance(current, dict):
        for key in dict.fromkeys((*current, *stored)):
            yield from differences(
                stored.get(key, ABSENT), current.get(key, ABSENT), f"{path}.{key}" if path else str(key)
            )
    elif isinstance(stored, list) and isinstance(current, list) and len(stored) == len(current):
        for number, (left, right) in enumerate(zip(stored, current, strict=True)):
            yield from differences(left, right, f"{path}[{number}]")
    elif not _equal(stored, current):
        yield Difference(path, stored, current)


def _equal(stored: Any, current: Any) -> bool:
    if isinstance(stored, bool) or isinstance(current, bool):
        return stored is current
    if isinstance(stored, float | int) and isinstance(current, float | int):
        return isclose(stored, current, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return bool(stored == current)
