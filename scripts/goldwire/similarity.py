"""Near-duplicate texts: candidates by MinHash, exact word 5-grams to say who is alike, components to cluster them.

Each pair is verified *before* the union: unverified closure grows quadratically (48 million pairs at a million texts).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from goldwire.candidates import GRAM, THREADS, candidates
from goldwire.shingles import Bytes, Offsets, grams, lowered, words

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Pairs", "clusters_and_pairs", "near_duplicates", "pairs"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_HELD = 0.9  # of the threshold, as the share of its 5-grams that a shorter text has in a longer one
_FEWEST = 30  # 5-grams: a text of fewer is too small for that share to mean anything
_BATCH = 4096  # pairs verified at a time
_LARGEST = 2000  # texts of a component whose chains are cut: the matrix of all its pairs has to fit in memory


class Pairs(msgspec.Struct, frozen=True, eq=False):
    """Verified pairs of texts `left < right`, in order.

    `jaccard` is that of their word 5-gram sets, `containment` the share of the smaller set that the larger holds.
    """

    left: Ints
    right: Ints
    jaccard: Floats
    containment: Floats


class _Distinct(msgspec.Struct, frozen=True, eq=False):
    """Different texts in an order of their own (so that nothing depends on the order they came in), in bytes."""

    number: Ints  # of each text
    first: Ints  # text of each number
    data: Bytes
    offsets: Offsets


def near_duplicates(texts: Sequence[str], threshold: float = 0.5) -> list[int]:
    """Cluster texts that are nearly the same; gives a cluster number a text: 0, 1, ... in order of first members.

    Two texts are alike where the Jaccard of their word 5-grams reaches `threshold`, or where the longer holds most of
    the shorter (a wire story cut short). Chains that join unlike texts are cut. Clusters do not depend on the order.
    """
    return clusters_and_pairs(texts, threshold)[0]


def pairs(texts: Sequence[str], threshold: float = 0.5) -> Pairs:
    """Give the verified pairs that `near_duplicates` builds on; an exact copy is paired with the first of its kind."""
    return clusters_and_pairs(texts, threshold)[1]


def clusters_and_pairs(texts: Sequence[str], threshold: float = 0.5) -> tuple[list[int], Pairs]:
    """Give what `near_duplicates` and `pairs` give, for the work of one. A pair may join two clusters: a cut chain."""
    distinct = _distinct(texts)
    found = _alike(distinct, threshold)
    return _numbered(_clusters(distinct, found, threshold)[distinct.number]), _between_texts(distinct, found)


def _numbered(labels: Ints) -> list[int]:
    _, first, number = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    numbers: list[int] = rank[number].tolist()
    return numbers


def _between_texts(distinct: _Distinct, found: Pairs) -> Pairs:
    copies = np.flatnonzero(distinct.first[distinct.number] != np.arange(len(distinct.number)))
    one, other = distinct.first[found.left], distinct.first[found.right]
    left = np.concatenate((distinct.first[distinct.number[copies]], np.minimum(one, other)))
    right = np.concatenate((copies, np.maximum(one, other)))
    whole = np.ones(len(copies))
    order = np.lexsort((right, left))
    jaccard = np.concatenate((whole, found.jaccard))
    containment = np.concatenate((whole, found.containment))
    return Pairs(left[order], right[order], jaccard[order], containment[order])


def _distinct(texts: Sequence[str]) -> _Distinct:
    series = pl.Series("text", texts, dtype=pl.String)
    number = (series.rank("dense") - 1).to_numpy().astype(np.int64)
    _, first = np.unique(number, return_index=True)
    return _Distinct(number, first.astype(np.int64), *lowered(series.gather(first)))


def _alike(distinct: _Distinct, threshold: float) -> Pairs:
    """Verify the candidates; keep those that are alike."""
    left, right = _together(*candidates(distinct.data, distinct.offsets), len(distinct.first))
    spans = [slice(start, start + _BATCH) for start in range(0, len(left), _BATCH)]
    jaccard, containment, kept = [np.zeros(0)], [np.zeros(0)], [np.zeros(0, np.bool_)]
    with ThreadPoolExecutor(THREADS) as pool:
        for score, share, smaller in pool.map(lambda span: _overlaps(distinct, left[span], right[span]), spans):
            jaccard.append(score)
            containment.append(share)
            kept.append((score >= threshold) | _held(share, smaller, threshold))
    where = np.flatnonzero(np.concatenate(kept))
    where = where[np.lexsort((right[where], left[where]))]
    return Pairs(left[where], right[where], np.concatenate(jaccard)[where], np.concatenate(containment)[where])


def _held(containment: Floats, smaller: Ints, threshold: float) -> NDArray[np.bool_]:
    held: NDArray[np.bool_] = (containment >= _HELD * threshold) & (smaller >= _FEWEST)
    return held


def _together(left: Ints, right: Ints, count: int) -> tuple[Ints, Ints]:
    """Order pairs by component, so that a batch needs few texts."""
    order = np.lexsort((right, left, _components(left, right, count)[left]))
    return left[order], right[order]


def _components(left: Ints, right: Ints, count: int) -> Ints:
    # scipy.sparse costs 0.1 s to import: only where there is something to cluster.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    labels: Ints = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def _overlaps(distinct: _Distinct, left: Ints, right: Ints) -> tuple[Floats, Floats, Ints]:
    """Give, for each pair, Jaccard and containment of their 5-gram sets, and the size of the smaller set."""
    chosen, place = np.unique(np.concatenate((left, right)), return_inverse=True)
    one, other = place[: len(left)], place[len(left) :]
    table = _gram_table(distinct, chosen)
    sizes = np.diff(table.indptr).astype(np.int64)
    both = np.asarray(table[one].multiply(table[other]).sum(axis=1), np.float64)
    smaller = np.minimum(sizes[one], sizes[other])
    return both / np.maximum(sizes[one] + sizes[other] - both, 1), both / np.maximum(smaller, 1), smaller


def _gram_table(distinct: _Distinct, chosen: Ints) -> csr_array:
    """Make the table texts x 5-grams of 0 and 1; its columns are 47-bit hashes, of which two meet with 1e-9 a pair."""
    from scipy.sparse import csr_array

    rows = [np.zeros(0, np.uint64)]
    for first in range(0, len(chosen), 256):
        some = chosen[first : first + 256]
        sizes = distinct.offsets[some + 1] - distinct.offsets[some]
        bounds = np.concatenate(([0], np.cumsum(sizes)))
        data = distinct.data[np.repeat(distinct.offsets[some] - bounds[:-1], sizes) + np.arange(bounds[-1])]
        values, owner = grams(*words(data, bounds), GRAM)
        keys = np.sort((owner + first).astype(np.uint64) << np.uint64(47) | values >> np.uint64(17))
        rows.append(keys[np.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys)
    keys = np.concatenate(rows)
    owner = (keys >> np.uint64(47)).astype(np.int64)
    columns = (keys & np.uint64((1 << 47) - 1)).astype(np.int64)
    bounds = np.searchsorted(owner, np.arange(len(chosen) + 1))
    return csr_array((np.ones(len(keys), np.int32), columns, bounds), shape=(len(chosen), 1 << 47))


def _clusters(distinct: _Distinct, found: Pairs, threshold: float) -> Ints:
    """Label distinct texts by component, then part the components that only a chain holds together."""
    labels = _components(found.left, found.right, len(distinct.first))
    left, right = _all_pairs(labels, found.left)
    alike = _likeness(distinct, left, right, threshold)
    # Where even the least alike two are alike enough, so is every average: nothing to part.
    doubtful = np.unique(labels[left[alike <= threshold / 2]])
    starts, ends = np.searchsorted(labels[left], doubtful), np.searchsorted(labels[left], doubtful, "right")
    fresh = len(distinct.first)
    for start, end in zip(starts, ends, strict=True):
        members = np.unique(np.concatenate((left[start : start + 1], right[start:end])))
        parts = _parted(alike[start:end], threshold)
        labels[members] = fresh + parts
        fresh += len(members)
    return labels


def _all_pairs(labels: Ints, left: Ints) -> tuple[Ints, Ints]:
    """Give all pairs, in order, within each component whose texts are not all verified to be alike."""
    sizes = np.bincount(labels)
    edges = np.bincount(labels[left], minlength=len(sizes))
    loose = (edges < sizes * (sizes - 1) // 2) & (sizes > 2) & (sizes <= _LARGEST)
    members = np.argsort(labels, kind="stable")
    members = members[loose[labels[members]]]
    ends = np.cumsum(sizes * loose)[labels[members]]
    after = ends - np.arange(len(members)) - 1  # members of the same component that follow
    first = np.repeat(np.arange(len(members)), after)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(after) - after, after)
    return members[first], members[second]


def _likeness(distinct: _Distinct, left: Ints, right: Ints, threshold: float) -> Floats:
    """Give each pair's Jaccard, at least the threshold where the longer holds most of the shorter."""
    found = [np.zeros(0)]
    for start in range(0, len(left), _BATCH):
        jaccard, containment, smaller = _overlaps(distinct, left[start : start + _BATCH], right[start : start + _BATCH])
        held = _held(containment, smaller, threshold)
        found.append(np.where(held, np.maximum(jaccard, threshold), jaccard))
    return np.concatenate(found)


def _parted(alike: Floats, threshold: float) -> Ints:
    """Cluster a component by average linkage: groups stay together where their texts are alike on average by more
    than half the threshold, which one text between two unlike ones does not bring about."""
    from scipy.cluster.hierarchy import fcluster, linkage

    parts: Ints = fcluster(linkage(1 - alike, "average"), 1 - threshold / 2 - 1e-9, "distance")
    return parts.astype(np.int64) - 1
