from __future__ import annotations

import numpy as np
import pytest

from goldwire.agreement import cohen_kappa, krippendorff_alpha
from goldwire.agreement.ratings import Ratings, collapse, parse, without_raters
from support.published_tables import KRIPPENDORFF_2011


def test_lists_arrays_and_data_frames_with_gaps_have_equal_values() -> None:
    pandas = pytest.importorskip("pandas")
    array = np.array(KRIPPENDORFF_2011, dtype=float)
    frame = pandas.DataFrame(KRIPPENDORFF_2011).astype("Int64")
    values = {krippendorff_alpha(data).value for data in (KRIPPENDORFF_2011, array, frame)}
    assert len(values) == 1


def test_labels_are_sorted_numbers_before_text() -> None:
    assert parse([["b", 2], [1, None], ["a", float("nan")]]).labels == (1, 2, "a", "b")


def test_a_rating_outside_the_labels_is_rejected() -> None:
    with pytest.raises(ValueError, match="'c'"):
        cohen_kappa([["a", "c"]], labels=["a", "b"])


def test_repeated_labels_are_rejected() -> None:
    with pytest.raises(ValueError, match="twice"):
        parse([["a", "b"]], ["a", "b", "a"])


def test_rows_of_different_length_are_rejected() -> None:
    with pytest.raises(ValueError, match="item 1 has 1 ratings, the first has 2"):
        parse([["a", "b"], ["a"]])


def test_patterns_are_the_distinct_rows() -> None:
    patterns = collapse(parse([["a", "b"], ["b", "a"], ["a", "b"], [None, "a"]]))
    assert patterns.codes.tolist() == [[-1, 0], [0, 1], [1, 0]]
    assert patterns.frequencies.tolist() == [1, 2, 1]
    assert patterns.pattern_of_item.tolist() == [1, 2, 1, 0]
    merged = without_raters(patterns, 2)
    assert merged.codes.tolist() == [[-1, 0], [0, 1]]
    assert merged.frequencies.tolist() == [1, 3]
    assert merged.pattern_of_item.tolist() == [1, 1, 1, 0]


@pytest.mark.parametrize(("n_raters", "n_labels"), [(3, 4), (12, 5), (40, 6)], ids=["table", "sorted keys", "rows"])
def test_patterns_restore_the_ratings_by_each_way_to_find_them(n_raters: int, n_labels: int) -> None:
    codes = np.random.default_rng(0).integers(-1, n_labels, (200, n_raters))
    patterns = collapse(Ratings(codes, tuple(range(n_labels))))
    assert (patterns.codes[patterns.pattern_of_item] == codes).all()
    assert patterns.frequencies.sum() == 200
    assert len({tuple(row) for row in patterns.codes.tolist()}) == len(patterns.codes)
