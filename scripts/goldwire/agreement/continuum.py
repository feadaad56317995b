"""Articles laid end to end on one line and cut wherever a span begins or ends: the sums that unitizing alpha needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.annotations import without_overlaps
from goldwire.alignment.span_matching import Span

__all__ = ["Continuum", "build_continuum"]

Matrix = NDArray[np.float64]
ArticleSpans: TypeAlias = tuple[int, Mapping[str, Sequence[Span]]]
"""An article's length in characters, and its spans by annotator."""

# Articles laid end to end at a time: their cuts stay in the cache. 10,000 at a time took 1.7 times as long per article.
_BLOCK_SIZE = 512


class Continuum(msgspec.Struct, frozen=True):
    """Sums per article; label 0 is the gap between spans, and the other labels follow `labels`.

    Attributes
    ----------
    labels : tuple of str
    coincidences : array of shape (articles, labels + 1, labels + 1)
        Characters to which one annotator gives label c and another label k, summed over ordered pairs of annotators and
        divided by the number of annotators minus 1.
    unit_squares : array of shape (articles, labels + 1)
        Squared lengths of spans, and plain lengths of gaps.
    shared_squares : array of shape (articles, labels + 1)
        For each span and each other annotator, the square of the length to which the other gives any label, divided by
        the number of annotators minus 1.
    spans_per_annotator : array of shape (articles,)
        Mean number of spans per annotator.
    n_spans : int
    n_annotators : int
    """

    labels: tuple[str, ...]
    coincidences: Matrix
    unit_squares: Matrix
    shared_squares: Matrix
    spans_per_annotator: Matrix
    n_spans: int
    n_annotators: int


class _Units(msgspec.Struct, frozen=True):
    """The spans of a block of articles as columns, with offsets on the line of all its articles."""

    article: NDArray[np.int64]
    annotator: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    label: NDArray[np.int64]


class _Segments(msgspec.Struct, frozen=True):
    """The stretches between cuts: no span begins or ends inside one."""

    cuts: NDArray[np.int64]  # (segments + 1,)
    article: NDArray[np.int64]  # (segments,)
    codes: NDArray[np.int64]  # (annotators, segments): the label, 0 in a gap, -1 if the annotator did not read it


def build_continuum(articles: Iterable[ArticleSpans]) -> Continuum:
    """Return the sums of articles. Those with fewer than two annotators have nothing to compare and are left out."""
    compared = [
        (length, {annotator: without_overlaps(spans) for annotator, spans in by_annotator.items()})
        for length, by_annotator in articles
        if len(by_annotator) > 1 and length > 0
    ]
    annotators = sorted({annotator for _, by_annotator in compared for annotator in by_annotator})
    all_spans = [span for _, by_annotator in compared for spans in by_annotator.values() for span in spans]
    labels = tuple(sorted({span.label for span in all_spans}))
    blocks = [
        _block_sums(compared[first : first + _BLOCK_SIZE], labels)
        for first in range(0, max(len(compared), 1), _BLOCK_SIZE)
    ]
    coincidences, unit_squares, shared_squares = (np.concatenate(sums) for sums in zip(*blocks, strict=True))
    return Continuum(
        labels=labels,
        coincidences=coincidences,
        unit_squares=unit_squares,
        shared_squares=shared_squares,
        spans_per_annotator=np.array([sum(map(len, by.values())) / len(by) for _, by in compared], dtype=np.float64),
        n_spans=len(all_spans),
        n_annotators=len(annotators),
    )


def _block_sums(articles: Sequence[ArticleSpans], labels: Sequence[str]) -> tuple[Matrix, Matrix, Matrix]:
    """Return the coincidences, unit squares and shared squares of some articles."""
    bounds = np.concatenate([[0], np.cumsum([length for length, _ in articles])]).astype(np.int64)
    n_annotators = np.array([len(by_annotator) for _, by_annotator in articles], dtype=np.float64)
    # 1. Spans as columns, on one line.
    units = _read_units(articles, labels, bounds)
    # 2. Cut the line wherever a span or an article begins or ends, and look up each annotator's label in between.
    segments = _cut(units, n_annotators, bounds)
    # 3. Sum per article.
    n_labels = len(labels) + 1
    coincidences, shared_squares = _pair_sums(units, segments, n_annotators, n_labels)
    return coincidences, _unit_squares(units, bounds, n_annotators, n_labels), shared_squares


