"""Context-sensitive features of lines: their neighbours, the weight of prose around them, and marks before and after.

All pages of a batch are processed together. Sums over lines are of whole numbers, so that no line's features depend,
even in the last bit, on the other pages of the batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.plaintext.line_features import FEATURE_NAMES, LOG1P, log1p
from goldwire.extraction.plaintext.line_selection import running_sums
from goldwire.extraction.plaintext.page_layout import PageLayout, lay_out

__all__ = ["CONTEXT_FEATURE_NAMES", "best_blocks", "context_features", "place_in_blocks"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.generic]  # a row per column name of a family
Families = Mapping[str, Rows]

_NEAR = ("words", "ends_sentence", "in_title", "in_core", "ends_ellipsis", "glued", "title_hits")  # of lines two away
_RATES = ("glued", "ends_ellipsis", "ends_sentence", "words_date", "repeats", "digits")  # averaged over lines around
_MARKS = ("share", "newsletter", "comments", "legal", "related", "date")  # kinds of short lines around an article
_WINDOWS = (1, 2, 4, 8, 16)  # lines
_RATE_WINDOWS = (3, 8)  # lines on both sides
_PENALTIES = (6, 15)  # words of prose per line: with a larger one a block ends sooner
_WEIGHT = (
    *(f"{side}_{window}" for window in _WINDOWS for side in ("before", "after")),
    *("share_before", "share_after"),
)
_MARK_COLUMNS = ("lines_since", "lines_until", "prose_before", "prose_share_before")

_FAMILIES = {
    "line": FEATURE_NAMES,
    "two_before": _NEAR,
    "before": FEATURE_NAMES,
    "after": FEATURE_NAMES,
    "two_after": _NEAR,
    "prose": _WEIGHT,
    "title_words": _WEIGHT,
    "page": ("prose", "lines"),
    "nearest_prose": ("lines_since", "lines_until"),
    "title": ("lines_since", "prose_since", "is_below", "exists", "count_above", "count_below"),
    "marks": tuple(f"{mark}_{column}" for mark in _MARKS for column in _MARK_COLUMNS),
    "line_length": ("deviation", "mean", "step"),
    "rates": tuple(f"{name}_{window}" for name in _RATES for window in _RATE_WINDOWS),
    "prose_block": tuple(f"{name}_{penalty}" for penalty in _PENALTIES for name in ("is_inside", "since", "until")),
}
CONTEXT_FEATURE_NAMES = tuple(f"{family}.{name}" for family, names in _FAMILIES.items() for name in names)
"""The columns of `context_features`, in the order in which the network was trained on them."""

_COLUMN = {name: number for number, name in enumerate(FEATURE_NAMES)}
_MAX_DISTANCE = 50  # lines
_AROUND = np.arange(-4, 5)[:, None]  # lines
_MARK_WORDS = 12  # words of a mark at most: what the network was trained on had 12 as 11.999999, and so below 12
_MARK_SHARE = 0.3  # of its words that are of the mark's vocabulary
_RATE_PARTS = 1 << 24  # of a rate: sums of multiples of 2**-24 are exact in 64 bits
_MAX_PROSE = 80  # words of a line that count for a block of prose


def context_features(features: Floats, page_bounds: Ints | None = None) -> Floats:
    """Return the features that the network takes: each line's own, its neighbours', and those of its page.

    Parameters
    ----------
    features : array of float32, shape (lines, len(FEATURE_NAMES))
        Context-free features, as `line_features` returns them.
    page_bounds : array of int, shape (pages + 1,), optional
        First line of each page. Default: all lines are of one page.

    Returns
    -------
    array of float32, shape (lines, len(CONTEXT_FEATURE_NAMES))
    """
    count = len(features)
    if not count:
        return np.zeros((0, len(CONTEXT_FEATURE_NAMES)), np.float32)
    columns = features.T
    n_words = np.rint(np.expm1(columns[_COLUMN["words"]])).astype(np.int64)
    layout = lay_out(np.array((0, count)) if page_bounds is None else page_bounds)
    prose = np.where((columns[_COLUMN["ends_sentence"]] > 0) & (columns[_COLUMN["words"]] > 2), n_words, 0)
    total = running_sums(prose)
    page_prose = np.maximum(layout.page_sums(total), 1)
    families: Families = {
        "line": columns,
        **_neighbour_features(columns, layout),
        **_weight_features(columns, total, page_prose, layout),
        **_mark_features(columns, n_words, total, page_prose, layout),
        "line_length": _length_features(columns[_COLUMN["bytes"]], layout),
        "rates": _rate_features(columns[[_COLUMN[name] for name in _RATES]], layout),
        "prose_block": _block_features(prose, layout),
    }
    rows: Floats = np.concatenate([families[name] for name in _FAMILIES], dtype=np.float32)
    return rows.T  # a column lies together in memory


def _neighbour_features(own: Floats, layout: PageLayout) -> Families:
    """Return the features of the lines one and two before and after; 0 if the page has no such line."""
    near = own[[_COLUMN[name] for name in _NEAR]]
    before, after, two_before, two_after = (np.zeros_like(rows) for rows in (own, own, near, near))
    two_before[:, 2:], before[:, 1:], after[:, :-1], two_after[:, :-2] = (
        near[:, :-2],
        own[:, :-1],
        own[:, 1:],
        near[:, 2:],
    )
    has_lines = layout.bounds[1:] > layout.bounds[:-1]
    first, last = layout.bounds[:-1][has_lines], layout.bounds[1:][has_lines] - 1
    before[:, first] = after[:, last] = 0
    # The second line of a page of one line is the first of another page, and the last but one another's last.
    for rows, edge in ((two_before, first), (two_before, first + 1), (two_after, last), (two_after, last - 1)):
        rows[:, np.minimum(np.maximum(edge, 0), len(layout.index) - 1)] = 0
    return {"two_before": two_before, "before": before, "after": after, "two_after": two_after}


def _weight_features(own: Floats, total: Ints, page_prose: Ints, layout: PageLayout) -> Families:
    """Return the words of prose, and those in common with the title, around each line and on its page."""
    title_words = np.rint(np.expm1(own[_COLUMN["title_hits"]])).astype(np.int64)
    title_total = running_sums(title_words)
    return {
        "prose": _weights_around(total, page_prose, layout),
        "title_words": _weights_around(title_total, np.maximum(layout.page_sums(title_total), 1), layout),
        "page": np.stack((log1p(page_prose), log1p(layout.end - layout.first))),
    }


def _weights_around(total: Ints, page_sum: Ints, layout: PageLayout) -> Floats:
    """Return sums over windows before and after each line, and the shares of the page's sum before and after it."""
    windows = np.array(_WINDOWS)[:, None]
    above, upto = total[:-1], total[1:]
    rows = np.empty((len(_WEIGHT), len(layout.index)), np.float32)
    rows[:-2:2] = log1p(above - total.take(np.maximum(layout.index - windows, layout.first)))
    rows[1:-2:2] = log1p(total.take(np.minimum(layout.index + windows + 1, layout.end)) - upto)
    rows[-2] = (above - total.take(layout.first)) / page_sum
    rows[-1] = (total.take(layout.end) - upto) / page_sum
    return rows


