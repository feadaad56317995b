"""Rules for work that the Doccano server has lost, and for label types that lose or falsify it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from goldwire.checks.rule import Rule
from goldwire.checks.rules import coverage
from goldwire.doccano.client.label_types import LabelTypes
from goldwire.doccano.lost_work import COMMENTS, TICKS, Losses, LostWork, find_lost_work, sum_up
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer, Finding

__all__ = [
    "SERVER_LABEL_ID_COLLISION",
    "SERVER_LABEL_TYPE_MISSING",
    "SERVER_WORK_MISSING",
    "SERVER_WORK_REDONE",
    "find_collisions",
    "find_emptied_project",
    "find_label_types",
    "find_lost_layers",
    "find_recreated_types",
]

SERVER_WORK_MISSING = Rule(
    code="server-work-missing",
    level=0,
    severity="error",
    summary="the server no longer has work that was pulled, and it is not certain that the annotator removed it",
    why=(
        "A database was replaced or restored from an older backup, or a project or an example was deleted and pushed "
        "again. The layers of the last pull stay, but the annotator sees texts without labels."
    ),
    fix=(
        "Restore the server's database (`goldwire restore`), or have the annotator do these articles again: a replaced "
        "one counts once it is ticked done. `goldwire pull BATCH --accept-loss` takes everything as the server has it."
    ),
    example=(
        "annotations/exports/b01/A1.jsonl A1: L0 file error [server-work-missing] the server no longer has work that "
        "was pulled: 6 ORG, 2 PER, 1 neutral, 1 opposes, 1 supports in 1 layer (herald-f00daee13d10), which stays as "
        "last pulled (http://127.0.0.1:8000/projects/7)"
    ),
    found_by="pull",
)
SERVER_WORK_REDONE = Rule(
    code="server-work-redone",
    level=0,
    severity="warning",
    summary="an annotator has done articles again, in rows that replaced those last pulled, with other labels",
    why="The layers now have the newer work. The labels that were pulled before are not in them any more.",
    fix=(
        "Nothing, if the newer work counts. The former labels are in the git history of annotations/layers/, and in "
        "the copies of former exports in annotations/exports/BATCH/replaced/."
    ),
    example=(
        "annotations/exports/b01/A1.jsonl A1: L0 file warning [server-work-redone] done again on the server, without "
        "labels that were pulled before: 6 ORG, 2 PER, 1 neutral, 1 opposes, 1 supports in 1 layer "
        "(herald-f00daee13d10), which has the newer work (http://127.0.0.1:8000/projects/7)"
    ),
    found_by="pull",
)
SERVER_LABEL_TYPE_MISSING = Rule(
    code="server-label-type-missing",
    level=0,
    severity="error",
    summary="a project on the server lacks a label of the schema, or somebody deleted it there since the last pull",
    why="Doccano deletes all labels of a label type together with it. The layers of the last pull stay.",
    fix=(
        "`goldwire push BATCH` creates the label type. If it had labels, restore the server's database (`goldwire "
        "restore`) or have them marked again; `goldwire pull BATCH --accept-loss` takes the layers without them."
    ),
    example=(
        "annotations/exports/b01/A1.jsonl PER: L0 file error [server-label-type-missing] the project has no label type "
        "'PER'; gone with it: 2 PER, 1 neutral, 1 opposes, 1 supports in 1 layer (herald-f00daee13d10), which stays as "
        "last pulled (http://127.0.0.1:8000/projects/7/labels)"
    ),
    found_by="pull",
)

SERVER_LABEL_ID_COLLISION = Rule(
    code="server-label-id-collision",
    level=2,
    severity="warning",
    summary="a span type and a relation type of one project have the same id on the server",
    why=(
        "A defect of Doccano 1.8.4: its page tells the buttons of both kinds apart by this id alone. After the switch "
        "between spans and relations is turned, a click on one button can store the label of another, while the right "
        "one looks chosen. Hot keys are not affected."
    ),
    fix=(
        "Have the annotator check the labels, and use hot keys until the batch is done. In new projects, "
        "`goldwire push` gives no two label types the same id."
    ),
    example=(
        "annotations/exports/b01/A1.jsonl A1: L2 span warning [server-label-id-collision] span type 'ORG' and relation "
        "type 'supports' have the same id (also: 'VOICE' and 'neutral'), so that a click on a label can store another; "
        "layers that may be affected: 3 (herald-f00daee13d10, wire-6bc7e889ace8, wire-dcd79e4eb66e) "
        "(http://127.0.0.1:8000/projects/7/labels)"
    ),
    found_by="pull",
)

_N_EXAMPLES = 3
_SINGULAR = {COMMENTS: "comment", TICKS: "tick"}  # the others are names of labels


def find_lost_layers(losses: Losses, *, file: str, annotator: str, address: str) -> Iterator[Finding]:
    """Yield findings on layers whose rows were replaced, that have lost work, that no task asks for, or done again.

    Labels that were lost together with their label type are left to `find_label_types`.
    """
    causes = (
        ("other rows, without their work, have replaced those last pulled", losses.by_replacement),
        ("the server no longer has work that was pulled", [p.of_other_types() for p in losses.without_replacement]),
    )
    for problem, candidates in causes:
        parts = [part for part in candidates if not part.is_nothing]
        if parts:
            yield SERVER_WORK_MISSING.finding(file, f"{problem}: {_extent(parts)} ({address})", item=annotator)
    if losses.unplanned:
        problem = f"the plan has no task for work of {annotator} that was pulled"
        yield coverage.LAYER_UNASSIGNED.finding(
            file, f"{problem}: {_extent(losses.unplanned)} ({address})", item=annotator
        )
    if losses.redone:
        problem = "done again on the server, without labels that were pulled before"
        extent = _extent(losses.redone, is_redone=True)
        yield SERVER_WORK_REDONE.finding(file, f"{problem}: {extent} ({address})", item=annotator)


def find_label_types(absent: Collection[str], losses: Losses, *, file: str, address: str) -> Iterator[Finding]:
    """Yield a finding for each label type that is absent from the project, or whose labels were lost with it."""
    at_risk = losses.without_replacement
    for name in sorted({*absent, *(name for part in at_risk for name in part.lost_types)}):
        parts = [part.of_type(name) for part in at_risk if name in part.lost_types]
        message = f"the project has no label type {name!r}"
        if name not in absent:
            message = f"the label type {name!r} was renamed, or deleted and created again since the last pull"
        yield SERVER_LABEL_TYPE_MISSING.finding(file, f"{message}{_gone_with_type(parts)} ({address})", item=name)


def find_emptied_project(
    layers: Collection[AnnotationLayer], *, file: str, annotator: str, address: str, is_new: bool
) -> Iterator[Finding]:
    """Yield a finding on pulled layers whose tasks a push had to add again: the server had lost them."""
    if layers:
        problem = "the project was created again, empty" if is_new else "tasks were added again, empty"
        parts = [find_lost_work(layer, None) for layer in layers]
        message = f"{problem}; the server no longer had work that was pulled: {_extent(parts)} ({address})"
        yield SERVER_WORK_MISSING.finding(file, message, item=annotator)


def find_recreated_types(
    created: Collection[str],
    known: Collection[str],
    layers: Collection[AnnotationLayer],
    voice: str,
    *,
    file: str,
    address: str,
) -> Iterator[Finding]:
    """Yield a finding for each label type that a push had to create, although it was `known` or `layers` have it."""
    for name in sorted(created):
        lost = [
            find_lost_work(layer, None, lost_types=frozenset({name}), voice=voice).of_type(name) for layer in layers
        ]
        parts = [part for part in lost if not part.is_nothing]
        if parts or name in known:
            message = f"the project no longer had the label type {name!r}; it was created again"
            yield SERVER_LABEL_TYPE_MISSING.finding(file, f"{message}{_gone_with_type(parts)} ({address})", item=name)


def find_collisions(
    label_types: LabelTypes, layers: Iterable[AnnotationLayer], *, file: str, annotator: str, address: str
) -> Iterator[Finding]:
    """Yield a finding if a click on a label of the project can store another label, with the `layers` at risk."""
    if not label_types.collisions:
        return
    (span, relation), *others = label_types.collisions
    also = ", ".join(f"{span!r} and {relation!r}" for span, relation in others)
    pairs = f"span type {span!r} and relation type {relation!r} have the same id" + (f" (also: {also})" if also else "")
    articles = [layer.article_id for layer in layers if layer.spans or layer.stances]
    affected = f"; layers that may be affected: {len(articles)} ({_some(articles)})" if articles else ""
    message = f"{pairs}, so that a click on a label can store another{affected}"
    yield SERVER_LABEL_ID_COLLISION.finding(file, f"{message} ({address})", item=annotator)


def _gone_with_type(parts: Sequence[LostWork]) -> str:
    """Return the end of a message on labels that were lost together with their type; empty if there are none."""
    return f"; gone with it: {_extent(parts)}" if parts else ""


def _extent(parts: Sequence[LostWork], *, is_redone: bool = False) -> str:
    """Return what was lost, and from which layers: `71 ORG in 20 layers (...), which stay as last pulled`."""
    counts = sorted(sum_up(parts).items(), key=lambda item: (-item[1], item[0]))
    listed = ", ".join(f"{count:,} {_SINGULAR.get(name, name) if count == 1 else name}" for name, count in counts)
    stay, have = ("stays", "has") if len(parts) == 1 else ("stay", "have")
    articles = _some([part.article_id for part in parts])
    outcome = f"{have} the newer work" if is_redone else f"{stay} as last pulled"
    return f"{listed} in {quantity(len(parts), 'layer')} ({articles}), which {outcome}"


def _some(names: Sequence[str]) -> str:
    """Return the first three names, and the number of the others."""
    more = len(names) - _N_EXAMPLES
    return ", ".join(names[:_N_EXAMPLES]) + (f" and {more} more" if more > 0 else "")
