"""Tables of ratings that papers print, each with its source."""

from __future__ import annotations

from collections.abc import Sequence

_ = None

KRIPPENDORFF_2011 = [
    [1, 1, _, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [_, 5, 5, 5],
    [_, _, 1, 1],
    [_, 3, _, _],
]
"""Krippendorff 2011, Computing Krippendorff's alpha-reliability, section C: 12 units, 4 observers."""

FLEISS_COUNTS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]
"""Ten subjects, fourteen raters, five categories; kappa .210 (the worked example of the article Fleiss' kappa)."""


def from_counts(counts: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return ratings (items, raters) from counts (items, categories)."""
    return [[label for label, count in enumerate(row, 1) for _ in range(count)] for row in counts]


def from_table(table: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return ratings (items, 2) from a contingency table."""
    return [[a, b] for a, row in enumerate(table, 1) for b, count in enumerate(row, 1) for _ in range(count)]


COHEN_1960 = from_table([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
"""Cohen 1960, EPM 20:37-46, and 1968, Psych. Bull. 70:213-220: 200 patients, 2 diagnosticians."""

ARTSTEIN_2008 = from_table([[20, 20], [10, 50]])
"""Artstein and Poesio 2008, Computational Linguistics 34(4), p. 558: 100 utterances, 2 coders."""

KRIPPENDORFF_1995 = [
    [int(a), int(b)] for a, b in zip("001111111100001111110000", "000011110000000110000000", strict=True)
]
"""Krippendorff 1995, Sociological Methodology 25:47-76, pair A, character by character."""
