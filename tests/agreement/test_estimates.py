"""What intervals are computed from."""

from __future__ import annotations

import numpy as np
import pytest

from goldwire.agreement.estimates import group_codes, quotient, tail_quantiles
from goldwire.agreement.krippendorff import alpha_estimate
from goldwire.agreement.ratings import parse


def test_quantiles_have_no_rounding_error() -> None:
    assert tail_quantiles(0.95) == (0.025, 0.975)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_a_confidence_outside_0_and_1_is_rejected(confidence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        tail_quantiles(confidence)


def test_a_quotient_is_nan_where_it_is_not_defined() -> None:
    ratio = quotient(np.array([1.0, 1.0]), np.array([2.0, 0.0]), np.array([True, False]))
    assert ratio.tolist() == pytest.approx([0.5, np.nan], nan_ok=True)


def test_groups_are_numbered_and_must_fit_the_items() -> None:
    estimate = alpha_estimate(parse([["a", "b"], ["b", "b"], ["a", "a"]]))
    codes, n_groups = group_codes(["y", "x", "y"], estimate)
    assert (codes.tolist(), n_groups) == ([1, 0, 1], 2)
    with pytest.raises(ValueError, match="group of each item"):
        group_codes(["x"], estimate)


def test_items_with_one_rating_have_the_size_0() -> None:
    estimate = alpha_estimate(parse([["a", "b"], ["a", None]]))
    assert estimate.row_sizes[estimate.row_of_item].tolist() == [1, 0]
