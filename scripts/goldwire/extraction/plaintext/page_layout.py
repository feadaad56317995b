"""The layout of the lines of a batch of pages, for features that look at the lines around."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["PageLayout", "lay_out"]

Ints = NDArray[np.int64]


class PageLayout(msgspec.Struct, frozen=True, eq=False):
    """The layout of the pages' lines.

    `bounds` (pages + 1) are the first lines of the pages; the others have for each line: its index, its page, the
    first line of that page and the one after its last.
    """

    bounds: Ints
    index: Ints
    page: Ints
    first: Ints
    end: Ints

    def page_sums(self, total: Ints) -> Ints:
        """Return, for each line, the sum over its page, of running sums that begin with 0."""
        at_bounds = total.take(self.bounds)
        sums: Ints = (at_bounds[1:] - at_bounds[:-1]).take(self.page)
        return sums


def lay_out(bounds: Ints) -> PageLayout:
    """Return the layout of pages whose first lines, and the end of the last one, are `bounds`."""
    sizes = bounds[1:] - bounds[:-1]
    page = np.arange(len(sizes)).repeat(sizes)
    return PageLayout(bounds, np.arange(len(page)), page, bounds.take(page), bounds.take(page + 1))
