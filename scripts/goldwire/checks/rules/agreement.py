"""L4: annotators agree well enough, none is an outlier, and every label is used and sometimes disputed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from math import isnan
from statistics import fmean

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.quantities import quantity
from goldwire.records import Finding, has_vote, is_machine

__all__ = [
    "insufficient_agreement",
    "outlying_annotators",
    "undisputed_labels",
    "unmeasured_batches",
    "unused_labels",
]

SpansByArticle = dict[str, set[tuple[int, int, str]]]
"""Article -> the spans that one annotator marked in it."""

_OUTLIER_GAP = 0.25  # F1: two annotators of news who follow the same guidelines differ by about 0.1
_MIN_MENTIONS = 20  # of a label: agreement on fewer mentions can be chance

AGREEMENT_MISSING = Rule(
    code="agreement-missing",
    level=4,
    severity="warning",
    summary="a batch has gold, but its agreement was not measured",
    why="The reliability of the gold is unknown.",
    fix="Run `goldwire agree BATCH`.",
    example=(
        "annotations/agreement/b01.json b01: L4 coverage warning [agreement-missing] batch b01 has gold, but its "
        "agreement was not measured"
    ),
)


@check(AGREEMENT_MISSING)
def unmeasured_batches(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each batch with gold whose agreement was not measured."""
    gold = {batch_of(entry.file) for entry in snapshot.gold}
    planned = {batch_of(entry.file) for entry in snapshot.tasks}
    shared = {batch_of(entry.file) for entry in snapshot.tasks if len(entry.record.annotators) > 1}
    # Agreement exists only if some task has two annotators.
    for batch in sorted(gold - (planned - shared)):
        file = f"annotations/agreement/{batch}.json"
        if file not in snapshot.files:
            message = f"batch {batch} has gold, but its agreement was not measured"
            yield AGREEMENT_MISSING.finding(file, message, item=batch)


AGREEMENT_BELOW_FLOOR = Rule(
    code="agreement-below-floor",
    level=4,
    severity="error",
    summary="agreement is below the minimum that the workspace sets",
    why="Below it, gold depends mostly on which annotators were assigned.",
    fix="Find the disagreements in the agreement report, clarify the guidelines, and annotate again.",
    example=(
        "annotations/agreement/b01.json span_f1_exact: L4 coverage error [agreement-below-floor] is 0.958 (n = "
        "75), the minimum is 0.999"
    ),
)
AGREEMENT_UNMEASURED = Rule(
    code="agreement-unmeasured",
    level=4,
    severity="warning",
    summary="a coefficient with a minimum has no value",
    why="The minimum has no effect.",
    fix="Run `goldwire agree BATCH`, or correct the name of the coefficient in [tool.goldwire.floors].",
    example=(
        "annotations/agreement/b01.json span_f1_exakt: L4 coverage warning [agreement-unmeasured] has the "
        "minimum 0.5, but no value"
    ),
)


