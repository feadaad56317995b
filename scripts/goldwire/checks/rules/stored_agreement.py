"""L4: every stored figure of agreement is the one that the layers give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate, combinations
from typing import Any

import msgspec

from goldwire.checks.check import check
from goldwire.checks.differences import ABSENT, Difference, differences, display_value
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot, StoredAgreement
from goldwire.checks.workspace_files import batch_of
from goldwire.records import Agreement, Finding, has_vote
from goldwire.workspace.label_schema import Schema

__all__ = ["batches_with_gamma", "stale_agreement"]

_GAMMA_PAIRS = 500_000  # of spans, in all batches: about 5 s

AGREEMENT_STALE = Rule(
    code="agreement-stale",
    level=4,
    severity="error",
    summary="the stored agreement is not the agreement of the layers",
    why="The layers or the stored figures have changed since agreement was measured: what is published is wrong.",
    fix="Run `goldwire agree BATCH` again, and find out who changed the layers.",
    example=(
        "annotations/agreement/b01.json span_f1_exact: L4 coverage error [agreement-stale] is stored as 0.9900 "
        "(n = 75), the layers have 0.9583 (n = 75)"
    ),
)


@check(AGREEMENT_STALE)
def stale_agreement(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each batch of which any stored figure is not that of its layers, at the first such figure."""
    tables = (snapshot.layers, snapshot.tasks, snapshot.articles)
    if snapshot.schema is None or not all(table.is_complete for table in tables):
        return
    with_gamma = batches_with_gamma(snapshot)
    for file, stored in sorted(snapshot.agreement.items()):
        batch = batch_of(file)
        current = _measure(snapshot, snapshot.schema, batch, stored, gamma=batch in with_gamma)
        before = _by_name(stored.document, gamma=batch in with_gamma)
        found = [difference for difference in differences(before, current) if not _is_empty(difference)]
        if found:
            yield AGREEMENT_STALE.finding(file, _message(found, before, current), item=_item(found[0]))
        for annotator in _timed_strangers(snapshot, batch, stored):
            message = f"has minutes of {annotator}, who has no layer in the batch"
            yield AGREEMENT_STALE.finding(file, message, item=str(annotator))


def _timed_strangers(snapshot: Snapshot, batch: str, stored: StoredAgreement) -> list[object]:
    """Return who has working time in a batch without a layer; the time itself is known to the server alone."""
    annotators = {entry.record.annotator for entry in snapshot.layers if batch_of(entry.file) == batch}
    timed = [one.get("annotator") for one in stored.document.get("minutes", ()) if isinstance(one, dict)]
    return [name for name in timed if name not in annotators]


def batches_with_gamma(snapshot: Snapshot) -> frozenset[str]:
    """Return the batches whose gamma is computed again: all of them if `snapshot.is_deep`, else the smallest ones.

    Gamma takes as long as all other figures together, about 1 s for each 100,000 pairs of spans in one article.
    """
    batches = sorted(map(batch_of, snapshot.agreement))
    if snapshot.is_deep:
        return frozenset(batches)
    spans: dict[str, dict[str, list[int]]] = {batch: defaultdict(list) for batch in batches}
    for entry in snapshot.layers:
        layer, batch = entry.record, batch_of(entry.file)
        if batch in spans and layer.confirmed and has_vote(layer.annotator):
            spans[batch][layer.article_id].append(len(layer.spans))
    pairs = {batch: sum(a * b for sizes in spans[batch].values() for a, b in combinations(sizes, 2)) for batch in spans}
    ordered = sorted(batches, key=lambda batch: (pairs[batch], batch))
    totals = accumulate(pairs[batch] for batch in ordered)
    return frozenset(batch for batch, total in zip(ordered, totals, strict=True) if total <= _GAMMA_PAIRS)