def _mark_features(own: Floats, n_words: Ints, total: Ints, page_prose: Ints, layout: PageLayout) -> Families:
    """Return the distance of each line from prose, from lines like the title, and from the marks of each kind."""
    mark_words = own[[_COLUMN[f"words_{name}"] for name in _MARKS]]
    is_mark = np.concatenate(((total[1:] > total[:-1])[None], (mark_words > _MARK_SHARE) & (n_words <= _MARK_WORDS)))
    distances = LOG1P.take(_distances(is_mark, layout))
    title_rows, prose_since_title = _title_features(own[_COLUMN["is_title"]] > 0, total, layout)
    marks = np.empty((len(_MARKS), len(_MARK_COLUMNS), len(n_words)), np.float32)
    marks[:, :2] = distances[1:]
    marks[:, 2:] = _prose_before_marks(is_mark[1:], prose_since_title, page_prose, layout)
    return {"nearest_prose": distances[0], "title": title_rows, "marks": marks.reshape(-1, len(n_words))}


def _title_features(is_title: Flags, total: Ints, layout: PageLayout) -> tuple[Floats, Ints]:
    """Return the distance of each line from the last line like the title, and the words of prose between them."""
    last = np.maximum.accumulate(np.where(is_title, layout.index, -1))
    is_below = last >= layout.first
    last = np.where(is_below, last, layout.index)
    prose_since: Ints = total[:-1] - total.take(last)
    titles = running_sums(is_title.astype(np.int64))
    upto, on_page = titles[1:] - titles.take(layout.first), layout.page_sums(titles)
    rows = np.empty((len(_FAMILIES["title"]), len(last)), np.float32)
    rows[0], rows[1] = log1p(layout.index - last), log1p(prose_since)
    rows[2], rows[3] = is_below, on_page > 0
    rows[4], rows[5] = np.minimum(upto, 3), np.minimum(on_page - upto, 3)
    return rows, prose_since


def _distances(is_mark: Flags, layout: PageLayout) -> Ints:
    """Return the number of lines since the last marked line of each row and until the next, at most 50.

    The result has the shape (rows, 2, lines).
    """
    index = layout.index
    last = np.maximum.accumulate(np.where(is_mark, index, -1), axis=1)
    following = np.minimum.accumulate(np.where(is_mark, index, len(index))[:, ::-1], axis=1)[:, ::-1]
    distances = np.empty((len(is_mark), 2, len(index)), np.int64)
    distances[:, 0] = np.where(last >= layout.first, np.minimum(index - last, _MAX_DISTANCE), _MAX_DISTANCE)
    distances[:, 1] = np.where(following < layout.end, np.minimum(following - index, _MAX_DISTANCE), _MAX_DISTANCE)
    return distances


