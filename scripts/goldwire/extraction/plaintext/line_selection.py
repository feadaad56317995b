"""Select body lines: those above the threshold that maximises the page's expected F1, without small runs.

Probabilities give the expected F1 of every set of lines. The set with the largest has all lines above half that F1
[1]_: a page on which all is doubtful has a low threshold, and none comes back empty.

References
----------
.. [1] Z. C. Lipton, C. Elkan and B. Naryanaswamy (2014). Optimal thresholding of classifiers to maximize F1 measure.
   ECML PKDD, 225-239.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["PROBABILITY_STEPS", "expected_words", "running_sums", "select_lines"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PROBABILITY_STEPS = 10_000  # of a probability
# Of half the expected F1: recall is worth more than that. Of .6 to 1, .8 is best on the mean of three sets, each judged
# by networks of the other two.
_THRESHOLD_FACTOR = 0.8
_LOWEST, _HIGHEST = 0.1, 0.5
_THRESHOLD_BETWEEN = 0.1  # of one line between two of body
_MIN_WORDS = 8  # words of body that make an article of any kind
_SHARE_OF_BEST = 0.6  # of the page's most likely line, if no line is that likely (text in another script)
_MAX_GAP = 3  # lines without body within a run
_SMALL_RUN = 0.05  # a run of less than this share of the largest is a teaser or a comment


def expected_words(body_probability: Floats, n_words: Ints) -> Ints:
    """Return the words of body that are expected in each line, in units of 1e-4, so that their sums are exact."""
    words: Ints = np.rint(body_probability * PROBABILITY_STEPS).astype(np.int64) * (n_words + 1)
    return words


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
    # 1. Lines above the page's threshold, and a single likely line between two of them.
    page = np.arange(has_lines.sum()).repeat(sizes[has_lines])
    first = page_bounds[:-1][has_lines]
    best = np.maximum.reduceat(body_probability, first)
    threshold = np.minimum(_thresholds(body_probability, n_words, page, first), _SHARE_OF_BEST * best).take(page)
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


def _thresholds(body_probability: Floats, n_words: Ints, page: Ints, first: Ints) -> Floats:
    """Return the threshold of each page: a share of its largest expected F1.

    The expected F1 of the n likeliest lines is 2 e / (w + t), with the words `w` of these lines, the body words `e`
    expected in them, and those expected on the whole page, `t`.
    """
    # The likeliest lines of each page first, and of equally likely ones the first: one sort of whole numbers takes a
    # quarter of the time of a sort by several columns.
    steps = np.rint(body_probability * PROBABILITY_STEPS).astype(np.int64)
    keys = (page + 1) * (PROBABILITY_STEPS + 1) - steps
    order = np.sort(keys * len(page) + np.arange(len(page))) % len(page)
    words = (n_words + 1).take(order)
    expected = expected_words(body_probability, n_words).take(order)
    n_selected, n_expected = running_sums(words), running_sums(expected)
    ends = np.append(first[1:], len(page))
    total = (n_expected.take(ends) - n_expected.take(first)).take(page)
    selected = n_selected[1:] - n_selected.take(first).take(page)
    n_body = n_expected[1:] - n_expected.take(first).take(page)
    f1 = np.maximum.reduceat(2 * n_body / (selected * PROBABILITY_STEPS + total), first)
    return np.minimum(np.maximum(_THRESHOLD_FACTOR * f1 / 2, _LOWEST), _HIGHEST)


def running_sums(values: Ints) -> Ints:
    """Return running sums along the last axis, which begin with 0."""
    total = np.zeros((*values.shape[:-1], values.shape[-1] + 1), np.int64)
    values.cumsum(axis=-1, out=total[..., 1:])
    return total
