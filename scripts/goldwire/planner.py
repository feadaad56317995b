"""Who sees what: exactly `overlap` of the annotators for each article, everybody's load the same to within one.

Drawing goes by digest, not by a random generator: the order of two articles never depends on which others there are,
so that a batch of 10 is the head of a batch of 20 with the same seed, on every Python version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import combinations

__all__ = ["assign", "choose", "draw"]


def draw(items: Iterable[str], key: str) -> tuple[str, ...]:
    """Order distinct `items` at random, by SHA-256 of `key` and the item: the same for ever."""
    return tuple(sorted(items, key=lambda item: (hashlib.sha256(f"{key}\0{item}".encode()).digest(), item)))


def choose(
    groups: Iterable[tuple[str, ...]], key: str, *, limit: int | None = None, whole: bool = False
) -> tuple[str, ...]:
    """Choose items from `groups` (clusters of near-duplicates, most of them of one) in drawn order, at most `limit`.

    One item a group; with `whole` each group entire, and one that would pass the limit is left for another batch.
    """
    drawn: list[str] = []
    by_first = {members[0]: members for members in (draw(group, key) for group in groups) if members}
    for first in draw(by_first, key):
        taken = by_first[first] if whole else (first,)
        if limit is None or len(drawn) + len(taken) <= limit:
            drawn.extend(taken)
        elif not whole:
            break
    return tuple(drawn)


def assign(items: Sequence[str], annotators: Sequence[str], overlap: int, key: str) -> tuple[tuple[str, ...], ...]:
    """Give each item to exactly `overlap` of the distinct `annotators`; a tuple, in name order, for each item in turn.

    Loads differ by at most one: taking the least loaded keeps them within one of each other at every step. Among
    equals those who have met least often are taken, so that every pair of annotators gets items to agree on.
    Raises ValueError where `overlap` is not within 1 and the number of annotators.
    """
    names = sorted(set(annotators))
    if not 1 <= overlap <= len(names):
        raise ValueError(f"an overlap of {overlap} with {len(names)} annotators")
    load = dict.fromkeys(names, 0)
    met = {frozenset(pair): 0 for pair in combinations(names, 2)}
    plan = []
    for item in items:
        order = {name: place for place, name in enumerate(draw(names, f"{key}\0{item}"))}
        chosen: list[str] = []
        for _ in range(overlap):
            rest = (name for name in names if name not in chosen)
            best = min(rest, key=lambda n: (load[n], sum(met[frozenset((n, c))] for c in chosen), order[n]))
            chosen.append(best)
        for name in chosen:
            load[name] += 1
        for pair in combinations(chosen, 2):
            met[frozenset(pair)] += 1
        plan.append(tuple(sorted(chosen)))
    return tuple(plan)
