from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire.agreement import unitizing_alpha
from support.factories import article, layer

Units = dict[str, list[tuple[int, int, str]]]
LENGTH = 40


@st.composite
def unitizations(draw: Any) -> Units:
    units: Units = {}
    for annotator in "abcd"[: draw(st.integers(2, 4))]:
        cuts = sorted(draw(st.sets(st.integers(0, LENGTH), max_size=8)))
        pairs = zip(cuts[::2], cuts[1::2], strict=False)
        units[annotator] = [(start, end, draw(st.sampled_from("xyz"))) for start, end in pairs]
    return units


def by_equations(units: Units, length: int) -> dict[str, tuple[float, float]]:
    """Observed and expected disagreement by the equations of Krippendorff et al. 2016, unit by unit."""
    annotators = sorted(units)
    labels = ["", *sorted({label for spans in units.values() for *_, label in spans})]
    sections: dict[str, list[tuple[int, int, int]]] = {}
    for annotator in annotators:
        offset, sections[annotator] = 0, []
        for start, end, label in [*sorted(units[annotator]), (length, length, "")]:
            sections[annotator] += [(offset, start, 0)] if start > offset else []
            sections[annotator] += [(start, end, labels.index(label))] if end > start else []
            offset = end
    n_others = len(annotators) - 1
    observed = np.zeros((len(labels), len(labels)))
    unit_squares, shared_squares = np.zeros(len(labels)), np.zeros(len(labels))

    def shared(g: Any, h: Any) -> int:
        return max(0, min(g[1], h[1]) - max(g[0], h[0]))

    for i in annotators:
        for g in sections[i]:
            unit_squares[g[2]] += (g[1] - g[0]) ** (2 if g[2] else 1)
            for j in annotators:
                if i != j:
                    for h in sections[j]:
                        observed[g[2], h[2]] += shared(g, h) / n_others
                    marked = sum(shared(g, h) for h in sections[j] if h[2])
                    shared_squares[g[2]] += marked**2 / n_others if g[2] else 0

    def expected(table: Any, squares: Any) -> Any:
        margins, total = table.sum(axis=1), table.sum()
        if total**2 - squares.sum() <= 1e-9 * total**2:  # only spans that can coincide with themselves alone
            return table * np.nan
        return total * (np.outer(margins, margins) - np.diag(squares)) / (total**2 - squares.sum())

    def disagreement(table: Any) -> float:
        return float(table.sum() - np.trace(table))

    chance, coded = expected(observed, unit_squares), observed[1:, 1:]
    coded_chance = expected(coded, shared_squares[1:])
    values = {
        "u": (disagreement(observed), disagreement(chance)),
        "cu": (disagreement(coded), disagreement(coded_chance)),
        "bar": (observed[0].sum() - observed[0, 0], chance[0].sum() - chance[0, 0]),
    }
    with np.errstate(all="ignore"):
        for k, label in enumerate(labels[1:]):
            rates = [(table[k].sum() - table[k, k]) / table[k].sum() for table in (coded, coded_chance)]
            values[f"ku {label}"] = (float(rates[0]), float(rates[1]))
    return values


@given(units=unitizations())
@settings(max_examples=150, deadline=None)
def test_values_are_those_of_the_equations(units: Units) -> None:
    for name, (observed, expected) in by_equations(units, LENGTH).items():
        kind, _, label = name.partition(" ")
        alpha = unitizing_alpha(units, LENGTH, kind, label=label or None)  # type: ignore[arg-type, call-overload]
        # 1e9 and more is 0/0 in floating point.
        if 1e-9 < expected < 1e9 and np.isfinite([observed, expected]).all():
            assert alpha.value == pytest.approx(1 - observed / expected, abs=1e-8)
        else:
            assert isnan(alpha.value)
            assert alpha.reason


