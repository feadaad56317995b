"""A plan from a pilot reaches its precision with the number of articles that it names."""

from __future__ import annotations

import msgspec
import pytest

from goldwire.agreement import mean_span_f1, mean_stance_f1, stance_alpha
from goldwire.agreement.pilots import Pilot, guessed_pilot, pilot_of_layers
from goldwire.agreement.planning import plan_precision, precision_curve
from support.simulated_machines import layers_of_people_and_machine

LAYERS = [x for x in layers_of_people_and_machine(1, 40, people=0.85, machine=0.8) if x.annotator != "M1"]


def pilot(coefficient: str = "span_f1_exact") -> Pilot:
    found = pilot_of_layers(LAYERS, coefficient)  # type: ignore[arg-type]
    assert isinstance(found, Pilot)
    return found


@pytest.mark.parametrize(
    ("coefficient", "measured"),
    [
        ("span_f1_exact", mean_span_f1(LAYERS)),
        ("span_f1_label", mean_span_f1(LAYERS, "label")),
        ("stance_f1_exact", mean_stance_f1(LAYERS)),
        ("stance_alpha_with_none", stance_alpha(LAYERS, (), with_none=True)),
    ],
)
def test_the_precision_of_the_pilot_is_that_of_its_interval(coefficient: str, measured: object) -> None:
    found = pilot(coefficient)
    low, high = found.basis.bounds(0.95)
    assert (found.basis.value, low, high) == (measured.value, measured.low, measured.high)  # type: ignore[attr-defined]
    assert found.expected(40, 3).half_width() == pytest.approx(found.basis.half_width())
    now = next(point for point in precision_curve(found) if point.articles == 40)
    assert now.half_width == pytest.approx((high - low) / 2)


def test_a_larger_sample_has_the_planned_precision() -> None:
    """From 40 articles: what 320 articles have is known to a tenth."""
    larger = [x for x in layers_of_people_and_machine(2, 320, people=0.85, machine=0.8) if x.annotator != "M1"]
    for coefficient in ("span_f1_exact", "stance_f1_exact", "stance_alpha_with_none"):
        achieved = pilot_of_layers(larger, coefficient)  # type: ignore[arg-type]
        assert isinstance(achieved, Pilot)
        planned = pilot(coefficient).expected(320, 3).half_width()
        assert planned == pytest.approx(achieved.basis.half_width(), rel=0.3)


def test_more_annotators_make_up_for_slips_not_for_hard_articles() -> None:
    alike = [
        x
        for x in layers_of_people_and_machine(3, 150, people=0.85, machine=0.8, n_people=4, spread=0.0)
        if x.annotator != "M1"
    ]
    different = [
        x
        for x in layers_of_people_and_machine(3, 150, people=0.85, machine=0.8, n_people=4, spread=1.5)
        if x.annotator != "M1"
    ]
    shares = []
    for layers in (alike, different):
        found = pilot_of_layers(layers, "span_f1_exact")
        assert isinstance(found, Pilot)
        shares.append(found.own_variance / (found.own_variance + found.shared_variance))
    assert shares[0] > 0.7 > 0.5 > shares[1]


def test_designs_reach_the_precision_and_no_smaller_one_does() -> None:
    found = pilot("stance_f1_exact")
    plan = plan_precision(found, 0.04, assurance=0.5)
    for design in plan.designs:
        assert design.articles is not None
        assert found.expected(design.articles, design.overlap).half_width() <= 0.04
        # At 50% the variance is that of the pilot times 1.02: the median of its distribution is below the mean.
        assert found.expected(int(0.97 * design.articles) - 1, design.overlap).half_width() > 0.04
        assert design.labelled_articles == design.articles * design.overlap
    assert [d.labelled_articles for d in plan.designs] == sorted(d.labelled_articles or 0 for d in plan.designs)
    assert plan.designs[0].half_width_at_equal_cost == pytest.approx(0.04, rel=0.05)
    safer = plan_precision(found, 0.04, assurance=0.9)
    assert (safer.designs[0].articles or 0) > (plan.designs[0].articles or 0)


def test_guesses_have_the_variance_of_a_clustered_share() -> None:
    guess = guessed_pilot(0.8, items_per_article=10, intraclass=0.1)
    assert guess.shared_variance + guess.own_variance == pytest.approx(0.8 * 0.2 * (1 + 9 * 0.1) / 10)
    assert guess.expected(200, 4).error ** 2 == pytest.approx((0.016 + 0.0144 * 2 / 4) / 200)
    corrected = guessed_pilot(0.6, corrected_for_chance=True)
    assert corrected.shared_variance == pytest.approx(4 * 0.2 * 0.8 * 0.2)
    assert "guesses" in plan_precision(guess, 0.05).notes[0]
    assert plan_precision(guess, 0.000_02).designs[0].articles is None


def test_one_pair_says_nothing_about_more_annotators() -> None:
    two = [layer for layer in LAYERS if layer.annotator != "A3"]
    found = pilot_of_layers(two, "span_f1_exact")
    assert isinstance(found, Pilot)
    assert found.own_variance == 0
    plan = plan_precision(found, 0.05)
    assert plan.designs[0].overlap == 2
    assert "does not show that more annotators" in plan.notes[0]
    assert [design.overlap for design in plan_precision(found, 0.05, fixed_overlap=True).designs] == [2]


def test_what_cannot_be_planned_has_a_reason() -> None:
    assert pilot_of_layers([], "span_f1_exact") == "no article that two annotators confirmed"
    one = [layer for layer in LAYERS if layer.article_id == LAYERS[0].article_id]
    assert pilot_of_layers(one, "span_f1_exact") == "no interval: there is only one article or group"
    with pytest.raises(ValueError, match="unknown coefficient"):
        pilot_of_layers(LAYERS, "kappa")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="precision"):
        plan_precision(pilot(), 0)
    with pytest.raises(ValueError, match="intraclass"):
        guessed_pilot(0.8, intraclass=2)


def test_more_annotators_than_in_the_pilot_are_planned_with_less_certainty() -> None:
    pilot = msgspec.structs.replace(guessed_pilot(0.8), is_guess=False, overlap=3)
    pilot = msgspec.structs.replace(pilot, basis=pilot.basis.scaled(16))
    designs = {
        assurance: {
            design.overlap: design.articles for design in plan_precision(pilot, 0.05, assurance=assurance).designs
        }
        for assurance in (0.5, 0.8)
    }
    added = {overlap: designs[0.8][overlap] / designs[0.5][overlap] for overlap in (2, 3, 4)}
    assert added[2] == pytest.approx(added[3], abs=0.05)
    assert added[4] > added[3] + 0.02
