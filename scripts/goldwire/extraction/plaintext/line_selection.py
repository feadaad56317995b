"""Which lines of a page are kept as body: the likely ones, but for runs of them that are small beside its largest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["kept"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LIKELY = 0.3  # from which a line is body: precision and recall of unseen pages balance here
_BETWEEN = 0.1  # from which one line between two of body is body too: F1 +.001 to .004, with nine networks of nine
_FEWEST = 8  # words of body that make an article of any kind
_OF_BEST = 0.6  # or this share of the page's likeliest line, where no line is that likely (text in another script)
_GAP = 3  # lines without body that part two runs
_SMALL = 0.1  # a run of less than this share of the largest is a teaser or a comment


def kept(likely: Floats, words: Ints, bounds: Ints) -> NDArray[np.bool_]:
    """Choose the likely lines of each page, but for runs of them that are small beside its largest."""
    sizes = bounds[1:] - bounds[:-1]
    some = sizes > 0
    if not some.any():
        return np.zeros(0, np.bool_)
    sizes = sizes[some]
    page = np.arange(len(sizes)).repeat(sizes)
    best = np.maximum.reduceat(likely, bounds[:-1][some])
    kept: NDArray[np.bool_] = likely > np.minimum(_LIKELY, _OF_BEST * best).take(page)
    kept[1:-1] |= kept[:-2] & kept[2:] & (likely[1:-1] > _BETWEEN) & (page[:-2] == page[2:])
    place = kept.nonzero()[0]
    of = page.take(place)
    run = np.zeros(len(place), np.int64)
    ((place[1:] - place[:-1] > _GAP) | (of[1:] > of[:-1])).cumsum(out=run[1:])
    weight = np.bincount(run, (likely * (words + 1))[place])
    largest = np.zeros(page[-1] + 1)
    np.maximum.at(largest, of, weight[run])
    kept[place[weight[run] < _SMALL * largest[of]]] = False
    kept &= (np.bincount(page, words * kept) >= _FEWEST).take(page)
    return kept
