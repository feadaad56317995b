"""L4: two annotators who worked independently do not have exactly the same labels in all articles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import msgspec

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer, Finding, has_vote

__all__ = ["identical_annotators"]

_MOST_AGREEMENT = 0.99  # an assumption: people who work alone differ in at least 1 of 100 labels
_MAX_CHANCE = 0.001  # in a batch

ANNOTATORS_IDENTICAL = Rule(
    code="annotators-identical",
    level=4,
    severity="warning",
    summary="two annotators have exactly the same labels in all articles, unlikely for independent work",
    why="One may have copied the other's layers: agreement would be too high, and one vote would count twice.",
    fix="Ask both how they worked; remove the layers of one of them if they were copied.",
    example=(
        "annotations/layers/b01/A2.jsonl A1 and A2 in b01: L4 coverage warning [annotators-identical] the same 33 "
        "labels in 3 articles; the best other two annotators have F1 0.52"
    ),
)

_Labels = Mapping[str, frozenset[Any]]
"""The labels of each article that an annotator confirmed and that had no pre-labels."""


@check(ANNOTATORS_IDENTICAL)
def identical_annotators(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each pair of annotators of a batch whose labels are too similar for independent work.

    Two good annotators may agree better than others: of the disagreement between the best other two, they are expected
    to have half. The chance of no disagreement at all is then p^n for n labels, in each pair of the batch.
    """
    labels: dict[str, dict[str, dict[str, frozenset[Any]]]] = defaultdict(lambda: defaultdict(dict))
    files: dict[tuple[str, str], str] = {}
    for entry in snapshot.layers:
        layer, batch = entry.record, batch_of(entry.file)
        if layer.confirmed and has_vote(layer.annotator) and layer.prelabels is msgspec.UNSET:
            labels[batch][layer.annotator][layer.article_id] = _labels(layer)
            files[batch, layer.annotator] = entry.file
    for batch, of_annotator in sorted(labels.items()):
        pairs = list(combinations(sorted(of_annotator), 2))
        shared = {pair: _shared(of_annotator[pair[0]], of_annotator[pair[1]]) for pair in pairs}
        for pair in pairs:
            n_articles, n_same, total = shared[pair]
            others = [_f1(counts) for other, counts in shared.items() if other != pair and counts[2]]
            expected = min(_MOST_AGREEMENT, (1 + max(others)) / 2) if others else _MOST_AGREEMENT
            if 2 * n_same == total and expected**n_same * len(pairs) < _MAX_CHANCE:
                names = " and ".join(pair)
                message = f"the same {quantity(n_same, 'label')} in {quantity(n_articles, 'article')}"
                message += f"; the best other two annotators have F1 {max(others):.2f}" if others else ""
                yield ANNOTATORS_IDENTICAL.finding(files[batch, pair[1]], message, item=f"{names} in {batch}")


def _labels(layer: AnnotationLayer) -> frozenset[Any]:
    """Return the spans and stances of a layer, without their ids."""
    extents = {span.id: (span.start, span.end, span.label) for span in layer.spans}
    stances = (
        (extents.get(one.holder or ""), extents.get(one.target or ""), one.target_name, one.stance)
        for one in layer.stances
    )
    return frozenset((*extents.values(), *stances))


def _shared(first: _Labels, second: _Labels) -> tuple[int, int, int]:
    """Return over the articles of both: how many have labels, the labels in common, and the labels of both together."""
    ids = [id for id in first.keys() & second.keys() if first[id] or second[id]]
    same = sum(len(first[id] & second[id]) for id in ids)
    return len(ids), same, sum(len(first[id]) + len(second[id]) for id in ids)


def _f1(shared: tuple[int, int, int]) -> float:
    return 2 * shared[1] / shared[2]
