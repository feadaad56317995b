"""Candidate pairs of similar texts: those whose sketches share enough n-gram hashes.

Everything is an array operation over all texts. Nothing here is exact: `goldwire.dedup.near_duplicates` verifies each
pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.dedup.jaccard import Thresholds
from goldwire.dedup.sketches import Sketches, UniqueTexts, concatenate, sampling_rates
from goldwire.text.ngrams import Hashes

__all__ = ["NEIGHBOURS", "CandidatePairs", "candidate_pairs", "least_shared", "sampled_grams"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bucket = tuple[Hashes, ...]
BucketPairs = tuple[Hashes, Ints]
ParallelMap = Callable[[Callable[[Bucket], BucketPairs], Iterable[Bucket]], Iterator[BucketPairs]]

# Standard deviations by which two texts may share fewer of their sampled grams than of all: loses one in 40 of the
# pairs with just enough shared grams, and none of those of Jaccard .5 and about equal length.
_DEVIATIONS = 2
_CANDIDATE_SHARE = 0.9  # of the Jaccard threshold: two texts of that Jaccard index contain a third more of each other
# Of texts whose lengths differ more than the Jaccard threshold allows, one must contain the other. Lengths are
# estimated from 32 grams, and their ratio errs by a quarter (one standard deviation).
_LENGTH_MARGIN = 1.5
NEIGHBOURS = 6
"""Texts with the same gram that each text is paired with: work stays linear in their number."""
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


class CandidatePairs(msgspec.Struct, frozen=True, eq=False):
    """Sorted pairs `left < right` of unique texts worth verifying, with an estimate of their containment."""

    left: Ints
    right: Ints
    containment: Floats


def candidate_pairs(
    texts: UniqueTexts, sketches: list[Sketches], thresholds: Thresholds, parallel_map: ParallelMap
) -> CandidatePairs:
    """Find the pairs of unique texts that may be near-duplicates.

    Parameters
    ----------
    texts : UniqueTexts
        The unique texts.
    sketches : list of Sketches
        Sketches of all texts. The list is emptied, to free memory.
    thresholds : Thresholds
        From which similarity two texts are near-duplicates.
    parallel_map : callable
        A `map` that yields results in order, perhaps computed in parallel.
    """
    n_unique = len(texts.first)
    number_bits = np.uint64(max(n_unique, 2).bit_length())
    # 1. Sort the sampled grams into buckets by their hash, so that equal ones come together.
    segments = _bucket_segments(texts, sketches, number_bits)
    # 2. Pair the neighbours in each bucket.
    packed_pairs, n_sampled = [np.zeros(0, np.uint64)], np.zeros(n_unique, np.int64)
    for bucket_pairs, owners in parallel_map(
        lambda bucket: _neighbour_pairs(np.concatenate(bucket), number_bits), zip(*segments, strict=True)
    ):
        packed_pairs.append(bucket_pairs)
        n_sampled += np.bincount(owners, minlength=n_unique)
    # 3. Count how many sampled grams each pair shares.
    pairs = np.concatenate(packed_pairs)
    pairs.sort()
    first = _run_starts(pairs)
    n_shared = np.diff(first, append=len(pairs))
    pairs = pairs[first]
    left, right = (pairs >> _HALF).astype(np.int64), (pairs & _LOW).astype(np.int64)
    # 4. Keep the pairs that share enough, but for the error of sampling.
    smaller = sampled_grams(texts.sizes, n_sampled, left, right)
    enough = n_shared >= least_shared(texts.sizes, n_sampled, left, right, thresholds)
    return CandidatePairs(left[enough], right[enough], n_shared[enough] / smaller[enough])


def sampled_grams(sizes: Ints, n_sampled: Ints, left: Ints, right: Ints) -> Floats:
    """Return how many grams of the smaller text of each pair are sampled at the lower of the two rates.

    Parameters
    ----------
    sizes, n_sampled : ndarray of int
        Number of n-grams of each text, and of those that were sampled.
    left, right : ndarray of int
        Numbers of the texts of each pair.
    """
    rates = sampling_rates(sizes)
    smaller: Floats = np.minimum(n_sampled[left] / rates[left], n_sampled[right] / rates[right])
    smaller *= np.minimum(rates[left], rates[right])
    return smaller


def least_shared(sizes: Ints, n_sampled: Ints, left: Ints, right: Ints, thresholds: Thresholds) -> Ints:
    """Return how many sampled grams the texts of each pair must share to be worth comparing.

    They are as many as near-duplicates share, but for the error of sampling.

    Parameters
    ----------
    sizes, n_sampled : ndarray of int
        Number of n-grams of each text, and of those that were sampled.
    left, right : ndarray of int
        Numbers of the texts of each pair.
    thresholds : Thresholds
        From which similarity two texts are near-duplicates.
    """
    smaller = sampled_grams(sizes, n_sampled, left, right)
    lengths = n_sampled / sampling_rates(sizes)
    shorter, longer = np.minimum(lengths[left], lengths[right]), np.maximum(lengths[left], lengths[right])
    # A text and one of four times its length share one gram by chance more often than all of them: at 10 million
    # articles, half of all texts with a candidate were connected by such pairs.
    is_beginning = _LENGTH_MARGIN * shorter < thresholds.jaccard * longer
    least = min(_CANDIDATE_SHARE * thresholds.jaccard, thresholds.containment)
    containment = np.where(is_beginning, thresholds.containment, least)
    return np.ceil(containment * smaller - _DEVIATIONS * np.sqrt(smaller) / 2).astype(np.int64)


def _bucket_segments(texts: UniqueTexts, sketches: list[Sketches], number_bits: np.uint64) -> list[list[Hashes]]:
    """Return for each segment 256 buckets of keys; a key is hash and text number of a sampled gram in one integer.

    One sort of a bucket brings equal hashes together. 44 bits of a hash are left at a million texts: thirty of their 30
    million grams collide by chance.
    """
    is_first = np.zeros(len(texts.number), np.bool_)
    is_first[texts.first] = True
    segments: list[list[Hashes]] = []
    start = 0
    for index, segment in enumerate(sketches):
        sketches[index] = concatenate([])
        members = slice(start, start + len(segment.counts))
        start = members.stop
        keys = segment.hashes << number_bits
        keys |= np.repeat(texts.number[members].astype(np.uint64), segment.counts)
        keys = keys[np.repeat(is_first[members], segment.counts)]
        bucket = (keys >> np.uint64(56)).astype(np.uint8)
        keys = keys[np.argsort(bucket, kind="stable")]  # for bytes, numpy uses a radix sort
        segments.append(np.split(keys, np.cumsum(np.bincount(bucket, minlength=256))[:-1]))
    return segments


def _neighbour_pairs(keys: Hashes, number_bits: np.uint64) -> BucketPairs:
    """Return packed pairs of texts that share a gram and are neighbours in the bucket, and the text of each key."""
    keys.sort()
    keys = keys[_run_starts(keys)]
    mask = (np.uint64(1) << number_bits) - np.uint64(1)
    owners = keys & mask
    same_gram = ((keys[1:] ^ keys[:-1]) <= mask).nonzero()[0]
    pairs = [np.zeros(0, np.uint64)]
    for step in range(1, NEIGHBOURS + 1):
        pairs.append(owners[same_gram] << _HALF | owners[same_gram + step])
        same_gram = same_gram[same_gram + step + 1 < len(keys)]
        same_gram = same_gram[(keys[same_gram] ^ keys[same_gram + step + 1]) <= mask]
    return np.concatenate(pairs), owners.view(np.int64)


def _run_starts(values: Hashes) -> Ints:
    """Return at which indices a new value begins in sorted values."""
    return np.concatenate((np.ones(min(len(values), 1), np.bool_), values[1:] != values[:-1])).nonzero()[0]
