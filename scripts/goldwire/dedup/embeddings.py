"""The most similar texts by the cosine of their vectors: a second look for copies that share too few n-grams."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["SimilarPairs", "similar_pairs"]

Ints = NDArray[np.int64]
Vectors = NDArray[np.float32]

_SCORES = 1 << 24  # cosines in memory at a time, 64 MB


class SimilarPairs(msgspec.Struct, frozen=True, eq=False):
    """Pairs `left < right` of texts, the most similar first, one array per column."""

    left: Ints
    right: Ints
    similarity: Vectors


def similar_pairs(
    vectors: NDArray[np.floating], clusters: Ints, min_similarity: float, max_pairs: int = 1000
) -> SimilarPairs:
    """Find the most similar pairs of texts in different clusters, exactly.

    A cluster is represented by its first text with a vector, so that two large clusters are one pair. The time grows
    with the square of their number.

    Parameters
    ----------
    vectors : ndarray of shape (texts, dimensions)
        The vector of each text; a text whose vector is zero is left out.
    clusters : ndarray of int of shape (texts,)
        The cluster of each text.
    min_similarity : float
        Least cosine of a pair.
    max_pairs : int, default: 1000
        Greatest number of pairs.
    """
    has_vector = np.flatnonzero(np.any(vectors != 0, axis=1))
    first = has_vector[np.unique(clusters[has_vector], return_index=True)[1]]
    first.sort()
    units = vectors[first].astype(np.float32)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    left, right, similarity = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
    for rows, columns, cosines in _similar_blocks(units, min_similarity):
        left, right = np.concatenate((left, first[rows])), np.concatenate((right, first[columns]))
        similarity = np.concatenate((similarity, cosines))
        order = np.lexsort((right, left, -similarity))[:max_pairs]
        left, right, similarity = left[order], right[order], similarity[order]
    return SimilarPairs(left, right, similarity)


def _similar_blocks(units: Vectors, min_similarity: float) -> Iterator[tuple[Ints, Ints, Vectors]]:
    """Yield the pairs of rows with at least a cosine, block by block."""
    size = max(_SCORES // max(len(units), 1), 1)
    for start in range(0, len(units), size):
        cosines = np.minimum(units[start : start + size] @ units[start:].T, 1)
        rows, columns = np.nonzero(cosines >= min_similarity)
        is_upper = rows < columns
        rows, columns = rows[is_upper], columns[is_upper]
        yield rows + start, columns + start, cosines[rows, columns]
