"""L2: stances join spans that exist and that the schema allows, once per pair and annotator."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot
from goldwire.records import AnnotationLayer, Finding, SpanLabel, StanceLabel
from goldwire.workspace.label_schema import Schema

__all__ = ["contradicting_stances", "dangling_stances"]

STANCE_DANGLING = Rule(
    code="stance-dangling",
    level=2,
    severity="error",
    summary="a stance refers to a span that does not exist",
    why="Its holder or its target is lost.",
    fix="Draw the stance again in Doccano and run `goldwire pull`, or remove it.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 R3: L2 span error [stance-dangling] its target 'T9' is not a span of "
        "this layer"
    ),
)
STANCE_TYPE_FORBIDDEN = Rule(
    code="stance-type-forbidden",
    level=2,
    severity="error",
    summary="the schema does not allow spans with this label as holder or as target of a stance",
    why="The guidelines define who can hold a stance and towards what; this label is wrong, or the stance is.",
    fix="Correct the label or the stance in Doccano and run `goldwire pull`, or extend `holders` or `targets` in "
    "annotations/schema.toml.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 R1: L2 span error [stance-type-forbidden] its holder T3 is labelled "
        "ORG; allowed: PER"
    ),
)
STANCE_TO_ITSELF = Rule(
    code="stance-to-itself",
    level=2,
    severity="error",
    summary="a span is both holder and target of a stance",
    why="Nobody has a stance towards their own mention; the annotator clicked the wrong span.",
    fix="Draw the stance again in Doccano and run `goldwire pull`.",
    example="annotations/layers/b01/A1.jsonl:1 R3: L2 span error [stance-to-itself] T6 is both holder and target",
)


@check(STANCE_DANGLING, STANCE_TYPE_FORBIDDEN, STANCE_TO_ITSELF)
def dangling_stances(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each stance whose holder or target is missing, forbidden, or the same span."""
    for table in (snapshot.layers, snapshot.gold, snapshot.prelabels):
        for entry in table:
            spans = {span.id: span for span in entry.record.spans} if entry.record.stances else {}
            for stance in entry.record.stances:
                for rule, message in _end_problems(stance, spans, snapshot.schema):
                    yield entry.finding(rule, stance.id, message)


def _end_problems(
    stance: StanceLabel, spans: dict[str, SpanLabel], schema: Schema | None
) -> Iterator[tuple[Rule, str]]:
    allowed = {} if schema is None else {"holder": schema.holders, "target": schema.targets}
    for role, id in (("holder", stance.holder), ("target", stance.target)):
        if id is None:
            continue
        if id not in spans:
            yield STANCE_DANGLING, f"its {role} {id!r} is not a span of this layer"
        elif allowed.get(role) and spans[id].label not in allowed[role]:
            labels = " or ".join(allowed[role])
            yield STANCE_TYPE_FORBIDDEN, f"its {role} {id} is labelled {spans[id].label}; allowed: {labels}"
    if stance.holder is not None and stance.holder == stance.target:
        yield STANCE_TO_ITSELF, f"{stance.holder} is both holder and target"


STANCE_CONTRADICTS = Rule(
    code="stance-contradicts",
    level=2,
    severity="error",
    summary="one annotator gave two different stances for the same holder and target",
    why="Neither of them can be counted.",
    fix="Keep the right one in Doccano and run `goldwire pull`.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 R3: L2 span error [stance-contradicts] T6 to T1: opposes, but R2 is neutral"
    ),
)
STANCE_REPEATED = Rule(
    code="stance-repeated",
    level=2,
    severity="error",
    summary="one annotator drew the same stance twice",
    why="It counts twice in every statistic.",
    fix="Delete one of them in Doccano and run `goldwire pull`, or remove it.",
    example="annotations/layers/b01/A1.jsonl:1 R3: L2 span error [stance-repeated] T6 to T1: R2 is also neutral",
)


@check(STANCE_CONTRADICTS, STANCE_REPEATED)
def contradicting_stances(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each stance whose holder and target have an earlier stance in the same layer."""
    for table in (snapshot.layers, snapshot.gold):
        for entry in table:
            for rule, item, message in _repeated_stances(entry.record):
                yield entry.finding(rule, item, message)


def _repeated_stances(layer: AnnotationLayer) -> Iterator[tuple[Rule, str, str]]:
    first: dict[tuple[str | None, str | None, str | None], StanceLabel] = {}
    for stance in layer.stances:
        earlier = first.setdefault((stance.holder, stance.target, stance.target_name), stance)
        if earlier is stance:
            continue
        pair = f"{stance.holder or 'the article'} to {stance.target or repr(stance.target_name)}"
        if earlier.stance == stance.stance:
            yield STANCE_REPEATED, stance.id, f"{pair}: {earlier.id} is also {stance.stance}"
        else:
            yield STANCE_CONTRADICTS, stance.id, f"{pair}: {stance.stance}, but {earlier.id} is {earlier.stance}"
