"""The names of agreement values."""

from __future__ import annotations

from typing import Any

import pytest

from goldwire.records import Agreement


@pytest.mark.parametrize(
    ("part", "name", "is_whole"),
    [
        ({}, "span_f1_exact", True),
        ({"batch": "b01"}, "span_f1_exact", True),
        ({"label": "PER"}, "span_f1_exact[PER]", False),
        ({"annotators": ("A1", "A2")}, "span_f1_exact[A1+A2]", False),
        ({"source": "wire"}, "span_f1_exact[source wire]", False),
        ({"target": "Port League [2]"}, "span_f1_exact[target Port League [2]]", False),
        ({"label": "PER", "annotators": ("A1", "A2")}, "span_f1_exact[PER, A1+A2]", False),
    ],
)
def test_the_name_of_a_value_is_its_coefficient_and_its_part(part: dict[str, Any], name: str, is_whole: bool) -> None:
    value = Agreement(coefficient="span_f1_exact", value=1.0, low=1.0, high=1.0, n_items=1, n_raters=2, **part)
    assert (value.name, value.is_whole) == (name, is_whole)
