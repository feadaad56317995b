"""L4: every task is answered by its annotators under one version of the rules, and gold is based on their layers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer, Finding, has_vote, is_machine

__all__ = [
    "mixed_versions",
    "unadjudicated_batches",
    "unanswered_tasks",
    "unassigned_layers",
    "unconfirmed_layers",
    "undocumented_gold",
    "uneven_overlap",
    "unsupported_gold",
]

LAYER_UNCONFIRMED = Rule(
    code="layer-unconfirmed",
    level=4,
    severity="warning",
    summary="an annotator has not ticked an article as done",
    why="An article without labels and an unread article look the same until it is ticked done.",
    fix="Ask the annotator to finish and tick it in Doccano, then run `goldwire pull`.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 herald-f00daee13d10: L4 coverage warning [layer-unconfirmed] A1 has "
        "not ticked this article as done"
    ),
)


@check(LAYER_UNCONFIRMED)
def unconfirmed_layers(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each layer that its annotator has not ticked as done."""
    for entry in snapshot.layers:
        if not entry.record.confirmed:
            message = f"{entry.record.annotator} has not ticked this article as done"
            yield entry.finding(LAYER_UNCONFIRMED, entry.record.article_id, message)


LAYER_MISSING = Rule(
    code="layer-missing",
    level=4,
    severity="warning",
    summary="an annotator has no layer of an assigned article",
    why="The article has fewer answers than planned, so that its gold is based on less.",
    fix="Run `goldwire pull` again; if the layer is still missing, ask the annotator.",
    example=(
        "annotations/tasks/b01.jsonl:3 b01-0003: L4 coverage warning [layer-missing] assigned to A1, who has no "
        "layer of herald-f00daee13d10"
    ),
)


