"""Pages of text seen together: of each line its place, its words, and how likely it is the journalist's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire import residue
from goldwire.clues import may_be
from goldwire.context import describe
from goldwire.lines import look
from goldwire.model import Network, probabilities
from goldwire.recurring import Recurring, weighed

__all__ = ["Page", "see"]

Floats = NDArray[np.float32]

_LIKELY = 0.3  # from which a line is body: precision and recall of unseen pages balance here
_FEWEST = 8  # words of body that make an article of any kind
_OF_BEST = 0.6  # or this share of the page's likeliest line, where no line is that likely (text in another script)
_GAP = 3  # lines without body that part two runs
_SMALL = 0.1  # a run of less than this share of the largest is a teaser or a comment


class Page(msgspec.Struct):
    """A page, the headline told beside it, and its lines that are not blank."""

    text: str
    told: str
    numbers: list[int]  # from 1, of all lines
    starts: list[int]
    lines: list[str]
    likely: list[float]
    kept: list[bool]  # likely, and in no small run of likely ones
    said: list[bool]  # of which all words stand on the page twice
    may: list[int]  # what each may be by its words: see `goldwire.clues`

    def named(self, index: int) -> tuple[str, str] | None:
        """Name a line by its words."""
        may = self.may[index]
        return residue.name_line(self.lines[index], may) if may else None


def see(texts: Sequence[str], tolds: Sequence[str], weights: Network, recurring: Recurring | None) -> Iterator[Page]:
    """Look at pages together, each with the headline that was told beside it."""
    data = [text.encode("utf-8", "replace") for text in texts]
    seen = look(b"\n".join(data), [len(page) for page in data])
    likely = probabilities(describe(seen.looks, seen.pages), weights, spend=True)
    every = [text.split("\n") for text in texts]
    lines = [line for page in every for line in page if line]
    bounds = seen.pages.tolist()
    if recurring is not None:
        likely = weighed(likely, recurring, lines, bounds)
    may = may_be(seen)
    said = seen.said | (may < 0)  # where signs are taken for parts of words, words cannot be told apart
    kept = _kept(likely, np.expm1(seen.looks[:, 0]), seen.pages)
    columns: tuple[list[Any], ...] = (lines, likely.tolist(), kept.tolist(), said.tolist(), may.tolist())
    for text, told, page, first, after in zip(texts, tolds, every, bounds[:-1], bounds[1:], strict=True):
        numbers = [number for number, line in enumerate(page, 1) if line]
        ends = list(accumulate(map(len, page), initial=-1))  # but for the line ends
        starts = [ends[number - 1] + number for number in numbers]
        yield Page(text, told, numbers, starts, *(column[first:after] for column in columns))


def _kept(likely: Floats, words: Floats, bounds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Choose the likely lines of each page, but for runs of them that are small beside its largest."""
    sizes = bounds[1:] - bounds[:-1]
    some = sizes > 0
    if not some.any():
        return np.zeros(0, np.bool_)
    sizes = sizes[some]
    page = np.arange(len(sizes)).repeat(sizes)
    best = np.maximum.reduceat(likely, bounds[:-1][some]).astype(np.float64)
    kept: NDArray[np.bool_] = likely > np.minimum(_LIKELY, _OF_BEST * best).astype(np.float32).take(page)
    place = kept.nonzero()[0]
    of = page.take(place)
    run = np.zeros(len(place), np.int64)
    ((place[1:] - place[:-1] > _GAP) | (of[1:] > of[:-1])).cumsum(out=run[1:])
    weight = np.bincount(run, (likely * (words + 1))[place])
    largest = np.zeros(page[-1] + 1)
    np.maximum.at(largest, of, weight[run])
    kept[place[weight[run] < _SMALL * largest[of]]] = False
    kept &= (np.bincount(page, np.rint(words) * kept) >= _FEWEST).take(page)
    return kept
