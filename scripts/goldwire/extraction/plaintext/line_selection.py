"""Select body lines: those above the probability threshold, minus runs that are small compared with the largest run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["select_lines"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_THRESHOLD = 0.3  # probability above which a line is body: precision and recall of unseen pages balance here
_THRESHOLD_BETWEEN = 0.1  # of one line between two of body: F1 +.001 to .004, with nine networks of nine
_MIN_WORDS = 8  # words of body that make an article of any kind
_SHARE_OF_BEST = 0.6  # of the page's most likely line, if no line is that likely (text in another script)
_MAX_GAP = 3  # lines without body within a run
_SMALL_RUN = 0.1  # a run of less than this share of the largest is a teaser or a comment


def select_lines(body_probability: Floats, n_words: Ints, page_bounds: Ints) -> NDArray[np.bool_]:
    """Return which lines of some pages are selected as body.

    Parameters
    ----------
    body_probability : array of float, shape (lines,)
        Probability of each line to be body, rounded to 1e-4.
    n_words : array of int, shape (lines,)
        Number of words of each line.
    page_bounds : array of int, shape (pages + 1,)
        Page i has the lines from `page_bounds[i]` to before `page_bounds[i + 1]`.
    """
    sizes = page_bounds[1:] - page_bounds[:-1]
    has_lines = sizes > 0
    if not has_lines.any():
        return np.zeros(0, np.bool_)
    # 1. Lines above the threshold, and a single likely line between two of them.
    page = np.arange(has_lines.sum()).repeat(sizes[has_lines])
    best = np.maximum.reduceat(body_probability, page_bounds[:-1][has_lines])
    threshold = np.minimum(_THRESHOLD, _SHARE_OF_BEST * best).take(page)
    selected: NDArray[np.bool_] = body_probability > threshold
    is_between = (body_probability[1:-1] > _THRESHOLD_BETWEEN) & (page[:-2] == page[2:])
    selected[1:-1] |= selected[:-2] & selected[2:] & is_between
    # 2. Without the runs that are small compared with their page's largest.
    index = selected.nonzero()[0]
    page_of = page.take(index)
    run = np.zeros(len(index), np.int64)
    ((index[1:] - index[:-1] > _MAX_GAP) | (page_of[1:] > page_of[:-1])).cumsum(out=run[1:])
    weight = np.bincount(run, (body_probability * (n_words + 1))[index])
    largest = np.zeros(page[-1] + 1)
    np.maximum.at(largest, page_of, weight[run])
    selected[index[weight[run] < _SMALL_RUN * largest[page_of]]] = False
    # 3. Nothing of a page with too few words of body.
    selected &= (np.bincount(page, n_words * selected) >= _MIN_WORDS).take(page)
    return selected
