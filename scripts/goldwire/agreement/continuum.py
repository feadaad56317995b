"""Articles end to end on one line, cut wherever anybody's span begins or ends: what unitizing alpha counts over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.annotations import without_overlaps
from goldwire.alignment.span_matching import Span

__all__ = ["Continuum", "Views", "build_continuum"]

Matrix = NDArray[np.float64]
Views = Sequence[tuple[int, Mapping[str, Sequence[Span]]]]
"""For each article its length, and the spans of each annotator who looked at it (none: nothing there)."""


class Continuum(msgspec.Struct, frozen=True):
    """Sums for each article: rows are articles, label 0 is the gap between spans and the rest follow `labels`.

    `coincidences` (articles, labels + 1, labels + 1): characters that one annotator gives label c and another k, over
    both orders and divided by the annotators less one. `own` (articles, labels + 1): squared lengths of spans, and
    plain lengths of gaps. `shared` (articles, labels + 1): for each span and each other annotator the square of
    the span's length that the other gave any label, divided by the annotators less one.
    """

    labels: tuple[str, ...]
    coincidences: Matrix
    own: Matrix
    shared: Matrix
    spans: int
    annotators: int


def build_continuum(views: Views) -> Continuum:
    """Cut and count. Articles that fewer than two annotators looked at have nothing to compare and are left out."""
    views = [(length, by) for length, by in views if len(by) > 1 and length > 0]
    names = sorted({name for _, by in views for name in by})
    spans = [{name: without_overlaps(by[name]) for name in by} for _, by in views]
    labels = tuple(sorted({span.label for by in spans for each in by.values() for span in each}))
    blocks = [
        _counted(views[first : first + _BLOCK], spans[first : first + _BLOCK], names, labels)
        for first in range(0, max(len(views), 1), _BLOCK)
    ]
    coincidences, own, shared = (np.concatenate(each) for each in zip(*blocks, strict=True))
    return Continuum(
        labels=labels,
        coincidences=coincidences,
        own=own,
        shared=shared,
        spans=sum(len(each) for by in spans for each in by.values()),
        annotators=len(names),
    )


# Articles that are laid end to end at once: their cuts stay in the cache. All of 10,000 took 1.7 times as long each.
_BLOCK = 512


def _counted(
    views: Views, spans: Sequence[Mapping[str, Sequence[Span]]], names: Sequence[str], labels: Sequence[str]
) -> tuple[Matrix, Matrix, Matrix]:
    """Coincidences, own and shared lengths of some articles."""
    starts = np.concatenate([[0], np.cumsum([length for length, _ in views])]).astype(np.int64)
    units = _units(spans, names, labels, starts)
    cuts = np.unique(np.concatenate([starts, units["start"], units["end"]]))
    codes = _codes(units, cuts, starts, views, names)
    article = np.searchsorted(starts, cuts[:-1], side="right") - 1
    looked = np.array([len(by) for _, by in views], dtype=np.float64)
    coincidences, shared = _pairs(units, cuts, codes, (article, looked), len(labels) + 1)
    return coincidences, _own(units, starts, looked, len(labels) + 1), shared


Units = dict[str, NDArray[np.int64]]


def _units(
    spans: Sequence[Mapping[str, Sequence[Span]]],
    names: Sequence[str],
    labels: Sequence[str],
    starts: NDArray[np.int64],
) -> Units:
    code = {label: number for number, label in enumerate(labels, 1)}
    who = {name: number for number, name in enumerate(names)}
    rows = [
        (article, who[name], s.start, s.end, code[s.label])
        for article, by in enumerate(spans)
        for name, each in by.items()
        for s in each
    ]
    article, by, start, end, label = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    outside = np.flatnonzero((start < 0) | (end > np.diff(starts)[article]))
    if len(outside):
        raise ValueError(f"a span [{start[outside[0]]}, {end[outside[0]]}) leaves its article")
    first = starts[article]
    return {"article": article, "who": by, "start": first + start, "end": first + end, "label": label}


def _codes(
    units: Units, cuts: NDArray[np.int64], starts: NDArray[np.int64], views: Views, names: Sequence[str]
) -> NDArray[np.int64]:
    """Shape (annotators, stretches between cuts): the label, 0 in a gap, -1 where the annotator did not look."""
    codes = np.full((len(names), max(0, len(cuts) - 1)), -1, dtype=np.int64)
    who = {name: number for number, name in enumerate(names)}
    edges = np.searchsorted(cuts, starts)
    for article, (_, by) in enumerate(views):
        for name in by:
            codes[who[name], edges[article] : edges[article + 1]] = 0
    first, last = np.searchsorted(cuts, units["start"]), np.searchsorted(cuts, units["end"])
    long = last - first
    stretch = np.repeat(first - np.concatenate([[0], np.cumsum(long)[:-1]]), long) + np.arange(long.sum())
    codes[np.repeat(units["who"], long), stretch] = np.repeat(units["label"], long)
    return codes


def _pairs(
    units: Units,
    cuts: NDArray[np.int64],
    codes: NDArray[np.int64],
    article_of: tuple[NDArray[np.int64], Matrix],
    labels: int,
) -> tuple[Matrix, Matrix]:
    article, looked = article_of
    length = np.diff(cuts).astype(np.float64)
    weight = length / (looked[article] - 1 if len(article) else 1.0)
    both: Matrix = np.zeros(len(looked) * labels * labels)
    shared: Matrix = np.zeros(len(looked) * labels)
    first, last = np.searchsorted(cuts, units["start"]), np.searchsorted(cuts, units["end"])
    for a, b in combinations(range(len(codes)), 2):
        seen = (codes[a] >= 0) & (codes[b] >= 0)
        if not seen.any():
            continue
        for x, y in ((a, b), (b, a)):
            cell = (article[seen] * labels + codes[x][seen]) * labels + codes[y][seen]
            both += np.bincount(cell, weight[seen], minlength=len(both))
            # What the other marked, up to each cut: the difference over a span is its shared length.
            marked = np.concatenate([[0.0], np.cumsum(length * (codes[y] > 0))])
            mine = units["who"] == x
            inside = (marked[last[mine]] - marked[first[mine]]) ** 2 / (looked[units["article"][mine]] - 1)
            shared += np.bincount(units["article"][mine] * labels + units["label"][mine], inside, len(shared))
    return both.reshape(len(looked), labels, labels), shared.reshape(len(looked), labels)


def _own(units: Units, starts: NDArray[np.int64], looked: Matrix, labels: int) -> Matrix:
    length = (units["end"] - units["start"]).astype(np.float64)
    cell = units["article"] * labels + units["label"]
    own = np.bincount(cell, length**2, minlength=len(looked) * labels).reshape(len(looked), labels)
    marked = np.bincount(units["article"], length, minlength=len(looked))
    own[:, 0] = looked * np.diff(starts) - marked
    return np.asarray(own, dtype=np.float64)
