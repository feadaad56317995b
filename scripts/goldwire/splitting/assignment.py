"""Assign articles to train, validation and test: near-duplicates stay together, and an assignment is for ever.

Pure: `stages/split.py` reads and writes, `goldwire.splitting.strategies` says where new groups go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from goldwire.records import Split

__all__ = ["SPLITS", "Item", "Placement", "Strategy", "group_articles", "place"]

SPLITS: tuple[Split, ...] = ("train", "validation", "test")


class Item(msgspec.Struct, frozen=True):
    """A gold article: its group (its near-duplicate cluster, or wider) and what of it matters for its split.

    `features` counts what the article adds to each thing to be spread evenly: `entity:PER` 7, `stance:opposes` 2,
    `outlet:x` 1. `published` is an ISO date or empty.
    """

    article_id: str
    group: str
    features: Mapping[str, int] = {}
    outlet: str = ""
    published: str = ""


class Placement(msgspec.Struct, frozen=True):
    """Splits of the articles that are new, and the new ones kept out.

    A new article is quarantined where its group already lies in two splits: wherever it went, it would leak.
    `quarantined` gives those splits.
    """

    placed: dict[str, Split]
    quarantined: dict[str, tuple[Split, ...]]


Groups = Mapping[str, Sequence[Item]]
Strategy = Callable[[Groups, Mapping[Split, Sequence[Item]]], Mapping[str, Split]]
"""From the new groups, and the items that have their split, to a split for each new group."""


def place(items: Iterable[Item], earlier: Mapping[str, Split], strategy: Strategy) -> Placement:
    """Place the articles that have no split yet; those in `earlier` stay and draw their group's new ones after them."""
    items = sorted(items, key=lambda item: item.article_id)
    homes: dict[str, set[Split]] = {}
    for item in items:
        if item.article_id in earlier:
            homes.setdefault(item.group, set()).add(earlier[item.article_id])
    there: dict[Split, list[Item]] = {split: [] for split in SPLITS}
    placed: dict[str, Split] = {}
    quarantined: dict[str, tuple[Split, ...]] = {}
    fresh: dict[str, list[Item]] = {}
    for item in items:
        home = sorted(homes.get(item.group, ()), key=SPLITS.index)
        if item.article_id in earlier:
            there[earlier[item.article_id]].append(item)
        elif len(home) > 1:
            quarantined[item.article_id] = tuple(home)
        elif home:
            placed[item.article_id] = home[0]
            there[home[0]].append(item)
        else:
            fresh.setdefault(item.group, []).append(item)
    for group, split in strategy(dict(sorted(fresh.items())), there).items():
        placed |= dict.fromkeys((item.article_id for item in fresh[group]), split)
    return Placement(dict(sorted(placed.items())), quarantined)


def group_articles(*groupings: Iterable[Iterable[str]]) -> dict[str, str]:
    """Join overlapping groups of article ids (clusters, then events) and name each after its first id.

    An id that is in no group is not there: it is a group of its own.
    """
    group_of: dict[str, set[str]] = {}
    for grouping in groupings:
        for members in grouping:
            joined = set(members).union(*(group_of.get(name, ()) for name in members))
            group_of |= dict.fromkeys(joined, joined)
    return {name: min(group) for name, group in group_of.items()}
