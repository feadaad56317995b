from __future__ import annotations

from math import isnan

import pytest

from goldwire.agreement import unitizing_alpha_1995

# Krippendorff 1995, p. 57: four pairs of unitizations of 24 positions, each with its alpha as positions are divided
# ever finer.
_PAIRS = {
    "A": ([(2, 10), (14, 20)], [(4, 8), (15, 17)]),
    "B": ([(0, 18)], [(0, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 9), (9, 10)]),
    "C": ([(2, 8), (10, 12), (14, 18), (20, 22)], [(0, 2), (4, 8), (10, 14), (16, 18), (20, 22)]),
    "D": (
        [(0, 2), (2, 10), (10, 14), (14, 20), (20, 24)],
        [(0, 4), (4, 8), (8, 15), (15, 17), (17, 24)],
    ),
}


@pytest.mark.parametrize(
    ("pair", "published", "tolerance"),
    # B and C as close as other tools come: the book of 2004 corrects a sign in the expected disagreement of 1995.
    [("A", 0.553, 0.0006), ("B", -0.926, 0.02), ("C", 0.679, 0.02), ("D", 0.066, 0.0006)],
)
def test_published_values(pair: str, published: float, tolerance: float) -> None:
    units = {
        annotator: [(start * 50_000, end * 50_000, pair) for start, end in spans]
        for annotator, spans in zip("ab", _PAIRS[pair], strict=True)
    }
    alpha = unitizing_alpha_1995(units, 24 * 50_000, label=pair)
    assert alpha.value == pytest.approx(published, abs=tolerance)


def test_alpha_is_undefined_for_one_annotator_or_without_units() -> None:
    assert isnan(unitizing_alpha_1995({"a": [], "b": []}, 20).value)
    assert isnan(unitizing_alpha_1995({"a": [(0, 3, "x")]}, 20).value)


def test_identical_units_have_the_value_one() -> None:
    assert unitizing_alpha_1995({"a": [(0, 3, "x")], "b": [(0, 3, "x")]}, 20).value == 1


def test_without_a_label_all_labels_are_summed() -> None:
    units = {"a": [(0, 3, "x"), (5, 9, "y")], "b": [(0, 4, "x"), (6, 9, "y")]}
    x, y, together = (unitizing_alpha_1995(units, 20, label=label) for label in ("x", "y", None))
    assert (x.n_items, y.n_items, together.n_items) == (2, 2, 4)
    assert min(x.value, y.value) <= together.value <= max(x.value, y.value)
