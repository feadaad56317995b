"""Features of a verdict over the blocks of a page: what heuristics, another extractor or a first classifier select.

The same columns describe each verdict: the block itself, its neighbours, the groups of blocks that it belongs to, and
how much of the page the verdict selects, in all and around the block.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.html.tree_features import GROUPINGS, MIN_PROSE_WORDS

__all__ = ["VERDICT_COLUMNS", "BlockGroups", "verdict_features", "window_sums"]

Floats = NDArray[np.float64]

REACH = 3  # blocks before and after whose verdicts are features
_GROUP = ("selected_rate", "selected_share")
VERDICT_COLUMNS = (
    "verdict",
    *(f"{side}_{steps}" for side in ("before", "after") for steps in range(1, REACH + 1)),
    *(f"{grouping}_{name}" for grouping in GROUPINGS for name in _GROUP),
    *("selected_prose", "selected_words", "log_selected_words", "prose_of_selected", "selected_to_here"),
    *("selected_above", "selected_within_3", "selected_within_8", "since_selected", "until_selected"),
)
"""The columns of `verdict_features`, in the order in which the networks were trained on them."""

_MAX_DISTANCE = 60  # blocks; larger distances are set to this
_NOT_AVAILABLE = -1.0  # the verdict on a block before the first, or after the last
_NEAR_WINDOWS = (3, 8)  # blocks on both sides
_SELECTED = 0.5  # of a verdict that is a probability

# Additive smoothing. The networks were trained with these values: a change needs new weights.
_BLOCK_WORDS = 0.3  # words added to every block, so that none has weight 0
_SELECTED_PRIOR = 0.5  # words at the page's rate of selected blocks, the value for a group without other blocks
_SMALLEST_TOTAL = 1e-9  # words: the divisor for a page without any


class BlockGroups(msgspec.Struct, frozen=True, eq=False):
    """The weights of a page's blocks, and the groups that they belong to.

    Attributes
    ----------
    weight : array of float, shape (blocks,)
        Words of each block, and a little more, so that none has weight 0.
    prose : array of float, shape (blocks,)
        Unlinked words of long blocks; 0 for others.
    numbers : array of int, shape (blocks * len(GROUPINGS),)
        Number of the group of each block in each grouping; no two groupings share a number.
    """

    weight: Floats
    prose: Floats
    numbers: NDArray[np.int64]

    @classmethod
    def of(cls, n_words: NDArray[np.int64], linked: Floats, groups: NDArray[np.int64]) -> BlockGroups:
        """Make the groups of blocks with these numbers of words and shares of linked characters.

        `groups` are those of `TreePositions`.
        """
        weight = n_words + _BLOCK_WORDS
        prose = weight * (1 - linked) * (weight > MIN_PROSE_WORDS)
        # All groupings at once: each has a range of numbers.
        numbers = (groups + (int(groups.max()) + 1) * np.arange(groups.shape[1])).ravel()
        return cls(np.asarray(weight, float), np.asarray(prose, float), numbers)

    def sums(self, values: NDArray[Any]) -> Floats:
        """Return the sums of rows of values over the group of each block: (rows, blocks) to (rows, groupings, blocks).

        All rows at once: on pages of a few kB the time is that of numpy's calls, not of its work.
        """
        n_rows, n_blocks = values.shape
        n_groupings, n_groups = len(self.numbers) // n_blocks, int(self.numbers.max()) + 1
        numbers = (self.numbers + n_groups * np.arange(n_rows)[:, None]).ravel()
        sums = np.bincount(numbers, np.repeat(values, n_groupings, axis=1).ravel())[numbers]
        return np.asarray(sums.reshape(n_rows, n_blocks, n_groupings).swapaxes(1, 2), float)


def verdict_features(verdicts: Floats, groups: BlockGroups) -> Mapping[str, NDArray[Any]]:
    """Describe verdicts over blocks.

    Parameters
    ----------
    verdicts : array of float, shape (verdicts, blocks)
        1 for each selected block and 0 for the others, or a probability.
    groups : BlockGroups
        The groups of the blocks.

    Returns
    -------
    dict of str to array of shape (verdicts, blocks) or (verdicts, 1)
        One entry for each name in `VERDICT_COLUMNS`.
    """
    return {
        "verdict": verdicts,
        **_neighbours(verdicts),
        **_group_features(verdicts, groups),
        **_selection_features(verdicts, groups),
    }


def _neighbours(verdicts: Floats) -> dict[str, Floats]:
    """Return the verdicts on the blocks before and after each block."""
    n_verdicts, end = verdicts.shape
    padded = np.full((n_verdicts, end + 2 * REACH), _NOT_AVAILABLE)
    padded[:, REACH:-REACH] = verdicts
    steps = range(1, REACH + 1)
    return {f"before_{step}": padded[:, REACH - step : REACH - step + end] for step in steps} | {
        f"after_{step}": padded[:, REACH + step : REACH + step + end] for step in steps
    }


def _group_features(verdicts: Floats, groups: BlockGroups) -> dict[str, Floats]:
    """Return, for each grouping, the rate of the other blocks of each block's group, and its share of the selection."""
    weight, selected = groups.weight, verdicts * groups.weight
    group_weight, *group_selected = groups.sums(np.vstack((weight, selected)))
    page_rate, page_selected = verdicts.mean(axis=1), np.maximum(selected.sum(axis=1), _SMALLEST_TOTAL)
    of_group = np.array(group_selected)
    rate = (of_group - selected[:, None] + (_SELECTED_PRIOR * page_rate)[:, None, None]) / (
        group_weight - weight + _SELECTED_PRIOR
    )
    share = of_group / page_selected[:, None, None]
    return {
        f"{grouping}_{name}": of_groupings[:, number]
        for name, of_groupings in zip(_GROUP, (rate, share), strict=True)
        for number, grouping in enumerate(GROUPINGS)
    }


