"""Near-duplicate texts: candidates by sketches, exact word 5-grams to say who is alike, components to cluster them.

Each pair is verified *before* the union: unverified closure grows quadratically (48 million pairs at a million texts).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.dedup.candidates import candidates
from goldwire.dedup.clustering import Compared, clusters, components
from goldwire.dedup.jaccard import LEAST_SHARE, Likeness, likeness
from goldwire.dedup.sketches import Distinct, Sketches, distinct, in_segments, joined, sketch
from goldwire.parallel.threads import map_in_threads
from goldwire.text.batches import InMemoryTexts, TextStore, batch_ranges
from goldwire.text.ngrams import Bytes, Offsets

__all__ = ["Pairs", "Work", "clustered", "clusters_and_pairs", "compare_batch", "near_duplicates", "pairs"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_BATCH = 1024  # pairs verified at a time
_SKETCHED = 64  # texts sketched again at a time


class Pairs(msgspec.Struct, frozen=True, eq=False):
    """Verified pairs of texts `left < right`, in order.

    `jaccard` is that of their word 5-gram sets, `containment` the share of the smaller set that the larger holds.
    """

    left: Ints
    right: Ints
    jaccard: Floats
    containment: Floats


class Found(msgspec.Struct, frozen=True, eq=False):
    """The cluster of each text (0, 1, ... in order of first members), and verified pairs: some across a cut chain."""

    clusters: Ints
    pairs: Pairs


class Work(Protocol):
    """Who does the two kinds of work that grow with the text, in batches, answers in the order of the batches."""

    def sketches(self, bodies: TextStore, batches: Iterator[tuple[int, int]]) -> Iterator[Sketches]:
        """Sketch ranges of texts."""

    def likenesses(self, bodies: TextStore, batches: Iterator[tuple[Ints, Ints]]) -> Iterator[Likeness]:
        """Compare pairs of texts."""


class Threads:
    """Work done here, by threads."""

    def sketches(self, bodies: TextStore, batches: Iterator[tuple[int, int]]) -> Iterator[Sketches]:
        """Sketch ranges of texts."""
        return map_in_threads(lambda span: sketch(*bodies.slice(*span)), batches)

    def likenesses(self, bodies: TextStore, batches: Iterator[tuple[Ints, Ints]]) -> Iterator[Likeness]:
        """Compare pairs of texts."""
        return map_in_threads(lambda batch: likeness(*compare_batch(bodies, *batch)), batches)


def near_duplicates(texts: Sequence[str], threshold: float = 0.5) -> list[int]:
    """Cluster texts that are nearly the same; gives a cluster number a text: 0, 1, ... in order of first members.

    Two texts are alike where the Jaccard of their word 5-grams reaches `threshold`, or where the longer holds most of
    the shorter (a wire story cut short). Chains that join unlike texts are cut. Clusters do not depend on the order.
    """
    return clusters_and_pairs(texts, threshold)[0]


def pairs(texts: Sequence[str], threshold: float = 0.5) -> Pairs:
    """Give the verified pairs that `near_duplicates` builds on; an exact copy is paired with the first of its kind."""
    return clustered(InMemoryTexts(texts), threshold).pairs


def clusters_and_pairs(texts: Sequence[str], threshold: float = 0.5) -> tuple[list[int], Pairs]:
    """Give what `near_duplicates` and `pairs` give, for the work of one. A pair may join two clusters: a cut chain."""
    found = clustered(InMemoryTexts(texts), threshold)
    numbers: list[int] = found.clusters.tolist()
    return numbers, found.pairs


def clustered(bodies: TextStore, threshold: float, work: Work | None = None) -> Found:
    """Cluster texts wherever they are kept, by whoever does the work."""
    work = work or Threads()
    sketches = in_segments(work.sketches(bodies, batch_ranges(bodies.lengths())))
    texts = distinct(sketches)
    left, right, about = candidates(texts, sketches, LEAST_SHARE * threshold, map_in_threads)
    batches = _Batches(bodies, work, texts.first)
    known = Compared(left, right, batches.compare(left, right, about >= threshold))
    labels = clusters(known, len(texts.first), threshold, batches)
    return Found(_numbered(labels[texts.number]), _between_texts(texts, known, threshold))


def compare_batch(bodies: TextStore, left: Ints, right: Ints) -> tuple[Bytes, Offsets, Ints, Ints]:
    """Give what `likeness` takes for pairs of texts by their numbers among `bodies`."""
    chosen, place = np.unique(np.concatenate((left, right)), return_inverse=True)
    order = np.argsort(bodies.lengths()[chosen], kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return *bodies.take(chosen[order]), rank[place[: len(left)]], rank[place[len(left) :]]


class _Batches(msgspec.Struct, frozen=True, eq=False):
    """Who compares which texts."""

    bodies: TextStore
    work: Work
    first: Ints  # among `bodies`, of each distinct text

    def compare(self, left: Ints, right: Ints, close: NDArray[np.bool_] | None = None) -> Likeness:
        """Compare pairs of distinct texts; texts of `close` pairs are read together."""
        some = slice(None) if close is None else close
        group = components(left[some], right[some], len(self.first))
        order = np.lexsort((right, left, group[right], group[left]))
        one, other = self.first[left[order]], self.first[right[order]]
        batches = ((one[start : start + _BATCH], other[start : start + _BATCH]) for start in range(0, len(one), _BATCH))
        found = list(self.work.likenesses(self.bodies, batches))
        jaccard, containment, smaller = np.zeros(len(left)), np.zeros(len(left)), np.zeros(len(left), np.int64)
        jaccard[order] = np.concatenate([np.zeros(0), *(part.jaccard for part in found)])
        containment[order] = np.concatenate([np.zeros(0), *(part.containment for part in found)])
        smaller[order] = np.concatenate([np.zeros(0, np.int64), *(part.smaller for part in found)])
        return Likeness(jaccard, containment, smaller)

    def sketch(self, members: Ints, fewest: int) -> Sketches:
        """Sketch distinct texts anew."""
        numbers = self.first[members]
        parts = [numbers[start : start + _SKETCHED] for start in range(0, len(numbers), _SKETCHED)]
        return joined(list(map_in_threads(lambda part: sketch(*self.bodies.take(part), fewest), parts)))


def _numbered(labels: Ints) -> Ints:
    _, first, number = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[number]


def _between_texts(texts: Distinct, known: Compared, threshold: float) -> Pairs:
    alike = known.alike(threshold)
    copies = np.flatnonzero(texts.first[texts.number] != np.arange(len(texts.number)))
    one, other = texts.first[known.left[alike]], texts.first[known.right[alike]]
    left = np.concatenate((texts.first[texts.number[copies]], np.minimum(one, other)))
    right = np.concatenate((copies, np.maximum(one, other)))
    whole = np.ones(len(copies))
    order = np.lexsort((right, left))
    jaccard = np.concatenate((whole, known.likeness.jaccard[alike]))
    containment = np.concatenate((whole, known.likeness.containment[alike]))
    return Pairs(left[order], right[order], jaccard[order], containment[order])
