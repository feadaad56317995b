"""Answers of machines: what is dropped, and what becomes a layer."""

from __future__ import annotations

import msgspec
import pytest

from goldwire.prelabeling.machine_answers import (
    Answer,
    AnswerContext,
    AnswerSpan,
    AnswerStance,
    combine_runs,
    machine_layer,
    read_answer,
    run_spread,
)
from goldwire.records import MachineRun, Task
from goldwire.workspace.label_schema import EntityLabel, Schema, StanceOption
from support import factories

ARTICLE = factories.article("Head\n\nAda Novak backs the Rail Union. The Rail Union thanks Ada Novak.")
RUN = MachineRun(source="test", date="2026-01-01")


def schema(**options: object) -> Schema:
    entities = [EntityLabel(label=n, description=n, color=f"#{i}", key=str(i)) for i, n in enumerate(("PER", "ORG"))]
    stances = [
        StanceOption(label=n, description=n, color=f"#{n}", key=n[0], order=o)
        for n, o in (("supports", 1), ("opposes", -1))
    ]
    return Schema(version="1.0", entity=tuple(entities), stance=tuple(stances), **options)  # type: ignore[arg-type]


def task(window: tuple[int, int] = (0, len(ARTICLE.text)), target: str | None = None) -> Task:
    return Task(
        id="b01-0001",
        batch="b01",
        kind="stance" if target else "entities",
        article_id=ARTICLE.id,
        window=window,
        target=target,
        text_sha256=ARTICLE.text_sha256,
        annotators=("A1",),
    )


def context(*tasks: Task, **options: object) -> AnswerContext:
    return AnswerContext(article=ARTICLE, schema=schema(**options), tasks=tasks or (task(),))


def quoted(quote: str, label: str = "PER", **fields: object) -> AnswerSpan:
    return AnswerSpan(label=label, quote=quote, **fields)  # type: ignore[arg-type]


SPANS = (
    quoted("Ada Novak", context="Ada Novak backs", confidence=0.9),
    quoted("Rail Union", "ORG", context="backs the Rail Union"),
)


def test_what_the_schema_or_the_text_does_not_have_is_dropped_and_counted() -> None:
    answer = Answer(
        spans=(
            *SPANS,
            quoted("Ada Novak"),
            quoted("Ida"),
            quoted("Head", "HACKED"),
            AnswerSpan(label="PER", start=3, end=999),
        ),
        stances=(
            AnswerStance(holder=0, target=1, stance="supports", confidence=0.8),
            AnswerStance(holder=0, target=1, stance="opposes"),
            AnswerStance(holder=0, target=1, stance="hates"),
            AnswerStance(holder=0, target=4, stance="opposes"),
            AnswerStance(holder=0, target=0, stance="opposes"),
            AnswerStance(target="Ada Novak", stance="opposes"),
        ),
    )
    read = read_answer(answer, context())
    assert dict(read.spans) == {(6, 15, "PER"): 0.9, (26, 36, "ORG"): None}
    assert dict(read.stances) == {((6, 15, "PER"), (26, 36, "ORG"), "supports"): 0.8}
    assert read.dropped == {
        "label-unknown": 1,
        "offsets-invalid": 1,
        "quote-ambiguous": 1,
        "quote-not-found": 1,
        "stance-end-unknown": 3,
        "stance-repeated": 1,
        "stance-unknown": 1,
    }


@pytest.mark.parametrize(("overlap", "expected"), [("none", 1), ("nested", 2), ("any", 3)])
def test_overlapping_spans_follow_the_rule_of_the_schema(overlap: str, expected: int) -> None:
    spans = tuple(AnswerSpan(label="PER", start=start, end=end) for start, end in ((6, 15), (10, 15), (10, 21)))
    assert len(read_answer(Answer(spans=spans), context(overlap=overlap)).spans) == expected


def test_offsets_that_contradict_their_quote_are_not_believed() -> None:
    read = read_answer(Answer(spans=(AnswerSpan(label="PER", start=0, end=4, quote="Ada Novak backs"),)), context())
    assert list(read.spans) == [(6, 21, "PER")]


def test_holders_and_targets_have_the_labels_that_the_schema_allows() -> None:
    answer = Answer(spans=SPANS, stances=(AnswerStance(holder=0, target=1, stance="supports"),))
    assert read_answer(answer, context(holders=("ORG",))).dropped == {"stance-type-forbidden": 1}
    assert read_answer(answer, context(targets=("PER",))).dropped == {"stance-type-forbidden": 1}


def test_a_layer_has_the_confidences_by_id_and_is_within_its_windows() -> None:
    answer = Answer(
        spans=(*SPANS, quoted("Rail Union", "ORG", context="The Rail Union thanks", confidence=1.7)),
        stances=(
            AnswerStance(holder=0, target=1, stance="supports", confidence=0.8),
            AnswerStance(holder=0, target=2, stance="opposes"),
        ),
    )
    windows = context(task((0, 37)), task((38, len(ARTICLE.text))))
    layer = machine_layer(read_answer(answer, windows), windows, machine="M1", run=RUN, versions=("1.0", "1.0"))
    assert [(span.id, span.text) for span in layer.spans] == [
        ("T1", "Ada Novak"),
        ("T2", "Rail Union"),
        ("T3", "Rail Union"),
    ]
    assert [(stance.holder, stance.target) for stance in layer.stances] == [("T1", "T2")]
    assert layer.machine == msgspec.structs.replace(RUN, confidence={"T1": 0.9, "T3": 1.0, "R1": 0.8})


def test_named_targets_have_stances_of_the_article_itself() -> None:
    asked = context(task(target="Rail Union"), task(target="Ada Novak"))
    answer = Answer(
        spans=SPANS,
        stances=(AnswerStance(target="Rail Union", stance="supports"), AnswerStance(target="Ida", stance="opposes")),
    )
    read = read_answer(answer, asked)
    assert (dict(read.spans), read.dropped) == ({}, {"target-unknown": 1})
    layer = machine_layer(read, asked, machine="M1", run=RUN, versions=("1.0", "1.0"))
    assert [(s.holder, s.target, s.target_name, s.stance) for s in layer.stances] == [
        (None, None, "Rail Union", "supports")
    ]


def test_runs_are_combined_by_their_majority_and_their_spread_is_measured() -> None:
    answers = [
        Answer(spans=SPANS, stances=(AnswerStance(holder=0, target=1, stance=s),))
        for s in ("supports", "supports", "opposes")
    ]
    answers[2] = msgspec.structs.replace(
        answers[2], spans=(*SPANS[:1], quoted("Rail Union", "PER", context="backs the Rail Union"))
    )
    runs = [read_answer(answer, context()) for answer in answers]
    combined = combine_runs(runs)
    assert {span[2]: round(share, 3) for span, share in combined.spans.items() if share} == {"PER": 1.0, "ORG": 0.667}
    assert [(pair[2], round(share or 0, 3)) for pair, share in combined.stances.items()] == [("supports", 0.667)]
    layers = [[machine_layer(run, context(), machine="M1", run=RUN, versions=("1.0", "1.0"))] for run in runs]
    spans, stances = run_spread(layers)
    assert spans.value == pytest.approx((1 + 0.5 + 0.5) / 3)
    assert stances.value == pytest.approx(1 / 3)
