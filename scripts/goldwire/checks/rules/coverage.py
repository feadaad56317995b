"""L4: every task answered by those it was asked of, under the same rules."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.records import Finding, is_expert

__all__ = ["CHECKS"]


def confirmed(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each layer that its annotator has not ticked as done."""
    for entry in snapshot.layers:
        if not entry.record.confirmed:
            message = f"{entry.record.annotator} has not confirmed this article"
            yield entry.finding("layer-unconfirmed", entry.record.article_id, message)


def answered(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each annotator of a task whose layer is not there, once the batch was pulled."""
    known = snapshot.layers.known()
    # An annotator with a layer that is hidden: it may be the very one.
    unsure = {key[:2] for key in snapshot.layers.hidden}
    pulled = {batch_of(file) for file in snapshot.files if file.startswith("annotations/layers/")}
    told: set[tuple[str, str, str]] = set()  # an article may have many tasks
    for entry in snapshot.tasks if known is not None else ():
        batch = batch_of(entry.file)
        for annotator in entry.record.annotators if batch in pulled else ():
            key = (batch, annotator, entry.record.article_id)
            if (batch, annotator) in unsure or key in told:
                continue
            if key not in (known or ()):
                told.add(key)
                message = f"{annotator} was asked about {entry.record.article_id} and has no layer of it"
                yield entry.finding("layer-missing", entry.record.id, message)


def asked(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each layer that nobody was asked for, and for tasks asked of fewer than others."""
    plan: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in snapshot.tasks:
        plan[batch_of(entry.file), entry.record.article_id].update(entry.record.annotators)
    if snapshot.tasks.whole:
        for layer in snapshot.layers:
            batch, annotator, article = layer.key
            if annotator not in plan.get((batch, article), ()) and not is_expert(annotator):
                yield layer.finding("layer-unasked", article, f"no task of batch {batch} asks {annotator} about it")
    yield from _uneven(snapshot, plan)


def _uneven(snapshot: Snapshot, plan: Mapping[tuple[str, str], set[str]]) -> Iterator[Finding]:
    """Yield a finding for each task that fewer or more annotators see than others, but for calibration."""
    everybody = {(batch_of(e.file), e.record.article_id) for e in snapshot.tasks if e.record.calibration}
    counted: dict[str, Counter[int]] = defaultdict(Counter)
    for (batch, article), names in plan.items():
        if (batch, article) not in everybody:
            counted[batch][len(names)] += 1
    usual = {batch: counts.most_common(1)[0][0] for batch, counts in counted.items()}
    for entry in snapshot.tasks:
        batch = batch_of(entry.file)
        count = len(plan[batch, entry.record.article_id])
        if (batch, entry.record.article_id) not in everybody and count != usual[batch]:
            message = f"asked of {count} annotators, other articles of the batch of {usual[batch]}"
            yield entry.finding("overlap-uneven", entry.record.id, message)


def versions(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding at the first layer of a batch that was made under other guidelines or another schema."""
    for field, code in (("guidelines_version", "guidelines-mixed"), ("schema_version", "schema-mixed")):
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for entry in snapshot.layers:
            counts[batch_of(entry.file)][getattr(entry.record, field)] += 1
        told: set[tuple[str, str]] = set()
        for entry in snapshot.layers:
            batch, version = batch_of(entry.file), getattr(entry.record, field)
            usual = min((-count, named) for named, count in counts[batch].items())[1]
            if version != usual and (batch, version) not in told:
                told.add((batch, version))
                said = ", ".join(f"{v!r} {n} times" for v, n in sorted(counts[batch].items()))
                yield entry.finding(code, entry.record.article_id, f"{field} in batch {batch}: {said}")


CHECKS = (confirmed, answered, asked, versions)
