from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from goldwire.agreement.disagreements import count_span_disagreements, find_disagreements
from support.factories import article, layer
from support.span_strategies import spans

TEXT = article("Harbour row\n\nAda Brook of the Port League spoke to Nils Orr on Monday about the quay.")


@pytest.mark.parametrize(
    ("mine", "theirs", "kind"),
    [
        ([(13, 22, "PER")], [(13, 22, "PER")], "agreed"),
        ([(13, 22, "PER")], [], "missing"),
        ([(13, 22, "PER")], [(13, 16, "PER")], "boundary"),
        ([(13, 22, "PER")], [(13, 22, "ORG")], "label"),
        ([(13, 22, "PER")], [(13, 20, "ORG")], "boundary_label"),
    ],
)
def test_each_kind_of_disagreement(mine: Any, theirs: Any, kind: str) -> None:
    layers = [layer(TEXT, mine), layer(TEXT, theirs, annotator="A2")]
    assert getattr(count_span_disagreements(layers), kind) == 1
    assert [d.kinds for d in find_disagreements(layers)] == ([] if kind == "agreed" else [(kind.replace("_", "+"),)])


def test_a_short_span_inside_another_label_is_a_mention_of_its_own() -> None:
    layers = [layer(TEXT, [(13, 22, "PER")]), layer(TEXT, [(13, 16, "ORG")], annotator="A2")]
    counts = count_span_disagreements(layers)
    assert (counts.missing, counts.split, counts.boundary_label) == (2, 0, 0)
    assert [d.kinds for d in find_disagreements(layers)] == [("missing",), ("missing",)]


def test_one_span_against_two_pieces_is_a_split() -> None:
    layers = [layer(TEXT, [(13, 22, "PER")]), layer(TEXT, [(13, 16, "PER"), (17, 22, "PER")], annotator="A2")]
    counts = count_span_disagreements(layers)
    assert (counts.boundary, counts.split, counts.missing) == (1, 1, 0)


@given(a=spans(), b=spans(), c=spans())
@settings(max_examples=40, deadline=None)
def test_counts_do_not_depend_on_the_names_of_annotators(a: Any, b: Any, c: Any) -> None:
    long = article("Headline\n\n" + "x" * 60)
    annotations = [sorted(set(marked)) for marked in (a, b, c)]

    def counts(names: Any) -> Any:
        layers = [layer(long, marked, annotator=name) for marked, name in zip(annotations, names, strict=True)]
        return count_span_disagreements(layers)

    assert counts(("A1", "A2", "A3")) == counts(("A3", "A1", "A2")) == counts(("A2", "A1", "A3"))
