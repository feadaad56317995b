"""L4: machine layers say how they were made, no other layer does, and inclusion probabilities are probabilities."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Entry, Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.records import AnnotationLayer, Finding, is_machine

__all__ = ["invalid_probabilities", "misplaced_fields"]

LAYER_FIELD_MISPLACED = Rule(
    code="layer-field-misplaced",
    level=4,
    severity="error",
    summary="a layer lacks a field that its kind has, or has a field of another kind of layer",
    why="A machine's labels would pass for an annotator's, or nobody could say how they were made.",
    fix="Label the batch again with `goldwire prelabel`, or restore the file from git.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 herald-f00daee13d10: L4 coverage error [layer-field-misplaced] has "
        "`machine`, which only layers of machines have"
    ),
)
INCLUSION_PROBABILITY_INVALID = Rule(
    code="inclusion-probability-invalid",
    level=4,
    severity="error",
    summary="an inclusion probability is not above 0 and at most 1, or the tasks of one article differ",
    why="Estimates about the corpus weight each article by its inverse.",
    fix="Restore annotations/tasks/ from git: a plan states the probabilities once, when it draws the articles.",
    example=(
        "annotations/tasks/b01.jsonl:3 b01-0003: L4 coverage error [inclusion-probability-invalid] "
        "inclusion_probability is 1.5"
    ),
)


@check(LAYER_FIELD_MISPLACED)
def misplaced_fields(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each layer with a field of another kind of layer, and for machine layers without theirs."""
    for entry in snapshot.layers:
        has_run = entry.record.machine is not msgspec.UNSET
        if is_machine(entry.record.annotator) and not has_run:
            yield _finding(entry, "lacks `machine`: nothing says how it was made")
        elif has_run and not is_machine(entry.record.annotator):
            yield _finding(entry, "has `machine`, which only layers of machines have")
        elif entry.record.holdout is not msgspec.UNSET:
            yield _finding(entry, "has `holdout`, which only pre-labels have")
        elif entry.record.inclusion_probability is not msgspec.UNSET:
            yield _finding(entry, "has `inclusion_probability`, which only gold has")
        elif has_run:
            yield from _unknown_confidences(entry)
    for entry in snapshot.prelabels:
        for name in ("machine", "inclusion_probability"):
            if getattr(entry.record, name) is not msgspec.UNSET:
                yield _finding(entry, f"has `{name}`, which pre-labels do not have")


def _unknown_confidences(entry: Entry[AnnotationLayer]) -> Iterator[Finding]:
    """Yield a finding if a confidence is of no label, or is not a probability."""
    layer = entry.record
    ids = {span.id for span in layer.spans} | {stance.id for stance in layer.stances}
    confidence = {} if layer.machine is msgspec.UNSET else layer.machine.confidence
    for name, value in confidence.items():
        if name not in ids or not 0 <= value <= 1:
            problem = f"{value} of {name}" if name in ids else f"of {name}, which is not in the layer"
            yield _finding(entry, f"has a confidence {problem}")
            return


def _finding(entry: Entry[AnnotationLayer], message: str) -> Finding:
    return entry.finding(LAYER_FIELD_MISPLACED, entry.record.article_id, message)


@check(INCLUSION_PROBABILITY_INVALID)
def invalid_probabilities(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each task with a probability that is none, or another one than its article's first task."""
    first: dict[tuple[str, str], float | None] = {}
    for entry in snapshot.tasks:
        task = entry.record
        probability = task.inclusion_probability
        expected = first.setdefault((batch_of(entry.file), task.article_id), probability)
        if probability is not None and not 0 < probability <= 1:
            message = f"inclusion_probability is {probability}"
            yield entry.finding(INCLUSION_PROBABILITY_INVALID, task.id, message)
        elif probability != expected:
            message = f"inclusion_probability is {probability}, another task of the article has {expected}"
            yield entry.finding(INCLUSION_PROBABILITY_INVALID, task.id, message)
