"""L2: stances join spans that are there, of labels that may be joined, once."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.checks.snapshot import Snapshot
from goldwire.records import AnnotationLayer, Finding, StanceLabel
from goldwire.workspace.label_schema import Schema

__all__ = ["CHECKS"]


def joins(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each stance whose ends are not there, are one, or are of a label that the schema forbids."""
    for table in (snapshot.layers, snapshot.gold):
        for entry in table:
            labels = {span.id: span.label for span in entry.record.spans} if entry.record.stances else {}
            for stance in entry.record.stances:
                for code, message in _ends(stance, labels, snapshot.schema):
                    yield entry.finding(code, stance.id, message)


def _ends(stance: StanceLabel, labels: dict[str, str], schema: Schema | None) -> Iterator[tuple[str, str]]:
    allowed = {} if schema is None else {"holder": schema.holders, "target": schema.targets}
    for role in ("holder", "target"):
        id = getattr(stance, role)
        if id is None:
            continue
        if id not in labels:
            yield "stance-dangling", f"no span {id!r}, its {role}"
        elif allowed.get(role) and labels[id] not in allowed[role]:
            message = f"{id} is {labels[id]}; a {role} has to be {' or '.join(allowed[role])}"
            yield "stance-type-forbidden", message
    if stance.holder is not None and stance.holder == stance.target:
        yield "stance-to-itself", f"holder and target are both {stance.holder}"


def repeats(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each stance of a holder to a target that the layer has another stance for."""
    for table in (snapshot.layers, snapshot.gold):
        for entry in table:
            yield from (entry.finding(*fault) for fault in _repeated(entry.record))


def _repeated(layer: AnnotationLayer) -> Iterator[tuple[str, str, str]]:
    first: dict[tuple[str | None, str | None, str | None], StanceLabel] = {}
    for stance in layer.stances:
        other = first.setdefault((stance.holder, stance.target, stance.target_name), stance)
        if other is not stance:
            pair = f"{stance.holder or 'the article'} to {stance.target or repr(stance.target_name)}"
            if other.stance == stance.stance:
                yield "stance-repeated", stance.id, f"{pair} is {stance.stance} as {other.id} already"
            else:
                yield (
                    "stance-contradicts",
                    stance.id,
                    f"{pair} is {stance.stance} here and {other.stance} as {other.id}",
                )


CHECKS = (joins, repeats)
