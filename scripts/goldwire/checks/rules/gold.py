"""L4: gold rests on the annotators' layers, and every unit of it on a decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.records import AnnotationLayer, Finding

__all__ = ["CHECKS"]


def rests_on_layers(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each gold layer that is not final, and each span of it that nobody marked."""
    layers: dict[tuple[str, str], list[AnnotationLayer]] = defaultdict(list)
    for layer in snapshot.layers:
        layers[batch_of(layer.file), layer.record.article_id].append(layer.record)
    for entry in snapshot.gold:
        gold = entry.record
        if not gold.confirmed:
            yield entry.finding("gold-unconfirmed", gold.article_id, "confirmed is false")
        said = layers.get((batch_of(entry.file), gold.article_id))
        for span in gold.spans if said and snapshot.layers.whole else ():
            marked = any(one.start < span.end and span.start < one.end for layer in said or () for one in layer.spans)
            if not marked:
                message = f"{span.text!r} is marked by none of {len(said or ())} annotators"
                yield entry.finding("gold-unsupported", span.id, message)


def decisions(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each unit that is unsettled, or is decided but not in gold, or the other way round."""
    units = {(batch_of(entry.file), entry.record.article_id): _units(entry.record) for entry in snapshot.gold}
    decided: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    lost: set[tuple[str, str]] = set()
    for entry in snapshot.decisions:
        made = entry.record
        key = (batch_of(entry.file), made.article_id)
        decided[key].add(made.unit)
        if not made.settled:
            message = f"{made.what}: {made.votes} of {made.of} annotators, {made.reason}"
            yield entry.finding("gold-unsettled", made.article_id, message)
        elif made.unit is not None and made.unit not in units.get(key, {made.unit}):
            lost.add(key)
            yield entry.finding("gold-unit-missing", made.unit, f"{made.what} was settled, and is not in gold")
    known = decided.keys() - lost
    for gold in snapshot.gold if snapshot.decisions.whole else ():
        key = (batch_of(gold.file), gold.record.article_id)
        for unit in units[key] if key in known else ():
            if unit not in decided[key]:
                yield gold.finding("gold-undecided", unit, "no decision says how it came into gold")


def _units(gold: AnnotationLayer) -> list[str]:
    return [*(span.id for span in gold.spans), *(stance.id for stance in gold.stances)]


def adjudicated(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each batch that was answered in full and has articles without gold."""
    answers = {e.key: e.record.confirmed for e in snapshot.layers}
    have = snapshot.gold.known()
    lacking: dict[str, list[str]] = defaultdict(list)
    whole: dict[str, bool] = defaultdict(lambda: True)
    for entry in snapshot.tasks:
        batch, article = batch_of(entry.file), entry.record.article_id
        whole[entry.file] &= all(answers.get((batch, name, article), False) for name in entry.record.annotators)
        if have is not None and article not in have:
            lacking[entry.file].append(article)
    for file, articles in sorted(lacking.items()):
        if whole[file]:
            message = f"all answers are in, {len(articles)} articles have no gold, the first is {articles[0]}"
            yield Finding(code="gold-missing", file=file, line=None, item=batch_of(file), message=message)


CHECKS = (rests_on_layers, decisions, adjudicated)
