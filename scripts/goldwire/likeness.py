"""How alike two texts are, exactly: Jaccard and containment of their sets of word 5-grams, for many pairs at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.shingles import Bytes, Offsets, folded, grams, words

__all__ = ["LEAST_SHARE", "Likeness", "held", "likeness"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LEAST_SHARE = 0.9  # of the threshold, as the share of its 5-grams that a shorter text has in a longer one
_FEWEST = 30  # 5-grams: a text of fewer is too small for that share to mean anything
_FEW = 1_000  # pairs
_CHUNK = 64  # texts tokenised at a time
_SHIFT = np.uint64(33)  # to 31 bits of a hash: of a text's 500 grams one in ten thousand texts takes another for it
_LAST = (1 << 31) - 1


class Likeness(msgspec.Struct, frozen=True, eq=False):
    """Of n pairs: Jaccard of their sets, the share of the smaller that the larger holds, the size of the smaller."""

    jaccard: Floats
    containment: Floats
    smaller: Ints


def held(found: Likeness, threshold: float) -> NDArray[np.bool_]:
    """Tell where the longer text holds so much of the shorter that this is a cut copy."""
    enough: NDArray[np.bool_] = (found.containment >= LEAST_SHARE * threshold) & (found.smaller >= _FEWEST)
    return enough


def likeness(data: Bytes, offsets: Offsets, left: Ints, right: Ints) -> Likeness:
    """Compare pairs of the texts that `offsets` part: those numbered `left` with those numbered `right`.

    It is quick where the texts are in order of length.
    """
    found, ends = _gram_sets(data, offsets)
    sizes = np.diff(ends).astype(np.int64)
    both = (_shared_by_few if len(left) <= _FEW else _shared)(found, ends, left, right)
    smaller = np.minimum(sizes[left], sizes[right])
    union = sizes[left] + sizes[right] - both
    return Likeness(both / np.maximum(union, 1), both / np.maximum(smaller, 1), smaller)


def _shared(found: NDArray[np.int32], ends: NDArray[np.int32], left: Ints, right: Ints) -> Floats:
    """Count each pair's grams in common, in the table texts x grams of 0 and 1, whose columns are hashes."""
    from scipy.sparse import csr_array

    table = csr_array((np.ones(len(found), np.int32), found, ends), shape=(len(ends) - 1, _LAST))
    return np.asarray(table[left].multiply(table[right]).sum(axis=1), np.float64)


def _shared_by_few(found: NDArray[np.int32], ends: NDArray[np.int32], left: Ints, right: Ints) -> Floats:
    """Count as `_shared` does, without scipy.sparse, which takes 0.25 s to import: a thousand pairs take 0.02 s."""
    sets = [found[start:end] for start, end in pairwise(ends.tolist())]
    both = (np.intersect1d(sets[a], sets[b], True) for a, b in zip(left.tolist(), right.tolist(), strict=True))
    return np.array([len(each) for each in both], np.float64)


def _gram_sets(data: Bytes, offsets: Offsets) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Give all texts' sets of grams end to end, as hashes in order, and where each text's begins and the last ends."""
    columns, sizes = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    for first, last in _chunks(np.diff(offsets)):
        bounds = offsets[first : last + 1]
        values, many = _sets(data[bounds[0] : bounds[-1]], bounds - bounds[0])
        columns.append(values)
        sizes.append(many)
    ends = np.concatenate((np.zeros(1, np.int32), np.cumsum(np.concatenate(sizes), dtype=np.int32)))
    return np.concatenate(columns), ends


def _chunks(lengths: Ints) -> Iterator[tuple[int, int]]:
    """Part texts every so many, and where the length doubles: each chunk is sorted as the rows of one matrix."""
    power = np.frexp(lengths)[1]
    edges = np.concatenate(([0], np.flatnonzero(np.diff(power)) + 1, [len(power)]))
    for first, last in pairwise(edges.tolist()):
        for start in range(first, last, _CHUNK):
            yield start, min(start + _CHUNK, last)


def _sets(data: Bytes, offsets: Offsets) -> tuple[NDArray[np.int32], Ints]:
    """Give each text's set of grams, sorted, and its size."""
    hashes, bounds = words(folded(data), offsets)
    values = grams(hashes, bounds)
    short = (values >> _SHIFT).astype(np.int32)
    short[values == 0] = _LAST
    count = np.diff(bounds)
    rows = np.full((len(count), int(count.max(initial=0))), _LAST, np.int32)
    rows[np.arange(rows.shape[1]) < count[:, None]] = short
    rows.sort(axis=1)
    kept = rows != _LAST
    kept[:, 1:] &= rows[:, 1:] != rows[:, :-1]
    return rows[kept], kept.sum(axis=1)
