"""Which texts may be alike: MinHash of 3-word shingles in LSH bands, and sampled 5-word grams that few texts share.

Everything is an array operation over all texts; nothing here is exact, and `goldwire.similarity` verifies each pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from goldwire.shingles import Bytes, Hashes, Offsets, chunks, grams, words

__all__ = ["GRAM", "THREADS", "candidates", "sketch"]

Ints = NDArray[np.int64]
Signatures = NDArray[np.uint32]

GRAM = 5  # words: what counts as the same wording
_SHINGLE = 3  # words: finds 98% of edited copies where 5-word shingles find 85%
_BINS = 128
_BANDS, _ROWS = 42, 3  # texts of 3-word Jaccard .5 meet with .996, unrelated ones (.005) with 5e-6
_AGREE = 0.3  # of the bins: a pair of 5-word Jaccard .5 has 3-word Jaccard .55 or more, six deviations above this
_SAMPLE = np.uint64(1 << 60)  # 1 in 16 of all 5-grams: finds the short text that a longer one holds
_SHARED = 2, 0.25  # sampled 5-grams, and share of the smaller sample, that two texts have in common to be compared
_COMMON = 64  # a 5-gram in more texts than this is an outlet's boilerplate
THREADS = 2
_NEXT = 6  # neighbours in a bucket that each text is compared with: work stays linear in the bucket's size
_EMPTY = np.uint32(0xFFFFFFFF)


def candidates(data: Bytes, offsets: Offsets) -> tuple[Ints, Ints]:
    """Give the pairs `left < right` of texts worth verifying, each once, in order."""
    signatures, sampled, owner = sketch(data, offsets)
    count = len(signatures)
    banded = _unique(_banded(signatures), count)
    alike = [
        (signatures[left] == signatures[right]).mean(axis=1) >= _AGREE
        for left, right in _parts(banded[0], banded[1], 1 << 16)
    ]
    near = np.concatenate(alike) if alike else np.zeros(0, np.bool_)
    shared = _sharing(sampled, owner, count)
    both = (np.concatenate((banded[0][near], shared[0])), np.concatenate((banded[1][near], shared[1])))
    return _unique(both, count)


def sketch(data: Bytes, offsets: Offsets) -> tuple[Signatures, Hashes, Ints]:
    """Give each text's one-permutation MinHash (n x 128), and the sampled 5-grams of all texts with their owners."""
    # numpy lets go of Python's lock: two threads take three quarters of the time of one. More only fight over memory.
    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(lambda span: _sketched(data, offsets, *span), chunks(offsets)))
    empty = np.zeros((0, _BINS), np.uint32), np.zeros(0, np.uint64), np.zeros(0, np.int64)
    signatures, sampled, owners = (np.concatenate(column) for column in zip(empty, *parts, strict=True))
    return signatures, sampled, owners


def _sketched(data: Bytes, offsets: Offsets, first: int, last: int) -> tuple[Signatures, Hashes, Ints]:
    inside = offsets[first : last + 1] - offsets[first]
    hashes, bounds = words(data[offsets[first] : offsets[last]], inside)
    signatures = _minhash(*grams(hashes, bounds, _SHINGLE), last - first)
    values, owner = grams(hashes, bounds, GRAM)
    taken = values < _SAMPLE
    return signatures, values[taken], owner[taken] + first


def _minhash(values: Hashes, owner: Ints, count: int) -> Signatures:
    """One-permutation hashing (Li, Owen and Zhang 2012) with rotation for empty bins (Shrivastava and Li 2014)."""
    signatures = np.full(count * _BINS, _EMPTY, np.uint32)
    place = owner * _BINS + (values >> np.uint64(57)).astype(np.int64)
    np.minimum.at(signatures, place, ((values >> np.uint64(20)) & np.uint64(0xFFFFFFFE)).astype(np.uint32))
    table = signatures.reshape(count, _BINS)
    some = (table != _EMPTY).any(axis=1)
    for _ in range(_BINS):
        rows = np.flatnonzero((table == _EMPTY).any(axis=1) & some)
        if not len(rows):
            break
        near = np.roll(table[rows], -1, axis=1)
        fill = (table[rows] == _EMPTY) & (near != _EMPTY)
        # Moved by a constant a step, so that a borrowed value meets only one borrowed from as far.
        table[rows] = np.where(fill, (near + np.uint32(0x9E3779B1)) & np.uint32(0xFFFFFFFE), table[rows])
    return table


