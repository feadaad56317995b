"""The spans of each two annotators of an article are compared once, and the figures of a batch are sums of that."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from goldwire.agreement import span_comparisons
from goldwire.agreement.annotator_report import annotator_reports
from goldwire.agreement.batch import measure_batch
from goldwire.agreement.batch_context import BatchContext
from goldwire.agreement.span_comparisons import compare_spans
from goldwire.agreement.span_f1 import MATCHES, count_matches, mean_span_f1, sum_counts
from goldwire.alignment.span_matching import read_spans
from goldwire.records import AnnotationLayer
from support.factories import article, layer

NAMES = ("A1", "A2", "A3", "A4")
N_PAIRS = 6


def batch(n_articles: int) -> list[AnnotationLayer]:
    """Return layers of annotators who omit a third of three names, and cut a third of them short."""
    random, layers = np.random.default_rng(1), []
    for number in range(n_articles):
        text = article(f"Story {number:03d}\n\nAda Brook of the Port League met Nils Orr.", id=f"wire-{number:012d}")
        for name in NAMES:
            kinds = random.integers(0, 3, 3)
            marks = ((11, 20, "PER"), (28, 39, "ORG"), (44, 52, "PER"))
            marked = [(a, b - 4 * (kind == 1), c) for (a, b, c), kind in zip(marks, kinds, strict=True) if kind < 2]
            layers.append(layer(text, marked, annotator=name))
    return layers


def test_counts_are_those_of_each_way_of_matching() -> None:
    layers = batch(8)
    spans = {(layer.article_id, layer.annotator): read_spans(layer) for layer in layers}
    compared = compare_spans(layers)
    assert len(compared) == 8
    for id, of_article in compared.items():
        assert [*of_article] == [*combinations(NAMES, 2)]
        for (a, b), comparison in of_article.items():
            first, second = spans[id, a], spans[id, b]
            for match in MATCHES:
                assert sum_counts(comparison.counts[match].values()) == count_matches(first, second, match)
            same_label = count_matches(first, second, "label").matched
            assert comparison.n_mentions == same_label
            assert comparison.n_mentions - comparison.n_moved == count_matches(first, second, "exact").matched
            assert comparison.exact() == count_matches(first, second, "exact")


def test_a_batch_compares_each_pair_once(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = batch(6)
    calls = []
    match_all = span_comparisons.match_all
    monkeypatch.setattr(span_comparisons, "match_all", lambda a, b: calls.append((a, b)) or match_all(a, b))
    monkeypatch.setitem(count_matches.__globals__, "match_all", None)  # it would be a second time
    measured = measure_batch("b01", layers, BatchContext(labels=(), stances=(), texts={}, gamma=False))
    assert len(calls) == 6 * N_PAIRS
    exact = next(value for value in measured.values if value.name == "span_f1_exact")
    assert exact.value == mean_span_f1(layers, "exact").value
    monkeypatch.undo()
    assert repr(measured.annotator_reports) == repr(annotator_reports(layers))  # nan is unequal to itself