def _measure(snapshot: Snapshot, schema: Schema, batch: str, stored: StoredAgreement, *, gamma: bool) -> dict[str, Any]:
    """Return the figures of the batch's layers, with the seed that is stored, as `_by_name` returns them."""
    # numpy and scipy take 0.2 s to import: they are needed only if agreement was measured.
    from goldwire.agreement.batch import measure_batch
    from goldwire.agreement.batch_context import batch_context

    layers = [e.record for e in snapshot.layers if batch_of(e.file) == batch and has_vote(e.record.annotator)]
    tasks = [entry.record for entry in snapshot.tasks if batch_of(entry.file) == batch]
    articles = {entry.record.id: entry.record for entry in snapshot.articles}
    gold = [entry.record for entry in snapshot.gold if batch_of(entry.file) == batch and _has_gold(stored)]
    suggested = {e.record.article_id: e.record for e in snapshot.prelabels if batch_of(e.file) == batch}
    context = batch_context(schema, articles, tasks, gold, gamma=gamma, suggested=suggested)
    seed = stored.document.get("seed")
    measured = measure_batch(batch, layers, context, seed=seed if isinstance(seed, int) and seed >= 0 else 0)
    return _by_name(msgspec.json.decode(msgspec.json.encode(measured)), gamma=gamma)


def _has_gold(stored: StoredAgreement) -> bool:
    """Whether annotators were compared with gold (`goldwire agree --gold`)."""
    reports = stored.document.get("annotator_reports")
    reports = [report for report in reports if isinstance(report, dict)] if isinstance(reports, list) else []
    compared = [report.get("with_gold") for report in reports]
    return any(isinstance(value, dict) and value.get("n_items") for value in compared)


def _by_name(document: dict[str, Any], *, gamma: bool) -> dict[str, Any]:
    """Return a document with its values by their names; without those of gamma unless these are compared."""
    values: dict[str, Any] = {}
    for raw in document["values"]:
        name = msgspec.convert(_without_nan(raw), Agreement).name
        if gamma or not raw["coefficient"].startswith("gamma"):
            values[name if name not in values else f"{name} (again)"] = raw
    # Nothing says how long annotators took but the machine that pulled.
    return {key: part for key, part in document.items() if key != "minutes"} | {"values": values}


def _without_nan(value: dict[str, Any]) -> dict[str, Any]:
    """Return the value with 0 in place of an undefined figure, which JSON has as null."""
    return value | {name: 0.0 for name in ("value", "low", "high") if value.get(name) is None}


def _is_empty(difference: Difference) -> bool:
    """Whether one document lacks a value that is undefined in the other: a label of the schema that no layer has."""
    pair = (difference.stored, difference.current)
    return ABSENT in pair and any(isinstance(value, dict) and value.get("value") is None for value in pair)


def _item(difference: Difference) -> str:
    """Return the name of the value that differs, or the path of another figure."""
    part = difference.path.removeprefix("values.")
    name, _, field = part.rpartition(".")
    return name if name != "" and part != difference.path and field in Agreement.__struct_fields__ else part


def _message(found: Sequence[Difference], stored: dict[str, Any], current: dict[str, Any]) -> str:
    name = _item(found[0])
    before, now = stored["values"].get(name, ABSENT), current["values"].get(name, ABSENT)
    others = len({_item(difference) for difference in found}) - 1
    more = f"; {others} other figures differ too" if others else ""
    if not found[0].path.startswith("values."):
        return f"is stored as {display_value(found[0].stored)}, the layers give {display_value(found[0].current)}{more}"
    if ABSENT in (before, now):
        return f"is stored, the layers do not give it{more}" if now is ABSENT else f"is missing{more}"
    if all(before[key] == now[key] for key in ("value", "n_items")):
        field = found[0].path.rpartition(".")[2]
        stored_field, current_field = display_value(found[0].stored), display_value(found[0].current)
        return f"has {field} {stored_field}, the layers give {current_field}{more}"
    return (
        f"is stored as {display_value(before['value'])} (n = {before['n_items']}), "
        f"the layers have {display_value(now['value'])} (n = {now['n_items']}){more}"
    )