def _banded(signatures: Signatures) -> Iterator[tuple[Ints, Ints]]:
    """Give pairs of neighbours in every bucket of every band."""
    some = np.flatnonzero((signatures != _EMPTY).any(axis=1)) if len(signatures) else np.zeros(0, np.int64)
    for band in range(_BANDS):
        key = np.zeros(len(some), np.uint64)
        for row in range(_ROWS):
            key = (key ^ signatures[some, band * _ROWS + row]) * np.uint64(0x9E3779B97F4A7C15)
            key ^= key >> np.uint64(31)
        alike = _crowded(key)
        order = alike[np.argsort(key[alike], kind="stable")]
        yield from _neighbours(key[order], some[order])


def _crowded(keys: Hashes) -> Ints:
    """Give where the keys are that another may equal: counting buckets is a fifth of the work of sorting all keys."""
    bits = max(len(keys), 1).bit_length() + 3
    bucket = (keys >> np.uint64(64 - bits)).astype(np.int64)
    return np.flatnonzero(np.bincount(bucket, minlength=1 << bits)[bucket] > 1)


def _neighbours(keys: Hashes, owners: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Pair each owner with the next few of the same key, in sorted keys."""
    alike = np.flatnonzero(keys[1:] == keys[:-1])
    for step in range(1, _NEXT + 1):
        if not len(alike):
            return
        yield owners[alike], owners[alike + step]
        alike = alike[alike + step + 1 < len(keys)]
        alike = alike[keys[alike] == keys[alike + step + 1]]


def _sharing(sampled: Hashes, owners: Ints, count: int) -> tuple[Ints, Ints]:
    """Give pairs that share enough of their sampled 5-grams, common ones left out."""
    order = np.argsort(sampled, kind="stable")  # owners are in order, and stay so
    keys, owners = sampled[order], owners[order]
    new = np.ones(len(keys), np.bool_)
    new[1:] = (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
    keys, owners = keys[new], owners[new]
    _, size = np.unique(keys, return_counts=True)
    some = np.repeat((size > 1) & (size <= _COMMON), size)
    found = list(_neighbours(keys[some], owners[some]))
    left, right, times = _counted(found, count)
    sizes = np.bincount(owners, minlength=count)
    least, share = _SHARED
    kept = (times >= least) & (times >= share * np.minimum(sizes[left], sizes[right]))
    return left[kept], right[kept]


def _counted(found: list[tuple[Ints, Ints]], count: int) -> tuple[Ints, Ints, Ints]:
    none = np.zeros(0, np.int64)
    left = np.concatenate([none, *(pair[0] for pair in found)])
    right = np.concatenate([none, *(pair[1] for pair in found)])
    low, high = np.minimum(left, right), np.maximum(left, right)
    key, times = np.unique(low * np.int64(max(count, 1)) + high, return_counts=True)
    return key // max(count, 1), key % max(count, 1), times


def _unique(found: Iterator[tuple[Ints, Ints]] | tuple[Ints, Ints], count: int) -> tuple[Ints, Ints]:
    pairs = [found] if isinstance(found, tuple) else list(found)
    left, right, _ = _counted(pairs, count)
    return left, right


def _parts(left: Ints, right: Ints, size: int) -> Iterator[tuple[Ints, Ints]]:
    for start in range(0, len(left), size):
        yield left[start : start + size], right[start : start + size]
