"""What of each line of some pages is seen before any rule: its place, its words, how likely it is the journalist's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire import clues, context, lines
from goldwire.model import Network, probabilities
from goldwire.native import pages as native

__all__ = ["Sight", "by_arrays", "sight"]

Ints = NDArray[np.int64]


class Sight(msgspec.Struct, frozen=True, eq=False):
    """The lines of pages that are not blank, one page's after the other's; `bounds` (pages + 1) part them."""

    bounds: Ints
    numbers: Ints  # from 1, of all lines of its page
    starts: Ints  # in characters of its page
    words: Ints
    may: Ints  # what each may be by its words: see `goldwire.clues`
    said: NDArray[np.bool_]  # of which all words stand on the page twice
    likely: NDArray[np.float32]


def sight(pages: Sequence[bytes], weights: Network) -> Sight:
    """See pages in UTF-8 together: what one gives does not depend on those beside it."""
    found = native.see(pages, weights)
    return by_arrays(pages, weights) if found is None else Sight(*found)


def by_arrays(pages: Sequence[bytes], weights: Network) -> Sight:
    """See pages by array operations: the definition, five times as slow as the C core."""
    whole = b"\n".join(pages)
    seen = lines.look(whole, [len(page) for page in pages])
    likely = probabilities(context.describe(seen.looks, seen.pages), weights, spend=True)
    words = seen.bounds[1:] - seen.bounds[:-1]
    # Of all pages, then within each: what stands before its first line counts the pages before it, too.
    offsets = np.fromiter(accumulate((len(page) + 1 for page in pages), initial=0), np.int64)[:-1]
    numbers, starts = _places(whole, seen.start - 2)
    first_number, first_start = _places(whole, offsets)
    count = seen.pages[1:] - seen.pages[:-1]
    numbers, starts = numbers - first_number.repeat(count) + 1, starts - first_start.repeat(count)
    return Sight(seen.pages, numbers, starts, words, clues.may_be(seen), seen.said, likely)


def _places(data: bytes, places: Ints) -> tuple[Ints, Ints]:
    """Count the line ends and the characters before each of these places."""
    codes = np.frombuffer(data, np.uint8)
    ends = (codes == 0x0A).nonzero()[0].searchsorted(places)
    within = ((codes & 0xC0) == 0x80).nonzero()[0]
    return ends, places - within.searchsorted(places)
