from __future__ import annotations

from math import isnan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire import agreement
from support.factories import article, layer
from support.span_strategies import spans

TEXT = article("Harbour row\n\nAda Brook of the Port League spoke to Nils Orr on Monday about the quay.")
OTHER = article("Quiet day\n\nNils Orr slept.", id="wire-000000000002")


@pytest.mark.parametrize(
    ("match", "expected"),
    [("exact", 2 * 1 / 5), ("characters", 2 * (9 + 4) / (9 + 11 + 9 + 4 + 5)), ("label", 2 * 2 / 5)],
)
def test_the_value_of_each_way_to_match(match: Any, expected: float) -> None:
    a = [(13, 22, "PER"), (30, 41, "ORG")]
    b = [(13, 22, "PER"), (34, 38, "ORG"), (51, 56, "PER")]
    f1 = agreement.span_f1(a, b, match)
    assert f1.value == pytest.approx(expected)
    assert f1.n_items == (4 if match == "exact" else 3)


def test_spans_of_different_labels_never_match() -> None:
    for match in ("exact", "characters", "label"):
        assert agreement.span_f1([(0, 4, "PER")], [(0, 4, "ORG")], match).value == 0


def test_f1_is_undefined_without_spans_and_zero_if_one_annotator_has_some() -> None:
    assert isnan(agreement.span_f1([], []).value)
    assert agreement.span_f1([], []).reason
    assert agreement.span_f1([(0, 4, "PER")], []).value == 0


def test_a_span_matches_at_most_one_span() -> None:
    whole, parts = [(0, 10, "PER")], [(0, 4, "PER"), (5, 10, "PER")]
    assert agreement.span_f1(whole, parts, "label").value == pytest.approx(2 / 3)
    assert agreement.span_f1(whole, parts, "characters").value == pytest.approx(2 * 5 / 19)


@given(a=spans(), b=spans(), match=st.sampled_from(["exact", "characters", "label"]))
@settings(max_examples=80, deadline=None)
def test_f1_is_symmetric_and_between_0_and_1(a: Any, b: Any, match: Any) -> None:
    f1, reverse = agreement.span_f1(a, b, match), agreement.span_f1(b, a, match)
    assert repr(f1) == repr(reverse)
    assert isnan(f1.value) == (not a and not b)
    assert isnan(f1.value) or 0 <= f1.value <= 1


@given(a=spans(), match=st.sampled_from(["exact", "characters", "label"]))
@settings(max_examples=40, deadline=None)
def test_f1_of_the_same_spans_is_one(a: Any, match: Any) -> None:
    assert not a or agreement.span_f1(a, a[::-1], match).value == 1


def test_unknown_options_are_rejected() -> None:
    with pytest.raises(ValueError, match="unknown match 'exactly'"):
        agreement.span_f1([(0, 1, "a")], [(0, 1, "a")], "exactly")  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="unknown average 'weighted'"):
        agreement.span_f1([], [], average="weighted")  # type: ignore[call-overload]


def test_a_resample_draws_articles() -> None:
    a = [[(0, 3, "PER")]] * 8 + [[(0, 4, "PER")]] * 4
    b = [[(0, 3, "PER")]] * 12
    f1 = agreement.span_f1(a, b)
    assert f1.value == pytest.approx(8 / 12)
    assert f1.low < f1.value < f1.high


def test_unconfirmed_layers_are_ignored() -> None:
    done = [layer(TEXT, [(13, 22, "PER")]), layer(OTHER, [(11, 19, "PER")])]
    other = [layer(TEXT, [(13, 22, "PER")], annotator="A2"), layer(OTHER, annotator="A2", confirmed=False)]
    assert agreement.span_f1(done, other).value == 1
    assert agreement.mean_span_f1([*done, *other]).value == 1
    assert agreement.span_f1(done, [*other[:1], layer(OTHER, annotator="A2")]).value == pytest.approx(2 / 3)


def test_mean_span_f1_is_the_mean_over_pairs_of_annotators() -> None:
    layers = [layer(TEXT, [(13, 22, "PER")], annotator=name) for name in ("A1", "A2")]
    layers.append(layer(TEXT, [(51, 59, "PER")], annotator="A3"))
    assert agreement.mean_span_f1(layers).value == pytest.approx(1 / 3)
    assert agreement.mean_span_f1(layers).n_raters == 3


def test_macro_is_the_mean_over_labels() -> None:
    a = [(0, 3, "PER"), (5, 8, "PER"), (10, 12, "ORG")]
    b = [(0, 3, "PER"), (5, 8, "PER"), (20, 22, "ORG")]
    assert agreement.span_f1(a, b).value == pytest.approx(2 / 3)
    assert agreement.span_f1(a, b, average="macro").value == pytest.approx(1 / 2)
    assert agreement.span_f1(a, b, label="PER").value == 1


def test_articles_of_one_side_only_are_ignored() -> None:
    assert agreement.span_f1({"x": [(0, 3, "PER")], "y": [(1, 2, "PER")]}, {"x": [(0, 3, "PER")]}).value == 1
    with pytest.raises(ValueError, match="2 articles against 1"):
        agreement.span_f1([[(0, 1, "a")], [(0, 1, "a")]], [[(0, 1, "a")]])


@pytest.mark.parametrize(
    ("span", "problem"), [((5, 0, "PER"), "ends before it starts"), ((0, 5), "a span is .start, end, label.")]
)
def test_what_is_not_a_span_is_refused(span: tuple[object, ...], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        agreement.span_f1([span], [(0, 5, "PER")])


def test_numbers_are_not_articles() -> None:
    with pytest.raises(ValueError, match=r"the spans of an article are a sequence of .*, not 1"):
        agreement.span_f1([1], [2])  # type: ignore[arg-type, list-item]
