"""Laws of the split: clusters stay whole, nobody moves, order does not matter, shares come out even."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.errors import GoldwireError
from goldwire.splitting.assignment import SPLITS, SplitItem, SplitPlan, assign, group_articles
from goldwire.splitting.strategies import by_date, by_outlet, stratified

RATIOS = {"train": 0.7, "validation": 0.15, "test": 0.15}

MEANS = {"entity:PER": 8, "entity:ORG": 5, "entity:ISSUE": 1, "stance:supports": 2, "stance:opposes": 1}
features = st.dictionaries(
    st.sampled_from(["entity:PER", "entity:ORG", "stance:opposes", "outlet:a", "outlet:b"]), st.integers(1, 9)
)
corpora = st.lists(st.tuples(st.integers(0, 12), features), max_size=40).map(
    lambda found: [SplitItem(f"a{n:03d}", f"g{group}", counts) for n, (group, counts) in enumerate(found)]
)


def spread(items, earlier=None, seed: int = 13) -> SplitPlan:
    return assign(items, earlier or {}, stratified(RATIOS, seed))


@given(corpora)
def test_no_group_crosses(items):
    placed = spread(items).splits
    assert placed.keys() == {item.article_id for item in items}
    homes: dict[str, set[str]] = {}
    for item in items:
        homes.setdefault(item.group, set()).add(placed[item.article_id])
    assert all(len(found) == 1 for found in homes.values())


@given(corpora, st.integers(0, 40), st.integers(0, 3))
def test_adding_articles_moves_nobody(items, cut, seed):
    earlier = spread(items[:cut], seed=seed).splits
    later = spread(items, earlier, seed=seed)
    assert not later.splits.keys() & earlier.keys()
    assert later.quarantined == {}
    assert spread(items, earlier | later.splits, seed=seed).splits == {}


@given(corpora, st.randoms(use_true_random=False))
def test_order_does_not_matter(items, luck):
    shuffled = list(items)
    luck.shuffle(shuffled)
    assert spread(shuffled) == spread(items)


@given(corpora)
def test_every_split_gets_something_where_it_can(items):
    groups = {item.group for item in items}
    filled = set(spread(items).splits.values())
    assert len(filled) == min(len(groups), len(SPLITS)) or (len(groups) == 2 and len(filled) == 2)


def test_a_split_without_a_share_stays_empty():
    items = [SplitItem(f"a{n}", f"a{n}", {"entity:PER": 1}) for n in range(9)]
    placed = assign(items, {}, stratified({"train": 0.8, "validation": 0, "test": 0.2}, 1)).splits
    assert set(placed.values()) == {"train", "test"}


def test_a_new_article_follows_its_near_duplicate():
    items = [SplitItem("old", "g", {}), SplitItem("new", "g", {})]
    assert spread(items, {"old": "test"}).splits == {"new": "test"}


def test_an_article_that_bridges_two_splits_is_kept_out():
    items = [
        SplitItem("a", "g", {}),
        SplitItem("b", "g", {}),
        SplitItem("bridge", "g", {}),
        SplitItem("other", "h", {}),
    ]
    found = spread(items, {"a": "test", "b": "train"})
    assert found.quarantined == {"bridge": ("train", "test")}
    assert found.splits.keys() == {"other"}


def test_overlapping_groups_are_one():
    assert group_articles([("a", "b"), ("x", "y")], [("b", "c")]) == {
        **dict.fromkeys("abc", "a"),
        **dict.fromkeys("xy", "x"),
    }


def dated(days: str) -> list[SplitItem]:
    return [SplitItem(f"a{n}", f"a{n}", published=f"2021-03-{day:0>2}") for n, day in enumerate(days.split())]


def test_by_date_the_newest_are_test():
    items = dated("1 2 3 4 5 6 7 8 9 10")
    placed = assign(items, {}, by_date({"train": 0.6, "validation": 0.2, "test": 0.2})).splits
    assert "".join(split[0] for split in placed.values()) == "ttttttvvtt"
    assert [name for name, split in placed.items() if split == "test"] == ["a8", "a9"]


def test_by_date_a_day_is_not_divided_and_later_days_join_test():
    items = dated("1 1 1 1 2 2 3 3")
    placed = assign(items, {}, by_date(RATIOS)).splits
    assert [placed[f"a{n}"] for n in (3, 4, 5, 6, 7)] == ["train", "validation", "validation", "test", "test"]
    more = [*items, SplitItem("old", "old", published="2020-01-01"), SplitItem("new", "new", published="2022-01-01")]
    assert assign(more, placed, by_date(RATIOS)).splits == {"new": "test", "old": "train"}


@given(st.lists(st.integers(1, 28), max_size=30), st.integers(0, 30))
def test_by_date_nothing_in_train_is_as_new_as_test(days, cut):
    items = dated(" ".join(map(str, days)))
    where = assign(items[:cut], {}, by_date(RATIOS)).splits
    where |= assign(items, where, by_date(RATIOS)).splits
    newest = {split: [item.published for item in items if where[item.article_id] == split] for split in SPLITS}
    assert max(newest["train"], default="") < min(newest["validation"] + newest["test"], default="x")
    assert max(newest["validation"], default="") < min(newest["test"], default="x")


def test_by_date_after_another_way_is_refused():
    with pytest.raises(GoldwireError):
        assign(dated("1 2"), {"a0": "test", "a1": "train"}, by_date(RATIOS))


def test_held_out_outlets_are_only_in_test():
    items = [SplitItem(f"a{n}", f"g{n // 2}", {f"outlet:{n % 3}": 1}, outlet=str(n % 3)) for n in range(30)]
    placed = assign(items, {}, by_outlet({"1"}, RATIOS, 13)).splits
    assert {placed[item.article_id] for item in items if item.outlet == "1"} == {"test"}
    assert {placed[f"a{n}"] for n in range(30) if n // 2 % 3 == 1} == {"train", "validation"}
    with pytest.raises(GoldwireError):
        assign(items, {"a0": "train"}, by_outlet({"0"}, RATIOS, 13))


def test_the_seed_matters():
    items = [SplitItem(f"a{n}", f"a{n}", {"entity:PER": 1}) for n in range(60)]
    assert len({tuple(spread(items, seed=seed).splits.items()) for seed in range(4)}) == 4


@pytest.mark.parametrize("steps", [1, 10])
def test_shares_are_within_two_points_on_a_thousand_articles(steps):
    luck = random.Random(7)
    items: list[SplitItem] = []
    while len(items) < 1000:
        group, length = f"g{len(items)}", luck.random() + 0.3
        for _ in range(1 if luck.random() < 0.9 else 3):
            counts = {f"outlet:{luck.choice('aaaabbbccd')}": 1}
            for name, mean in (
                ("entity:PER", 8),
                ("entity:ORG", 5),
                ("entity:ISSUE", 1),
                ("stance:a", 2),
                ("stance:b", 1),
            ):
                counts[name] = int(luck.expovariate(1 / mean) * length)
            items.append(SplitItem(f"a{len(items):04d}", group, counts))
    where: dict[str, str] = {}
    for step in range(1, steps + 1):
        where |= spread(items[: len(items) * step // steps], where).splits
    totals = {split: Counter[str]() for split in SPLITS}
    for item in items:
        totals[where[item.article_id]].update(item.features)
    whole = sum(totals.values(), Counter[str]())
    for split in SPLITS:
        for name in whole:
            kind = name.split(":")[0]
            share, expected = (
                counts[name] / sum(n for other, n in counts.items() if other.startswith(kind))
                for counts in (totals[split], whole)
            )
            assert abs(share - expected) < 0.02, (split, name)
        articles = sum(found == split for found in where.values())
        assert abs(articles / len(items) - RATIOS[split]) < 0.02
