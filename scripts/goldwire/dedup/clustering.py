"""Clusters of alike texts: connected components, with the chains cut that join unlike texts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.dedup.jaccard import Likeness, held
from goldwire.dedup.sketches import Sketches, rates

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Asked", "Compared", "clusters", "components"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_FEW = 10_000  # pairs: to join them takes less than to import what joins millions
_EXACT = 64  # texts of a component of which every pair is compared
_KEPT = 128  # grams of a text whose sketch stands for it: its likeness to another is known to within .08 (95%)
_SKETCHED = 2000  # texts of a component of which every pair of sketches is: their matrix has to fit in memory
_CENTRES = 32  # sought in a component of more


class Compared(msgspec.Struct, frozen=True, eq=False):
    """Pairs `left < right`, in order, and how alike they are."""

    left: Ints
    right: Ints
    likeness: Likeness

    def alike(self, threshold: float) -> NDArray[np.bool_]:
        """Tell which are near-duplicates."""
        enough: NDArray[np.bool_] = (self.likeness.jaccard >= threshold) | held(self.likeness, threshold)
        return enough


class Asked(Protocol):
    """Who has the texts, by number."""

    def compare(self, left: Ints, right: Ints) -> Likeness:
        """Compare pairs of texts."""

    def sketch(self, members: Ints, fewest: int) -> Sketches:
        """Sketch those texts, keeping about `fewest` grams of each."""


def components(left: Ints, right: Ints, count: int) -> Ints:
    """Label `count` texts by connected component of the pairs."""
    if len(left) <= _FEW:
        return _few_components(left, right, count)
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    labels: Ints = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def _few_components(left: Ints, right: Ints, count: int) -> Ints:
    """Label as `components` does, without scipy.sparse, which costs 0.25 s to import."""
    root = list(range(count))

    def find(text: int) -> int:
        while root[text] != text:
            root[text] = text = root[root[text]]
        return text

    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        first, second = sorted((find(one), find(other)))
        root[second] = first
    labels: Ints = np.unique([find(text) for text in range(count)], return_inverse=True)[1].astype(np.int64)
    return labels


def clusters(known: Compared, count: int, threshold: float, asked: Asked) -> Ints:
    """Label `count` texts by component of the alike pairs among `known`; part those that only a chain holds together.

    `asked` is who says how alike pairs are that are not known.
    """
    alike = known.alike(threshold)
    labels = components(known.left[alike], known.right[alike], count)
    sizes = np.bincount(labels, minlength=1)
    edges = np.bincount(labels[known.left[alike]], minlength=len(sizes))
    loose = (edges < sizes * (sizes - 1) // 2) & (sizes > 2)
    members = np.argsort(labels, kind="stable")
    of_member = sizes[labels[members]]
    small = members[loose[labels[members]] & (of_member <= _EXACT)]
    large = members[loose[labels[members]] & (of_member > _EXACT)]
    parted = [*_small_parts(small, labels, known, threshold, asked), *_large_parts(large, labels, threshold, asked)]
    for some, parts in parted:
        labels[some] = count + parts
        count += len(some)
    return labels


def _small_parts(
    members: Ints, labels: Ints, known: Compared, threshold: float, asked: Asked
) -> Iterator[tuple[Ints, Ints]]:
    left, right = _all_pairs(members, labels[members])
    alike = _scores(known, left, right, threshold, asked)
    # Where even the least alike two are alike enough, so is every average: nothing to part.
    doubtful = np.unique(labels[left[alike <= threshold / 2]])
    starts, ends = np.searchsorted(labels[left], doubtful), np.searchsorted(labels[left], doubtful, "right")
    for start, end in zip(starts, ends, strict=True):
        some = np.unique(np.concatenate((left[start : start + 1], right[start:end])))
        matrix = np.zeros((len(some), len(some)))
        matrix[np.triu_indices(len(some), 1)] = alike[start:end]
        yield some, _parted(matrix + matrix.T, threshold)


def _all_pairs(members: Ints, labels: Ints) -> tuple[Ints, Ints]:
    """Give all pairs of the same label, in order; labels are sorted."""
    after = np.searchsorted(labels, labels, "right") - np.arange(len(members)) - 1
    first = np.repeat(np.arange(len(members)), after)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(after) - after, after)
    return members[first], members[second]


def _scores(known: Compared, left: Ints, right: Ints, threshold: float, asked: Asked) -> Floats:
    """Give each pair's Jaccard, at least the threshold where the longer holds most of the shorter."""
    have, want = known.left << 32 | known.right, left << 32 | right
    place = np.minimum(np.searchsorted(have, want), max(len(have) - 1, 0))
    there = have[place] == want if len(have) else np.zeros(len(want), np.bool_)
    scores = np.zeros(len(want))
    scores[there] = _score(known.likeness, threshold)[place[there]]
    scores[~there] = _score(asked.compare(left[~there], right[~there]), threshold)
    return scores


