"""Find second copies: pages repeat their whole text in one line or block, for search engines."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["find"]

_WORDS, _RUN, _SHARE = 60, 4, 0.8


def find(lines: Sequence[str], said: Sequence[bool]) -> set[int]:
    """Give which long lines are made of what lines above them said; `said` are those that may be, by their words."""
    shortest = 2 * _WORDS - 1  # characters
    able = [index for index, line in enumerate(lines) if len(line) >= shortest and said[index]]
    long = [index for index in able if lines[index].count(" ") >= _WORDS - 1]
    if not long:
        return set()
    seen: set[tuple[str, ...]] = set()
    found = set()
    for index, line in enumerate(lines[: long[-1] + 1]):
        words = line.split()
        runs = list(zip(*(words[start:] for start in range(_RUN)), strict=False))
        if index in long and sum(run in seen for run in runs) >= _SHARE * len(runs):
            found.add(index)
        seen.update(runs)
    return found
