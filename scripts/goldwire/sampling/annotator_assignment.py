"""Assignment of articles to annotators: exactly `overlap` per article, with workloads as even as limits allow.

The random order comes from a digest, not from a random generator: the order of two articles never depends on which
others there are, so that a batch of 10 is the beginning of a batch of 20 with the same seed, on every Python version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import inf

import msgspec

from goldwire.quantities import quantity

__all__ = ["Workload", "assign_annotators", "pick_articles", "random_order"]


def random_order(items: Iterable[str], key: str) -> tuple[str, ...]:
    """Return distinct `items` ordered by the SHA-256 of `key` and the item."""
    return tuple(sorted(items, key=lambda item: (hashlib.sha256(f"{key}\0{item}".encode()).digest(), item)))


def pick_articles(
    groups: Iterable[tuple[str, ...]],
    key: str,
    *,
    limit: int | None = None,
    whole: bool = False,
    order: Sequence[str] | None = None,
) -> tuple[str, ...]:
    """Return up to `limit` articles, one per group (cluster of near-duplicates).

    Articles are taken in `order`, which contains them all. Default: in the random order of `key`. With `whole`, groups
    are taken entirely, and a group that would exceed the limit is skipped.
    """
    rank = None if order is None else {item: number for number, item in enumerate(order)}

    def ordered(items: Iterable[str]) -> tuple[str, ...]:
        return random_order(items, key) if rank is None else tuple(sorted(items, key=rank.__getitem__))

    picked: list[str] = []
    by_first = {members[0]: members for members in map(ordered, groups) if members}
    for first in ordered(by_first):
        members = by_first[first] if whole else (first,)
        if limit is None or len(picked) + len(members) <= limit:
            picked.extend(members)
        elif not whole:
            break
    return tuple(picked)


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """Weights of items (default: 1), limits of annotators, and the number of first items that every annotator gets."""

    weights: Mapping[str, int] = {}
    limits: Mapping[str, int] = {}
    n_calibration: int = 0


def assign_annotators(
    items: Sequence[str], annotators: Sequence[str], overlap: int, key: str, load: Workload | None = None
) -> tuple[tuple[str, ...], ...]:
    """Return, for each item in turn, the names of exactly `overlap` of the distinct `annotators`, sorted.

    The heaviest items are assigned first, to the annotators with the least load among those with room. If all items
    weigh one and no limit binds, loads differ by at most one at every step. Ties go to annotators who have shared the
    fewest items, so that every pair has items to agree on. With limits and items of equal weight, a plan is found
    whenever one exists.

    Raises
    ------
    ValueError
        No plan was found, or `overlap` is not between 1 and the number of annotators.
    """
    names, load = sorted(set(annotators)), load or Workload()
    if not 1 <= overlap <= len(names):
        raise ValueError(f"an overlap of {overlap} with {quantity(len(names), 'annotator')}")
    balancer = _WorkloadBalancer(names, load.limits)
    plan: dict[str, tuple[str, ...]] = {}
    for item in items[: load.n_calibration]:
        plan[item] = balancer.assign(names, load.weights.get(item, 1))
    others = sorted(items[load.n_calibration :], key=lambda item: -load.weights.get(item, 1))
    remaining = sum(load.weights.get(item, 1) for item in others)
    for item in others:
        weight = load.weights.get(item, 1)
        remaining -= weight
        rank = {name: number for number, name in enumerate(random_order(names, f"{key}\0{item}"))}
        plan[item] = balancer.assign(balancer.pick(overlap, weight, remaining, rank), weight)
    return tuple(plan[item] for item in items)


class _WorkloadBalancer:
    """Each annotator's load and remaining room, and how many items each pair shares."""

    def __init__(self, names: Sequence[str], limits: Mapping[str, int]) -> None:
        self.load = dict.fromkeys(names, 0)
        self.room: dict[str, float] = {name: limits.get(name, inf) for name in names}
        self.shared = {frozenset(pair): 0 for pair in combinations(names, 2)}

    def pick(self, overlap: int, weight: int, remaining: int, rank: Mapping[str, int]) -> list[str]:
        """Return `overlap` annotators for an item, such that the `remaining` weight can be assigned too."""
        candidates = [name for name, room in self.room.items() if room >= weight]
        # An annotator can take at most `remaining` of what follows: room beyond that is free, the rest is rationed.
        usable = {name: min(room, remaining) for name, room in self.room.items()}
        cost = {name: usable[name] - min(self.room[name] - weight, remaining) for name in candidates}
        spare = sum(usable.values()) - overlap * remaining
        picked: list[str] = []
        while len(picked) < overlap:
            rest = [name for name in candidates if name not in picked]
            fits = [name for name in rest if self._min_cost(rest, cost, name, overlap - len(picked)) <= spare]
            if not fits:
                raise ValueError("no plan within the limits")
            best = min(fits, key=lambda n: (self.load[n], sum(self.shared[frozenset((n, p))] for p in picked), rank[n]))
            spare -= cost[best]
            picked.append(best)
        return picked

    @staticmethod
    def _min_cost(rest: Sequence[str], cost: Mapping[str, float], name: str, count: int) -> float:
        """Return the lowest cost of picking `count` annotators if `name` is one of them."""
        others = sorted(cost[other] for other in rest if other != name)[: count - 1]
        return inf if len(others) < count - 1 else cost[name] + sum(others)

    def assign(self, names: Sequence[str], weight: int) -> tuple[str, ...]:
        """Add the weight of an item to the load of `names`."""
        for name in names:
            self.load[name] += weight
            self.room[name] -= weight
            if self.room[name] < 0:
                raise ValueError("no plan within the limits")
        for pair in combinations(names, 2):
            self.shared[frozenset(pair)] += 1
        return tuple(sorted(names))
