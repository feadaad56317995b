"""Assign articles to train, validation and test: near-duplicates stay together, and an assignment never changes. Pure.

`goldwire.splitting.strategies` decides where new groups go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from goldwire.records import Split
from goldwire.union_find import UnionFind

__all__ = ["SPLITS", "SplitItem", "SplitPlan", "Strategy", "assign", "group_articles"]

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


class SplitPlan(msgspec.Struct, frozen=True):
    """The splits of the new articles, and the new articles that get none.

    A new article is quarantined if its group is in two splits already: it would leak wherever it went. `quarantined`
    has those splits.
    """

    splits: dict[str, Split]
    quarantined: dict[str, tuple[Split, ...]]


Groups = Mapping[str, Sequence[SplitItem]]
"""Articles by group."""

Strategy = Callable[[Groups, Mapping[Split, Sequence[SplitItem]]], Mapping[str, Split]]
"""Returns a split for each new group, given the new groups and the articles of each split."""


def assign(items: Iterable[SplitItem], existing: Mapping[str, Split], strategy: Strategy) -> SplitPlan:
    """Assign the articles that have no split yet.

    Parameters
    ----------
    items : iterable of SplitItem
        All gold articles; their order does not matter.
    existing : mapping of str to str
        The split of each article that has one. It never changes, and new articles of its group get the same split.
    strategy : Strategy
        Decides where groups without any assigned article go.

    Returns
    -------
    SplitPlan
        The splits of the new articles.
    """
    items = sorted(items, key=lambda item: item.article_id)
    group_splits: dict[str, set[Split]] = {}
    for item in items:
        if item.article_id in existing:
            group_splits.setdefault(item.group, set()).add(existing[item.article_id])
    assigned: dict[Split, list[SplitItem]] = {split: [] for split in SPLITS}
    new_splits: dict[str, Split] = {}
    quarantined: dict[str, tuple[Split, ...]] = {}
    new_groups: dict[str, list[SplitItem]] = {}
    for item in items:
        splits = sorted(group_splits.get(item.group, ()), key=SPLITS.index)
        if item.article_id in existing:
            assigned[existing[item.article_id]].append(item)
        elif len(splits) > 1:
            quarantined[item.article_id] = tuple(splits)
        elif splits:
            new_splits[item.article_id] = splits[0]
            assigned[splits[0]].append(item)
        else:
            new_groups.setdefault(item.group, []).append(item)
    for group, split in strategy(dict(sorted(new_groups.items())), assigned).items():
        new_splits |= dict.fromkeys((item.article_id for item in new_groups[group]), split)
    return SplitPlan(dict(sorted(new_splits.items())), quarantined)


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
