"""L4: gold is what its decisions say, and decisions are what the layers give under the stated method."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from goldwire.adjudication.methods import adjudicate
from goldwire.alignment.mentions import invalid_layer_reason
from goldwire.checks.check import check
from goldwire.checks.differences import Difference, differences
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Entry, Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.errors import ConfigError
from goldwire.quantities import quantity
from goldwire.records import Adjudication, AnnotationLayer, Decision, Finding

__all__ = ["contradicted_decisions"]

ADJUDICATION_MISSING = Rule(
    code="adjudication-missing",
    level=4,
    severity="warning",
    summary="the method by which gold was adjudicated is not stated",
    why="Nobody can adjudicate again and compare: gold may have been changed by hand.",
    fix="Run `goldwire adjudicate BATCH` again, which states its method.",
    example=(
        "annotations/gold/b01.adjudication.json b01: L4 coverage warning [adjudication-missing] batch b01 has gold, "
        "but no method of adjudication"
    ),
)
ADJUDICATION_INVALID = Rule(
    code="adjudication-invalid",
    level=4,
    severity="error",
    summary="the options of the stated method of adjudication contradict each other",
    why="Nobody can adjudicate again and compare: gold may have been changed by hand.",
    fix="Run `goldwire adjudicate BATCH` again, which states its method.",
    example=(
        "annotations/gold/b01.adjudication.json b01: L4 coverage error [adjudication-invalid] --method expert needs "
        "--expert, and only it does"
    ),
)
GOLD_CONTRADICTS_DECISION = Rule(
    code="gold-contradicts-decision",
    level=4,
    severity="error",
    summary="a label in gold is not the one that was decided",
    why="Somebody changed gold by hand: its votes and its provenance belong to another label.",
    fix="Run `goldwire adjudicate BATCH` again. A correction of gold is an expert's decision, with a reason.",
    example=(
        "annotations/gold/b01.jsonl:1 R2: L4 coverage error [gold-contradicts-decision] label is stored as "
        "'supports', expected 'opposes' (Tobin Marsk [252, 263) opposes Lamp Guild [0, 10))"
    ),
)
DECISION_STALE = Rule(
    code="decision-stale",
    level=4,
    severity="error",
    summary="a decision is not what the layers give under the stated method",
    why="The layers, the decisions or the stated method have changed since: votes and provenance are wrong.",
    fix="Run `goldwire adjudicate BATCH` again, and find out who changed the layers.",
    example=(
        "annotations/gold/b01.decisions.jsonl:2 herald-f00daee13d10: L4 coverage error [decision-stale] Harbour "
        "Board [15, 28) ORG: n_votes is stored as 2, expected 3"
    ),
)
GOLD_STALE = Rule(
    code="gold-stale",
    level=4,
    severity="error",
    summary="a gold layer is not what the layers give under the stated method",
    why="The layers or gold have changed since: the article may lack gold, or belong to other guidelines.",
    fix="Run `goldwire adjudicate BATCH` again.",
    example=(
        "annotations/gold/b01.jsonl:1 herald-f00daee13d10: L4 coverage error [gold-stale] guidelines_version is "
        "stored as '2.0', expected '1.0'"
    ),
)


@check(ADJUDICATION_MISSING, ADJUDICATION_INVALID, GOLD_CONTRADICTS_DECISION, DECISION_STALE, GOLD_STALE)
def contradicted_decisions(snapshot: Snapshot) -> Iterator[Finding]:
    """Adjudicate each batch again by its stated method, and yield a finding for whatever is stored otherwise."""
    batches = _batches(snapshot)
    for batch in sorted(batches):
        file = f"annotations/gold/{batch}.adjudication.json"
        adjudication = snapshot.adjudications.get(file)
        current: dict[str, _Adjudicated] | None = None
        if adjudication is None and file not in snapshot.files:
            yield ADJUDICATION_MISSING.finding(
                file, f"batch {batch} has gold, but no method of adjudication", item=batch
            )
        elif adjudication is not None and batches[batch].is_readable:
            try:
                current = _adjudicate(snapshot, batch, adjudication)
            except ConfigError as error:
                yield ADJUDICATION_INVALID.finding(file, error.message, item=batch)
        stale: set[str] = set()
        if current is not None:
            for finding, article in _stale_decisions(batches[batch], current):
                stale.add(article)
                yield finding
            yield from _stale_gold(batches[batch], current, stale)
        yield from _contradictions(batches[batch], stale)


_Item = tuple[Any, ...]
"""The item that a decision is about: kind, offsets, and for a stance the offsets of its ends and a named target."""


class _Batch(msgspec.Struct):
    """The stored gold layer and decisions of each article of a batch."""

    name: str
    gold: dict[str, Entry[AnnotationLayer]] = {}
    decisions: dict[str, list[Entry[Decision]]] = {}
    is_readable: bool = True  # whether all records are visible


class _Adjudicated(msgspec.Struct, frozen=True):
    """The gold layer and the decisions that the layers of an article give."""

    gold: AnnotationLayer
    decisions: tuple[Decision, ...]


def _batches(snapshot: Snapshot) -> dict[str, _Batch]:
    tables = (snapshot.layers, snapshot.articles, snapshot.gold, snapshot.decisions, snapshot.tasks)
    is_readable = all(table.is_complete for table in tables)
    batches: dict[str, _Batch] = {}
    for entry in snapshot.gold:
        name = batch_of(entry.file)
        batches.setdefault(name, _Batch(name, is_readable=is_readable)).gold[entry.record.article_id] = entry
    for decision in snapshot.decisions:
        name = batch_of(decision.file)
        batch = batches.setdefault(name, _Batch(name, is_readable=is_readable))
        batch.decisions.setdefault(decision.record.article_id, []).append(decision)
    return batches


def _adjudicate(snapshot: Snapshot, batch: str, adjudication: Adjudication) -> dict[str, _Adjudicated] | None:
    """Adjudicate the layers of a batch by a method; None if a layer does not fit its article."""
    articles = {entry.record.id: entry.record for entry in snapshot.articles}
    layers = [entry.record for entry in snapshot.layers if batch_of(entry.file) == batch]
    tasks = [entry.record for entry in snapshot.tasks if batch_of(entry.file) == batch]
    if any(invalid_layer_reason(layer, articles) for layer in layers):
        return None
    if adjudication.expert is not None and not any(layer.annotator == adjudication.expert for layer in layers):
        raise ConfigError(f"no layers of the stated expert {adjudication.expert!r}")
    return {
        article.gold.article_id: _Adjudicated(article.gold, article.decisions)
        for article in adjudicate(articles, layers, adjudication, tasks=tasks)
    }


def _stale_decisions(batch: _Batch, current: Mapping[str, _Adjudicated]) -> Iterator[tuple[Finding, str]]:
    """Yield a finding for each article of which a decision is stale, at the first such decision, and the article."""
    for article in sorted(batch.decisions.keys() | current.keys()):
        stored = batch.decisions.get(article, [])
        expected = current[article].decisions if article in current else ()
        gold = batch.gold.get(article)
        problems = list(_decision_problems(stored, expected, frozenset() if gold is None else _items(gold.record)))
        if not problems:
            continue
        entry, message = problems[0]
        message += f"; {quantity(len(problems) - 1, 'other decision')} on the article, too" if len(problems) > 1 else ""
        if entry is None:
            file = f"annotations/gold/{batch.name}.decisions.jsonl"
            yield DECISION_STALE.finding(file, message, item=article), article
        else:
            yield entry.finding(DECISION_STALE, article, message), article


def _decision_problems(
    stored: Sequence[Entry[Decision]], expected: Sequence[Decision], in_gold: frozenset[_Item]
) -> Iterator[tuple[Entry[Decision] | None, str]]:
    """Yield what is wrong with the decisions on an article; `in_gold` has the items that gold has labels for."""
    remaining: dict[tuple[Any, ...], list[Decision]] = defaultdict(list)
    for decision in expected:
        remaining[_identity(decision)].append(decision)
    for entry in stored:
        same_item = remaining.get(_identity(entry.record))
        if not same_item:
            yield entry, f"{entry.record.description}: the layers give no such decision"
            continue
        difference = _first_difference(entry.record, same_item.pop(0))
        if difference is not None:
            yield entry, f"{entry.record.description}: {difference}"
    for decisions in remaining.values():
        # `decision-missing` reports what is in gold without a decision; what is in neither has no other finding.
        missing = (d for d in decisions if d.gold_id is None or _identity(d) not in in_gold)
        yield from ((None, f"{d.description}: no decision is stored") for d in missing)


def _items(gold: AnnotationLayer) -> frozenset[_Item]:
    """Return the items that gold has labels for, as `_identity` does for those of decisions."""
    extents = {span.id: (span.start, span.end) for span in gold.spans}
    spans = {("span", start, end, None, None, None) for start, end in extents.values()}
    stances = {
        ("stance", None, None, extents.get(s.holder or ""), extents.get(s.target or ""), s.target_name)
        for s in gold.stances
    }
    return frozenset(spans | stances)


def _identity(decision: Decision) -> _Item:
    """Return the item that a decision is about."""
    return (decision.kind, decision.start, decision.end, decision.holder, decision.target, decision.target_name)


def _first_difference(stored: Decision, expected: Decision) -> Difference | None:
    # The ids of gold labels are compared with gold: `gold-label-missing`, `gold-contradicts-decision`.
    pair = (msgspec.to_builtins(msgspec.structs.replace(each, gold_id=None)) for each in (stored, expected))
    return next(differences(*pair), None)


def _stale_gold(batch: _Batch, current: Mapping[str, _Adjudicated], reported: set[str]) -> Iterator[Finding]:
    """Yield a finding for each article without the gold that it should have, or with another gold layer."""
    for article in sorted((batch.gold.keys() | current.keys()) - reported):
        entry = batch.gold.get(article)
        if entry is None:
            file = f"annotations/gold/{batch.name}.jsonl"
            yield GOLD_STALE.finding(file, "the layers give gold, but none is stored", item=article)
        elif article not in current:
            yield entry.finding(GOLD_STALE, article, "no confirmed layer gives gold")
        else:
            layers = (entry.record, current[article].gold)
            pair = (msgspec.to_builtins(msgspec.structs.replace(layer, spans=(), stances=())) for layer in layers)
            difference = next(differences(*pair), None)
            if difference is not None and difference.path != "confirmed":  # `gold-unconfirmed`
                yield entry.finding(GOLD_STALE, article, str(difference))


def _contradictions(batch: _Batch, stale: set[str]) -> Iterator[Finding]:
    """Yield a finding for each label in gold that differs from its decision, unless the decisions are stale."""
    for article, entry in sorted(batch.gold.items()):
        decisions = [stored.record for stored in batch.decisions.get(article, ()) if article not in stale]
        units = _units(entry.record)
        ids = defaultdict[Any, list[str]](list)
        for decision in decisions:
            if decision.gold_id in units:
                ids[decision.start, decision.end].append(decision.gold_id)
        for decision in decisions:
            unit = units.get(decision.gold_id or "")
            difference = None if unit is None else next(differences(unit, _decided_unit(decision, unit, ids)), None)
            if difference is not None:
                message = f"{difference} ({decision.description})"
                yield entry.finding(GOLD_CONTRADICTS_DECISION, decision.gold_id, message)


def _units(gold: AnnotationLayer) -> dict[str, dict[str, Any]]:
    """Return the fields of each label in gold, by its id."""
    fields: dict[str, dict[str, Any]] = {
        span.id: {"label": span.label, "start": span.start, "end": span.end} for span in gold.spans
    }
    for stance in gold.stances:
        ends = {"holder": stance.holder, "target": stance.target, "target_name": stance.target_name}
        fields[stance.id] = {"label": stance.stance, **ends}
    return fields


def _decided_unit(decision: Decision, unit: Mapping[str, Any], ids: Mapping[Any, list[str]]) -> dict[str, Any]:
    """Return the fields that the label should have in gold; `ids` are those of the spans decided on some offsets.

    Ends of stances are compared by id, so that a changed span is not reported again for each of its stances. An end of
    which gold lacks the span, or the decisions lack the decision, has a finding of its own.
    """
    fields: dict[str, Any] = {"label": decision.label}
    if decision.kind == "span":
        return fields | {"start": decision.start, "end": decision.end}
    for name, extent in (("holder", decision.holder), ("target", decision.target)):
        expected: list[str | None] = [None] if extent is None else [*ids.get(extent, ())]
        fields[name] = unit[name] if unit[name] in expected or not expected else expected[0]
    return fields | {"target_name": decision.target_name}