@check(AGREEMENT_BELOW_FLOOR, AGREEMENT_UNMEASURED)
def insufficient_agreement(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each coefficient below its minimum in [tool.goldwire.floors], or without a value."""
    target_batches = snapshot.target_batches
    not_of_stances = {v.name for stored in snapshot.agreement.values() for v in stored.values if v.unit != "stance"}
    for file, stored in sorted(snapshot.agreement.items()):
        by_name = {value.name: value for value in stored.values}
        for name, floor in sorted(snapshot.floors.items()):
            if batch_of(file) in target_batches and name in not_of_stances:
                continue  # the batch has no spans
            value = by_name.get(name)
            if value is None or isnan(value.value):
                message = f"has the minimum {floor:g}, but no value"
                yield AGREEMENT_UNMEASURED.finding(file, message, item=name)
            elif value.value < floor:
                message = f"is {value.value:.3f} (n = {value.n_items}), the minimum is {floor:g}"
                yield AGREEMENT_BELOW_FLOOR.finding(file, message, item=name)


ANNOTATOR_OUTLIER = Rule(
    code="annotator-outlier",
    level=4,
    severity="warning",
    summary="one annotator agrees with the others much less than they agree with each other",
    why="The annotator understood the guidelines differently or worked in haste; majority votes hide this.",
    fix="Discuss the disagreements in the agreement report with the annotator; annotate again what was misunderstood.",
    example=(
        "annotations/layers/b01/A1.jsonl A1 in b01: L4 coverage warning [annotator-outlier] mean span F1 0.22 "
        "with the others, who have 0.96 among themselves"
    ),
)


@check(ANNOTATOR_OUTLIER)
def outlying_annotators(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each annotator whose F1 with the others is far below theirs among themselves."""
    files = {(batch_of(entry.file), entry.record.annotator): entry.file for entry in snapshot.layers}
    for batch, spans in _confirmed_spans(snapshot).items():
        pairs = ((pair, _exact_f1(spans[pair[0]], spans[pair[1]])) for pair in combinations(sorted(spans), 2))
        scores = {pair: f1 for pair, f1 in pairs if f1 is not None}
        for name in sorted(spans):
            own_scores = [f1 for pair, f1 in scores.items() if name in pair]
            other_scores = [f1 for pair, f1 in scores.items() if name not in pair]
            if not own_scores or not other_scores:
                continue
            with_others, among_others = fmean(own_scores), fmean(other_scores)
            if among_others - with_others > _OUTLIER_GAP:
                message = (
                    f"mean span F1 {with_others:.2f} with the others, who have {among_others:.2f} among themselves"
                )
                yield ANNOTATOR_OUTLIER.finding(files[batch, name], message, item=f"{name} in {batch}")


def _confirmed_spans(snapshot: Snapshot) -> dict[str, dict[str, SpansByArticle]]:
    """Return the spans in confirmed layers by batch (sorted) and annotator, without those of experts and machines."""
    spans: dict[str, dict[str, SpansByArticle]] = defaultdict(lambda: defaultdict(dict))
    for entry in snapshot.layers:
        layer = entry.record
        if layer.confirmed and has_vote(layer.annotator):
            extents = {(span.start, span.end, span.label) for span in layer.spans}
            spans[batch_of(entry.file)][layer.annotator][layer.article_id] = extents
    return {batch: dict(spans[batch]) for batch in sorted(spans)}


def _exact_f1(first: SpansByArticle, second: SpansByArticle) -> float | None:
    """Return exact span F1 over the articles that both annotated; None if they marked nothing there."""
    shared = first.keys() & second.keys()
    matches = sum(len(first[id] & second[id]) for id in shared)
    total = sum(len(first[id]) + len(second[id]) for id in shared)
    return 2 * matches / total if total else None


LABEL_UNUSED = Rule(
    code="label-unused",
    level=4,
    severity="warning",
    summary="no annotator uses a label of the schema",
    why="Every annotator has to consider it, and the released data gets an empty class.",
    fix="Remove it from annotations/schema.toml, or explain in the guidelines when to use it.",
    example="annotations/schema.toml LOC: L4 coverage warning [label-unused] none of 9 layers has LOC",
)


@check(LABEL_UNUSED)
def unused_labels(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each label and stance of the schema that no layer has."""
    if snapshot.schema is None or not _is_adjudicated(snapshot):
        return
    layers = [entry.record for entry in snapshot.layers if not is_machine(entry.record.annotator)]
    records = [*layers, *(entry.record for entry in snapshot.gold)]
    used = {span.label for record in records for span in record.spans}
    used_stances = {stance.stance for record in records for stance in record.stances}
    for names, used_names in ((snapshot.schema.entity_labels, used), (snapshot.schema.stance_labels, used_stances)):
        for name in names:
            if name not in used_names:
                message = f"none of {quantity(len(layers), 'layer')} has {name}"
                yield LABEL_UNUSED.finding("annotations/schema.toml", message, item=name)


LABEL_UNDISPUTED = Rule(
    code="label-undisputed",
    level=4,
    severity="warning",
    summary="annotators never disagree about a label",
    why="Even careful annotators disagree sometimes: answers may have been copied or filled in automatically.",
    fix="Find out how the layers were made.",
    example=(
        "annotations/schema.toml INN: L4 coverage warning [label-undisputed] every mention of INN (20) was marked "
        "by every annotator of their articles"
    ),
)


@check(LABEL_UNDISPUTED)
def undisputed_labels(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each label on whose mentions all annotators agree, if there are at least 20."""
    if snapshot.schema is None or not _is_adjudicated(snapshot):
        return
    for label, (mentions, disputed) in sorted(_count_disputes(snapshot).items()):
        if mentions >= _MIN_MENTIONS and not disputed:
            message = f"every mention of {label} ({mentions:,}) was marked by every annotator of their articles"
            yield LABEL_UNDISPUTED.finding("annotations/schema.toml", message, item=label)


def _is_adjudicated(snapshot: Snapshot) -> bool:
    """Whether there is gold, and no record of layers or gold is hidden."""
    return bool(snapshot.gold.entries) and snapshot.layers.is_complete and snapshot.gold.is_complete


def _count_disputes(snapshot: Snapshot) -> Mapping[str, tuple[int, int]]:
    """Return, by label, how many spans are in articles with two or more annotators, and how many not all marked."""
    mentions: Counter[str] = Counter()
    disputed: Counter[str] = Counter()
    for by_annotator in _confirmed_spans(snapshot).values():
        for article in sorted({id for by_article in by_annotator.values() for id in by_article}):
            answers = [by_article[article] for by_article in by_annotator.values() if article in by_article]
            if len(answers) > 1:
                for span in set().union(*answers):
                    mentions[span[2]] += 1
                    disputed[span[2]] += not all(span in answer for answer in answers)
    return {label: (mentions[label], disputed[label]) for label in mentions}