def test_identical_annotations_have_the_value_one() -> None:
    units = {"a": [(0, 4, "x"), (6, 9, "y")], "b": [(0, 4, "x"), (6, 9, "y")]}
    assert unitizing_alpha(units, 20, "u").value == pytest.approx(1.0)
    assert unitizing_alpha(units, 20, "bar").value == pytest.approx(1.0)
    assert unitizing_alpha(units, 20, "cu").value == pytest.approx(1.0)
    assert unitizing_alpha(units, 20, "ku", label="x").value == pytest.approx(1.0)


def test_disjoint_annotations_are_below_zero() -> None:
    assert -0.5 < unitizing_alpha({"a": [(0, 4, "x")], "b": [(6, 9, "x")]}, 20).value < 0


def test_one_of_five_units_agrees_less_than_all_five() -> None:
    five = [(n * 10, n * 10 + 4, "x") for n in range(5)]
    all_five = unitizing_alpha({"a": five, "b": five}, 60).value
    one = unitizing_alpha({"a": five, "b": five[:1]}, 60).value
    one_shifted = unitizing_alpha({"a": five, "b": [(1, 5, "x")]}, 60).value
    assert one_shifted < one < all_five


def test_annotators_of_different_articles_are_not_compared() -> None:
    alpha = unitizing_alpha([{"a": [(0, 3, "x")]}, {"b": [(0, 3, "x")]}], [7, 8])
    assert isnan(alpha.value)
    assert alpha.reason == "no article that two annotators confirmed"


def test_alpha_is_undefined_only_if_no_annotator_marked_anything() -> None:
    assert isnan(unitizing_alpha({"a": [], "b": []}, 20).value)
    assert unitizing_alpha({"a": [(0, 3, "x")], "b": []}, 20).value < 0


def test_two_articles_equal_one_continuum_without_spans_across() -> None:
    first, second = {"a": [(0, 3, "x")], "b": [(0, 4, "x")]}, {"a": [(2, 6, "y")], "b": [(2, 5, "x")]}
    separate = unitizing_alpha([first, second], [10, 8])
    joined = {name: [*first[name], *((s + 10, e + 10, label) for s, e, label in second[name])] for name in "ab"}
    assert separate.value == pytest.approx(unitizing_alpha(joined, 18).value)


def test_more_articles_than_one_block_are_summed_per_article() -> None:
    texts = [{"a": [(n % 5, n % 5 + 4, "x")], "b": [(n % 3, n % 3 + 4, "x")]} for n in range(600)]
    in_blocks = unitizing_alpha(texts, [20] * 600)
    repeated = unitizing_alpha(texts[:15], [20] * 15)  # both patterns repeat after 15 articles
    assert in_blocks.n_items == 1200
    assert in_blocks.value == pytest.approx(repeated.value, abs=0.02)


def test_a_span_outside_its_article_is_rejected() -> None:
    with pytest.raises(ValueError, match="outside its article"):
        unitizing_alpha({"a": [(0, 30, "x")], "b": []}, 20)


def test_an_unknown_kind_and_ku_without_a_label_are_rejected() -> None:
    with pytest.raises(ValueError, match="unknown kind 'v'"):
        unitizing_alpha({"a": [], "b": []}, 20, "v")  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="needs a label"):
        unitizing_alpha({"a": [], "b": []}, 20, "ku")


def test_layers_with_lengths_by_article_have_an_interval() -> None:
    texts = [article(f"Story {n}\n\nAda Brook met Nils Orr.", id=f"wire-{n:012d}") for n in range(12)]
    layers = [layer(t, [(9 + len(str(n)), 18 + len(str(n)), "PER")]) for n, t in enumerate(texts)]
    layers += [layer(t, [(9, 18, "PER")], annotator="A2", confirmed=n != 3) for n, t in enumerate(texts)]
    alpha = unitizing_alpha(layers, {t.id: len(t.text) for t in texts})
    assert alpha.n_raters == 2
    assert alpha.low <= alpha.value <= alpha.high
