"""What stands around each line of a page: its neighbours, the weight of prose, marks before and after, as numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from goldwire.lines import BASE

__all__ = ["describe"]

Floats = NDArray[np.float32]

_WINDOWS = (1, 2, 4, 8, 16)
_NEAR = (0, 12, 17, 18, 21, 22)  # words, ends_sentence, in_title, in_core, ends_ellipsis, glued: of lines two away
_RATES = tuple(map(BASE.index, ("glued", "ends_ellipsis", "ends_sentence", "words_date", "repeats", "digits")))
_MARKS = tuple(BASE.index(f"words_{name}") for name in ("share", "newsletter", "comments", "legal", "related", "date"))


def describe(looks: Floats) -> Floats:
    """Describe each line by its own looks, those of its neighbours, and the weight of prose around it."""
    count = len(looks)
    number = np.expm1(looks[:, 0]).astype(np.float64)
    prose = np.where((looks[:, 12] > 0) & (looks[:, 0] > 2), number, 0)
    near = looks[:, _NEAR]
    whole = max(float(prose.sum()), 1.0)
    columns = [*_around(prose), *_around(number * looks[:, 17] * (number > 7))]
    columns += [np.full(count, np.log1p(whole)), np.full(count, np.log1p(count))]
    columns += list(np.log1p(_both_ways((prose > 0)[:, None])[:, 0].T))
    columns += _after_title(looks[:, 20] > 0, prose)
    after = np.expm1(columns[-5])  # words of prose since the last line like the title
    marks = _marks((looks[:, _MARKS] > 0.3) & (number < 12)[:, None], after, whole)
    blocks = (
        looks,
        _shifted(near, -2),
        _shifted(looks, -1),
        _shifted(looks, 1),
        _shifted(near, 2),
        np.stack(columns, axis=1),
        marks,
        np.stack(_evenness(looks[:, 1]), axis=1),
        _means(looks[:, _RATES]),
        np.stack(_in_block(prose), axis=1),
    )
    return np.concatenate([block.astype(np.float32, copy=False) for block in blocks], axis=1)


def _around(weight: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Sum weights over windows before and after each line, and give the shares before and after it."""
    count = len(weight)
    place = np.arange(count)
    total = np.concatenate(([0], np.cumsum(weight)))
    columns = []
    for width in _WINDOWS:
        columns.append(np.log1p(total[place] - total[np.maximum(place - width, 0)]))
        columns.append(np.log1p(total[np.minimum(place + width + 1, count)] - total[place + 1]))
    whole = max(float(total[-1]), 1.0)
    return [*columns, total[:-1] / whole, (total[-1] - total[1:]) / whole]


def _after_title(title: NDArray[np.bool_], prose: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Tell how far, in lines and in words of prose, a line is from the last line like the title, and the first."""
    count, place = len(title), np.arange(len(title))
    total = np.concatenate(([0], np.cumsum(prose)))[:-1]
    last = np.maximum.accumulate(np.where(title, place, -1))
    since = np.where(last >= 0, place - last, -1)
    words_since = np.where(last >= 0, total - total[np.maximum(last, 0)], -1)
    some = np.full(count, float(title.any()))
    return [
        np.log1p(np.maximum(since, 0)) * (last >= 0),
        np.log1p(np.maximum(words_since, 0)),
        (last >= 0).astype(np.float64),
        some,
        np.minimum(np.cumsum(title), 3).astype(np.float64),
        np.minimum(title.sum() - np.cumsum(title), 3).astype(np.float64),
    ]


def _marks(marked: NDArray[np.bool_], after: NDArray[np.float64], whole: float) -> NDArray[np.float64]:
    """Tell, of each kind of mark, how far it is before and after a line, and how much prose there was before it.

    Comments stand after an article's prose: a mark of them above it says nothing.
    """
    most = np.maximum.accumulate(np.where(marked, after[:, None], 0), axis=0)
    each = np.concatenate((np.log1p(_both_ways(marked)), np.log1p(most)[..., None], (most / whole)[..., None]), axis=2)
    return each.reshape(len(marked), -1)


def _evenness(size: Floats) -> list[NDArray[np.float64]]:
    """Tell how much the log lengths of lines around vary, and those two apart: lists of teasers and of comments."""
    column = size.astype(np.float64)
    padded = np.pad(column, 4, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 9)
    alternate = np.abs(padded[6:-2] - column) + np.abs(padded[2:-6] - column)
    return [windows.std(axis=1), windows.mean(axis=1), alternate]


def _shifted(values: Floats, step: int) -> Floats:
    out = np.zeros_like(values)
    if step > 0:
        out[:-step] = values[step:]
    else:
        out[-step:] = values[:step]
    return out


def _both_ways(marked: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Count the lines since the last marked one of each column and until the next, at most 50: n x columns x 2."""
    place = np.arange(len(marked))[:, None]
    last = np.maximum.accumulate(np.where(marked, place, -50), axis=0)
    following = np.minimum.accumulate(np.where(marked, place, len(marked) + 49)[::-1], axis=0)[::-1]
    return np.minimum(np.stack((place - last, following - place), axis=2), 50).astype(np.float64)


def _means(values: Floats) -> NDArray[np.float64]:
    """Average each column over up to 3 and 8 lines on both sides: n x (columns * 2)."""
    total = np.concatenate((np.zeros((1, values.shape[1])), np.cumsum(values, axis=0, dtype=np.float64)))
    place = np.arange(len(values))
    found = []
    for width in (3, 8):
        low, high = np.maximum(place - width, 0), np.minimum(place + width + 1, len(values))
        found.append((total[high] - total[low]) / (high - low)[:, None])
    return np.stack(found, axis=2).reshape(len(values), -1)


def _in_block(prose: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Tell where a line is to the run of lines with the greatest weight of prose (Kadane 1984), for two penalties."""
    out = []
    place = np.arange(len(prose))
    for penalty in (6.0, 15.0):
        total = np.concatenate(([0], np.cumsum(np.minimum(prose, 80) - penalty)))
        last = int(np.argmax(total - np.minimum.accumulate(total)))
        first = int(np.argmin(total[: last + 1]))
        out += [((place >= first) & (place < last)).astype(np.float64)]
        out += [np.clip((place - first) / 10, -1, 1), np.clip((last - 1 - place) / 10, -1, 1)]
    return out
