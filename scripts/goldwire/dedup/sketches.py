"""The sketch of a text: which of its grams are kept to find its like by, and a digest of its wording."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.text.ngrams import (
    Bytes,
    Hashes,
    Offsets,
    hash_ngrams,
    hash_spans,
    hash_words,
    lowercase_utf8,
    ngram_counts,
)

__all__ = ["FEWEST", "Distinct", "Sketches", "distinct", "in_segments", "joined", "rates", "sketch"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_RATE = 1 / 16  # two texts of 500 grams that share half of all then share ten of the kept, four deviations above 2
FEWEST = 32  # grams kept, on average, of a text that has so many: a short text is found as surely as a long one
_SEGMENT = 1 << 15  # texts


class Sketches(msgspec.Struct, frozen=True, eq=False):
    """Of n texts: the digest of each one's wording, its number of grams, how many of these are kept, and which."""

    digests: Hashes
    sizes: Ints
    counts: Ints
    kept: Hashes  # of the first text, then of the second, ...


def rates(sizes: Ints, fewest: int = FEWEST) -> Floats:
    """Give the share of its grams that is kept of a text of so many, where `fewest` are wanted."""
    return np.clip(fewest / np.maximum(sizes, 1), _RATE, 1.0)


def sketch(data: Bytes, offsets: Offsets, fewest: int = FEWEST) -> Sketches:
    """Sketch the texts that `offsets` (n + 1, from 0) part in UTF-8, so finely that about `fewest` grams are kept.

    This is MinHash by threshold (FracMinHash, Irber et al. 2022): the grams of the highest hashes are kept. Unlike a
    fixed number of minima, they find the short text that a longer one holds, too, and cost one comparison a gram.
    """
    hashes, bounds = hash_words(lowercase_utf8(data), offsets)
    values = hash_ngrams(hashes, bounds)
    count = np.diff(bounds)
    sizes = ngram_counts(bounds)
    some, wordless = np.flatnonzero(count), np.flatnonzero(count == 0)
    digests = np.zeros(len(count), np.uint64)
    # The sum of well-mixed hashes: texts have the same where they have the same grams, one pair in 10^19 by chance.
    digests[some] = np.add.reduceat(values, bounds[some]) if len(some) else 0
    if len(wordless):
        digests[wordless] = hash_spans(data, offsets[wordless], offsets[wordless + 1])
    floor = ((1 - rates(sizes, fewest)) * 2.0**64).astype(np.uint64)
    places = (values >= np.repeat(np.maximum(floor, 1), count)).nonzero()[0]
    return Sketches(digests, sizes, np.diff(np.searchsorted(places, bounds)), values[places])


def joined(parts: Sequence[Sketches]) -> Sketches:
    """Give the sketches of all parts' texts as one."""
    none = np.zeros(0, np.int64)
    return Sketches(
        np.concatenate([np.zeros(0, np.uint64), *(part.digests for part in parts)]),
        np.concatenate([none, *(part.sizes for part in parts)]),
        np.concatenate([none, *(part.counts for part in parts)]),
        np.concatenate([np.zeros(0, np.uint64), *(part.kept for part in parts)]),
    )


def in_segments(parts: Iterable[Sketches]) -> list[Sketches]:
    """Join parts by so many texts: to join all at once would have all of them in memory twice."""
    segments: list[Sketches] = []
    some: list[Sketches] = []
    count = 0
    for part in parts:
        some.append(part)
        count += len(part.sizes)
        if count >= _SEGMENT:
            segments.append(joined(some))
            some, count = [], 0
    return [*segments, joined(some)]


class Distinct(msgspec.Struct, frozen=True, eq=False):
    """Texts of which exact copies are one: they are numbered by digest, so that nothing depends on their order."""

    number: Ints  # of each text
    first: Ints  # text of each number
    sizes: Ints  # how many grams each number has


def distinct(sketches: list[Sketches]) -> Distinct:
    """Number the texts that `sketches` are of, those with the same digest the same."""
    digests = np.concatenate([np.zeros(0, np.uint64), *(part.digests for part in sketches)])
    sizes = np.concatenate([np.zeros(0, np.int64), *(part.sizes for part in sketches)])
    _, first, number = np.unique(digests, return_index=True, return_inverse=True)
    return Distinct(number, first, sizes[first])
