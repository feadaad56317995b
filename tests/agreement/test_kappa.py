from __future__ import annotations

from math import isnan

import numpy as np
import pytest

from goldwire import agreement
from support.published_tables import COHEN_1960, KRIPPENDORFF_2011


def test_ratings_may_be_lists_arrays_or_frames_with_any_kind_of_gap() -> None:
    pandas = pytest.importorskip("pandas")
    array = np.array(KRIPPENDORFF_2011, dtype=float)
    frame = pandas.DataFrame(KRIPPENDORFF_2011).astype("Int64")
    values = {agreement.krippendorff_alpha(data).value for data in (KRIPPENDORFF_2011, array, frame)}
    assert len(values) == 1


def test_n_counts_items_that_can_be_paired_and_raters_who_rated() -> None:
    found = agreement.krippendorff_alpha([["a", "a", None], ["a", "b", None], ["b", None, None]])
    assert (found.n_items, found.n_raters) == (2, 2)


@pytest.mark.parametrize("ratings", [[], [[]], [["a"]], [["a", None], [None, "b"]]])
def test_nothing_to_pair_is_undefined(ratings: list[list[str | None]]) -> None:
    found = agreement.krippendorff_alpha(ratings)
    assert isnan(found.value)
    assert found.reason == "no item has two ratings"


def test_labels_give_the_order_of_text_labels() -> None:
    ratings = [["low", "mid"], ["mid", "high"], ["high", "high"], ["low", "low"]]
    numbers = [[1, 2], [2, 3], [3, 3], [1, 1]]
    in_order = agreement.krippendorff_alpha(ratings, "ordinal", labels=["low", "mid", "high"])
    assert in_order.value == agreement.krippendorff_alpha(numbers, "ordinal").value


def test_a_label_nobody_used_counts_for_chance_where_it_was_on_offer() -> None:
    ratings = [["a", "a"], ["b", "a"]]
    assert agreement.brennan_prediger(ratings).value == pytest.approx(0.0)
    assert agreement.brennan_prediger(ratings, labels=["a", "b", "c"]).value == pytest.approx(0.25)


def test_a_value_outside_the_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="'c'"):
        agreement.cohen_kappa([["a", "c"]], labels=["a", "b"])


@pytest.mark.parametrize(
    "call",
    [
        lambda: agreement.krippendorff_alpha([["a", "b"]], "interval"),
        lambda: agreement.krippendorff_alpha([["a", "b"]], "ordinary"),
        lambda: agreement.cohen_kappa([["a", "b", "a"]]),
        lambda: agreement.gwet_ac([["a", "b"]], weights="cubic"),
        lambda: agreement.gwet_ac([["a", "b"]], weights=np.eye(3)),
        lambda: agreement.krippendorff_alpha([["a", "b"], ["a"]]),
    ],
)
def test_what_makes_no_sense_is_refused(call: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        call()  # type: ignore[operator]


def test_sets_of_labels_are_as_near_as_masi_has_it() -> None:
    """Passonneau 2006: {a} in {a, b} is 1/2 x 2/3 alike."""
    same, part, other = {"a"}, {"a", "b"}, {"c"}
    nearer = agreement.krippendorff_alpha([[same, part], [other, other], [part, part]], "masi")
    farther = agreement.krippendorff_alpha([[same, other], [other, other], [part, part]], "masi")
    assert farther.value < nearer.value < 1
    from goldwire.agreement.weights import masi

    assert masi(same, part) == pytest.approx(1 - 1 / 2 * 2 / 3)


def test_a_fine_scale_costs_no_table_of_labels() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=20_000)
    ratings = truth[:, None] + random.normal(size=(20_000, 3))
    assert agreement.krippendorff_alpha(ratings, "interval").value == pytest.approx(0.5, abs=0.02)


def test_each_label_by_itself() -> None:
    found = agreement.by_label([["a", "a"], ["b", "c"], ["c", "b"], ["a", "a"]])
    assert found["a"].value == 1.0
    assert found["b"].value < 0


def test_a_rater_who_guesses_stands_out() -> None:
    random = np.random.default_rng(3)
    truth = random.integers(0, 3, 200)
    ratings = np.column_stack([truth, truth, random.integers(0, 3, 200)])
    parts = agreement.by_rater(ratings, n_boot=100)
    assert [part.rater for part in parts] == [0, 1, 2]
    assert parts[2].with_rest.value < 0.2
    assert parts[2].without.value == 1.0
    assert parts[2].with_rest.low < parts[2].with_rest.value < parts[2].with_rest.high


def test_settling_an_item_moves_alpha_by_what_it_says() -> None:
    ratings = [["a", "a", "b"], ["b", "b", "b"], ["a", "b", None], ["a", "a", "a"]]
    gains = agreement.by_item(ratings)
    settled = [["a", "a", "a"], *ratings[1:]]
    now = agreement.krippendorff_alpha(ratings).value
    assert gains[0] == pytest.approx(agreement.krippendorff_alpha(settled).value - now)
    assert gains[1] == gains[3] == 0


def test_prevalence_is_warned_of_with_its_figures() -> None:
    ratings = [["n", "n"]] * 96 + [["n", "y"]] * 2 + [["y", "n"]] * 2
    warning = agreement.prevalence(ratings)
    assert warning is not None
    assert "98%" in warning
    assert agreement.prevalence(COHEN_1960) is None


def test_who_is_able_and_who_guesses() -> None:
    random = np.random.default_rng(4)
    truth = random.integers(0, 3, 400)
    right = random.random((400, 4)) < np.array([0.95, 0.9, 0.85, 0.2])
    ratings = np.where(right, truth[:, None], random.integers(0, 3, (400, 4)))
    found = agreement.dawid_skene(ratings)
    assert list(np.argsort(-found.competence)) == [0, 1, 2, 3]
    assert np.mean(np.array(found.most_likely_labels()) == truth) > 0.95
    assert found.confusion_matrices is not None
    assert found.confusion_matrices.sum(axis=2) == pytest.approx(np.ones((4, 3)))


def test_an_item_that_nobody_rated_has_no_answer() -> None:
    found = agreement.dawid_skene([["a", "a"], [None, None], ["b", "b"]])
    assert found.most_likely_labels() == ["a", None, "b"]


def test_mace_finds_who_guesses() -> None:
    random = np.random.default_rng(5)
    truth = random.integers(0, 3, 150)
    right = random.random((150, 3)) < np.array([0.95, 0.9, 0.1])
    ratings = np.where(right, truth[:, None], random.integers(0, 3, (150, 3)))
    found = agreement.mace(ratings[:, ::-1], n_iter=10)
    assert found.competence[0] == min(found.competence)
    assert np.mean(np.array(found.most_likely_labels()) == truth) > 0.8
