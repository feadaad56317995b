from __future__ import annotations

import numpy as np
import pytest

from goldwire.agreement import gwet_ac, krippendorff_alpha
from goldwire.agreement.ratings import parse
from goldwire.agreement.weights import SCHEMES, masi, weight_matrix


@pytest.mark.parametrize("scheme", SCHEMES)
def test_weights_are_symmetric_and_highest_for_equal_labels(scheme: str) -> None:
    matrix = SCHEMES[scheme](np.array([1.0, 2.0, 4.0, 5.0]))
    assert matrix == pytest.approx(matrix.T)
    assert np.diag(matrix) == pytest.approx(np.ones(4))
    assert matrix.min() >= -1e-12
    assert matrix.max() <= 1 + 1e-12


def test_a_distance_becomes_a_weight() -> None:
    ratings = parse([[1, 2], [3, 1]])
    assert weight_matrix(ratings, lambda a, b: abs(a - b) / 2) == pytest.approx(weight_matrix(ratings, "linear"))


@pytest.mark.parametrize("weights", ["cubic", np.eye(3)])
def test_unknown_weights_and_those_of_another_shape_are_rejected(weights: object) -> None:
    with pytest.raises(ValueError, match="weights"):
        gwet_ac([["a", "b"]], weights=weights)  # type: ignore[arg-type]


def test_masi_distance_as_published() -> None:
    """Passonneau 2006: the Jaccard index of {a} and {a, b} is 1/2, their monotonicity 2/3."""
    assert masi({"a"}, {"a", "b"}) == pytest.approx(1 - 1 / 2 * 2 / 3)
    assert masi({"a", "b"}, {"b", "c"}) == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert masi({"a"}, {"b"}) == 1
    assert masi(set(), set()) == 0


def test_sets_that_share_labels_agree_more_than_disjoint_sets() -> None:
    one, both, other = {"a"}, {"a", "b"}, {"c"}
    near = krippendorff_alpha([[one, both], [other, other], [both, both]], "masi")
    far = krippendorff_alpha([[one, other], [other, other], [both, both]], "masi")
    assert far.value < near.value < 1
