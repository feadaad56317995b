"""Who sees what: exactly `overlap` of the annotators for each article, everybody's load as even as limits let it be.

Drawing goes by digest, not by a random generator: the order of two articles never depends on which others there are,
so that a batch of 10 is the head of a batch of 20 with the same seed, on every Python version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import inf

import msgspec

__all__ = ["Load", "assign", "choose", "draw"]


def draw(items: Iterable[str], key: str) -> tuple[str, ...]:
    """Order distinct `items` at random, by SHA-256 of `key` and the item: the same for ever."""
    return tuple(sorted(items, key=lambda item: (hashlib.sha256(f"{key}\0{item}".encode()).digest(), item)))


def choose(
    groups: Iterable[tuple[str, ...]],
    key: str,
    *,
    limit: int | None = None,
    whole: bool = False,
    order: Sequence[str] | None = None,
) -> tuple[str, ...]:
    """Choose items from `groups` (clusters of near-duplicates, most of them of one), at most `limit`.

    They are taken in `order`, which names them all, or else as drawn by `key`. One item a group; with `whole` each
    group entire, and one that would pass the limit is left for another batch.
    """
    rank = None if order is None else {item: place for place, item in enumerate(order)}

    def ordered(items: Iterable[str]) -> tuple[str, ...]:
        return draw(items, key) if rank is None else tuple(sorted(items, key=rank.__getitem__))

    chosen: list[str] = []
    by_first = {members[0]: members for members in map(ordered, groups) if members}
    for first in ordered(by_first):
        taken = by_first[first] if whole else (first,)
        if limit is None or len(chosen) + len(taken) <= limit:
            chosen.extend(taken)
        elif not whole:
            break
    return tuple(chosen)


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What each item weighs (one, unless said), the most that a person may bear, and how many of the first items
    everybody gets."""

    weights: Mapping[str, int] = {}
    limits: Mapping[str, int] = {}
    everybody: int = 0


def assign(
    items: Sequence[str], annotators: Sequence[str], overlap: int, key: str, load: Load | None = None
) -> tuple[tuple[str, ...], ...]:
    """Give each item to exactly `overlap` of the distinct `annotators`; a tuple, in name order, for each item in turn.

    The heaviest items come first, and among people with room the least loaded: where all weigh one and no limit binds,
    loads are within one of each other at every step. Among equals those who have met least often are taken, so that
    every pair of annotators gets items to agree on. With limits, and items of one weight, a plan is found whenever
    there is one. Raises ValueError where none is found, or `overlap` is not within 1 and the number of annotators.
    """
    names, load = sorted(set(annotators)), load or Load()
    if not 1 <= overlap <= len(names):
        raise ValueError(f"an overlap of {overlap} with {len(names)} annotators")
    bench = _Bench(names, load.limits)
    plan: dict[str, tuple[str, ...]] = {}
    for item in items[: load.everybody]:
        plan[item] = bench.seat(names, load.weights.get(item, 1))
    rest = sorted(items[load.everybody :], key=lambda item: -load.weights.get(item, 1))
    left = sum(load.weights.get(item, 1) for item in rest)
    for item in rest:
        weight = load.weights.get(item, 1)
        left -= weight
        order = {name: place for place, name in enumerate(draw(names, f"{key}\0{item}"))}
        plan[item] = bench.seat(bench.pick(overlap, weight, left, order), weight)
    return tuple(plan[item] for item in items)


class _Bench:
    """People, what each bears so far and may yet, and how often each pair has met."""

    def __init__(self, names: Sequence[str], limits: Mapping[str, int]) -> None:
        self.load = dict.fromkeys(names, 0)
        self.room: dict[str, float] = {name: limits.get(name, inf) for name in names}
        self.met = {frozenset(pair): 0 for pair in combinations(names, 2)}

    def pick(self, overlap: int, weight: int, left: int, order: Mapping[str, int]) -> list[str]:
        """Choose `overlap` people for an item, so that the `left` that comes after it can be planned too."""
        able = [name for name, room in self.room.items() if room >= weight]
        # A person can bear at most `left` of what follows: room beyond that is free, and the rest is rationed.
        usable = {name: min(room, left) for name, room in self.room.items()}
        cost = {name: usable[name] - min(self.room[name] - weight, left) for name in able}
        spare = sum(usable.values()) - overlap * left
        chosen: list[str] = []
        while len(chosen) < overlap:
            rest = [name for name in able if name not in chosen]
            fits = [name for name in rest if self._cheapest(rest, cost, name, overlap - len(chosen)) <= spare]
            if not fits:
                raise ValueError("no plan within the limits")
            best = min(fits, key=lambda n: (self.load[n], sum(self.met[frozenset((n, c))] for c in chosen), order[n]))
            spare -= cost[best]
            chosen.append(best)
        return chosen

    @staticmethod
    def _cheapest(rest: Sequence[str], cost: Mapping[str, float], name: str, places: int) -> float:
        """What filling `places` costs at least where one is `name`'s."""
        others = sorted(cost[other] for other in rest if other != name)[: places - 1]
        return inf if len(others) < places - 1 else cost[name] + sum(others)

    def seat(self, chosen: Sequence[str], weight: int) -> tuple[str, ...]:
        """Put the load of an item on those chosen."""
        for name in chosen:
            self.load[name] += weight
            self.room[name] -= weight
            if self.room[name] < 0:
                raise ValueError("no plan within the limits")
        for pair in combinations(chosen, 2):
            self.met[frozenset(pair)] += 1
        return tuple(sorted(chosen))
