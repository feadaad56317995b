"""Pages of text seen together: of each line its place, its words, and how likely it is the journalist's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire import residue
from goldwire.model import Network
from goldwire.native import pages as native
from goldwire.recurring import Recurring, weighed
from goldwire.sight import sight

__all__ = ["Page", "kept", "kept_by_arrays", "see"]

Floats = NDArray[np.float32]

_LIKELY = 0.3  # from which a line is body: precision and recall of unseen pages balance here
_BETWEEN = 0.1  # from which one line between two of body is body too: F1 +.001 to .004, with nine networks of nine
_FEWEST = 8  # words of body that make an article of any kind
_OF_BEST = 0.6  # or this share of the page's likeliest line, where no line is that likely (text in another script)
_GAP = 3  # lines without body that part two runs
_SMALL = 0.1  # a run of less than this share of the largest is a teaser or a comment
_LIMITS = native.Limits(_LIKELY, _OF_BEST, _BETWEEN, _SMALL, _GAP, _FEWEST)


class Page(msgspec.Struct):
    """A page, the headline told beside it, and its lines that are not blank."""

    text: str
    told: str
    lines: list[str]
    numbers: Sequence[int]  # from 1, of all lines
    starts: Sequence[int]
    may: Sequence[int]  # what each may be by its words: see `goldwire.clues`
    likely: Sequence[float]
    kept: bytes  # 1 where likely, and in no small run of likely ones
    said: bytes  # SAID, where all words stand on the page twice, and QUOTED, where one longer line has them

    def named(self, index: int) -> tuple[str, str] | None:
        """Name a line by its words."""
        may = self.may[index]
        return residue.name_line(self.lines[index], may) if may else None


def see(
    texts: Sequence[str],
    tolds: Sequence[str],
    weights: Network,
    recurring: Recurring | None,
    coded: Sequence[bytes] | None = None,
) -> Iterator[Page]:
    """Look at pages together, each with the headline that was told beside it.

    `coded` are the texts in UTF-8, where that is at hand.
    """
    every = [list(filter(None, text.split("\n"))) for text in texts]
    data = [text.encode("utf-8", "replace") for text in texts] if coded is None else coded
    seen = sight(data, weights, sum(map(len, every)))
    likely, bounds = seen.likely, seen.bounds.tolist()
    if recurring is not None:
        likely = weighed(likely, recurring, [line for lines in every for line in lines], bounds)
    # Few of these numbers are asked for: a list of each would take longer than to make them then.
    numbers, starts, may, shares = seen.numbers.data, seen.starts.data, seen.may.data, likely.data
    body, said = kept(likely, seen.words, seen.bounds).tobytes(), seen.said.tobytes()
    for text, told, lines, first, after in zip(texts, tolds, every, bounds[:-1], bounds[1:], strict=True):
        some = slice(first, after)
        yield Page(text, told, lines, numbers[some], starts[some], may[some], shares[some], body[some], said[some])


def kept(likely: Floats, words: NDArray[np.int64], bounds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Choose the likely lines of each page, but for runs of them that are small beside its largest."""
    found = native.keep(likely, words, bounds, _LIMITS)
    return kept_by_arrays(likely, words, bounds) if found is None else found


def kept_by_arrays(likely: Floats, words: NDArray[np.int64], bounds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Choose them by array operations: the definition of what the C core does."""
    sizes = bounds[1:] - bounds[:-1]
    some = sizes > 0
    if not some.any():
        return np.zeros(0, np.bool_)
    sizes = sizes[some]
    page = np.arange(len(sizes)).repeat(sizes)
    best = np.maximum.reduceat(likely, bounds[:-1][some]).astype(np.float64)
    kept: NDArray[np.bool_] = likely > np.minimum(_LIKELY, _OF_BEST * best).astype(np.float32).take(page)
    kept[1:-1] |= kept[:-2] & kept[2:] & (likely[1:-1] > _BETWEEN) & (page[:-2] == page[2:])
    place = kept.nonzero()[0]
    of = page.take(place)
    run = np.zeros(len(place), np.int64)
    ((place[1:] - place[:-1] > _GAP) | (of[1:] > of[:-1])).cumsum(out=run[1:])
    weight = np.bincount(run, (likely * (words + 1).astype(np.float32))[place])
    largest = np.zeros(page[-1] + 1)
    np.maximum.at(largest, of, weight[run])
    kept[place[weight[run] < _SMALL * largest[of]]] = False
    kept &= (np.bincount(page, words * kept) >= _FEWEST).take(page)
    return kept