def _score(found: Likeness, threshold: float) -> Floats:
    return np.where(held(found, threshold), np.maximum(found.jaccard, threshold), found.jaccard)


def _parted(alike: Floats, threshold: float) -> Ints:
    """Cluster a component by average linkage (UPGMA), from the matrix of its texts' likeness, which it uses up.

    Groups stay together where their texts are alike on average by more than half the threshold, which one text between
    two unlike ones does not bring about.
    """
    if len(alike) > _EXACT:
        from scipy.cluster.hierarchy import fcluster, linkage  # costs half a second to import

        away = (1 - alike)[np.triu_indices(len(alike), 1)]
        ours: Ints = fcluster(linkage(away, "average"), 1 - threshold / 2 - 1e-9, "distance")
        return ours.astype(np.int64)
    np.fill_diagonal(alike, -1)
    size, parts = np.ones(len(alike)), np.arange(len(alike))
    while True:
        one, other = divmod(int(alike.argmax()), len(alike))
        if alike[one, other] <= threshold / 2 + 1e-9:
            return parts
        alike[one] = (size[one] * alike[one] + size[other] * alike[other]) / (size[one] + size[other])
        alike[:, one] = alike[one]
        alike[other] = alike[:, other] = alike[one, one] = -1
        size[one] += size[other]
        parts[parts == other] = one


def _large_parts(members: Ints, labels: Ints, threshold: float, asked: Asked) -> Iterator[tuple[Ints, Ints]]:
    """Part large components by what the sketches say of their likeness: to compare all pairs is quadratic work."""
    bounds = np.flatnonzero(np.diff(labels[members], prepend=-1, append=-1))
    for start, end in pairwise(bounds.tolist()):
        some = members[start:end]
        table, rate = _sketch_table(asked.sketch(some, _KEPT))
        if len(some) > _SKETCHED:
            yield some, _by_centres(table, rate, threshold)
        else:
            yield some, _parted(_sketched(table, table, rate, threshold), threshold)


def _sketch_table(sketches: Sketches) -> tuple[csr_array, float]:
    """Make the table texts x kept grams of 0 and 1, of the grams that are kept of all texts; and their rate."""
    from scipy.sparse import csr_array

    count = len(sketches.sizes)
    row = np.repeat(np.arange(count), sketches.counts)
    rate = float(rates(sketches.sizes, _KEPT).min())
    common = sketches.kept >= np.uint64((1 - rate) * 2.0**64)
    _, column = np.unique(sketches.kept[common], return_inverse=True)
    table = csr_array((np.ones(len(column), np.int32), (row[common], column)), shape=(count, len(column)))
    table.sum_duplicates()
    table.data[:] = 1
    return table, rate


def _sketched(some: csr_array, others: csr_array, rate: float, threshold: float) -> Floats:
    """Give how alike `some` are to `others`, as a matrix."""
    both = (some @ others.T).toarray().astype(np.float64)
    mine, theirs = some.sum(axis=1)[:, None], others.sum(axis=1)[None, :]
    smaller = np.minimum(mine, theirs)
    found = Likeness(
        both / np.maximum(mine + theirs - both, 1), both / np.maximum(smaller, 1), (smaller / rate).astype(np.int64)
    )
    return _score(found, threshold)


def _by_centres(table: csr_array, rate: float, threshold: float) -> Ints:
    """Part a component around centres: the first text that has none takes what is alike to it, and so on.

    What is left after so many centres stays together.
    """
    parts = np.full(table.shape[0], _CENTRES, np.int64)
    for centre in range(_CENTRES):
        left = np.flatnonzero(parts == _CENTRES)
        if not len(left):
            break
        alike = _sketched(table[left[:1]], table[left], rate, threshold)[0] > threshold / 2
        alike[0] = True
        parts[left[alike]] = centre
    return parts
