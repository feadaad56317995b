"""What became of pre-labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.prelabeling.layers import (
    clip_to_window,
    compare_with_suggestions,
    merge_windows,
    restrict_to_schema,
    suggestion_layer,
)
from goldwire.records import AnnotationLayer, Prelabels, Task
from goldwire.workspace.label_schema import parse_schema
from support import factories

TEXT = "Ada Novak met the Rail Union and Tal Aviv in Oslo, where it rained on the Rail Union."
ARTICLE = factories.article(TEXT)
ADA, UNION, TAL, OSLO = (0, 9), (18, 28), (33, 41), (45, 49)


def layer(spans, stances=(), **given) -> AnnotationLayer:
    return factories.layer(ARTICLE, spans, stances, **given)


SUGGESTED = layer([(*ADA, "PER"), (*UNION, "ORG"), (*TAL, "PER")], [(0, 1, "supports")], annotator="layer:A9")


def became(of: AnnotationLayer, suggested: AnnotationLayer = SUGGESTED) -> Prelabels:
    result = compare_with_suggestions(of, suggested).prelabels
    assert isinstance(result, Prelabels)
    return result


@pytest.mark.parametrize(
    ("spans", "stances", "kept", "changed", "dropped"),
    [
        ([], [], (), (), (3, 1)),
        ([(*ADA, "PER"), (*UNION, "ORG"), (*TAL, "PER")], [(0, 1, "supports")], ("T1", "T2", "T3", "R1"), (), (0, 0)),
        ([(*ADA, "PER"), (*UNION, "ORG")], [(0, 1, "opposes")], ("T1", "T2"), ("R1",), (1, 0)),
        ([(*ADA, "ORG"), (14, 28, "ORG")], [(0, 1, "supports")], ("R1",), ("T1", "T2"), (1, 0)),
        ([(*OSLO, "ORG")], [], (), (), (3, 1)),
        ([(0, 3, "PER"), (4, 9, "PER")], [], (), ("T2",), (2, 1)),  # in two: the one that has more of it
        ([(*ADA, "PER"), (*UNION, "ORG")], [(0, 1, "supports"), (1, 0, "supports")], ("T1", "T2", "R1"), (), (1, 0)),
        ([(*ADA, "PER"), (*UNION, "ORG")], [(None, 1, "supports")], ("T1", "T2"), (), (1, 1)),
    ],
)
def test_each_label_is_accepted_changed_or_added(spans, stances, kept, changed, dropped) -> None:
    result = became(layer(spans, stances))
    assert (result.source, result.accepted, result.changed) == ("layer:A9", kept, changed)
    assert (result.dropped_spans, result.dropped_stances) == dropped


def test_a_layer_without_prelabels_is_written_as_ever() -> None:
    import msgspec

    assert b"prelabels" not in msgspec.json.encode(layer([(*ADA, "PER")]))


places = st.tuples(st.integers(0, 20), st.integers(1, 9), st.sampled_from(["PER", "ORG"]))
sets = st.lists(places, max_size=6).map(lambda found: sorted({(start, start + size, n) for start, size, n in found}))


@given(sets, sets)
def test_the_books_balance(mine, given_) -> None:
    suggested = layer(given_, annotator="gazetteer")
    result = became(layer(mine), suggested)
    assert not set(result.accepted) & set(result.changed)
    assert len(result.accepted) == len(set(mine) & set(given_))
    assert len(result.accepted) + len(result.changed) + result.dropped_spans == len(given_)


def test_suggestions_are_limited_to_the_window() -> None:
    task = Task(
        id="b01-1", batch="b01", kind="entities", article_id=ARTICLE.id, window=(10, 50), target=None,
        text_sha256=ARTICLE.text_sha256, annotators=("A1",),
    )  # fmt: skip
    inside = clip_to_window(SUGGESTED, task)
    assert [(span.id, span.start) for span in inside.spans] == [("T1", 18), ("T2", 33)]
    assert inside.stances == ()


def test_joined_windows_equal_the_whole_layer() -> None:
    first, second = (
        layer([(*ADA, "PER"), (*UNION, "ORG")], [(0, 1, "supports")]),
        layer([(*UNION, "ORG"), (*TAL, "PER")]),
    )
    assert merge_windows([first, second]) == layer(
        [(*ADA, "PER"), (*UNION, "ORG"), (*TAL, "PER")], [(0, 1, "supports")]
    )


def test_labels_outside_the_schema_are_not_suggested() -> None:
    schema = parse_schema(factories.SCHEMA, ARTICLE.id)  # type: ignore[arg-type]
    made = layer(
        [(*ADA, "DOG"), (*UNION, "ORG"), (*TAL, "PER")], [(0, 1, "supports"), (2, 1, "likes"), (2, 1, "opposes")]
    )
    assert restrict_to_schema(made, schema) == layer([(*UNION, "ORG"), (*TAL, "PER")], [(1, 0, "opposes")])


def test_marks_are_a_layer() -> None:
    made = suggestion_layer(
        ARTICLE, [(*UNION, "ORG"), (*ADA, "PER"), (*ADA, "PER")], by="gazetteer", batch="b01", versions=("1", "2")
    )
    assert [(span.id, span.text) for span in made.spans] == [("T1", "Ada Novak"), ("T2", "Rail Union")]
    assert (made.annotator, made.confirmed, made.guidelines_version, made.schema_version) == (
        "gazetteer",
        False,
        "1",
        "2",
    )
