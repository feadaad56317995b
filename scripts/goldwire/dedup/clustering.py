"""Clusters of similar texts: connected components of similar pairs, with chains that join dissimilar texts cut."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.dedup.jaccard import PairSimilarity, Thresholds
from goldwire.dedup.sketches import Sketches, sampling_rates
from goldwire.union_find import UnionFind

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["ScoredPairs", "TextSource", "cluster_labels", "connected_components"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Partition = tuple[Ints, Ints]
"""The texts of a component, and the group of each, from 0."""

_FEW_PAIRS = 10_000  # joined by union-find in less time than scipy.sparse takes to import (0.25 s)
_MAX_EXACT = 64  # texts of a component of which every pair is compared exactly
_SKETCH_SIZE = 128  # hashes per text in larger components: similarity is known to within .08 (95%)
_MAX_LINKAGE = 2000  # texts of a component of which every pair of sketches is compared: the matrix must fit in memory
_MAX_LEADERS = 32  # in a larger component


class ScoredPairs(msgspec.Struct, frozen=True, eq=False):
    """Sorted pairs `left < right` of texts and their similarity."""

    left: Ints
    right: Ints
    similarity: PairSimilarity


class TextSource(Protocol):
    """Access to the texts by number, for pairs that have not been compared yet."""

    def compare(self, left: Ints, right: Ints) -> PairSimilarity:
        """Return the similarity of pairs of texts."""

    def sketch(self, members: Ints, sketch_size: int) -> Sketches:
        """Return sketches of texts with about `sketch_size` hashes each."""


def connected_components(left: Ints, right: Ints, n_texts: int) -> Ints:
    """Return the connected component of each of `n_texts` texts, numbered in the order of their first texts."""
    if len(left) > _FEW_PAIRS:
        from scipy.sparse import coo_array, csgraph

        graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(n_texts, n_texts))
        components: Ints = csgraph.connected_components(graph, directed=False)[1].astype(np.int64)
        return components
    sets = UnionFind[int]()
    for first, second in zip(left.tolist(), right.tolist(), strict=True):
        sets.union(first, second)
    least = np.arange(n_texts)
    for group in sets.groups():
        least[group] = group[0]
    return np.unique(least, return_inverse=True)[1].astype(np.int64)


def cluster_labels(pairs: ScoredPairs, n_texts: int, thresholds: Thresholds, source: TextSource) -> Ints:
    """Return the cluster of each of `n_texts` texts.

    Clusters are the connected components of the near-duplicates among `pairs`. A component that only a chain holds
    together is split, by average linkage over all its pairs or, if it is large, by its texts' sketches.
    """
    # 1. Components of near-duplicates.
    is_near = thresholds.is_near_duplicate(pairs.similarity)
    labels = connected_components(pairs.left[is_near], pairs.right[is_near], n_texts)
    # 2. Those in which not every pair is a near-duplicate may be chains.
    sizes = np.bincount(labels, minlength=1)
    n_pairs = np.bincount(labels[pairs.left[is_near]], minlength=len(sizes))
    is_incomplete = (n_pairs < sizes * (sizes - 1) // 2) & (sizes > 2)
    members = np.argsort(labels, kind="stable")
    members = members[is_incomplete[labels[members]]]
    is_small = sizes[labels[members]] <= _MAX_EXACT
    # 3. Split the chains.
    next_label = n_texts
    for partition in (
        _split_small_components(members[is_small], labels, pairs, thresholds, source),
        _split_large_components(members[~is_small], labels, thresholds, source),
    ):
        for texts, groups in partition:
            labels[texts] = next_label + groups
            next_label += len(texts)
    return labels


def _split_small_components(
    members: Ints, labels: Ints, pairs: ScoredPairs, thresholds: Thresholds, source: TextSource
) -> Iterator[Partition]:
    """Split components by average linkage over the exact similarity of all their pairs."""
    left, right = _all_pairs(members, labels[members])
    scores = _all_scores(pairs, left, right, thresholds, source)
    # A component whose least similar pair is similar enough is not split, regardless of the averages.
    component = labels[left]
    doubtful = np.unique(component[scores <= thresholds.jaccard / 2])
    starts, ends = np.searchsorted(component, doubtful), np.searchsorted(component, doubtful, "right")
    for start, end in zip(starts, ends, strict=True):
        texts = np.unique(np.concatenate((left[start : start + 1], right[start:end])))
        yield texts, _average_linkage(scores[start:end], len(texts), thresholds.jaccard)


def _all_pairs(members: Ints, labels: Ints) -> tuple[Ints, Ints]:
    """Return all sorted pairs of members with the same label; labels are sorted."""
    n_after = np.searchsorted(labels, labels, "right") - np.arange(len(members)) - 1
    first = np.repeat(np.arange(len(members)), n_after)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(n_after) - n_after, n_after)
    return members[first], members[second]


def _all_scores(pairs: ScoredPairs, left: Ints, right: Ints, thresholds: Thresholds, source: TextSource) -> Floats:
    """Return the score of each pair, from `pairs` if it is there."""
    known_keys, keys = pairs.left << 32 | pairs.right, left << 32 | right
    index = np.minimum(np.searchsorted(known_keys, keys), max(len(known_keys) - 1, 0))
    is_known = known_keys[index] == keys if len(known_keys) else np.zeros(len(keys), np.bool_)
    scores = np.zeros(len(keys))
    scores[is_known] = thresholds.scores(pairs.similarity)[index[is_known]]
    scores[~is_known] = thresholds.scores(source.compare(left[~is_known], right[~is_known]))
    return scores


def _average_linkage(scores: Floats, n_texts: int, threshold: float) -> Ints:
    """Return the group of each text by average linkage (UPGMA) over the scores of all pairs, in condensed form.

    Groups are merged if their texts' average score is above half the threshold: one text between two dissimilar ones
    does not bring that about. Each group is numbered by its first text.
    """
    from scipy.cluster.hierarchy import linkage

    max_distance = 1 - threshold / 2 - 1e-9
    sets = UnionFind[int]()
    # The merges are sorted by distance. scipy's `fcluster` takes three times as long as `linkage`, to validate them.
    for node, (first, second, distance, _) in enumerate(linkage(1 - scores, "average").tolist(), n_texts):
        if distance > max_distance:
            break
        sets.union(sets.union(int(first), int(second)), node)
    return np.fromiter(map(sets.find, range(n_texts)), np.int64, n_texts)


def _split_large_components(
    members: Ints, labels: Ints, thresholds: Thresholds, source: TextSource
) -> Iterator[Partition]:
    """Split components by the similarity of their texts' sketches: to compare all pairs is quadratic work."""
    bounds = np.flatnonzero(np.diff(labels[members], prepend=-1, append=-1))
    for start, end in pairwise(bounds.tolist()):
        texts = members[start:end]
        table, rate = _sketch_table(source.sketch(texts, _SKETCH_SIZE))
        if len(texts) > _MAX_LINKAGE:
            yield texts, _leader_clusters(table, rate, thresholds)
        else:
            scores = _sketch_scores(table, table, rate, thresholds)
            yield texts, _average_linkage(scores[np.triu_indices(len(texts), 1)], len(texts), thresholds.jaccard)


