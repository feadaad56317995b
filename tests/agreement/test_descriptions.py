"""Agreement values in one line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from goldwire.agreement import krippendorff_alpha
from goldwire.agreement.descriptions import articles, bounds, describe, scope
from goldwire.records import Agreement


def value(**fields: Any) -> Agreement:
    defaults = {"coefficient": "span_f1_exact", "value": 0.5, "low": 0.4, "high": 0.6, "n_items": 9, "n_raters": 2}
    return Agreement(**defaults | fields)


def test_a_value_in_one_line_names_its_part() -> None:
    part = value(annotators=("A1", "A2"), unit="span", n_groups=3)
    assert describe(part) == "span_f1_exact[A1+A2] 0.500 [0.400, 0.600] n=9 spans, 3 articles, 2 annotators"


def test_an_undefined_value_is_described_by_its_reason() -> None:
    assert describe(value(value=float("nan"), reason="why")) == "span_f1_exact undefined: why"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "9 items"),
        ({"n_items": 1, "unit": "span"}, "1 span"),
        ({"unit": "prelabel", "n_items": 1200}, "1,200 suggested labels"),
        ({"unit": "stance", "condition": "drawn-by-two"}, "9 holder-target pairs that two annotators drew"),
        ({"unit": "stance", "condition": "drawn-by-any"}, "9 holder-target pairs that any annotator drew"),
        ({"unit": "stance", "condition": "answered-by-two"}, "9 targets that two annotators were asked about"),
        ({"unit": "span", "condition": "marked-by-two"}, "9 spans, where two annotators marked the same text"),
        ({"unit": "span", "interval": "chance-sampling"}, "9 spans, interval over samples of chance only"),
        ({"unit": "span", "condition": "without-prelabels"}, "9 spans, without accepted pre-labels"),
    ],
)
def test_the_scope_states_the_number_and_the_condition(fields: dict[str, Any], text: str) -> None:
    assert scope(value(**fields)) == text


def test_bounds_are_rounded_outwards_so_that_no_interval_lacks_a_width() -> None:
    assert bounds(value(value=1.0, low=0.99961, high=1.0)) == ("0.999", "1.000")
    assert bounds(value(low=0.25, high=0.7501)) == ("0.250", "0.751")
    assert bounds(value(low=0.29, high=0.57), 2) == ("0.29", "0.57")
    assert bounds(value(low=float("nan"))) is None


def test_perfect_agreement_is_not_described_as_certain() -> None:
    ratings = np.repeat([["a", "a"], ["b", "b"]], 5000, axis=0)
    text = describe(krippendorff_alpha(ratings, groups=np.repeat(np.arange(100), 100)))
    assert text.startswith("krippendorff_alpha_nominal 1.000 [0.9")


def test_items_without_articles_have_no_number_of_articles() -> None:
    assert articles(value(n_groups=9)) == ""
    assert articles(value(unit="span", n_groups=1)) == "1 article"
