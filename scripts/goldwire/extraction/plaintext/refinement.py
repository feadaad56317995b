"""Features that refine each line's probability to be body by the probabilities of the lines around it.

A first network sees a line and its neighbours' words; a second one sees what the first made of the whole page: a
reader's comment is as likely prose as an article, but it is below one. Sums are of whole numbers, so that no line's
features depend, even in the last bit, on the other pages of the batch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.plaintext.line_features import FEATURE_NAMES, log1p

__all__ = ["REFINEMENT_FEATURE_NAMES", "refinement_features"]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

_STEPS = 10_000  # of a probability
_OFFSETS = (-4, -3, -2, -1, 1, 2, 3, 4)  # lines
_WINDOWS = (2, 4, 8, 16, 32)  # lines
_LIKELY = 0.5
_MAX_DISTANCE = 50  # lines
_BLOCK_SHARES = (0.2, 0.4)  # probability below which a line costs a block weight
_MAX_WORDS = 100  # of a line that count

REFINEMENT_FEATURE_NAMES = (
    *FEATURE_NAMES,
    *("p", "p_words"),
    *(f"p_{offset:+d}" for offset in _OFFSETS),
    *(f"{side}_{window}" for window in _WINDOWS for side in ("before", "after")),
    *("share_before", "share_after", "likely_before", "likely_after"),
    *("page_best", "page_words", "page_mean", "page_lines"),
    *("likely_since", "likely_until"),
    *(f"{name}_{share}" for share in _BLOCK_SHARES for name in ("is_inside", "since", "until")),
)
"""The columns of `refinement_features`, in the order in which the network was trained on them."""


def refinement_features(features: Floats, probability: Doubles, n_words: Ints, page_bounds: Ints) -> Floats:
    """Return the features that the second network takes.

    Parameters
    ----------
    features : array of float32, shape (lines, len(FEATURE_NAMES))
        Context-free features.
    probability : array of float64, shape (lines,)
        Each line's probability to be body by the first network, rounded to 1e-4.
    n_words : array of int, shape (lines,)
        Number of words of each line.
    page_bounds : array of int, shape (pages + 1,)
        First line of each page.

    Returns
    -------
    array of float32, shape (lines, len(REFINEMENT_FEATURE_NAMES))
    """
    count = len(probability)
    if not count:
        return np.zeros((0, len(REFINEMENT_FEATURE_NAMES)), np.float32)
    sizes = page_bounds[1:] - page_bounds[:-1]
    page = np.arange(len(sizes)).repeat(sizes)
    first, end = page_bounds.take(page), page_bounds.take(page + 1)
    index = np.arange(count)
    steps = np.rint(probability * _STEPS).astype(np.int64)
    words = np.minimum(n_words, _MAX_WORDS) + 1
    body, size = _running(steps * words), _running(words)
    likely = _running(np.where(steps >= _LIKELY * _STEPS, words, 0))
    rows: list[NDArray[np.generic]] = [probability, probability * log1p(words) / 4]
    for offset in _OFFSETS:
        other = index + offset
        rows.append(np.where((other >= first) & (other < end), probability.take(other, mode="clip"), 0))
    for window in _WINDOWS:
        low, high = np.maximum(index - window, first), np.minimum(index + window + 1, end)
        rows.append((body[index] - body[low]) / np.maximum((size[index] - size[low]) * _STEPS, 1))
        rows.append((body[high] - body[index + 1]) / np.maximum((size[high] - size[index + 1]) * _STEPS, 1))
    total = np.maximum(body[end] - body[first], 1)
    rows += [(body[index] - body[first]) / total, (body[end] - body[index + 1]) / total]
    rows += [log1p(likely[index] - likely[first]), log1p(likely[end] - likely[index + 1])]
    has_lines = sizes > 0
    best = np.zeros(len(sizes))
    best[has_lines] = np.maximum.reduceat(probability, page_bounds[:-1][has_lines])
    rows += [best.take(page), log1p(total // _STEPS), total / ((size[end] - size[first]) * _STEPS), log1p(end - first)]
    is_likely = steps >= _LIKELY * _STEPS
    last = np.maximum.accumulate(np.where(is_likely, index, -1))
    following = np.minimum.accumulate(np.where(is_likely, index, count)[::-1])[::-1]
    rows.append(log1p(np.where(last >= first, np.minimum(index - last, _MAX_DISTANCE), _MAX_DISTANCE)))
    rows.append(log1p(np.where(following < end, np.minimum(following - index, _MAX_DISTANCE), _MAX_DISTANCE)))
    for share in _BLOCK_SHARES:
        rows += _block_rows((steps - round(share * _STEPS)) * words, page_bounds, page, first)
    return np.concatenate((features.T, np.stack(rows)), dtype=np.float32).T


def _running(values: Ints) -> Ints:
    """Return running sums, which begin with 0."""
    total = np.zeros(len(values) + 1, np.int64)
    values.cumsum(out=total[1:])
    return total


def _block_rows(weight: Ints, page_bounds: Ints, page: Ints, first: Ints) -> list[NDArray[np.generic]]:
    """Return where each line is relative to the contiguous block of its page with the largest sum of weights."""
    starts, ends = np.zeros(len(page_bounds) - 1, np.int64), np.zeros(len(page_bounds) - 1, np.int64)
    total = _running(weight)
    for number, (low, high) in enumerate(zip(page_bounds[:-1].tolist(), page_bounds[1:].tolist(), strict=True)):
        if high == low:
            continue
        sums = total[low : high + 1]
        least = np.minimum.accumulate(sums[:-1])
        ends[number] = int((sums[1:] - least).argmax())
        starts[number] = int(sums[: ends[number] + 1].argmin())
    place = np.arange(len(page)) - first
    since, until = place - starts.take(page), ends.take(page) - place
    return [
        (since >= 0) & (until >= 0),
        np.minimum(np.maximum(since / 10, -1), 1),
        np.minimum(np.maximum(until / 10, -1), 1),
    ]