def _selection_features(verdicts: Floats, groups: BlockGroups) -> dict[str, NDArray[Any]]:
    """Return how much of the page each verdict selects, in all, up to each block, and around it."""
    weight, prose, selected = groups.weight, groups.prose, verdicts * groups.weight
    total = selected.sum(axis=1, keepdims=True)
    n_selected, n_prose = np.maximum(total, _SMALLEST_TOTAL), max(prose.sum(), _SMALLEST_TOTAL)
    selected_prose = (prose * verdicts).sum(axis=1, keepdims=True)
    to_here = np.cumsum(selected, axis=1) / n_selected
    is_selected = verdicts > _SELECTED
    near = [window_sums(np.vstack((weight, selected)), reach) for reach in _NEAR_WINDOWS]
    return {
        "selected_prose": selected_prose / n_prose,
        "selected_words": total / weight.sum(),
        "log_selected_words": np.log1p(total),
        "prose_of_selected": selected_prose / n_selected,
        "selected_to_here": to_here,
        "selected_above": to_here - selected / n_selected,
        **{f"selected_within_{reach}": sums[1:] / sums[0] for reach, sums in zip(_NEAR_WINDOWS, near, strict=True)},
        "since_selected": _blocks_since(is_selected),
        "until_selected": _blocks_since(is_selected[:, ::-1])[:, ::-1],
    }


def window_sums(values: NDArray[Any], reach: int) -> Floats:
    """Return the sum over each block and `reach` blocks on both sides; blocks are on the last axis."""
    n_blocks = values.shape[-1]
    total = np.zeros((*values.shape[:-1], n_blocks + 1))
    np.cumsum(values, axis=-1, out=total[..., 1:])
    index = np.arange(n_blocks)
    end, start = np.minimum(index + reach + 1, n_blocks), np.maximum(index - reach, 0)
    return np.asarray(total[..., end] - total[..., start])


def _blocks_since(is_marked: NDArray[np.bool_]) -> Floats:
    """Return how many blocks are between each block and the last marked one before it in its row, at most 60."""
    index = np.arange(is_marked.shape[1])
    last = np.full((len(is_marked), len(index) + 1), -_MAX_DISTANCE)
    np.maximum.accumulate(np.where(is_marked, index, -_MAX_DISTANCE), axis=1, out=last[:, 1:])
    return np.asarray(np.minimum(index - last[:, :-1] - 1, _MAX_DISTANCE), float)
