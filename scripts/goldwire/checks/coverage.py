"""L4: every task answered by those it was asked of, and agreement above its floor."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from goldwire.checks.places import batch_of
from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding

__all__ = ["CHECKS"]


def confirmed(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each layer that its annotator has not ticked as done."""
    for entry in snapshot.layers:
        if not entry.record.confirmed:
            message = f"{entry.record.annotator} has not confirmed this article"
            yield Finding(
                code="layer-unconfirmed",
                file=entry.file,
                line=entry.line,
                where=entry.record.article_id,
                message=message,
            )


def answered(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each annotator of a task whose layer is not there, once the batch was pulled."""
    known = snapshot.layers.known()
    pulled = {batch_of(file) for file in snapshot.files if file.startswith("annotations/layers/")}
    for entry in snapshot.tasks if known is not None else ():
        batch = batch_of(entry.file)
        for annotator in entry.record.annotators if batch in pulled else ():
            if (batch, annotator, entry.record.article_id) not in (known or ()):
                message = f"{annotator} was asked about {entry.record.article_id}, no layer in batch {batch}"
                yield Finding(
                    code="layer-missing", file=entry.file, line=entry.line, where=entry.record.id, message=message
                )


def floors(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each agreement value below the floor that [tool.goldwire] sets."""
    for file, values in sorted(snapshot.agreement.items()):
        for value in values:
            floor = snapshot.floors.get(value.coefficient)
            if floor is not None and not isnan(value.value) and value.value < floor:
                message = f"{value.value:.3f} on {value.n_items} items, the floor is {floor:g}"
                yield Finding(
                    code="agreement-below-floor", file=file, line=None, where=value.coefficient, message=message
                )


CHECKS = (confirmed, answered, floors)
