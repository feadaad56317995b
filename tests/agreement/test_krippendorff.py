from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pytest

from goldwire.agreement import krippendorff_alpha


def test_n_counts_items_with_two_ratings_and_raters_who_rated() -> None:
    alpha = krippendorff_alpha([["a", "a", None], ["a", "b", None], ["b", None, None]])
    assert (alpha.n_items, alpha.n_raters) == (2, 2)


@pytest.mark.parametrize("ratings", [[], [[]], [["a"]], [["a", None], [None, "b"]]])
def test_alpha_is_undefined_without_an_item_with_two_ratings(ratings: list[list[str | None]]) -> None:
    alpha = krippendorff_alpha(ratings)
    assert isnan(alpha.value)
    assert alpha.reason == "no item has two ratings"


def test_labels_define_the_order_of_text_labels() -> None:
    ratings = [["low", "mid"], ["mid", "high"], ["high", "high"], ["low", "low"]]
    numbers = [[1, 2], [2, 3], [3, 3], [1, 1]]
    in_order = krippendorff_alpha(ratings, "ordinal", labels=["low", "mid", "high"])
    assert in_order.value == krippendorff_alpha(numbers, "ordinal").value


@pytest.mark.parametrize("level", ["interval", "ratio", "ordinary"])
def test_an_unknown_level_and_one_that_needs_numbers_are_rejected(level: Any) -> None:
    with pytest.raises(ValueError, match="level"):
        krippendorff_alpha([["a", "b"]], level)


def test_a_fine_scale_needs_no_table_of_labels() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=20_000)
    ratings = truth[:, None] + random.normal(size=(20_000, 3))
    assert krippendorff_alpha(ratings, "interval").value == pytest.approx(0.5, abs=0.02)


def test_a_scheme_of_weights_replaces_the_level() -> None:
    ratings = [[1, 2], [2, 4], [3, 3], [1, 1], [4, 3]]
    by_weights = krippendorff_alpha(ratings, weights="quadratic")
    assert by_weights.value == pytest.approx(krippendorff_alpha(ratings, "interval").value)