def _read_units(articles: Sequence[ArticleSpans], labels: Sequence[str], bounds: NDArray[np.int64]) -> _Units:
    label_codes = {label: code for code, label in enumerate(labels, 1)}
    # Annotators are numbered within their article: a crowd of 81 has 3,240 pairs, five readers of an article have 10.
    rows = [
        (article, annotator, span.start, span.end, label_codes[span.label])
        for article, (_, by_annotator) in enumerate(articles)
        for annotator, name in enumerate(sorted(by_annotator))
        for span in by_annotator[name]
    ]
    article, annotator, start, end, label = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    outside = np.flatnonzero((start < 0) | (end > np.diff(bounds)[article]))
    if len(outside):
        raise ValueError(f"a span [{start[outside[0]]}, {end[outside[0]]}) reaches outside its article")
    offset = bounds[article]
    return _Units(article, annotator, offset + start, offset + end, label)


def _cut(units: _Units, n_annotators: Matrix, bounds: NDArray[np.int64]) -> _Segments:
    cuts = np.unique(np.concatenate([bounds, units.start, units.end]))
    article_of_segment = np.searchsorted(bounds, cuts[:-1], side="right") - 1
    has_read = np.arange(n_annotators.max(initial=0))[:, None] < n_annotators[article_of_segment]
    codes = np.where(has_read, 0, -1)
    first, last = np.searchsorted(cuts, units.start), np.searchsorted(cuts, units.end)
    n_segments = last - first
    before = np.concatenate([[0], np.cumsum(n_segments)[:-1]])
    segment = np.repeat(first - before, n_segments) + np.arange(n_segments.sum())
    codes[np.repeat(units.annotator, n_segments), segment] = np.repeat(units.label, n_segments)
    return _Segments(cuts, article_of_segment, codes)


def _pair_sums(units: _Units, segments: _Segments, n_annotators: Matrix, n_labels: int) -> tuple[Matrix, Matrix]:
    """Return coincidences and shared squares: sums over ordered pairs of annotators."""
    n_articles, codes = len(n_annotators), segments.codes
    length = np.diff(segments.cuts).astype(np.float64)
    weight = length / (n_annotators[segments.article] - 1 if n_articles else 1.0)
    coincidences: Matrix = np.zeros(n_articles * n_labels * n_labels)
    shared_squares: Matrix = np.zeros(n_articles * n_labels)
    first, last = np.searchsorted(segments.cuts, units.start), np.searchsorted(segments.cuts, units.end)
    for pair in combinations(range(len(codes)), 2):
        both = (codes[list(pair)] >= 0).all(axis=0)
        if not both.any():
            continue
        for annotator, other in (pair, pair[::-1]):
            cell = (segments.article[both] * n_labels + codes[annotator][both]) * n_labels + codes[other][both]
            coincidences += np.bincount(cell, weight[both], minlength=len(coincidences))
            # Length that the other annotator marked up to each cut: its difference over a span is the shared length.
            marked = np.concatenate([[0.0], np.cumsum(length * (codes[other] > 0))])
            unit = np.flatnonzero(units.annotator == annotator)
            article, label = units.article[unit], units.label[unit]
            squares = (marked[last[unit]] - marked[first[unit]]) ** 2 / (n_annotators[article] - 1)
            shared_squares += np.bincount(article * n_labels + label, squares, len(shared_squares))
    return coincidences.reshape(n_articles, n_labels, n_labels), shared_squares.reshape(n_articles, n_labels)


def _unit_squares(units: _Units, bounds: NDArray[np.int64], n_annotators: Matrix, n_labels: int) -> Matrix:
    n_articles, length = len(n_annotators), (units.end - units.start).astype(np.float64)
    cell = units.article * n_labels + units.label
    squares = np.bincount(cell, length**2, minlength=n_articles * n_labels).reshape(n_articles, n_labels)
    marked = np.bincount(units.article, length, minlength=n_articles)
    squares[:, 0] = n_annotators * np.diff(bounds) - marked
    return np.asarray(squares, dtype=np.float64)
