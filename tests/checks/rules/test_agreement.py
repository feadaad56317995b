"""Agreement below its minimum, and annotators who differ from the rest."""

from __future__ import annotations

from math import nan

from goldwire.checks.rules.agreement import insufficient_agreement, outlying_annotators
from goldwire.checks.snapshot import Entry, Snapshot, StoredAgreement, Table
from goldwire.records import Agreement, Task
from support import factories

FILE = "annotations/agreement/b01.json"
FLOORS = {"span_f1_exact": 0.8, "stance_f1_exact": 0.8}


def values(span_f1: float, stance_f1: float) -> tuple[Agreement, ...]:
    return (
        Agreement(coefficient="span_f1_exact", unit="span", value=span_f1, low=nan, high=nan, n_items=9, n_raters=2),
        Agreement(
            coefficient="stance_f1_exact", unit="stance", value=stance_f1, low=nan, high=nan, n_items=9, n_raters=2
        ),
    )


def target_task() -> Table[Task]:
    task = Task(
        id="b01-0001",
        batch="b01",
        kind="stance",
        article_id="a",
        window=(0, 1),
        target="the toll",
        text_sha256="",
        annotators=("A1",),
    )
    return Table((Entry("annotations/tasks/b01.jsonl", 1, "key", task),))


def find(agreement: tuple[Agreement, ...], tasks: Table[Task] | None = None) -> list[tuple[str, str | None]]:
    snapshot = Snapshot(floors=FLOORS, agreement={FILE: StoredAgreement(agreement)}, tasks=tasks or Table())
    return [(finding.code, finding.item) for finding in insufficient_agreement(snapshot)]


def test_values_below_their_minimum_and_without_a_value_are_found() -> None:
    assert find(values(0.9, 0.8)) == []
    assert find(values(0.7, nan)) == [
        ("agreement-below-floor", "span_f1_exact"),
        ("agreement-unmeasured", "stance_f1_exact"),
    ]
    assert find(()) == [("agreement-unmeasured", name) for name in FLOORS]


def test_the_minimum_of_spans_does_not_apply_to_a_batch_with_named_targets() -> None:
    assert find(values(nan, 0.9), target_task()) == []
    assert find(values(nan, 0.7), target_task()) == [("agreement-below-floor", "stance_f1_exact")]


def test_an_annotator_who_differs_from_all_others_is_an_outlier() -> None:
    article = factories.article("Ada Novak met the Rail Union in Lanthe.")
    answers = {"A1": [(0, 9, "PER"), (18, 28, "ORG")], "A2": [(0, 9, "PER"), (18, 28, "ORG")], "A3": [(32, 38, "ORG")]}
    layers = Table(
        tuple(
            Entry(f"annotations/layers/b01/{name}.jsonl", 1, name, factories.layer(article, spans, annotator=name))
            for name, spans in answers.items()
        )
    )
    (finding,) = outlying_annotators(Snapshot(layers=layers))
    assert (finding.file, finding.item) == ("annotations/layers/b01/A3.jsonl", "A3 in b01")
    assert finding.message == "mean span F1 0.00 with the others, who have 1.00 among themselves"
