"""F1 of a machine with people beside F1 among people: the same figures as those of `goldwire.agreement`."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from goldwire.agreement import mean_span_f1, mean_stance_f1, span_f1
from goldwire.agreement.jackknife import effective_items
from goldwire.certification.agreement_comparison import Part, compare_agreement, compare_parts
from goldwire.certification.layer_labels import shared_articles
from support.simulated_machines import layers_of_people_and_machine

LAYERS = layers_of_people_and_machine(5, 30, people=0.9, machine=0.8)
ARTICLES = shared_articles(LAYERS, "M1")
BY_NAME = {name: [layer for layer in LAYERS if layer.annotator == name] for name in ("A1", "A2", "A3", "M1")}
PEOPLE = [layer for layer in LAYERS if layer.annotator != "M1"]


def test_figures_are_those_of_agreement() -> None:
    spans = compare_agreement(ARTICLES, "span")
    among = mean_span_f1(PEOPLE)
    assert (spans.people.value, spans.people.low, spans.people.high) == (among.value, among.low, among.high)
    with_machine = np.mean([span_f1(BY_NAME["M1"], BY_NAME[name]).value for name in ("A1", "A2", "A3")])
    assert spans.machine.value == pytest.approx(with_machine)
    assert spans.equivalence.difference == pytest.approx(with_machine - among.value)
    stances = compare_agreement(ARTICLES, "stance")
    assert stances.people.value == pytest.approx(mean_stance_f1(PEOPLE).value)


def test_the_error_of_the_difference_is_that_of_leaving_out_articles() -> None:
    def difference(left_out: str) -> float:
        chosen = {name: [x for x in layers if x.article_id != left_out] for name, layers in BY_NAME.items()}
        machine = np.mean([span_f1(chosen["M1"], chosen[name], method=None).value for name in ("A1", "A2", "A3")])
        pairs = combinations(("A1", "A2", "A3"), 2)
        return float(machine - np.mean([span_f1(chosen[a], chosen[b], method=None).value for a, b in pairs]))

    values = np.array([difference(article.article_id) for article in ARTICLES])
    error = np.sqrt((len(values) - 1) / len(values) * ((values - values.mean()) ** 2).sum())
    result = compare_agreement(ARTICLES, "span").equivalence
    # Sizes of articles differ a little, thus t has a little fewer than 29 degrees of freedom. The six pairs compare 77
    # items of an article on average, and the allowance is of half an item among the effective number of them.
    half_item = 0.5 / len(values) / effective_items(77.0)
    raised, lowered = (max(sign * (result.difference - values)) for sign in (1, -1))
    below, above = (0.75 * max(0, a - b / 2) + 0.6 * half_item for a, b in ((lowered, raised), (raised, lowered)))
    assert result.difference - result.low == pytest.approx(below + 1.70 * np.hypot(error, below), rel=0.01)
    assert result.high - result.difference == pytest.approx(above + 1.70 * np.hypot(error, above), rel=0.01)


def test_parts_are_labels_sources_and_thirds_by_length() -> None:
    ids = [article.article_id for article in ARTICLES]
    sources = {key: "post" if number < 10 else "wire" for number, key in enumerate(ids)}
    lengths = {key: 100 * number for number, key in enumerate(ids)}
    parts = list(compare_parts(ARTICLES, "span", labels=("ORG", "PER"), sources=sources, lengths=lengths))
    assert [part.part.name for part in parts] == ["ORG", "PER", "post", "wire", "short", "medium", "long"]
    by_name = {part.part.name: part for part in parts}
    assert by_name["ORG"].people.value == pytest.approx(mean_span_f1(PEOPLE, label="ORG").value)
    assert [by_name[name].equivalence.n_groups for name in ("post", "wire", "medium")] == [10, 20, 10]
    one_source = compare_parts(ARTICLES, "span", labels=(), sources=dict.fromkeys(ids, "wire"), lengths={})
    assert not list(one_source)


def test_a_part_that_nobody_marked_has_a_reason() -> None:
    nothing = compare_agreement(ARTICLES, "span", part=Part(kind="label", name="LOC"))
    assert nothing.equivalence.reason is not None
    assert nothing.equivalence.conclusion == "inconclusive"
