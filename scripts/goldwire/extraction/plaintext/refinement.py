"""Features that refine each line's probability to be body by the probabilities of the lines around it.

A first network sees a line and its neighbours' words; a second one sees what the first made of the whole page: a
reader's comment is as likely prose as an article, but it is below one. Sums are of whole numbers, so that no line's
features depend, even in the last bit, on the other pages of the batch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.plaintext.context_features import best_blocks, place_in_blocks
from goldwire.extraction.plaintext.line_features import FEATURE_NAMES, log1p
from goldwire.extraction.plaintext.line_selection import running_sums
from goldwire.extraction.plaintext.page_layout import PageLayout, lay_out

__all__ = ["REFINEMENT_FEATURE_NAMES", "refinement_features"]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_STEPS = 10_000  # of a probability
_OFFSETS = np.array((-4, -3, -2, -1, 1, 2, 3, 4))[:, None]  # lines
_WINDOWS = np.array((2, 4, 8, 16, 32))[:, None]  # lines
_LIKELY = 0.5
_MAX_DISTANCE = 50  # lines
_BLOCK_SHARES = (0.2, 0.4)  # probability below which a line costs a block weight
_MAX_WORDS = 100  # of a line that count

REFINEMENT_FEATURE_NAMES = (
    *FEATURE_NAMES,
    *("p", "p_words"),
    *(f"p_{offset:+d}" for offset in _OFFSETS.flat),
    *(f"{side}_{window}" for window in _WINDOWS.flat for side in ("before", "after")),
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
    lines = lay_out(page_bounds)
    steps = np.rint(probability * _STEPS).astype(np.int64)
    words = np.minimum(n_words, _MAX_WORDS) + 1
    body, size = running_sums(steps * words), running_sums(words)
    rows: Floats = np.concatenate(
        (
            features.T,
            (probability, probability * log1p(words) / 4),
            _neighbours(probability, lines),
            _windows(body, size, lines),
            _page_rows(probability, steps >= _LIKELY * _STEPS, words, body, size, lines),
            _block_rows(steps, words, lines),
        ),
        dtype=np.float32,
    )
    return rows.T  # a column lies together in memory


def _neighbours(probability: Doubles, lines: PageLayout) -> Doubles:
    """Return the probabilities of the lines around each line; 0 if the page has no such line."""
    other = lines.index + _OFFSETS
    return np.where((other >= lines.first) & (other < lines.end), probability.take(other, mode="clip"), 0)


def _windows(body: Ints, size: Ints, lines: PageLayout) -> Doubles:
    """Return the mean probability, weighted by words, of windows before and after each line, in turns."""
    low = np.maximum(lines.index - _WINDOWS, lines.first)
    high = np.minimum(lines.index + _WINDOWS + 1, lines.end)
    rows = np.empty((2 * len(_WINDOWS), len(lines.index)))
    rows[::2] = (body[:-1] - body.take(low)) / np.maximum((size[:-1] - size.take(low)) * _STEPS, 1)
    rows[1::2] = (body.take(high) - body[1:]) / np.maximum((size.take(high) - size[1:]) * _STEPS, 1)
    return rows


def _page_rows(
    probability: Doubles, is_likely: Flags, words: Ints, body: Ints, size: Ints, lines: PageLayout
) -> tuple[NDArray[np.generic], ...]:
    """Return how much body is before and after each line and on its page, and the distance from likely lines."""
    index, first, end = lines.index, lines.first, lines.end
    likely = running_sums(words * is_likely)
    total = np.maximum(body.take(end) - body.take(first), 1)
    has_lines = lines.bounds[1:] > lines.bounds[:-1]
    best = np.zeros(len(has_lines))
    best[has_lines] = np.maximum.reduceat(probability, lines.bounds[:-1][has_lines])
    last = np.maximum.accumulate(np.where(is_likely, index, -1))
    following = np.minimum.accumulate(np.where(is_likely, index, len(index))[::-1])[::-1]
    return (
        (body[:-1] - body.take(first)) / total,
        (body.take(end) - body[1:]) / total,
        log1p(likely[:-1] - likely.take(first)),
        log1p(likely.take(end) - likely[1:]),
        best.take(lines.page),
        log1p(total // _STEPS),
        total / ((size.take(end) - size.take(first)) * _STEPS),
        log1p(end - first),
        log1p(np.where(last >= first, np.minimum(index - last, _MAX_DISTANCE), _MAX_DISTANCE)),
        log1p(np.where(following < end, np.minimum(following - index, _MAX_DISTANCE), _MAX_DISTANCE)),
    )


def _block_rows(steps: Ints, words: Ints, lines: PageLayout) -> Floats:
    """Return where each line is relative to the block with the largest sum of probability above a share."""
    rows = np.empty((len(_BLOCK_SHARES), 3, len(steps)), np.float32)
    for share, share_rows in zip(_BLOCK_SHARES, rows, strict=True):
        starts, ends, _ = best_blocks((steps - round(share * _STEPS)) * words, lines.bounds)
        place_in_blocks(lines.index - lines.first, starts.take(lines.page), ends.take(lines.page), share_rows)
    return rows.reshape(-1, len(steps))
