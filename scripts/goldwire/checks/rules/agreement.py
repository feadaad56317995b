"""L4: annotators agree well enough, and neither too well nor one of them too little."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from math import isnan
from statistics import fmean

from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.records import AnnotationLayer, Finding, is_expert

__all__ = ["CHECKS", "STANCES"]

Marks = dict[str, set[tuple[int, int, str]]]
"""Article -> the spans one annotator marked in it."""

_MEASURED = "span_f1_exact"  # the cheapest of the values, and no change of a span leaves it as it was
STANCES = "stance_"
"""What the names of those coefficients begin with that are of stances: no other is of a batch that asks by name."""
_ROUNDED = 1e-9
_FAR = 0.25  # of F1 below the others' own: two annotators of news who read the same guidelines differ by about 0.1
_ENOUGH = 20  # mentions of a label, before agreement on every one of them is more than luck


def floors(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each agreement value below the floor that [tool.goldwire] sets, or not measured at all."""
    gold = {batch_of(entry.file) for entry in snapshot.gold}
    asked = {batch_of(entry.file) for entry in snapshot.tasks}
    shared = {batch_of(entry.file) for entry in snapshot.tasks if len(entry.record.annotators) > 1}
    # Where nobody was asked what another was, there is nothing to measure.
    for batch in sorted(gold - (asked - shared)):
        file = f"annotations/agreement/{batch}.json"
        if file not in snapshot.files:
            message = f"batch {batch} has gold, and its agreement was never measured"
            yield Finding(code="agreement-missing", file=file, line=None, item=batch, message=message)
    by_name = snapshot.by_name
    for file, values in sorted(snapshot.agreement.items()):
        have = {value.coefficient: value for value in values}
        for coefficient, floor in sorted(snapshot.floors.items()):
            if batch_of(file) in by_name and not coefficient.startswith(STANCES):
                continue  # it asks for no spans
            value = have.get(coefficient)
            if value is None or isnan(value.value):
                code, message = "agreement-unmeasured", f"has a floor of {floor:g}, and no value"
            elif value.value < floor:
                code, message = "agreement-below-floor", f"{value.value:.3f} on {value.n_items} items, floor {floor:g}"
            else:
                continue
            yield Finding(code=code, file=file, line=None, item=coefficient, message=message)


def stale(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each measured batch, answered in full, whose layers have another agreement now."""
    if not snapshot.layers.whole or not snapshot.tasks.whole:
        return
    asked = {(batch_of(e.file), name, e.record.article_id) for e in snapshot.tasks for name in e.record.annotators}
    # numpy and scipy cost 0.2 s to import: only where agreement was measured.
    from goldwire.agreement.span_f1 import mean_span_f1

    layers: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for entry in snapshot.layers:
        if entry.record.confirmed and not is_expert(entry.record.annotator):
            layers[batch_of(entry.file)].append(entry.record)
    for file, values in sorted(snapshot.agreement.items()):
        stored = next((value for value in values if value.coefficient == _MEASURED), None)
        times = Counter(layer.article_id for layer in layers[batch_of(file)])
        shared = [layer for layer in layers[batch_of(file)] if times[layer.article_id] > 1]
        answered = {(layer.batch, layer.annotator, layer.article_id) for layer in layers[batch_of(file)]}
        if stored is None or not shared or answered != {key for key in asked if key[0] == batch_of(file)}:
            continue  # what is missing or too much is said of it: agreement is measured anew when it is mended
        now = mean_span_f1(shared, n_boot=0)
        if now.n_items != stored.n_items or not _same(now.value, stored.value):
            message = (
                f"is {stored.value:.4f} on {stored.n_items} items, that of the layers {now.value:.4f} on {now.n_items}"
            )
            yield Finding(code="agreement-stale", file=file, line=None, item=_MEASURED, message=message)


def _same(one: float, other: float) -> bool:
    return (isnan(one) and isnan(other)) or abs(one - other) < _ROUNDED


def outliers(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each annotator who agrees with the others far less than they do with each other."""
    for (batch, file_of), marks in _by_batch(snapshot):
        scored = ((pair, _f1(marks[pair[0]], marks[pair[1]])) for pair in combinations(sorted(marks), 2))
        pairs = {pair: f1 for pair, f1 in scored if f1 is not None}
        for name in sorted(marks):
            own = [f1 for pair, f1 in pairs.items() if name in pair]
            rest = [f1 for pair, f1 in pairs.items() if name not in pair]
            if own and rest and fmean(rest) - fmean(own) > _FAR:
                message = f"mean span F1 with the others {fmean(own):.2f}, theirs among themselves {fmean(rest):.2f}"
                yield Finding(
                    code="annotator-outlier", file=file_of[name], line=None, item=f"{name} in {batch}", message=message
                )


def _by_batch(snapshot: Snapshot) -> Iterator[tuple[tuple[str, dict[str, str]], dict[str, Marks]]]:
    marks: dict[str, dict[str, Marks]] = defaultdict(lambda: defaultdict(dict))
    files: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in snapshot.layers:
        batch, layer = batch_of(entry.file), entry.record
        if layer.confirmed and not is_expert(layer.annotator):
            files[batch][layer.annotator] = entry.file
            spans = {(span.start, span.end, span.label) for span in layer.spans}
            marks[batch][layer.annotator][layer.article_id] = spans
    for batch in sorted(marks):
        yield (batch, files[batch]), marks[batch]


def _f1(one: Marks, other: Marks) -> float | None:
    """Exact span F1 over the articles that both did; None where there is nothing to go by."""
    shared = one.keys() & other.keys()
    both = sum(len(one[id] & other[id]) for id in shared)
    total = sum(len(one[id]) + len(other[id]) for id in shared)
    return 2 * both / total if total else None


def labels(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each label that nobody uses, and each that nobody ever disagrees about."""
    if snapshot.schema is None or not snapshot.gold.entries or not (snapshot.layers.whole and snapshot.gold.whole):
        return
    file = "annotations/schema.toml"
    used = Counter(span.label for entry in (*snapshot.layers, *snapshot.gold) for span in entry.record.spans)
    drawn = Counter(stance.stance for entry in (*snapshot.layers, *snapshot.gold) for stance in entry.record.stances)
    for counts, names in ((used, snapshot.schema.entity_labels), (drawn, snapshot.schema.stance_labels)):
        for name in names:
            if not counts[name]:
                message = f"{name} is in no layer of {len(snapshot.layers.entries)}"
                yield Finding(code="label-unused", file=file, line=None, item=name, message=message)
    for label, (units, disputed) in sorted(_disputes(snapshot).items()):
        if units >= _ENOUGH and not disputed:
            message = f"{label}: all {units} mentions were marked alike by everybody who was asked"
            yield Finding(code="label-undisputed", file=file, line=None, item=label, message=message)


def _disputes(snapshot: Snapshot) -> Mapping[str, tuple[int, int]]:
    """Of each label, how many spans two or more annotators were asked about, and how many not all marked."""
    units: Counter[str] = Counter()
    disputed: Counter[str] = Counter()
    for _, marks in _by_batch(snapshot):
        for article in sorted({id for of in marks.values() for id in of}):
            answers = [of[article] for of in marks.values() if article in of]
            if len(answers) > 1:
                for span in set().union(*answers):
                    units[span[2]] += 1
                    disputed[span[2]] += not all(span in answer for answer in answers)
    return {label: (units[label], disputed[label]) for label in units}


CHECKS = (floors, stale, outliers, labels)
