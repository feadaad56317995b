"""Near-duplicate texts: candidates from sketches, exact comparison of word 5-grams, clusters of similar texts.

Each pair is verified *before* clustering: the closure of unverified pairs grows quadratically (48 million pairs at a
million texts).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.dedup.candidates import CandidatePairs, candidate_pairs
from goldwire.dedup.clustering import ScoredPairs, cluster_labels, connected_components
from goldwire.dedup.engines import Executor, ThreadExecutor
from goldwire.dedup.jaccard import PairSimilarity, Thresholds
from goldwire.dedup.sketches import Sketches, UniqueTexts, concatenate, merge_segments, sketch, unique_texts
from goldwire.text.batches import InMemoryTexts, TextStore, batch_ranges

__all__ = [
    "DEFAULT_CONTAINMENT",
    "DedupResult",
    "VerifiedPairs",
    "cluster_pairs",
    "cluster_texts",
    "compare_candidates",
    "near_duplicate_pairs",
    "near_duplicates",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DEFAULT_CONTAINMENT = 0.75

_PAIR_BATCH = 1024  # pairs verified at a time
_SKETCH_BATCH = 64  # texts sketched again at a time


class VerifiedPairs(msgspec.Struct, frozen=True, eq=False):
    """Pairs of near-duplicate texts, sorted, one array per column.

    Attributes
    ----------
    left, right : ndarray of int
        Numbers of the two texts; `left < right`.
    jaccard : ndarray of float
        Jaccard index of their sets of word 5-grams.
    containment : ndarray of float
        Share of the smaller set that is in the larger one.
    """

    left: Ints
    right: Ints
    jaccard: Floats
    containment: Floats


class DedupResult(msgspec.Struct, frozen=True, eq=False):
    """The cluster of each text, numbered in the order of first members, and the verified pairs.

    A pair may join two clusters, if it was part of a chain that was cut.
    """

    clusters: Ints
    pairs: VerifiedPairs


def near_duplicates(
    texts: Sequence[str], threshold: float = 0.5, containment: float = DEFAULT_CONTAINMENT
) -> list[int]:
    """Cluster near-duplicate texts.

    Two texts are near-duplicates if the Jaccard index of their word 5-grams is at least `threshold`, or if the longer
    text has at least the share `containment` of the shorter one's 5-grams (a wire story cut short). Case and
    punctuation do not matter. Chains that join dissimilar texts are cut. Clusters do not depend on the order of the
    texts.

    Parameters
    ----------
    texts : sequence of str
        The texts to compare, without their headlines: two outlets have different headlines for one wire story.
    threshold : float, default: 0.5
        Jaccard index of word 5-grams from which two texts are near-duplicates; above 0 and at most 1.
    containment : float, default: 0.75
        Share of the shorter text's 5-grams that the longer one must have; above 0, and more than 1 for no such pairs.

    Returns
    -------
    list of int
        One cluster number per text: 0, 1, ... in the order of first members.

    Notes
    -----
    Candidates are found by FracMinHash sketches [1]_: at .5 or more, at least .98 of the pairs are found. Each
    candidate is then compared exactly. Components of similar pairs are split by average linkage.

    References
    ----------
    .. [1] L. Irber et al. Lightweight compositional analysis of metagenomes with FracMinHash and minimum metagenome
       covers. bioRxiv, 2022.

    Examples
    --------
    >>> from goldwire import near_duplicates
    >>> story = "The council of Arvenholt voted on Monday to reopen the old ferry after nine years"
    >>> near_duplicates([story, "Snow closes the upper road", story.upper() + "!", "Snow closes the road"])
    [0, 1, 0, 2]
    """
    clusters: list[int] = cluster_texts(InMemoryTexts(texts), threshold, containment).clusters.tolist()
    return clusters


def near_duplicate_pairs(
    texts: Sequence[str], threshold: float = 0.5, containment: float = DEFAULT_CONTAINMENT
) -> VerifiedPairs:
    """Return the verified pairs from which `near_duplicates` builds clusters.

    An exact copy is paired with the first text of the same wording only.
    """
    return cluster_texts(InMemoryTexts(texts), threshold, containment).pairs


def cluster_texts(
    texts: TextStore,
    threshold: float,
    containment: float = DEFAULT_CONTAINMENT,
    executor: Executor | None = None,
) -> DedupResult:
    """Cluster the near-duplicates in a store of texts.

    Parameters
    ----------
    texts : TextStore
        Texts in memory or on disk.
    threshold, containment : float
        See `near_duplicates`.
    executor : Executor, optional
        Runs the work. Default: threads of this process.
    """
    executor = executor or ThreadExecutor()
    thresholds = Thresholds(threshold, containment)
    # 1. Sketch all texts; exact copies become one.
    sketches = merge_segments(executor.sketch(texts, batch_ranges(texts.lengths())))
    unique = unique_texts(sketches)
    # 2. Find pairs whose sketches have enough in common, and compare these exactly.
    candidates = candidate_pairs(unique, sketches, thresholds, executor.map)
    pairs = compare_candidates(texts, unique.first, candidates, thresholds, executor)
    labels = cluster_pairs(texts, unique.first, pairs, thresholds, executor)
    # 3. Give copies the cluster of the first.
    return DedupResult(_renumber(labels[unique.number]), _verified_pairs(unique, pairs, thresholds))


def compare_candidates(
    texts: TextStore, first: Ints, candidates: CandidatePairs, thresholds: Thresholds, executor: Executor
) -> ScoredPairs:
    """Compare candidate pairs exactly.

    Parameters
    ----------
    texts : TextStore
        The texts.
    first : ndarray of int
        Number in `texts` of each unique text.
    candidates : CandidatePairs
        Pairs of unique texts.
    thresholds : Thresholds
        From which similarity two texts are near-duplicates.
    executor : Executor
        Runs the comparison.
    """
    source = _UniqueTextSource(texts, executor, first)
    similarity = source.compare(candidates.left, candidates.right, candidates.containment >= thresholds.jaccard)
    return ScoredPairs(candidates.left, candidates.right, similarity)


def cluster_pairs(
    texts: TextStore, first: Ints, pairs: ScoredPairs, thresholds: Thresholds, executor: Executor
) -> Ints:
    """Return the cluster of each unique text by the near-duplicates among pairs; the arguments are those above."""
    return cluster_labels(pairs, len(first), thresholds, _UniqueTextSource(texts, executor, first))


class _UniqueTextSource(msgspec.Struct, frozen=True, eq=False):
    """Compares and sketches unique texts: a `goldwire.dedup.clustering.TextSource`."""

    texts: TextStore
    executor: Executor
    first: Ints  # number in `texts` of each unique text

    def compare(self, left: Ints, right: Ints, is_likely: NDArray[np.bool_] | None = None) -> PairSimilarity:
        """Return the similarity of pairs of unique texts; texts of likely near-duplicates are read together."""
        likely = slice(None) if is_likely is None else is_likely
        group = connected_components(left[likely], right[likely], len(self.first))
        order = np.lexsort((right, left, group[right], group[left]))
        left_texts, right_texts = self.first[left[order]], self.first[right[order]]
        batches = (
            (left_texts[start : start + _PAIR_BATCH], right_texts[start : start + _PAIR_BATCH])
            for start in range(0, len(order), _PAIR_BATCH)
        )
        parts = list(self.executor.compare(self.texts, batches))
        jaccard, containment, smaller = np.zeros(len(left)), np.zeros(len(left)), np.zeros(len(left), np.int64)
        jaccard[order] = np.concatenate([np.zeros(0), *(part.jaccard for part in parts)])
        containment[order] = np.concatenate([np.zeros(0), *(part.containment for part in parts)])
        smaller[order] = np.concatenate([np.zeros(0, np.int64), *(part.smaller for part in parts)])
        return PairSimilarity(jaccard, containment, smaller)

    def sketch(self, members: Ints, sketch_size: int) -> Sketches:
        """Return new sketches of unique texts with about `sketch_size` hashes each."""
        numbers = self.first[members]
        batches = [numbers[start : start + _SKETCH_BATCH] for start in range(0, len(numbers), _SKETCH_BATCH)]
        return concatenate(list(self.executor.map(lambda batch: sketch(*self.texts.take(batch), sketch_size), batches)))


def _renumber(labels: Ints) -> Ints:
    """Return labels numbered 0, 1, ... in the order of their first members."""
    _, first, number = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[number]


def _verified_pairs(unique: UniqueTexts, pairs: ScoredPairs, thresholds: Thresholds) -> VerifiedPairs:
    """Return the near-duplicate pairs of unique texts, and each exact copy with the first text of its wording."""
    is_near = thresholds.is_near_duplicate(pairs.similarity)
    copies = np.flatnonzero(unique.first[unique.number] != np.arange(len(unique.number)))
    first, second = unique.first[pairs.left[is_near]], unique.first[pairs.right[is_near]]
    left = np.concatenate((unique.first[unique.number[copies]], np.minimum(first, second)))
    right = np.concatenate((copies, np.maximum(first, second)))
    order = np.lexsort((right, left))
    ones = np.ones(len(copies))
    jaccard = np.concatenate((ones, pairs.similarity.jaccard[is_near]))
    containment = np.concatenate((ones, pairs.similarity.containment[is_near]))
    return VerifiedPairs(left[order], right[order], jaccard[order], containment[order])
