"""What stands around each line of its page: its neighbours, the weight of prose, marks before and after, as numbers.

All pages that are given are described together. What is summed over lines are whole numbers, so that what a page gives
does not depend, by as much as a bit, on the pages beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.plaintext.line_features import BASE, LOGS

__all__ = ["WIDTH", "describe"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_WINDOWS = np.array((1, 2, 4, 8, 16))[:, None]
_NEAR = (0, 12, 17, 18, 21, 22)  # words, ends_sentence, in_title, in_core, ends_ellipsis, glued: of lines two away
_RATES = tuple(map(BASE.index, ("glued", "ends_ellipsis", "ends_sentence", "words_date", "repeats", "digits")))
_MARKS = tuple(BASE.index(f"words_{name}") for name in ("share", "newsletter", "comments", "legal", "related", "date"))
_BLOCKS = (  # of columns, in the order in which they are filled below
    *(len(BASE), len(_NEAR), len(BASE), len(BASE), len(_NEAR)),
    *(2 * len(_WINDOWS) + 2, 2 * len(_WINDOWS) + 2, 2),
    *(2, 6, 4 * len(_MARKS), 3, 2 * len(_RATES), 6),
)
_SPLITS = tuple(pairwise(accumulate(_BLOCKS, initial=0)))
WIDTH = _SPLITS[-1][1]
_FURTHEST = 50  # lines
_AROUND = np.arange(-4, 5)[:, None]  # lines
_SHORT = 12  # words of a mark at most: what the network was trained on had 12 as 11.999999, and so below 12
_PARTS = 1 << 24  # of a rate: sums of so many are exact in 64 bits
_PENALTIES = np.array((6, 15))[:, None]  # words of prose a line: with what costs more, a block ends sooner


class _Pages(msgspec.Struct, frozen=True, eq=False):
    """Which lines are whose (pages + 1), and for each line: its place, its page, and where that begins and ends.

    `logs` are of all counts up to the number of words.
    """

    bounds: Ints
    place: Ints
    page: Ints
    first: Ints
    end: Ints
    logs: Floats

    def sums(self, total: Ints) -> Ints:
        """Give each line's page's sum, of running sums that begin with 0."""
        of_page = total.take(self.bounds)
        found: Ints = (of_page[1:] - of_page[:-1]).take(self.page)
        return found


def describe(looks: Floats, bounds: Ints | None = None) -> Floats:
    """Describe each line by its own looks, those of its neighbours, and the weight of prose around it.

    `bounds` (pages + 1) tell which lines are whose; without, all are of one page. A column lies together in memory.
    """
    count = len(looks)
    out = np.zeros((WIDTH, count), np.float32)
    if not count:
        return out.T
    own, *near_by, prosaic, titled, sizes, since_prose, since_title, marks, even, means, block = (
        out[start:end] for start, end in _SPLITS
    )
    own[:] = looks.T
    number = np.rint(np.expm1(own[0])).astype(np.int64)
    pages = _pages(np.array((0, count)) if bounds is None else bounds, int(number.sum()))
    _neighbours(near_by, own, pages)
    prose = np.where((own[12] > 0) & (own[0] > 2), number, 0)
    total = _running(prose)
    whole = np.maximum(pages.sums(total), 1)
    _around(prosaic, total, whole, pages)
    of_title = _running(np.where(number > 7, np.rint(number * own[17]).astype(np.int64), 0))
    _around(titled, of_title, np.maximum(pages.sums(of_title), 1), pages)
    sizes[0], sizes[1] = pages.logs.take(whole), pages.logs.take(pages.end - pages.first)
    marked = np.concatenate(((prose > 0)[None], (own.take(_MARKS, axis=0) > 0.3) & (number <= _SHORT)))
    near = LOGS.take(_both_ways(marked, pages))
    since_prose[:] = near[0]
    words = _after_title(since_title, own[20] > 0, total, pages)
    each = marks.reshape(len(_MARKS), 4, count)
    each[:, :2] = near[1:]
    _prose_before(each[:, 2:], marked[1:], words, whole, pages)
    _evenness(even, own[1], pages)
    _means(means, own.take(_RATES, axis=0), pages)
    _in_block(block, prose, pages)
    return out.T


def _pages(bounds: Ints, words: int) -> _Pages:
    sizes = bounds[1:] - bounds[:-1]
    page = np.arange(len(sizes)).repeat(sizes)
    place = np.arange(len(page))
    most = words + len(page)
    logs = LOGS if most < len(LOGS) else np.log1p(np.arange(most + 1)).astype(np.float32)
    return _Pages(bounds, place, page, bounds.take(page), bounds.take(page + 1), logs)


def _running(values: Ints) -> Ints:
    """Give running sums along the last axis, which begin with 0."""
    total = np.zeros((*values.shape[:-1], values.shape[-1] + 1), np.int64)
    values.cumsum(axis=-1, out=total[..., 1:])
    return total


def _neighbours(blocks: Sequence[Floats], own: Floats, pages: _Pages) -> None:
    """Give what lines two and one before look like, and one and two after: 0 where their page has none."""
    before2, before, after, after2 = blocks
    near = own.take(_NEAR, axis=0)
    before2[:, 2:], before[:, 1:], after[:, :-1], after2[:, :-2] = near[:, :-2], own[:, :-1], own[:, 1:], near[:, 2:]
    some = pages.bounds[1:] > pages.bounds[:-1]
    first, last = pages.bounds[:-1][some], pages.bounds[1:][some] - 1
    before[:, first] = after[:, last] = 0
    # The second line of a page of one is another's first, and the last but one another's last.
    for block, edge in ((before2, first), (before2, first + 1), (after2, last), (after2, last - 1)):
        block[:, np.minimum(np.maximum(edge, 0), len(pages.place) - 1)] = 0


def _around(out: Floats, total: Ints, whole: Ints, pages: _Pages) -> None:
    """Sum weights over windows before and after each line, and give the shares before and after it."""
    above, upto = total[:-1], total[1:]
    out[:-2:2] = pages.logs.take(above - total.take(np.maximum(pages.place - _WINDOWS, pages.first)))
    out[1:-2:2] = pages.logs.take(total.take(np.minimum(pages.place + _WINDOWS + 1, pages.end)) - upto)
    out[-2], out[-1] = (above - total.take(pages.first)) / whole, (total.take(pages.end) - upto) / whole


def _after_title(out: Floats, title: Flags, total: Ints, pages: _Pages) -> Ints:
    """Tell how far, in lines and in words of prose, a line is from the last line like the title, and the first.

    Gives those words.
    """
    last = np.maximum.accumulate(np.where(title, pages.place, -1))
    known = last >= pages.first
    last = np.where(known, last, pages.place)
    words: Ints = total[:-1] - total.take(last)
    titles = _running(title.astype(np.int64))
    upto, every = titles[1:] - titles.take(pages.first), pages.sums(titles)
    out[0], out[1] = pages.logs.take(pages.place - last), pages.logs.take(words)
    out[2], out[3] = known, every > 0
    out[4], out[5] = np.minimum(upto, 3), np.minimum(every - upto, 3)
    return words


def _both_ways(marked: Flags, pages: _Pages) -> Ints:
    """Count the lines since the last marked one of each row and until the next, at most 50: rows x 2 x n."""
    place = pages.place
    last = np.maximum.accumulate(np.where(marked, place, -1), axis=1)
    following = np.minimum.accumulate(np.where(marked, place, len(place))[:, ::-1], axis=1)[:, ::-1]
    out = np.empty((len(marked), 2, len(place)), np.int64)
    out[:, 0] = np.where(last >= pages.first, np.minimum(place - last, _FURTHEST), _FURTHEST)
    out[:, 1] = np.where(following < pages.end, np.minimum(following - place, _FURTHEST), _FURTHEST)
    return out


def _prose_before(out: Floats, marked: Flags, words: Ints, whole: Ints, pages: _Pages) -> None:
    """Tell, of each kind of mark, how much prose there was before the last: kinds x 2 x n.

    Comments stand after an article's prose: a mark of them above it says nothing.
    """
    # Each page's numbers are above all of those before it: so a running maximum begins anew.
    floor = pages.page * (int(words.max()) + 1)
    most = np.maximum.accumulate(np.where(marked, words, 0) + floor, axis=1) - floor
    out[:, 0], out[:, 1] = pages.logs.take(most), most / whole


def _evenness(out: Floats, size: Floats, pages: _Pages) -> None:
    """Tell how much the log lengths of lines around vary, and those two apart: lists of teasers and of comments."""
    near = np.minimum(np.maximum(pages.place + _AROUND, pages.first), pages.end - 1)
    window = size.astype(np.float64).take(near)
    mean = window.cumsum(axis=0)[-1] / len(window)  # one after the other: numpy sums up a page of one line in pairs
    out[0] = np.sqrt(np.square(window - mean).cumsum(axis=0)[-1] / len(window))
    out[1] = mean
    out[2] = np.abs(window[6] - window[4]) + np.abs(window[2] - window[4])


def _means(out: Floats, values: Floats, pages: _Pages) -> None:
    """Average each row over up to 3 and 8 lines on both sides: (rows * 2) x n."""
    total = _running(np.rint(values * np.float32(_PARTS)).astype(np.int64))
    for row, width in enumerate((3, 8)):
        low, high = np.maximum(pages.place - width, pages.first), np.minimum(pages.place + width + 1, pages.end)
        out[row::2] = (total.take(high, axis=1) - total.take(low, axis=1)) / ((high - low) * _PARTS)


def _in_block(out: Floats, prose: Ints, pages: _Pages) -> None:
    """Tell where a line is to the run of lines with the greatest weight of prose (Kadane 1984), for two penalties."""
    # A page of n lines has n + 1 running sums, of which the first is 0.
    starts = pages.bounds[:-1] + np.arange(len(pages.bounds) - 1)
    page = np.arange(len(starts)).repeat(pages.bounds[1:] - pages.bounds[:-1] + 1)
    weight = np.zeros((2, len(page)), np.int64)
    weight[:, pages.place + pages.page + 1] = np.minimum(prose, 80) - _PENALTIES
    total = weight.cumsum(axis=1)
    total -= total.take(starts, axis=1).take(page, axis=1)
    # Each page's sums are below all of those before it: so a running minimum begins anew.
    ceiling = page * (int(total.max()) - int(total.min()) + 1)
    least = np.minimum.accumulate(total - ceiling, axis=1) + ceiling
    gain = total - least
    best = gain == np.maximum.reduceat(gain, starts, axis=1).take(page, axis=1)
    place = pages.place - pages.first
    for row in range(2):
        end = _first(best[row], starts)
        start = _first(total[row] == least[row].take(end).take(page), starts)
        before, after = place - (start - starts).take(pages.page), (end - starts - 1).take(pages.page) - place
        out[3 * row] = (before >= 0) & (after >= 0)
        out[3 * row + 1] = np.minimum(np.maximum(before / 10, -1), 1)
        out[3 * row + 2] = np.minimum(np.maximum(after / 10, -1), 1)


def _first(flags: Flags, starts: Ints) -> Ints:
    """Give the first place at or after each start that is flagged."""
    found = flags.nonzero()[0]
    answer: Ints = found.take(found.searchsorted(starts))
    return answer
