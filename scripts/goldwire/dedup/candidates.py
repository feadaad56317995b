"""Which texts may be alike: those that have enough of their kept grams in common.

Everything is an array operation over all texts; nothing here is exact, and `goldwire.dedup.near_duplicates` verifies
each pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from goldwire.dedup.sketches import Distinct, Sketches, joined, rates
from goldwire.text.ngrams import Hashes

__all__ = ["candidates"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bucket = tuple[Hashes, ...]
Map = Callable[[Callable[[Bucket], tuple[Hashes, Ints]], Iterable[Bucket]], Iterator[tuple[Hashes, Ints]]]

_DEVIATIONS = 2  # by which two texts may have fewer of their kept grams in common than of all: loses one in 40 of the
# pairs that have just enough, none of those of Jaccard .5 that are about as long
_NEXT = 6  # neighbours in a bucket that each text is compared with: work stays linear in the bucket's size
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


def candidates(texts: Distinct, sketches: list[Sketches], share: float, shared: Map) -> tuple[Ints, Ints, Floats]:
    """Give pairs `left < right` of distinct texts worth verifying, each once, in order; and about their containment.

    `sketches` are used up, for the memory; `share` is the least containment that counts, and `shared` has the parts of
    the work done.
    """
    count = len(texts.first)
    bits = np.uint64(max(count, 2).bit_length())
    buckets = _buckets(texts, sketches, bits)
    found, kept = [np.zeros(0, np.uint64)], np.zeros(count, np.int64)
    for pairs, owners in shared(lambda bucket: _met(np.concatenate(bucket), bits), zip(*buckets, strict=True)):
        found.append(pairs)
        kept += np.bincount(owners, minlength=count)
    pairs = np.concatenate(found)
    pairs.sort()
    first = _firsts(pairs)
    many = np.diff(first, append=len(pairs))
    pairs = pairs[first]
    left, right = (pairs >> _HALF).astype(np.int64), (pairs & _LOW).astype(np.int64)
    rate = rates(texts.sizes)
    least = np.minimum(kept[left] / rate[left], kept[right] / rate[right]) * np.minimum(rate[left], rate[right])
    enough = many >= share * least - _DEVIATIONS * np.sqrt(least) / 2
    return left[enough], right[enough], many[enough] / least[enough]


def _buckets(texts: Distinct, sketches: list[Sketches], bits: np.uint64) -> list[list[Hashes]]:
    """Give hash and text of each kept gram in one integer, so that one sort brings equal hashes together.

    They come in segments, each in 256 buckets by the hash. Of a hash 44 bits are left at a million texts: thirty of its
    30 million grams meet another by chance.
    """
    chosen = np.zeros(len(texts.number), np.bool_)
    chosen[texts.first] = True
    segments: list[list[Hashes]] = []
    first = 0
    for place, part in enumerate(sketches):
        sketches[place] = joined([])
        some = slice(first, first + len(part.counts))
        first = some.stop
        keys = part.kept << bits
        keys |= np.repeat(texts.number[some].astype(np.uint64), part.counts)
        keys = keys[np.repeat(chosen[some], part.counts)]
        top = (keys >> np.uint64(56)).astype(np.uint8)
        keys = keys[np.argsort(top, kind="stable")]  # a radix sort, where it is of bytes
        segments.append(np.split(keys, np.cumsum(np.bincount(top, minlength=256))[:-1]))
    return segments


def _met(keys: Hashes, bits: np.uint64) -> tuple[Hashes, Ints]:
    """Give pairs of neighbours for each gram, packed, and the text of each key."""
    keys.sort()
    keys = keys[_firsts(keys)]
    mask = (np.uint64(1) << bits) - np.uint64(1)
    owners = keys & mask
    alike = ((keys[1:] ^ keys[:-1]) <= mask).nonzero()[0]
    found = [np.zeros(0, np.uint64)]
    for step in range(1, _NEXT + 1):
        found.append(owners[alike] << _HALF | owners[alike + step])
        alike = alike[alike + step + 1 < len(keys)]
        alike = alike[(keys[alike] ^ keys[alike + step + 1]) <= mask]
    return np.concatenate(found), owners.view(np.int64)


def _firsts(ordered: Hashes) -> Ints:
    """Give where a new value begins."""
    return np.concatenate((np.ones(min(len(ordered), 1), np.bool_), ordered[1:] != ordered[:-1])).nonzero()[0]
