"""Count on how many pages of a source each line occurs, in constant memory: a count-min sketch.

References
----------
G. Cormode and S. Muthukrishnan (2005). An improved data stream summary: the count-min sketch and its applications.
Journal of Algorithms 55(1), 58-75.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.line_fingerprints import Fingerprints
from goldwire.extraction.site_boilerplate import MIN_SHARE, SiteBoilerplate

__all__ = ["LineFrequencies"]

Ints = NDArray[np.int64]
Counts = NDArray[np.uint32]

_MIN_PAGES = 3  # pages on which a line must occur
_WIDTH = 21  # bits: two tables of four-byte counts, 16 MB; a source of a million pages has 30 million lines of prose
_MAX_CANDIDATES = (
    1 << 16
)  # before those that fell behind are dropped; recurring lines are at most 50 times the lines of a page


class LineFrequencies:
    """Page counts of lines, added page by page."""

    def __init__(self) -> None:
        self._counts = np.zeros((2, 1 << _WIDTH), np.uint32)
        self._candidates: set[int] = set()
        self._n_pages = 0

    def add(self, fingerprints: Fingerprints, line_counts: Ints, weight: int = 1) -> None:
        """Count pages, each of them `weight` times.

        Parameters
        ----------
        fingerprints : array of uint64
            Fingerprints of all lines of all pages, as `page_fingerprints` returns them.
        line_counts : array of int
            Number of lines of each page.
        weight : int
            Number of pages that each of these pages represents.
        """
        if not len(line_counts):
            return
        order = np.argsort(fingerprints, kind="stable")
        ordered, page = fingerprints[order], np.repeat(np.arange(len(line_counts)), line_counts)[order]
        is_new = np.concatenate(((True,), ordered[1:] != ordered[:-1]))
        is_first_on_page = is_new | np.concatenate(((True,), page[1:] != page[:-1]))  # a line counts once per page
        begin = np.flatnonzero(is_new)
        lines, times = ordered[begin], np.add.reduceat(is_first_on_page, begin, dtype=np.uint32)
        lines, times = lines[lines > 0], times[lines > 0]
        self._n_pages += weight * len(line_counts)
        for row, cells in zip(self._counts, _cells(lines), strict=True):
            np.add.at(row, cells, times * np.uint32(weight))
        # A line that recurs in the end already did so when it was last counted, among fewer pages.
        self._candidates.update(lines[self._count(lines) >= self._threshold()].tolist())
        if len(self._candidates) > _MAX_CANDIDATES:
            self._candidates = set(self._recurring_lines()[0].tolist())

    def recurring(self) -> SiteBoilerplate | None:
        """Return the lines that occur on at least three pages and 2% of the pages; None if there are none."""
        fingerprints, counts = self._recurring_lines()
        if not len(fingerprints):
            return None
        return SiteBoilerplate(fingerprints, (counts / self._n_pages).astype(np.float32), self._n_pages)

    def _count(self, fingerprints: Fingerprints) -> Counts:
        first, second = _cells(fingerprints)
        counts: Counts = np.minimum(self._counts[0][first], self._counts[1][second])
        return counts

    def _threshold(self) -> float:
        return max(_MIN_PAGES, MIN_SHARE * self._n_pages)

    def _recurring_lines(self) -> tuple[Fingerprints, Counts]:
        fingerprints = np.array(sorted(self._candidates), np.uint64)
        counts = self._count(fingerprints)
        is_recurring = counts >= self._threshold()
        return fingerprints[is_recurring], counts[is_recurring]


def _cells(fingerprints: Fingerprints) -> tuple[Ints, Ints]:
    """Return each line's cell in the two tables: the highest bits of its fingerprint, and those below."""
    rest = np.uint64(64 - _WIDTH)
    return (fingerprints >> rest).view(np.int64), (fingerprints << np.uint64(_WIDTH) >> rest).view(np.int64)
