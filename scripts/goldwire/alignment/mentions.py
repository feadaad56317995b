"""Match what several annotators marked in one article into units: one thing, seen by some of them.

Two spans are the same unit although their ends differ: a character more or less is a disputed boundary, not a
second mention.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import msgspec
import numpy as np
from scipy.optimize import linear_sum_assignment

from goldwire.records import AnnotationLayer, Article, SpanLabel, StanceLabel

__all__ = ["Pair", "SpanUnit", "fault", "match_spans", "match_stances"]

# Spans of different labels are one unit only where they share at least half of their characters: a person's
# mention that merely contains a place's name is another thing than the place.
_SAME_THING = 0.5
# Between equals the label decides, yet a better overlap outweighs it.
_LABEL_BONUS = 0.1


class SpanUnit(msgspec.Struct, frozen=True):
    """One mention: each annotator's span of it (at most one each), by annotator."""

    spans: dict[str, SpanLabel]

    @property
    def place(self) -> tuple[int, int, str]:
        """The commonest (start, end, label), the first of equals: what stands for the unit while it is disputed."""
        said = [(span.start, span.end, span.label) for span in self.spans.values()]
        return min(said, key=lambda one: (-said.count(one), one))


class Pair(msgspec.Struct, frozen=True):
    """Who stands how to whom: a holder unit (None: the article's voice), a target, each annotator's stances.

    `holder` and `target` are positions in the units; `target_name` is set where the target was asked by name.
    """

    holder: int | None
    target: int | None
    target_name: str | None
    stances: dict[str, tuple[str, ...]]


def fault(layer: AnnotationLayer, articles: Mapping[str, Article]) -> str | None:
    """Say why a layer cannot be used: made over another text, or its parts do not hang together; None if it can."""
    article = articles.get(layer.article_id)
    names = {span.id for span in layer.spans}
    if article is None:
        return "its article is not in the corpus"
    if article.text_sha256 != layer.text_sha256:
        return "it was made over another version of the article's text"
    if any(article.text[span.start : span.end] != span.text for span in layer.spans):
        return "the text of a span is not what the article has there"
    if any({stance.holder, stance.target} - names - {None} for stance in layer.stances):
        return "a stance joins a span that is not there"
    return None


def match_spans(layers: Sequence[AnnotationLayer]) -> tuple[SpanUnit, ...]:
    """Match the spans of one article's layers, one layer an annotator, into units in text order.

    Each two annotators are matched one to one at the highest total weight (character overlap over union, plus a
    little for the same label); matched pairs then join into units, the heaviest first, as long as a unit has one
    span an annotator. With two annotators that is the optimal matching itself.
    """
    marks = [(layer.annotator, span) for layer in layers for span in _distinct(layer.spans)]
    edges = []
    for one, two in combinations(sorted({annotator for annotator, _ in marks}), 2):
        rows = [i for i, (annotator, _) in enumerate(marks) if annotator == one]
        columns = [i for i, (annotator, _) in enumerate(marks) if annotator == two]
        weights = _weights([marks[i][1] for i in rows], [marks[i][1] for i in columns])
        for row, column in zip(*linear_sum_assignment(weights, maximize=True), strict=True):
            if weights[row, column] > 0:
                edges.append((-float(weights[row, column]), rows[row], columns[column]))
    units = [SpanUnit({marks[i][0]: marks[i][1] for i in sorted(group)}) for group in _join(marks, edges)]
    return tuple(sorted(units, key=lambda unit: (unit.place, sorted(unit.spans))))


def match_stances(layers: Sequence[AnnotationLayer], units: Sequence[SpanUnit]) -> tuple[Pair, ...]:
    """Match the stances of the same layers over their span units; a pair is its holder unit and its target."""
    where = {
        (annotator, span.start, span.end, span.label): number
        for number, unit in enumerate(units)
        for annotator, span in unit.spans.items()
    }
    drawn: dict[tuple[int | None, int | None, str | None], dict[str, set[str]]] = {}
    for layer in layers:
        spans = {span.id: where[layer.annotator, span.start, span.end, span.label] for span in layer.spans}
        for stance in layer.stances:
            key = _ends(stance, spans)
            drawn.setdefault(key, {}).setdefault(layer.annotator, set()).add(stance.stance)
    return tuple(
        Pair(*key, {annotator: tuple(sorted(said)) for annotator, said in sorted(drawn[key].items())})
        for key in sorted(drawn, key=lambda key: (_rank(key[0]), _rank(key[1]), key[2] or ""))
    )


def _ends(stance: StanceLabel, spans: dict[str, int]) -> tuple[int | None, int | None, str | None]:
    holder = None if stance.holder is None else spans[stance.holder]
    target = None if stance.target is None else spans[stance.target]
    return holder, target, stance.target_name


def _rank(unit: int | None) -> int:
    return -1 if unit is None else unit


def _distinct(spans: Sequence[SpanLabel]) -> list[SpanLabel]:
    return list({(span.start, span.end, span.label): span for span in spans}.values())


def _weights(rows: Sequence[SpanLabel], columns: Sequence[SpanLabel]) -> np.ndarray:
    a = np.array([(span.start, span.end) for span in rows], dtype=float)[:, None, :]
    b = np.array([(span.start, span.end) for span in columns], dtype=float)[None, :, :]
    shared = np.clip(np.minimum(a[..., 1], b[..., 1]) - np.maximum(a[..., 0], b[..., 0]), 0, None)
    union = (a[..., 1] - a[..., 0]) + (b[..., 1] - b[..., 0]) - shared
    overlap = shared / np.maximum(union, 1)
    same = np.array([span.label for span in rows])[:, None] == np.array([span.label for span in columns])[None, :]
    weights: np.ndarray = np.where(same & (shared > 0), overlap + _LABEL_BONUS, overlap * (overlap >= _SAME_THING))
    return weights


def _join(marks: Sequence[tuple[str, SpanLabel]], edges: Sequence[tuple[float, int, int]]) -> list[set[int]]:
    groups = {i: {i} for i in range(len(marks))}
    for _, one, two in sorted(edges):
        joined = groups[one] | groups[two]
        if groups[one] is not groups[two] and len({marks[i][0] for i in joined}) == len(joined):
            groups |= dict.fromkeys(joined, joined)
    return [group for i, group in groups.items() if i == min(group)]
