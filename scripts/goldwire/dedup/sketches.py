"""Sketches of texts: a sample of each text's n-gram hashes to find similar texts by, and a digest of its wording."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.text.ngrams import Bytes, Hashes, Offsets, hash_spans, ngram_counts, text_ngrams

__all__ = ["SKETCH_SIZE", "Sketches", "UniqueTexts", "concatenate", "merge_segments", "sampling_rates", "sketch"]
__all__ += ["unique_texts"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_MIN_RATE = 1 / 16  # two texts of 500 grams that share half of all share ten of the sampled, 4 deviations above 2
SKETCH_SIZE = 32
"""Hashes sampled of a text on average, if it has that many: a short text is found as reliably as a long one."""

_SEGMENT = 1 << 15  # texts


class Sketches(msgspec.Struct, frozen=True, eq=False):
    """Sketches of n texts.

    Attributes
    ----------
    digests : ndarray of uint64
        Digest of each text's wording: equal for texts with the same n-grams.
    sizes : ndarray of int
        Number of n-grams of each text.
    counts : ndarray of int
        Number of sampled hashes of each text.
    hashes : ndarray of uint64
        The sampled hashes: those of the first text, then those of the second, and so on.
    """

    digests: Hashes
    sizes: Ints
    counts: Ints
    hashes: Hashes


def sampling_rates(sizes: Ints, sketch_size: int = SKETCH_SIZE) -> Floats:
    """Return the share of hashes that is sampled of texts with `sizes` n-grams."""
    return np.clip(sketch_size / np.maximum(sizes, 1), _MIN_RATE, 1.0)


def sketch(data: Bytes, offsets: Offsets, sketch_size: int = SKETCH_SIZE) -> Sketches:
    """Sketch texts in UTF-8.

    Parameters
    ----------
    data : ndarray of uint8
        The texts' bytes, concatenated.
    offsets : ndarray of int
        The n + 1 bounds of the texts, from 0.
    sketch_size : int
        Number of hashes to sample of each text, on average.

    Notes
    -----
    This is MinHash by threshold (FracMinHash [1]_): the n-grams with the highest hashes are sampled. Unlike a fixed
    number of minima, they also find a short text that a longer one contains, and cost one comparison per n-gram.

    References
    ----------
    .. [1] L. Irber et al. Lightweight compositional analysis of metagenomes with FracMinHash and minimum metagenome
       covers. bioRxiv, 2022.
    """
    grams, bounds = text_ngrams(data, offsets)
    n_words = np.diff(bounds)
    sizes = ngram_counts(bounds)
    worded, wordless = np.flatnonzero(n_words), np.flatnonzero(n_words == 0)
    digests = np.zeros(len(n_words), np.uint64)
    # The sum of well-mixed hashes: texts have equal digests if they have the same grams, one pair in 10^19 by chance.
    digests[worded] = np.add.reduceat(grams, bounds[worded]) if len(worded) else 0
    if len(wordless):
        digests[wordless] = hash_spans(data, offsets[wordless], offsets[wordless + 1])
    minimum = ((1 - sampling_rates(sizes, sketch_size)) * 2.0**64).astype(np.uint64)
    sampled = (grams >= np.repeat(np.maximum(minimum, 1), n_words)).nonzero()[0]
    return Sketches(digests, sizes, np.diff(np.searchsorted(sampled, bounds)), grams[sampled])


def concatenate(parts: Sequence[Sketches]) -> Sketches:
    """Return the sketches of the texts of all parts as one."""
    no_ints, no_hashes = np.zeros(0, np.int64), np.zeros(0, np.uint64)
    return Sketches(
        digests=np.concatenate([no_hashes, *(part.digests for part in parts)]),
        sizes=np.concatenate([no_ints, *(part.sizes for part in parts)]),
        counts=np.concatenate([no_ints, *(part.counts for part in parts)]),
        hashes=np.concatenate([no_hashes, *(part.hashes for part in parts)]),
    )


def merge_segments(parts: Iterable[Sketches]) -> list[Sketches]:
    """Concatenate parts to segments of some 32,000 texts: to join all at once would hold all in memory twice."""
    segments: list[Sketches] = []
    segment: list[Sketches] = []
    n_texts = 0
    for part in parts:
        segment.append(part)
        n_texts += len(part.sizes)
        if n_texts >= _SEGMENT:
            segments.append(concatenate(segment))
            segment, n_texts = [], 0
    return [*segments, concatenate(segment)]


class UniqueTexts(msgspec.Struct, frozen=True, eq=False):
    """Texts without exact copies. They are numbered by digest, so that no result depends on the order of the texts.

    Attributes
    ----------
    number : ndarray of int
        The unique text of each text.
    first : ndarray of int
        The first text of each unique text.
    sizes : ndarray of int
        Number of n-grams of each unique text.
    """

    number: Ints
    first: Ints
    sizes: Ints


def unique_texts(sketches: list[Sketches]) -> UniqueTexts:
    """Number the sketched texts; texts with the same digest have the same number."""
    digests = np.concatenate([np.zeros(0, np.uint64), *(part.digests for part in sketches)])
    sizes = np.concatenate([np.zeros(0, np.int64), *(part.sizes for part in sketches)])
    _, first, number = np.unique(digests, return_index=True, return_inverse=True)
    return UniqueTexts(number, first, sizes[first])