@check(LAYER_MISSING)
def unanswered_tasks(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each annotator of a task who has no layer of its article, in batches that were pulled."""
    known = snapshot.layers.keys()
    if known is None:
        return
    # A hidden layer of an annotator may be the one that seems to be missing.
    uncertain = {key[:2] for key in snapshot.layers.hidden_keys}
    layers = (file for file in snapshot.files if file.startswith("annotations/layers/"))
    pulled = {batch_of(file) for file in layers if has_vote(PurePosixPath(file).stem)}
    reported: set[tuple[str, str, str]] = set()  # an article may have many tasks
    for entry in snapshot.tasks:
        batch, article = batch_of(entry.file), entry.record.article_id
        for annotator in entry.record.annotators if batch in pulled else ():
            key = (batch, annotator, article)
            if key not in known and key not in reported and (batch, annotator) not in uncertain:
                reported.add(key)
                message = f"assigned to {annotator}, who has no layer of {article}"
                yield entry.finding(LAYER_MISSING, entry.record.id, message)


LAYER_UNASSIGNED = Rule(
    code="layer-unassigned",
    level=4,
    severity="error",
    summary="no task assigns the article of a layer to its annotator",
    why="The layer was not planned, so that the overlap is not the planned one; or its path is wrong.",
    fix=(
        "Remove the layer, move it to its batch or annotator, or plan the task. `goldwire pull` keeps such a layer, "
        "unless it is called with --accept-loss."
    ),
    example=(
        "annotations/layers/b01/A4.jsonl:1 herald-f00daee13d10: L4 coverage error [layer-unassigned] no task of "
        "batch b01 assigns it to A4"
    ),
)


@check(LAYER_UNASSIGNED)
def unassigned_layers(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each annotator's layer that no task asks for."""
    if not snapshot.tasks.is_complete:
        return
    assigned = _assigned_annotators(snapshot)
    for layer in snapshot.layers:
        batch, annotator, article = layer.key
        if annotator not in assigned.get((batch, article), ()) and has_vote(annotator):
            message = f"no task of batch {batch} assigns it to {annotator}"
            yield layer.finding(LAYER_UNASSIGNED, article, message)


def _assigned_annotators(snapshot: Snapshot) -> dict[tuple[str, str], set[str]]:
    """Return the annotators of each batch and article."""
    assigned: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in snapshot.tasks:
        assigned[batch_of(entry.file), entry.record.article_id].update(entry.record.annotators)
    return dict(assigned)


OVERLAP_UNEVEN = Rule(
    code="overlap-uneven",
    level=4,
    severity="warning",
    summary="articles of one batch are assigned to different numbers of annotators",
    why="The gold of some articles is based on fewer votes than that of others.",
    fix="Plan the batch again with one overlap, or make it two batches.",
    example=(
        "annotations/tasks/b02.jsonl:2 b02-0002: L4 coverage warning [overlap-uneven] assigned to 1 annotator, "
        "other articles of the batch to 2"
    ),
)


@check(OVERLAP_UNEVEN)
def uneven_overlap(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each task with more or fewer annotators than usual in its batch, unless it is for all."""
    tasks_for_all = (entry for entry in snapshot.tasks if entry.record.calibration or entry.record.gold_check)
    for_all = {(batch_of(entry.file), entry.record.article_id) for entry in tasks_for_all}
    assigned = _assigned_annotators(snapshot)
    sizes: dict[str, Counter[int]] = defaultdict(Counter)
    for key, annotators in assigned.items():
        if key not in for_all:
            sizes[key[0]][len(annotators)] += 1
    usual = {batch: counts.most_common(1)[0][0] for batch, counts in sizes.items()}
    for entry in snapshot.tasks:
        key = (batch_of(entry.file), entry.record.article_id)
        if key not in for_all and len(assigned[key]) != usual[key[0]]:
            message = (
                f"assigned to {quantity(len(assigned[key]), 'annotator')}, other articles of the batch to "
                f"{usual[key[0]]}"
            )
            yield entry.finding(OVERLAP_UNEVEN, entry.record.id, message)


GUIDELINES_MIXED = Rule(
    code="guidelines-mixed",
    level=4,
    severity="warning",
    summary="one batch was annotated with two versions of the guidelines",
    why="Annotators differ where the versions differ, although they did nothing wrong.",
    fix="Have the older layers reviewed with the newer guidelines, or move them to a batch of their own.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 herald-f00daee13d10: L4 coverage warning [guidelines-mixed] "
        "guidelines_version of the layers of batch b01: '0.9' in 1, '1.0' in 8"
    ),
)
SCHEMA_MIXED = Rule(
    code="schema-mixed",
    level=4,
    severity="warning",
    summary="one batch was annotated with two versions of the schema",
    why="Some annotators could not choose a label that others used.",
    fix="Have the older layers reviewed with the newer schema, or move them to a batch of their own.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 herald-f00daee13d10: L4 coverage warning [schema-mixed] "
        "schema_version of the layers of batch b01: '0.9' in 1, '1.0' in 8"
    ),
)


@check(GUIDELINES_MIXED, SCHEMA_MIXED)
def mixed_versions(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding at the first layer of a batch with another version than most of its layers have."""
    for field, rule in (("guidelines_version", GUIDELINES_MIXED), ("schema_version", SCHEMA_MIXED)):
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for entry in snapshot.layers:
            counts[batch_of(entry.file)][getattr(entry.record, field)] += 1
        reported: set[tuple[str, str]] = set()
        for entry in snapshot.layers:
            batch, version = batch_of(entry.file), getattr(entry.record, field)
            usual = min(counts[batch], key=lambda name: (-counts[batch][name], name))
            if version != usual and (batch, version) not in reported:
                reported.add((batch, version))
                versions = ", ".join(f"{name!r} in {count}" for name, count in sorted(counts[batch].items()))
                message = f"{field} of the layers of batch {batch}: {versions}"
                yield entry.finding(rule, entry.record.article_id, message)


GOLD_UNCONFIRMED = Rule(
    code="gold-unconfirmed",
    level=4,
    severity="error",
    summary="a gold layer is not confirmed",
    why="Gold is final; an unconfirmed layer is not.",
    fix="Run `goldwire adjudicate BATCH` again.",
    example="annotations/gold/b01.jsonl:1 herald-f00daee13d10: L4 coverage error [gold-unconfirmed] confirmed is false",
)
GOLD_UNSUPPORTED = Rule(
    code="gold-unsupported",
    level=4,
    severity="warning",
    summary="gold has a span that no annotator marked",
    why="It was added by hand, and nothing documents why.",
    fix="Remove the span, or document the decision.",
    example=(
        "annotations/gold/b01.jsonl:1 T9: L4 coverage warning [gold-unsupported] none of 3 annotators marked 'which'"
    ),
)


@check(GOLD_UNCONFIRMED, GOLD_UNSUPPORTED)
def unsupported_gold(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each gold layer that is not confirmed, and for each gold span that nobody marked."""
    layers: dict[tuple[str, str], list[AnnotationLayer]] = defaultdict(list)
    for layer in snapshot.layers:
        if not is_machine(layer.record.annotator):
            layers[batch_of(layer.file), layer.record.article_id].append(layer.record)
    for entry in snapshot.gold:
        gold = entry.record
        if not gold.confirmed:
            yield entry.finding(GOLD_UNCONFIRMED, gold.article_id, "confirmed is false")
        answers = layers.get((batch_of(entry.file), gold.article_id), [])
        for span in gold.spans if answers and snapshot.layers.is_complete else ():
            marks = (mark for layer in answers for mark in layer.spans)
            if not any(mark.start < span.end and span.start < mark.end for mark in marks):
                message = f"none of {quantity(len(answers), 'annotator')} marked {span.text!r}"
                yield entry.finding(GOLD_UNSUPPORTED, span.id, message)


GOLD_UNRESOLVED = Rule(
    code="gold-unresolved",
    level=4,
    severity="warning",
    summary="annotators disagree about a label, and it is not decided",
    why="The label is missing from gold, so that the dataset lacks the hardest cases.",
    fix="Decide by hand or with `goldwire adjudicate push`, or accept the loss with a waiver.",
    example=(
        "annotations/gold/b01.decisions.jsonl:37 herald-f00daee13d10: L4 coverage warning [gold-unresolved] "
        "Carts [51, 56) ORG: 1 of 3 annotators, existence"
    ),
)
GOLD_LABEL_MISSING = Rule(
    code="gold-label-missing",
    level=4,
    severity="error",
    summary="a label that was decided is not in gold",
    why="Somebody removed it by hand, or gold and decisions are from different runs.",
    fix="Run `goldwire adjudicate BATCH` again.",
    example=(
        "annotations/gold/b01.decisions.jsonl:1 T11: L4 coverage error [gold-label-missing] Lamp Guild [0, 10) "
        "ORG was decided, but is not in gold"
    ),
)
DECISION_MISSING = Rule(
    code="decision-missing",
    level=4,
    severity="warning",
    summary="a label in gold has no decision",
    why="Nothing documents who voted for it.",
    fix="Run `goldwire adjudicate BATCH` again, or document the decision.",
    example=(
        "annotations/gold/b01.jsonl:1 T1: L4 coverage warning [decision-missing] no decision explains why it is in gold"
    ),
)


@check(GOLD_UNRESOLVED, GOLD_LABEL_MISSING, DECISION_MISSING)
def undocumented_gold(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each open decision, each decided label that gold lacks, and each one without a decision."""
    gold_ids = {(batch_of(entry.file), entry.record.article_id): _ids(entry.record) for entry in snapshot.gold}
    decided: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    inconsistent: set[tuple[str, str]] = set()
    for entry in snapshot.decisions:
        decision = entry.record
        key = (batch_of(entry.file), decision.article_id)
        decided[key].add(decision.gold_id)
        if not decision.is_resolved:
            message = (
                f"{decision.description}: {decision.n_votes} of {quantity(decision.n_voters, 'annotator')}, "
                f"{decision.dispute}"
            )
            yield entry.finding(GOLD_UNRESOLVED, decision.article_id, message)
        elif decision.gold_id is not None and decision.gold_id not in gold_ids.get(key, {decision.gold_id}):
            inconsistent.add(key)
            message = f"{decision.description} was decided, but is not in gold"
            yield entry.finding(GOLD_LABEL_MISSING, decision.gold_id, message)
    comparable = decided.keys() - inconsistent
    for gold in snapshot.gold if snapshot.decisions.is_complete else ():
        key = (batch_of(gold.file), gold.record.article_id)
        for id in gold_ids[key] if key in comparable else ():
            if id not in decided[key]:
                yield gold.finding(DECISION_MISSING, id, "no decision explains why it is in gold")


def _ids(gold: AnnotationLayer) -> list[str]:
    return [*(span.id for span in gold.spans), *(stance.id for stance in gold.stances)]


GOLD_MISSING = Rule(
    code="gold-missing",
    level=4,
    severity="warning",
    summary="a batch is completely annotated, but not adjudicated",
    why="Finished work is missing from the dataset.",
    fix="Run `goldwire adjudicate BATCH`.",
    example=(
        "annotations/tasks/b02.jsonl b02: L4 coverage warning [gold-missing] all tasks are done; 1 article has "
        "no gold, the first is wire-68382fc9fbf0"
    ),
)


@check(GOLD_MISSING)
def unadjudicated_batches(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each batch whose tasks are all answered and that has articles without gold."""
    gold = snapshot.gold.keys()
    if gold is None:
        return
    confirmed = {entry.key for entry in snapshot.layers if entry.record.confirmed}
    without_gold: dict[str, list[str]] = defaultdict(list)
    unfinished: set[str] = set()
    for entry in snapshot.tasks:
        batch, article = batch_of(entry.file), entry.record.article_id
        if not all((batch, annotator, article) in confirmed for annotator in entry.record.annotators):
            unfinished.add(entry.file)
        if article not in gold:
            without_gold[entry.file].append(article)
    for file, articles in sorted(without_gold.items()):
        if file not in unfinished:
            message = (
                f"all tasks are done; {quantity(len(articles), 'article has', 'articles have')} no gold, the "
                f"first is {articles[0]}"
            )
            yield GOLD_MISSING.finding(file, message, item=batch_of(file))
