"""Differences between a stored document and the same document computed again."""

from __future__ import annotations

from typing import Any

import pytest

from goldwire.checks.differences import ABSENT, Difference, differences, display_value


@pytest.mark.parametrize(
    ("stored", "current", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 0.1 + 0.2}, {"a": 0.3}, []),
        ({"a": 0.5}, {"a": 0.51}, [("a", 0.5, 0.51)]),
        ({"a": None}, {"a": 0.5}, [("a", None, 0.5)]),
        ({"a": True}, {"a": 1}, [("a", True, 1)]),
        ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 3}]}}, [("a.b[1].c", 2, 3)]),
        ({"a": [1]}, {"a": [1, 2]}, [("a", [1], [1, 2])]),
        ({"a": 1, "b": 2}, {"a": 1}, [("b", 2, ABSENT)]),
        ({}, {"a": 1}, [("a", ABSENT, 1)]),
    ],
)
def test_differences_have_the_path_and_both_values(stored: Any, current: Any, expected: list[Any]) -> None:
    assert list(differences(stored, current)) == [Difference(*each) for each in expected]


def test_values_are_shown_short() -> None:
    assert [display_value(value) for value in (0.12345, None, "a", ABSENT)] == ["0.1235", "undefined", "'a'", "nothing"]
    assert len(display_value("a" * 500)) == 60