def _sketch_table(sketches: Sketches) -> tuple[csr_array, float]:
    """Return a table of texts and sampled hashes, of 0 and 1, and the rate at which all texts are sampled."""
    from scipy.sparse import csr_array

    n_texts = len(sketches.sizes)
    row = np.repeat(np.arange(n_texts), sketches.counts)
    rate = float(sampling_rates(sketches.sizes, _SKETCH_SIZE).min())
    is_common = sketches.hashes >= np.uint64((1 - rate) * 2.0**64)
    _, column = np.unique(sketches.hashes[is_common], return_inverse=True)
    table = csr_array((np.ones(len(column), np.int32), (row[is_common], column)), shape=(n_texts, len(column)))
    table.sum_duplicates()
    table.data[:] = 1
    return table, rate


def _sketch_scores(rows: csr_array, others: csr_array, rate: float, thresholds: Thresholds) -> Floats:
    """Return the estimated score of each of `rows` with each of `others`, as a matrix."""
    intersection = (rows @ others.T).toarray().astype(np.float64)
    row_sizes, other_sizes = rows.sum(axis=1)[:, None], others.sum(axis=1)[None, :]
    smaller = np.minimum(row_sizes, other_sizes)
    similarity = PairSimilarity(
        jaccard=intersection / np.maximum(row_sizes + other_sizes - intersection, 1),
        containment=intersection / np.maximum(smaller, 1),
        smaller=(smaller / rate).astype(np.int64),
    )
    return thresholds.scores(similarity)


def _leader_clusters(table: csr_array, rate: float, thresholds: Thresholds) -> Ints:
    """Return the group of each text by leader clustering: the first text without a group takes all similar ones.

    The texts that are left after 32 leaders stay together.
    """
    groups = np.full(table.shape[0], _MAX_LEADERS, np.int64)
    for leader in range(_MAX_LEADERS):
        left = np.flatnonzero(groups == _MAX_LEADERS)
        if not len(left):
            break
        is_similar = _sketch_scores(table[left[:1]], table[left], rate, thresholds)[0] > thresholds.jaccard / 2
        is_similar[0] = True
        groups[left[is_similar]] = leader
    return groups
