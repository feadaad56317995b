"""What of each line of some pages is seen before any rule: its place, its words, how likely it is the journalist's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.network import Network, probabilities
from goldwire.extraction.plaintext import context_features, line_features, prefilter
from goldwire.extraction.plaintext.line_selection import kept

__all__ = ["QUOTED", "SAID", "Sight", "sight"]

SAID, QUOTED = 1, 2
_BLANKS, _WORDS = 2, 200  # of a quote: at least so many, and at most, since it has at most 200 characters
_MOST = 1 << 22  # pairs of lines: of a page with more it is not looked up who quotes whom, and all of them may

Ints = NDArray[np.int64]


class Sight(msgspec.Struct, frozen=True, eq=False):
    """The lines of pages that are not blank, one page's after the other's; `bounds` (pages + 1) part them."""

    bounds: Ints
    numbers: Ints  # from 1, of all lines of its page
    starts: Ints  # in characters of its page
    words: Ints
    may: Ints  # what each may be by its words: see `goldwire.extraction.plaintext.prefilter`
    said: NDArray[np.uint8]  # SAID, where all words stand on the page twice, and QUOTED, where one longer line has them
    kept: NDArray[np.bool_]  # see `goldwire.extraction.plaintext.line_selection`
    likely: NDArray[np.float64]


def sight(pages: Sequence[bytes], weights: Network) -> Sight:
    """See pages in UTF-8 together: what one gives does not depend on those beside it."""
    whole = b"\n".join(pages)
    seen = line_features.look(whole, [len(page) for page in pages])
    likely = probabilities(context_features.describe(seen.looks, seen.pages), weights)
    words = seen.bounds[1:] - seen.bounds[:-1]
    # Of all pages, then within each: what stands before its first line counts the pages before it, too.
    offsets = np.fromiter(accumulate((len(page) + 1 for page in pages), initial=0), np.int64)[:-1]
    numbers, starts = _places(whole, seen.start - 2)
    first_number, first_start = _places(whole, offsets)
    count = seen.pages[1:] - seen.pages[:-1]
    numbers, starts = numbers - first_number.repeat(count) + 1, starts - first_start.repeat(count)
    may = prefilter.may_be(seen)
    said = _said(seen)
    said[may < 0] = SAID | QUOTED  # where signs are taken for parts of words, none can be told
    return Sight(seen.pages, numbers, starts, words, may, said, kept(likely, words, seen.pages), likely)


def _said(seen: line_features.Lines) -> NDArray[np.uint8]:
    """Tell which lines are made of words said twice, and which of those have all of them in one longer line."""
    said = seen.said.astype(np.uint8)
    words = seen.bounds.tolist()
    blank = (seen.codes == 0x20).nonzero()[0]
    blanks = blank.searchsorted(seen.end) - blank.searchsorted(seen.start)
    for first, after in pairwise(seen.pages.tolist()):
        own = {line: frozenset(seen.hashes[words[line] : words[line + 1]].tolist()) for line in range(first, after)}
        size = {line: words[line + 1] - words[line] for line in own}
        able = [line for line in own if said[line] and 0 < size[line] <= _WORDS and blanks[line] >= _BLANKS]
        all_may = len(able) * len(own) > _MOST
        for line in able:
            if all_may or any(size[other] > size[line] and own[line] <= own[other] for other in own):
                said[line] |= QUOTED
    return said


def _places(data: bytes, places: Ints) -> tuple[Ints, Ints]:
    """Count the line ends and the characters before each of these places."""
    codes = np.frombuffer(data, np.uint8)
    ends = (codes == 0x0A).nonzero()[0].searchsorted(places)
    within = ((codes & 0xC0) == 0x80).nonzero()[0]
    return ends, places - within.searchsorted(places)
