"""Agreement values in words."""

from __future__ import annotations

import pytest

from goldwire.records import Agreement
from goldwire.report.phrasing import drift, interval, meaning, number


def value(
    x: float, low: float = float("nan"), high: float = float("nan"), name: str = "stance_alpha_nominal"
) -> Agreement:
    return Agreement(coefficient=name, value=x, low=low, high=high, n_items=9, n_raters=2, reason="why")


@pytest.mark.parametrize(
    ("x", "text"), [(0.812, ".81"), (1.0, "1.00"), (-0.05, "-.05"), (float("nan"), "n/a"), (0.0, ".00")]
)
def test_numbers_are_written_as_in_papers(x: float, text: str) -> None:
    assert number(x) == text


def test_the_meaning_depends_on_the_interval_too() -> None:
    assert "Reliable" in meaning(value(0.9, 0.85, 0.95))
    assert ".60" in meaning(value(0.85, 0.6, 0.95))
    assert "Too low" in meaning(value(0.4, 0.3, 0.5))
    assert meaning(value(float("nan"))) == "Undefined: why."
    assert meaning(value(0.42, name="span_f1_exact")) == (
        "On average, 42% of one annotator's spans are matched exactly by another."
    )
    assert interval(value(0.5)) == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("span_f1_characters", "42% of the characters"),
        ("span_f1_label", "overlap a span"),
        ("stance_f1_exact", "stances are drawn"),
        ("span_f1_exact_excluding_prelabels", "leaving out suggestions"),
        ("prelabel_acceptance", "accepted 42% of the suggested labels"),
    ],
)
def test_each_coefficient_has_a_distinct_sentence(name: str, words: str) -> None:
    assert words in meaning(value(0.42, name=name))


def test_drift_is_certain_only_if_the_interval_of_the_change_leaves_out_none() -> None:
    assert drift(value(0.8, 0.7, 0.9), value(0.75, 0.65, 0.85)) == (
        "No drift is certain: the change is -.05, 95% interval -.19 to .09."
    )
    assert drift(value(0.5, 0.45, 0.55), value(0.9, 0.85, 0.93)).startswith("Higher by .40 in the last third")
    assert drift(value(0.9, 0.85, 0.93), value(0.5, 0.45, 0.55)).startswith("Lower by .40")
    assert drift(value(0.9), value(0.5)) == ""
