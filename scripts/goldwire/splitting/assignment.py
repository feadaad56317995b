"""Assign articles to train, validation and test: near-duplicates stay together, and an assignment never changes. Pure.

`goldwire.splitting.strategies` decides where new groups go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from goldwire.records import Split
from goldwire.union_find import UnionFind

__all__ = ["SPLITS", "Assigned", "Groups", "NearCopy", "Objection", "SplitItem", "SplitPlan", "Strategy", "assign"]
__all__ += ["group_articles"]

SPLITS: tuple[Split, ...] = ("train", "validation", "test")


class SplitItem(msgspec.Struct, frozen=True):
    """A gold article with what matters for its split.

    Attributes
    ----------
    article_id, group
        The article, and its group: its near-duplicate cluster or a wider group.
    features
        What the article adds to each feature that should be spread evenly: `entity:PER` 7, `stance:opposes` 2,
        `outlet:x` 1.
    outlet
        Its source.
    published
        ISO date, or empty.
    """

    article_id: str
    group: str
    features: Mapping[str, int] = {}
    outlet: str = ""
    published: str = ""


class NearCopy(msgspec.Struct, frozen=True):
    """Two articles with nearly the same text: the Jaccard index of their n-grams, and the share of the smaller set."""

    left: str
    right: str
    jaccard: float
    containment: float


class SplitPlan(msgspec.Struct, frozen=True):
    """The splits of the new articles, and the new articles that are held out.

    A new article is held out if it has near-duplicates in two splits, since it would leak wherever it went, or if the
    strategy does not allow it in the split of its near-duplicates. `held_out` has the reason for each.
    """

    splits: dict[str, Split]
    held_out: dict[str, str]


Groups = Mapping[str, Sequence[SplitItem]]
"""Articles by group."""

Assigned = Mapping[Split, Sequence[SplitItem]]
"""Articles by split."""


Objection = Callable[[SplitItem, Split], str | None]
"""Returns why a new article must not join its near-duplicates in a split; None if it may."""


class Strategy(Protocol):
    """Decides where new articles go, given the articles of each split."""

    def spread(self, new_groups: Groups, assigned: Assigned) -> Mapping[str, Split]:
        """Return a split for each new group."""

    def objection(self, assigned: Assigned) -> Objection:
        """Return what decides whether a new article may join its near-duplicates."""


def assign(
    items: Iterable[SplitItem],
    existing: Mapping[str, Split],
    strategy: Strategy,
    near_copies: Iterable[NearCopy] = (),
    held_out: Iterable[str] = (),
) -> SplitPlan:
    """Assign the articles that have no split yet.

    Parameters
    ----------
    items : iterable of SplitItem
        All gold articles; their order does not matter.
    existing : mapping of str to str
        The split of each article that has one. It never changes, and new articles of its group, and new near-copies
        of it, get the same split.
    strategy : Strategy
        Decides where groups without any assigned article go.
    near_copies : iterable of NearCopy
        Pairs of articles with nearly the same text, also between groups: clusters are cut where a chain of pairs
        joins dissimilar texts, and a pair that was cut leaks as any other.
    held_out : iterable of str
        Articles that were held out earlier. They stay so, and connect nothing.

    Returns
    -------
    SplitPlan
        The splits of the new articles.
    """
    excluded = frozenset(held_out)
    by_id = {item.article_id: item for item in items if item.article_id not in excluded}
    contacts = _Contacts(by_id, near_copies)
    assigned: dict[Split, list[SplitItem]] = {split: [] for split in SPLITS}
    for article_id in sorted(by_id.keys() & existing.keys()):
        assigned[existing[article_id]].append(by_id[article_id])
        contacts.place(article_id, existing[article_id])
    object_to = strategy.objection(assigned)
    unassigned = sorted(by_id.keys() - existing.keys())
    new_splits: dict[str, Split] = {}
    new_held_out: dict[str, str] = {}
    # A near-copy that gets its split is a contact of further ones: repeat until none is left with a contact.
    while connected := [article_id for article_id in unassigned if contacts.of(article_id)]:
        for article_id in connected:
            found = contacts.of(article_id)
            split = next(iter(found))
            objection = None if len(found) > 1 else object_to(by_id[article_id], split)
            if len(found) > 1 or objection is not None:
                new_held_out[article_id] = contacts.describe(article_id) + (f"; {objection}" if objection else "")
            else:
                new_splits[article_id] = split
                assigned[split].append(by_id[article_id])
                contacts.place(article_id, split)
        unassigned = [article_id for article_id in unassigned if article_id not in {*connected}]
    new_splits |= _spread(contacts.joined_groups(excluded | new_held_out.keys()), unassigned, assigned, strategy)
    return SplitPlan(dict(sorted(new_splits.items())), dict(sorted(new_held_out.items())))


def _spread(
    items: Mapping[str, SplitItem], unassigned: Iterable[str], assigned: Assigned, strategy: Strategy
) -> dict[str, Split]:
    """Return the splits of the articles without a contact, whose groups the strategy spreads."""
    new_groups: dict[str, list[SplitItem]] = {}
    for article_id in unassigned:
        new_groups.setdefault(items[article_id].group, []).append(items[article_id])
    regrouped = {split: [items[item.article_id] for item in split_items] for split, split_items in assigned.items()}
    spread = strategy.spread(dict(sorted(new_groups.items())), regrouped)
    return {item.article_id: split for group, split in spread.items() for item in new_groups[group]}


class _Contacts:
    """The near-duplicates of articles in each split: members of their group, and near-copies."""

    def __init__(self, items: Mapping[str, SplitItem], near_copies: Iterable[NearCopy]) -> None:
        self._items = items
        self._copies: dict[str, dict[str, NearCopy]] = {}
        for pair in near_copies:
            if pair.left in items and pair.right in items:
                self._copies.setdefault(pair.left, {})[pair.right] = pair
                self._copies.setdefault(pair.right, {})[pair.left] = pair
        self._splits: dict[str, Split] = {}
        self._group_members: dict[str, dict[Split, str]] = {}  # the first member in each split

    def place(self, article_id: str, split: Split) -> None:
        """Record that an article is in a split."""
        self._splits[article_id] = split
        self._group_members.setdefault(self._items[article_id].group, {}).setdefault(split, article_id)

    def of(self, article_id: str) -> dict[Split, str]:
        """Return a near-duplicate of the article in each split that has one: a near-copy if there is one."""
        found = dict(self._group_members.get(self._items[article_id].group, {}))
        for other in sorted(self._copies.get(article_id, ()), reverse=True):
            if other in self._splits:
                found[self._splits[other]] = other
        return {split: found[split] for split in SPLITS if split in found}

    def describe(self, article_id: str) -> str:
        """Return the near-duplicates of the article in words."""
        parts = []
        for split, other in self.of(article_id).items():
            pair = self._copies.get(article_id, {}).get(other)
            if pair is None:
                parts.append(f"of {other} in {split}")
            else:
                parts.append(f"of {other} in {split} (Jaccard {pair.jaccard:.2f}, containment {pair.containment:.2f})")
        return "near-duplicate " + " and ".join(parts)

    def joined_groups(self, excluded: Iterable[str]) -> dict[str, SplitItem]:
        """Return the items by id with groups joined by near-copies, each named after its least group."""
        left_out, sets = frozenset(excluded), UnionFind[str]()
        for article_id, others in self._copies.items():
            for other in others:
                if not {article_id, other} & left_out:
                    sets.union(self._items[article_id].group, self._items[other].group)
        return {
            article_id: msgspec.structs.replace(item, group=sets.find(item.group))
            for article_id, item in self._items.items()
        }


def group_articles(*groupings: Iterable[Iterable[str]]) -> dict[str, str]:
    """Join overlapping groups of article ids (clusters, then stories) and name each group after its least id.

    Returns
    -------
    dict of str to str
        The group of each id; an id in no group is missing.

    Examples
    --------
    >>> group_articles([("a", "b"), ("x", "y")], [("b", "c")])
    {'a': 'a', 'b': 'a', 'x': 'x', 'y': 'x', 'c': 'a'}
    """
    sets, ids = UnionFind[str](), dict[str, None]()
    for grouping in groupings:
        for group in grouping:
            members = tuple(group)
            ids |= dict.fromkeys(members)
            for member in members[1:]:
                sets.union(members[0], member)
    return {article_id: sets.find(article_id) for article_id in ids}
