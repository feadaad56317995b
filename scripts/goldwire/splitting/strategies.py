"""Strategies that assign new groups of articles to splits: even spread, newest to test, whole outlets to test. Pure.

Random choices are digests of the seed and the group's name, so the order of the articles never matters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

import msgspec
import numpy as np

from goldwire.errors import ConfigError
from goldwire.records import Split
from goldwire.splitting.assignment import SPLITS, Assigned, Groups, Objection, SplitItem

__all__ = ["DateStrategy", "OutletStrategy", "StratifiedStrategy"]

Ratios = Mapping[Split, float]

_PASSES = 8
_FEWEST, _MOST = 8, 1024  # groups that are looked at together
_NEVER = "9999-99-99"


class StratifiedStrategy(msgspec.Struct, frozen=True):
    """Spread new groups by iterative stratification, so that every split has the same shares of each feature.

    Attributes
    ----------
    ratios : mapping of str to float
        Share of each split, of any sum.
    seed : int
        Random seed.

    Notes
    -----
    Iterative stratification (Sechidis et al., 2011) with counts in place of binary labels, over groups instead of
    single articles: the rarest feature first, each group to the split that lacks most of it. Then each group may move
    if that brings the shares closer to those of the whole. Every split with a ratio above 0 gets a group as long as
    there are enough groups. The kind of a feature is what is before its colon; shares are within a kind.

    References
    ----------
    Sechidis, Tsoumakas & Vlahavas (2011). On the stratification of multi-label data. ECML PKDD.
    """

    ratios: Ratios
    seed: int

    def spread(self, new_groups: Groups, assigned: Assigned) -> dict[str, Split]:
        """Return a split for each new group."""
        shares = np.array([self.ratios[split] for split in SPLITS])
        shares = shares / shares.sum()
        counts = _FeatureCounts.of(new_groups, assigned)
        wanted = np.outer(shares, counts.assigned.sum(axis=0) + counts.new.sum(axis=0)) - counts.assigned
        tie_breakers = np.array([_random_number(self.seed, group) for group in counts.groups])
        split_of = _stratify(counts, np.where(shares[:, None] > 0, wanted, -np.inf), tie_breakers)
        _refine(split_of, counts, wanted, shares)
        _fill_empty_splits(split_of, counts, shares, tie_breakers)
        return {group: SPLITS[split] for group, split in zip(counts.groups, split_of.tolist(), strict=True)}

    def objection(self, _: Assigned) -> Objection:
        """Return what allows every article to join its near-duplicates."""
        return lambda _item, _split: None


class DateStrategy(msgspec.Struct, frozen=True):
    """Put the newest groups into test, those before into validation, the rest into train; a day is never divided.

    The first time, the days are chosen that come closest to the ratios; afterwards they are fixed, so that newer
    articles still join test. A group counts by its newest article; one without a date goes to train. A copy of an
    older article that is newer than the first day of the next split may not join it: train would no longer end before
    test begins.
    """

    ratios: Ratios

    def spread(self, new_groups: Groups, assigned: Assigned) -> dict[str, Split]:
        """Return a split for each new group."""
        newest = {group: max(item.published[:10] for item in items) for group, items in new_groups.items()}
        is_first = not any(assigned.values())
        first = _choose_first_days(new_groups, newest, self.ratios) if is_first else _first_days(assigned)
        return {
            group: "test" if day >= first["test"] else "validation" if day >= first["validation"] else "train"
            for group, day in newest.items()
        }

    def objection(self, assigned: Assigned) -> Objection:
        """Return what refuses an article that is newer than the split of its near-duplicates."""
        first = _first_days(assigned)

        def object_to(item: SplitItem, split: Split) -> str | None:
            day = item.published[:10]
            later: tuple[Split, ...] = SPLITS[SPLITS.index(split) + 1 :]
            begun = next((name for name in reversed(later) if day >= first[name]), None)
            return None if begun is None else f"it was published on {day}, and {begun} begins on {first[begun]}"

        return object_to


class OutletStrategy(msgspec.Struct, frozen=True):
    """Put every group with an article of a held-out outlet into test, and stratify the rest over the other splits."""

    held_out: Collection[str]
    ratios: Ratios
    seed: int

    def spread(self, new_groups: Groups, assigned: Assigned) -> dict[str, Split]:
        """Return a split for each new group."""
        used = [item for split in ("train", "validation") for item in assigned[split] if item.outlet in self.held_out]
        if used:
            message = f"{used[0].outlet} cannot be held out: {used[0].article_id} is in train or validation already"
            raise ConfigError(message, hint="hold out an outlet that has no assigned article")
        out = {group for group, items in new_groups.items() if any(item.outlet in self.held_out for item in items)}
        rest = {group: items for group, items in new_groups.items() if group not in out}
        others: dict[Split, float] = {split: 0 if split == "test" else self.ratios[split] for split in SPLITS}
        return {**StratifiedStrategy(others, self.seed).spread(rest, assigned), **dict.fromkeys(sorted(out), "test")}

    def objection(self, _: Assigned) -> Objection:
        """Return what refuses an article of a held-out outlet anywhere but in test."""

        def object_to(item: SplitItem, split: Split) -> str | None:
            is_misplaced = split != "test" and item.outlet in self.held_out
            return f"articles of {item.outlet} are only in test" if is_misplaced else None

        return object_to


def _first_days(assigned: Assigned) -> dict[Split, str]:
    """The first day of validation and of test, from the groups that have a split."""
    newest: dict[Split, dict[str, str]] = {split: {} for split in SPLITS}
    for split, items in assigned.items():
        for item in items:
            days = newest[split]
            days[item.group] = max(days.get(item.group, ""), item.published[:10])
    first: dict[Split, str] = {split: min(newest[split].values(), default=_NEVER) for split in ("validation", "test")}
    first["validation"] = min(first.values())
    latest = {split: max(newest[split].values(), default="") for split in SPLITS}
    if latest["train"] >= first["validation"] or latest["validation"] >= first["test"]:
        raise ConfigError(
            f"earlier articles were not split by date: train has one of {latest['train']}, "
            f"test begins on {first['test']}",
            hint="keep the earlier value of split_by",
        )
    return first


def _choose_first_days(new_groups: Groups, newest: Mapping[str, str], ratios: Ratios) -> dict[Split, str]:
    """The first day of validation and of test that come closest to the ratios."""
    counts: dict[str, int] = {}
    for group, day in newest.items():
        counts[day] = counts.get(day, 0) + len(new_groups[group])
    days = sorted(counts)
    total = np.cumsum([counts[day] for day in days]) if days else np.zeros(0)
    first: dict[Split, str] = {"validation": _NEVER, "test": _NEVER}
    used = 0
    ratio_before: tuple[tuple[Split, float], ...] = (
        ("validation", ratios["train"]),
        ("test", ratios["train"] + ratios["validation"]),
    )
    for split, before in ratio_before:
        # Validation leaves a day for test, and train has the first: with two days there is no validation.
        last = len(days) - (2 if split == "validation" and ratios["test"] else 1)
        if ratios[split] and last > used:
            # The split begins after the day up to which there are about as many articles as belong before it.
            goal = before / sum(ratios.values()) * total[-1]
            used = max(used, int(np.abs(total[:last] - goal).argmin())) + 1
            used = min(used, last)
            first[split] = days[used]
    first["validation"] = min(first.values())
    return first


class _FeatureCounts(msgspec.Struct, frozen=True):
    """Feature counts of assigned and of new groups.

    Attributes
    ----------
    groups
        Names of the new groups.
    assigned : splits x features
        Counts of the articles that have a split.
    new : groups x features
        Counts of the new groups. The last feature is the number of articles.
    scale : features
        Geometric mean of the total counts of each feature and of its kind.
    """

    groups: tuple[str, ...]
    assigned: np.ndarray
    new: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, new_groups: Groups, assigned: Assigned) -> _FeatureCounts:
        all_items = [item for items in (*assigned.values(), *new_groups.values()) for item in items]
        # The article itself is a feature, the last: it keeps the sizes right.
        names = [*sorted({name for item in all_items for name in item.features}), ""]
        column = {name: number for number, name in enumerate(names)}
        groups = tuple(sorted(new_groups))
        assigned_counts, new = np.zeros((len(SPLITS), len(names))), np.zeros((len(groups), len(names)))
        for split, items in assigned.items():
            for item in items:
                _add(assigned_counts[SPLITS.index(split)], item, column)
        for row, group in zip(new, groups, strict=True):
            for item in new_groups[group]:
                _add(row, item, column)
        total = assigned_counts.sum(axis=0) + new.sum(axis=0)
        kinds = np.array([name.partition(":")[0] for name in names])
        of_kind = (kinds[:, None] == kinds[None, :]) @ total
        return cls(groups, assigned_counts, new, np.sqrt(total * of_kind))


def _add(row: np.ndarray, item: SplitItem, column: Mapping[str, int]) -> None:
    """Add an article to a row of counts."""
    row[-1] += 1
    for name, count in item.features.items():
        row[column[name]] += count


def _stratify(counts: _FeatureCounts, wanted: np.ndarray, tie_breakers: np.ndarray) -> np.ndarray:
    """Return the index of the split of each group; `wanted` (splits x features) is used up."""
    split_of = np.full(len(counts.groups), -1)
    while (unassigned := split_of < 0).any():
        totals = counts.new[unassigned].sum(axis=0)
        rarest = int(np.argmin(np.where(totals > 0, totals, np.inf)))
        with_rarest = np.flatnonzero(unassigned & (counts.new[:, rarest] > 0))
        for group in with_rarest[np.lexsort((tie_breakers[with_rarest], -counts.new[with_rarest, rarest]))]:
            # Among splits that lack equally much of the feature, the one that lacks most articles.
            best = np.lexsort((-wanted[:, -1], -wanted[:, rarest].round(9)))[0]
            split_of[group] = best
            wanted[best] -= counts.new[group]
    return split_of


def _refine(split_of: np.ndarray, counts: _FeatureCounts, wanted: np.ndarray, shares: np.ndarray) -> None:
    """Move single groups while that lowers the sum of squared deviations, each in units of its split's own share.

    A deviation counts relative to the geometric mean of the label's and its kind's totals. In six corpora of about
    1,000 articles, made as in bench_splits.py, the largest deviation of a label's mentions from the split's ratio was
    2.2 points on average, and that of a label's share within a split .6; relative to the kind alone, 3.3 and .9.
    """
    allowed = np.flatnonzero(shares > 0)
    unit = np.outer(shares[allowed], np.maximum(counts.scale, 1))
    lack = (wanted[allowed] - [counts.new[split_of == split].sum(axis=0) for split in allowed]) / unit
    change = counts.new[:, None, :] / unit
    squares = (change**2).sum(axis=2)
    current = np.searchsorted(allowed, split_of)
    for _ in range(_PASSES):
        moved = False
        start, size = 0, _FEWEST
        while start < len(current):
            # Most groups stay: the next ones are looked at together, up to the first that moves.
            block = slice(start, start + size)
            group, best = _first_move(lack, change[block], squares[block], current[block])
            if group is None:
                start, size = start + size, min(2 * size, _MOST)
                continue
            group += start
            lack[current[group]] += change[group, current[group]]
            lack[best] -= change[group, best]
            current[group] = best
            start, size, moved = group + 1, _FEWEST, True
        if not moved:
            break
    split_of[:] = allowed[current]


def _first_move(
    lack: np.ndarray, change: np.ndarray, squares: np.ndarray, current: np.ndarray
) -> tuple[int | None, int]:
    """Return the first of some groups that is better placed in another split, and that split.

    Putting a group into split s changes only its row, from |lack|^2 to |lack - change|^2; its own is without it first.
    """
    rows = np.arange(len(current))
    signs = np.ones_like(squares)
    signs[rows, current] = -1
    cost = signs * squares - 2 * np.einsum("gsf,sf->gs", change, lack)
    moves = np.flatnonzero(cost.min(axis=1) < cost[rows, current] - 1e-12)
    if not len(moves):
        return None, 0
    return int(moves[0]), int(cost[moves[0]].argmin())


def _fill_empty_splits(
    split_of: np.ndarray, counts: _FeatureCounts, shares: np.ndarray, tie_breakers: np.ndarray
) -> None:
    """Move the smallest new group of the split with most new groups (two or more) to each empty split."""
    for split in np.flatnonzero((shares > 0) & (counts.assigned[:, -1] == 0)):
        groups_in = np.bincount(split_of, minlength=len(SPLITS))
        largest = int(groups_in.argmax()) if len(split_of) else 0
        if groups_in[split] == 0 and groups_in[largest] > 1:
            candidates = np.flatnonzero(split_of == largest)
            order = np.lexsort((tie_breakers[candidates], counts.new[candidates, -1]))
            split_of[candidates[order[0]]] = split


def _random_number(seed: int, group: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}\0{group}".encode()).digest()[:7], "big")
