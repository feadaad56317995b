"""The names of experts."""

from __future__ import annotations

import pytest

from goldwire.records import is_expert


@pytest.mark.parametrize(
    ("name", "expected"), [("E1", True), ("E20", True), ("A1", False), ("e1", False), ("EX1", False)]
)
def test_an_expert_has_a_name_of_e_and_a_number(name: str, expected: bool) -> None:
    assert is_expert(name) is expected