def _prose_before_marks(is_mark: Flags, prose_since_title: Ints, page_prose: Ints, layout: PageLayout) -> Floats:
    """Return, for each kind of mark, how much prose was above the last one: shape (kinds, 2, lines).

    Comments come after an article's prose: a mark of them above it means nothing.
    """
    # Each page's numbers are larger than those of all pages before it: so a running maximum begins anew.
    floor = layout.page * (int(prose_since_title.max()) + 1)
    most = np.maximum.accumulate(np.where(is_mark, prose_since_title, 0) + floor, axis=1) - floor
    rows = np.empty((len(is_mark), 2, len(floor)), np.float32)
    rows[:, 0], rows[:, 1] = log1p(most), most / page_prose
    return rows


def _length_features(log_bytes: Floats, layout: PageLayout) -> Floats:
    """Return how much the lengths of the lines around vary, and of those two away: lists of teasers and comments."""
    around = np.minimum(np.maximum(layout.index + _AROUND, layout.first), layout.end - 1)
    window = log_bytes.astype(np.float64).take(around)
    rows = np.empty((3, len(log_bytes)), np.float32)
    mean = reduce(np.add, window) / len(window)  # one after the other: numpy sums a page of one line in pairs
    rows[0] = np.sqrt(reduce(np.add, np.square(window - mean)) / len(window))
    rows[1] = mean
    rows[2] = np.abs(window[6] - window[4]) + np.abs(window[2] - window[4])
    return rows


def _rate_features(values: Floats, layout: PageLayout) -> Floats:
    """Return the mean of each row over up to 3 and 8 lines on both sides."""
    total = running_sums(np.rint(values * np.float32(_RATE_PARTS)).astype(np.int64))
    rows = np.empty((len(values) * len(_RATE_WINDOWS), values.shape[1]), np.float32)
    for number, width in enumerate(_RATE_WINDOWS):
        low = np.maximum(layout.index - width, layout.first)
        high = np.minimum(layout.index + width + 1, layout.end)
        rows[number :: len(_RATE_WINDOWS)] = (total.take(high, axis=1) - total.take(low, axis=1)) / (
            (high - low) * _RATE_PARTS
        )
    return rows


def _block_features(prose: Ints, layout: PageLayout) -> Floats:
    """Return where each line is relative to the block of lines with the most prose, for two penalties per line."""
    weight = np.minimum(prose, _MAX_PROSE)
    index = layout.index - layout.first
    rows = np.empty((len(_PENALTIES), 3, len(prose)), np.float32)
    for penalty, penalty_rows in zip(_PENALTIES, rows, strict=True):
        starts, ends, gains = best_blocks(weight - penalty, layout.bounds)
        ends[gains <= 0] = starts[gains <= 0] = 0  # no block
        place_in_blocks(index, starts.take(layout.page), ends.take(layout.page), penalty_rows)
    return rows.reshape(-1, len(prose))


def best_blocks(weight: Ints, page_bounds: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the contiguous block of lines of each page that has the largest sum of weights.

    Kadane's algorithm; J. Bentley (1984). Programming pearls: algorithm design techniques. Communications of the ACM
    27(9), 865-873.

    Parameters
    ----------
    weight : array of int, shape (lines,)
        The weight of each line.
    page_bounds : array of int, shape (pages + 1,)
        First line of each page.

    Returns
    -------
    starts, ends : array of int, shape (pages,)
        The first line of each page's block and the one after its last, counted from the page's first line.
    gains : array of int, shape (pages,)
        The block's sum of weights; it is negative if all weights are, and 0 for a page without lines.
    """
    total = running_sums(weight)
    starts, ends, gains = ([0] * (len(page_bounds) - 1) for _ in range(3))
    # A loop: array operations over all pages, in which each page's sums begin anew, take twice as long.
    for number, (low, high) in enumerate(zip(page_bounds[:-1].tolist(), page_bounds[1:].tolist(), strict=True)):
        if high > low:
            sums = total[low : high + 1]
            gain = sums[1:] - np.minimum.accumulate(sums[:-1])
            last = int(gain.argmax())
            starts[number], ends[number], gains[number] = int(sums[: last + 1].argmin()), last + 1, int(gain[last])
    return np.array(starts, np.int64), np.array(ends, np.int64), np.array(gains, np.int64)


def place_in_blocks(place: Ints, start: Ints, end: Ints, out: Floats) -> None:
    """Write, in three rows of `out`, whether each line is in its page's block, and its distance from both ends of it.

    The distances are in tens of lines, from -1 to 1; they are negative on the outer side.
    """
    since, until = place - start, end - 1 - place
    out[0] = (since >= 0) & (until >= 0)
    out[1] = np.minimum(np.maximum(since / 10, -1), 1)
    out[2] = np.minimum(np.maximum(until / 10, -1), 1)
